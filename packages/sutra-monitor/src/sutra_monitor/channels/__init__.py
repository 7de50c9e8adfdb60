"""Where alerts go: webhooks, e-mails, commands. Each sends one alert, and tries nothing again."""

from __future__ import annotations

from sutra_monitor.channels.base import Channel, ChannelError
from sutra_monitor.channels.command import CommandChannel
from sutra_monitor.channels.email import EmailChannel
from sutra_monitor.channels.webhook import WebhookChannel
from sutra_monitor.settings import Settings

__all__ = [
    "Channel",
    "ChannelError",
    "CommandChannel",
    "EmailChannel",
    "WebhookChannel",
    "channels_of",
]


def channels_of(settings: Settings) -> list[Channel]:
    """The channels of the settings, in their order."""
    return [
        *(WebhookChannel(each) for each in settings.webhook),
        *(EmailChannel(each) for each in settings.email),
        *(CommandChannel(each) for each in settings.command),
    ]

"""An alert sent as an e-mail, in plain text."""

from __future__ import annotations

import smtplib
import socket
import ssl
from email.message import EmailMessage
from email.utils import formatdate, make_msgid

from sutra_monitor.alerts import Alert
from sutra_monitor.channels.addresses import checked_addresses
from sutra_monitor.channels.base import ChannelError, digest, read_secret, subject, told
from sutra_monitor.settings import EmailSettings

__all__ = ["EmailChannel"]


class EmailChannel:
    """Sends alerts by a mail server, encrypted by STARTTLS unless the settings say otherwise."""

    def __init__(self, settings: EmailSettings) -> None:
        self._settings = settings
        self.key = f"email:{digest(settings.host, str(settings.port), settings.sender, *settings.to)}"
        self.label = f"email {settings.host}"

    def send(self, alert: Alert) -> None:
        """Hands one alert over. Raises `ChannelError`."""
        settings = self._settings
        password = read_secret(settings.password_file) if settings.password_file else None
        addresses = checked_addresses(settings.host, settings.port, allow_private=settings.allow_private)
        try:
            with _Server(settings.host, addresses, settings.port, settings.timeout) as server:
                if settings.starttls:
                    server.starttls(context=ssl.create_default_context())
                if settings.user is not None and password is not None:
                    server.login(settings.user, password)
                server.send_message(self._message(alert))
        except smtplib.SMTPResponseException as error:
            # What the server says may repeat what it was told.
            raise ChannelError(f"it answered {error.smtp_code} ({type(error).__name__})") from None
        except (smtplib.SMTPException, ValueError) as error:
            raise ChannelError(f"it took no alert: {type(error).__name__}") from None
        except OSError as error:
            raise ChannelError(f"it cannot be reached: {error.strerror or type(error).__name__}") from None

    def _message(self, alert: Alert) -> EmailMessage:
        message = EmailMessage()
        message["Subject"] = subject(alert)
        message["From"] = self._settings.sender
        message["To"] = ", ".join(self._settings.to)
        message["Date"] = formatdate(alert.at)
        message["Message-ID"] = make_msgid(domain=self._settings.sender.rpartition("@")[2])
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(f"{alert.message}\n\n{told(alert)}\n")
        return message


class _Server(smtplib.SMTP):
    """A connection to one of these addresses, under the host's own name for the check of its certificate."""

    def __init__(self, host: str, addresses: list[str], port: int, timeout: float) -> None:
        self._addresses = addresses
        super().__init__(host, port, timeout=timeout)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:  # noqa: ARG002
        failure: OSError = ConnectionError("there is no address")
        for address in self._addresses:
            try:
                return socket.create_connection((address, port), timeout)
            except OSError as error:
                failure = error
        raise failure

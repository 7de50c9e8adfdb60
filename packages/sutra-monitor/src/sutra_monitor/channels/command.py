"""An alert given to a program, as JSON on its standard input. Never goes through a shell."""

from __future__ import annotations

import os
import signal
import subprocess
from contextlib import suppress
from pathlib import PurePath

from sutra_monitor.alerts import Alert
from sutra_monitor.channels.base import ChannelError, digest, told
from sutra_monitor.settings import CommandSettings

__all__ = ["CommandChannel"]


class CommandChannel:
    """Runs a program for each alert. One that is not done in time is ended, with all that it began."""

    def __init__(self, settings: CommandSettings) -> None:
        self._settings = settings
        self.key = f"command:{digest(*settings.argv)}"
        self.label = f"command {PurePath(settings.argv[0]).name}"

    def send(self, alert: Alert) -> None:
        """Hands one alert over. Raises `ChannelError`."""
        try:
            process = subprocess.Popen(  # noqa: S603  (the operator's own program)
                self._settings.argv,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else "its name cannot be one"
            raise ChannelError(f"it cannot be started: {reason}") from None
        with process:
            try:
                process.communicate(told(alert).encode(), self._settings.timeout)
            except subprocess.TimeoutExpired:
                raise ChannelError(f"it did not end within {self._settings.timeout:g} seconds") from None
            finally:
                if process.poll() is None:
                    with suppress(ProcessLookupError):
                        os.killpg(process.pid, signal.SIGKILL)
        if process.returncode:
            raise ChannelError(f"it ended with {process.returncode}")

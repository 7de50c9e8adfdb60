"""The command `sutra monitor`, which `python production_monitor.py` is too.

Ends with the exit code of a Nagios plug-in: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN. Measures nothing itself.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any, cast

import typer
from typer.core import TyperCommand

__all__ = ["PlugInCommand", "app", "monitor", "step_back"]

_UNKNOWN = 3
_NICE = 19
# What a wrong option raises; the library has no public name for it.
_UsageError = cast("type[Exception]", typer.BadParameter.__base__)


def step_back() -> None:
    """Lets every other program go first on the processors: who is watched is not to be slowed down by it."""
    if hasattr(os, "nice"):
        os.nice(_NICE)


class PlugInCommand(TyperCommand):
    """A command whose wrong options end with UNKNOWN, as the usual code would mean CRITICAL."""

    def make_context(self, *given: Any, **more: Any) -> Any:
        """As every command does it."""
        try:
            return super().make_context(*given, **more)
        except _UsageError as error:
            vars(error)["exit_code"] = _UNKNOWN
            raise


def monitor(
    storage: Annotated[
        Path | None,
        typer.Option(help="The storage folder. Default: SUTRA_STORAGE_PATH, else ./knowledge."),
    ] = None,
    url: Annotated[str | None, typer.Option(help="A service elsewhere, in place of a folder.")] = None,
    api_key_file: Annotated[
        Path | None, typer.Option(help="A file with a key for --url, of the role admin or auditor.")
    ] = None,
    thresholds: Annotated[
        Path | None, typer.Option(help="A TOML file with rules and channels, over those of the package.")
    ] = None,
    state: Annotated[
        Path | None,
        typer.Option(help="Where log and history are. Default: monitoring_logs in the storage folder."),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False,
    continuous: Annotated[bool, typer.Option("--continuous", help="Go on until told to end.")] = False,
    interval: Annotated[
        float, typer.Option(min=0.1, max=1440, help="Minutes from one run to the next, with --continuous.")
    ] = 15.0,
    live: Annotated[
        bool, typer.Option("--live", help="Show a dashboard; remember nothing, and tell nobody.")
    ] = False,
) -> None:
    """Measure a service, or a store without one, and tell when a figure is out of bounds.

    Ends with 0 for OK, 1 for WARNING, 2 for CRITICAL, 3 for UNKNOWN.
    """
    # Here, so that `--help` loads nothing of it.
    from sutra_monitor.program import Options, run

    options = Options(
        storage=storage,
        url=url,
        api_key_file=api_key_file,
        thresholds=thresholds,
        state=state,
        json=json,
        continuous=continuous,
        interval=interval,
        live=live,
    )
    raise typer.Exit(run(options))


app = typer.Typer(rich_markup_mode=None, add_completion=False, pretty_exceptions_enable=False)
app.command("monitor", cls=PlugInCommand)(monitor)

"""The command line: `sutra learn | watch | inspect | ask | search | explain | show | sources | stats`,
`sutra forget | purge | receipts | verify | backup | restore | salvage | migrate | reindex | reembed`,
`sutra monitor | smoke`, and the groups `models | keys`.

Each command opens the engine, does one thing, prints it for people or (`--json`) for programs, and
ends with 0, or with 1 and the error's code and message on standard error. What goes to standard
output is the result alone, so `--json` can be piped.
"""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from sutra_cli import (
    asking,
    backing_up,
    forgetting,
    inspecting,
    keeping,
    keys,
    learning,
    listing,
    looking,
    models,
    receipts,
    reembedding,
    reindexing,
    salvaging,
    watching,
)
from sutra_cli.output import report_errors
from sutra_cli.smoke.command import smoke
from sutra_monitor.command import PlugInCommand, monitor, step_back

__all__ = ["app", "main"]

app = typer.Typer(
    help="Sutra learns text as it arrives, answers with a confidence, and shows every step and source.",
    no_args_is_help=True,
    rich_markup_mode=None,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("learn")(learning.learn)
app.command("watch")(watching.watch)
app.command("inspect")(looking.inspect)
app.command("ask")(asking.ask)
app.command("search")(asking.search)
app.command("explain")(asking.explain)
app.command("show")(inspecting.show)
app.command("sources")(listing.sources)
app.command("stats")(inspecting.stats)
app.command("forget")(forgetting.forget)
app.command("purge")(forgetting.purge)
app.command("receipts")(receipts.receipts)
app.command("verify")(inspecting.verify)
app.command("backup")(backing_up.backup)
app.command("restore")(backing_up.restore)
app.command("salvage")(salvaging.salvage)
app.command("migrate")(keeping.migrate)
app.command("reindex")(reindexing.reindex)
app.command("reembed")(reembedding.reembed)
app.command("monitor", cls=PlugInCommand)(monitor)
app.command("smoke")(smoke)
app.add_typer(models.app, name="models")
app.add_typer(keys.app, name="keys")


def _print_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"sutra {version('sutra-cli')}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Sutra learns text as it arrives, answers with a confidence, and shows every step and source."""


def main() -> None:
    """Runs the command line."""
    # A command multiplies nothing large, and numpy starts a thread for each processor when it is loaded.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    if sys.argv[1:2] == ["monitor"]:
        step_back()
    with report_errors():
        app(prog_name="sutra")

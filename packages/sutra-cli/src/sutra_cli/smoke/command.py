"""The command `sutra smoke`: tells what the checks find. Ends with 0 where none failed, else with 1."""

from __future__ import annotations

import signal
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from sutra_cli.output import Json, console, notices, print_json

if TYPE_CHECKING:
    from sutra_cli.smoke.load import LoadFigures, LoadReport
    from sutra_cli.smoke.outcome import CheckResult

__all__ = ["smoke"]


def smoke(
    url: Annotated[
        str, typer.Argument(metavar="URL", help="Where the service is: https://sutra.example.org.")
    ],
    api_key_file: Annotated[
        Path | None, typer.Option(help="A file with a key of the role admin, such as admin.key.")
    ] = None,
    namespace: Annotated[
        str | None,
        typer.Option(help="What the test's own namespace is called; it must not exist. Default: smoke-…"),
    ] = None,
    load: Annotated[
        float | None,
        typer.Option(min=0.1, max=600, help="Learn and ask for so many seconds besides; not in production."),
    ] = None,
    clients: Annotated[int, typer.Option(min=1, max=64, help="How many clients do so at once.")] = 8,
    json: Json = False,
) -> None:
    """Check a live service: learn, ask, explain, search, in a namespace that is removed afterwards."""
    # Here, so that `--help` loads nothing of it.
    from sutra_cli.smoke.checks import SmokeTest
    from sutra_cli.smoke.load import run_load
    from sutra_monitor.target import read_key

    key = read_key(api_key_file)
    test = SmokeTest(url, key, namespace)
    notices.print(f"namespace: {test.namespace}", style="dim", soft_wrap=True)
    results: list[CheckResult] = []
    reports: list[LoadReport] = []

    def tell(result: CheckResult) -> None:
        results.append(result)
        if not json:
            console.print(_line(result), soft_wrap=True)

    def loaded(seconds: float) -> None:
        reports.append(run_load(url, key, test.namespace, seconds, clients))
        if not json:
            _show_load(reports[0])

    # What a supervisor ends removes its namespace first, as Ctrl-C does.
    before = signal.signal(signal.SIGTERM, _interrupt)
    try:
        good = test.run(tell, None if load is None else lambda: loaded(load))
    finally:
        signal.signal(signal.SIGTERM, before)
    good = good and (load is None or (bool(reports) and reports[0].good))
    if json:
        told = _load_as_json(reports[0]) if reports else None
        print_json({"ok": good, "checks": [asdict(each) for each in results], "load": told})
    else:
        failed = sum(result.status == "failed" for result in results)
        console.print(f"{len(results)} checks, {failed} failed", style="bold")
    if not good:
        raise typer.Exit(1)


def _interrupt(number: int, frame: FrameType | None) -> NoReturn:  # noqa: ARG001
    raise KeyboardInterrupt


def _line(result: CheckResult) -> str:
    if result.status == "ok":
        return f"{result.name:<9} ok ({1000 * result.seconds:.0f} ms)"
    if result.status == "skipped":
        return f"{result.name:<9} skipped: {result.message}"
    return f"{result.name:<9} FAILED: {result.message}: {result.action}"


def _show_load(report: LoadReport) -> None:
    console.print(f"load: {report.clients} clients, {report.seconds:.1f} s")
    for name, figures in (("learned", report.learning), ("asked", report.asking)):
        times = ", ".join(
            f"{label} {1000 * value:.0f} ms"
            for label, share in (("p50", 0.5), ("p95", 0.95))
            if (value := figures.percentile(share)) is not None
        )
        console.print(
            f"  {name:<7} {len(figures.seconds) / report.seconds:.1f}/s{', ' if times else ''}{times}, "
            f"errors {_counted(figures.errors)}, refused {_counted(figures.refused)}",
            soft_wrap=True,
        )


def _counted(counts: Counter[str] | Counter[int]) -> str:
    each = ", ".join(f"{name} {count}" for name, count in sorted(counts.items(), key=str))
    return f"{counts.total()} ({each})" if each else "0"


def _load_as_json(report: LoadReport) -> dict[str, object]:
    return {
        "clients": report.clients,
        "seconds": report.seconds,
        "learning": _figures_as_json(report.learning, report.seconds),
        "asking": _figures_as_json(report.asking, report.seconds),
    }


def _figures_as_json(figures: LoadFigures, seconds: float) -> dict[str, object]:
    return {
        "answered": len(figures.seconds),
        "per_second": len(figures.seconds) / seconds,
        "p50_seconds": figures.percentile(0.5),
        "p95_seconds": figures.percentile(0.95),
        "errors": dict(figures.errors),
        "refused": {str(status): count for status, count in figures.refused.items()},
    }

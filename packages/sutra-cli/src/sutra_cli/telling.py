"""What a command tells while it works: how far it is, and what it passed over. All on standard error."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import PurePath
from time import monotonic

from rich.progress import (
    BarColumn,
    Progress,
    SpinnerColumn,
    TaskProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)

from sutra_cli.output import notices, visible
from sutra_core.learn import Progress as Learned
from sutra_core.learn import Refusal

__all__ = ["Refusals", "counting", "progress"]

LINE_SECONDS = 10
"""How often a line says how far it is, where there is no terminal for a bar."""

# Whole files that no adapter reads: what a folder holds beside texts.
_SKIPPED = frozenset({"unknown_format", "invalid_file_name"})


class Refusals:
    """Tells of each refused item as it happens; files of other formats are counted by kind instead.

    With `verbose` those are told one by one too.
    """

    def __init__(self, *, verbose: bool) -> None:
        self._verbose = verbose
        self._skipped: Counter[str] = Counter()

    def tell(self, refusal: Refusal) -> None:
        """One refused item."""
        if refusal.code in _SKIPPED and not self._verbose:
            self._skipped[PurePath(refusal.location).suffix.lower() or "without a suffix"] += 1
            return
        reason = refusal.reason.removeprefix(f"{refusal.location} ")
        text = f"refused[{refusal.code}]: {refusal.location}: {reason}"
        notices.print(text, style="yellow", soft_wrap=True)

    def sum_up(self) -> None:
        """The files that were passed over, by kind: `301 skipped: 280 .html, 21 .png`."""
        if self._skipped:
            kinds = ", ".join(f"{count} {kind}" for kind, count in self._skipped.most_common())
            notices.print(
                f"{self._skipped.total()} skipped: {kinds}; --verbose lists them",
                style="yellow",
                soft_wrap=True,
            )


@contextmanager
def progress(*, wanted: bool) -> Generator[Callable[[Learned], None]]:
    """What to call with how far learning is: a bar on a terminal, else a line every `LINE_SECONDS`."""
    if not wanted or not notices.is_terminal:
        yield _line_teller() if wanted else _nothing
        return
    with _bar() as bar:
        task = bar.add_task("learning", total=None, rate="")

        def show(done: Learned) -> None:
            bar.update(task, total=done.bytes_total or None, completed=done.bytes_done, rate=_rate(done))

        yield show


@contextmanager
def counting(what: str, unit: str, *, wanted: bool) -> Generator[Callable[[int, int], None]]:
    """What to call with how many of all are done: a bar, or lines, as `progress` has them."""
    if not wanted or not notices.is_terminal:
        yield _count_teller(what, unit) if wanted else lambda _, __: None
        return
    with _bar() as bar:
        task = bar.add_task(visible(what), total=None, rate="")

        def show(done: int, total: int) -> None:
            bar.update(task, total=total, completed=done, rate=f"{done:,} {unit}")

        yield show


def _bar() -> Progress:
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
    )
    return Progress(*columns, console=notices, transient=True)


def _count_teller(what: str, unit: str) -> Callable[[int, int], None]:
    told = monotonic()

    def tell(done: int, total: int) -> None:
        nonlocal told
        if monotonic() - told >= LINE_SECONDS:
            told = monotonic()
            share = 100 * done // total
            notices.print(f"{what}: {share} %, {done:,} {unit}", style="dim", soft_wrap=True)

    return tell


def _line_teller() -> Callable[[Learned], None]:
    told = 0.0

    def tell(done: Learned) -> None:
        nonlocal told
        if done.seconds - told >= LINE_SECONDS:
            told = done.seconds
            share = f"{100 * done.bytes_done // done.bytes_total} %, " if done.bytes_total else ""
            left = f", about {done.seconds_left:.0f} s left" if done.seconds_left is not None else ""
            notices.print(f"learning: {share}{_rate(done)}{left}", style="dim", soft_wrap=True)

    return tell


def _nothing(done: Learned) -> None:
    """For `--json`."""


def _rate(done: Learned) -> str:
    return f"{done.sentences} sentences, {done.sentences_per_second:.0f}/s"

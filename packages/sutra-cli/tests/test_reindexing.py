"""`sutra reindex`: what older rules derived is derived again, in a folder's store and its namespaces'."""

from __future__ import annotations

import io
import os
import shutil
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from serving_process import ServiceProcess

from sutra_cli import telling
from sutra_client.running import running_service
from sutra_core.learn import concepts

Sutra = Callable[..., Any]
NOTHING = "nothing to do: all that was derived is by the present rules\n"


@pytest.fixture
def older(sutra: Sutra, texts: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Path]:
    """The stores of a folder that were derived by rules that find other things than the present ones, and a
    copy of it.
    """
    monkeypatch.setenv("SUTRA_READER", "off")
    stores = {"default": folder / "knowledge", "other": folder / "knowledge" / "namespaces" / "other"}
    with monkeypatch.context() as patch:
        patch.setattr(concepts, "_CONTAINS", ("has", "compositional", 0.9))
        assert sutra("learn", str(texts)).code == 0
        assert sutra("learn", str(texts / "curie.txt"), "--storage", str(stores["other"])).code == 0
    (folder / "knowledge" / "namespaces" / "new").mkdir()  # a namespace that nobody has used
    shutil.copytree(folder / "knowledge", folder / "copy")
    monkeypatch.setattr(concepts, "RULES", concepts.RULES + 1)
    monkeypatch.setenv("STAND_IN_RULES", str(concepts.RULES))
    return stores


def reported(sutra: Sutra, *options: str) -> dict[Path, Any]:
    done = sutra("reindex", "--json", *options)
    assert (done.code, done.errors) == (0, [])
    return {Path(each.pop("storage_path")): each for each in done.json}


def test_what_older_rules_derived_is_derived_again(sutra: Sutra, older: dict[str, Path]) -> None:
    counted = reported(sutra, "--dry-run")
    assert list(counted) == list(older.values())
    outdated = [report["outdated"] for report in counted.values()]
    assert min(outdated) > 0 and {report["sources"] for report in counted.values()} == {0}
    assert sutra("reindex", "--dry-run").out.splitlines() == [
        f"{place}: older rules derived {report['outdated']:,} pieces of evidence"
        for place, report in counted.items()
    ]
    done = sutra("reindex", "--storage", "copy", "--json").json
    assert [report["outdated"] for report in done] == outdated
    assert [report["sources"] for report in done] == [3, 1]
    assert all(0 < report["retired"] < report["outdated"] for report in done)
    told = sutra("reindex")
    assert (told.code, told.errors) == (0, [])
    assert told.out.splitlines() == [
        f"{place}: older rules had derived {report['outdated']:,} pieces of evidence; {report['sources']:,} "
        f"sources were read again, and {report['retired']:,} pieces are not derived any more"
        for place, report in zip(older.values(), done, strict=True)
    ]
    for options in ([], ["--dry-run"]):
        assert sutra("reindex", *options).out == NOTHING
    assert [report["outdated"] for report in reported(sutra).values()] == [0, 0]
    assert sutra("verify").code == 0


def test_a_folder_without_a_store_is_an_error(sutra: Sutra, folder: Path) -> None:
    done = sutra("reindex", "--storage", "nowhere")
    assert (done.code, done.out) == (1, "") and not (folder / "nowhere").exists()
    assert done.errors[0].startswith("error[store_missing]: there is no store in ")


def test_nothing_is_written_where_it_is_only_counted(sutra: Sutra, older: dict[str, Path]) -> None:
    files = [path for place in older.values() for path in place.glob("*.dat")]
    before = [path.read_bytes() for path in files]
    assert sutra("reindex", "--dry-run").code == 0
    assert [path.read_bytes() for path in files] == before and len(files) == 2


@pytest.mark.usefixtures("interruptible")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupt_keeps_what_is_done(
    sutra: Sutra, older: dict[str, Path], monkeypatch: pytest.MonkeyPatch, number: signal.Signals, code: int
) -> None:
    (before, after) = (report["outdated"] for report in reported(sutra, "--dry-run").values())
    with monkeypatch.context() as patch:
        patch.setattr(telling, "_count_teller", lambda *_: lambda done, total: os.kill(os.getpid(), number))
        done = sutra("reindex")
    said = ["interrupted: what was derived again stays; run it again for the rest"]
    assert (done.code, done.out, done.errors) == (code, "", said)
    left, other = (report["outdated"] for report in reported(sutra, "--dry-run").values())
    assert 0 < left < before and other == after
    assert [report["outdated"] for report in reported(sutra).values()] == [left, other]
    assert sutra("reindex").out == NOTHING


def test_progress_is_told(sutra: Sutra, older: dict[str, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telling, "LINE_SECONDS", 0)
    done = sutra("reindex")
    assert done.errors == [
        f"reading {older['default']} again: 100 %, 3 sources",
        f"reading {older['other']} again: 100 %, 1 sources",
    ]
    terminal = io.StringIO()
    monkeypatch.setattr(telling, "notices", Console(file=terminal, force_terminal=True, width=160))
    assert sutra("reindex", "--storage", "copy").errors == []
    assert "/copy again" in terminal.getvalue() and "100%" in terminal.getvalue()


def test_a_service_does_it_as_the_folder_is_done(sutra: Sutra, older: dict[str, Path]) -> None:
    service = ServiceProcess(older["default"]).ready()
    try:
        for command in (["reindex", "--dry-run"], ["reindex"], ["reindex"]):
            mine, theirs = sutra(*command), sutra(*command, "--storage", "copy")
            assert (mine.code, mine.errors) == (0, [])
            assert mine.out == theirs.out.replace("/copy", "/knowledge")
        assert mine.out == NOTHING
        places = [report["storage_path"] for report in sutra("reindex", "--json").json]
        new = older["other"].with_name("new")
        assert places == [str(each) for each in (older["default"], new, older["other"])]
        found = running_service(service.folder)
        assert found
        for name in ("default", "other"):
            with found.client(name) as client:
                assert [(job.kind, job.state) for job in client.jobs()] == [("reindex", "done")] * 3
    finally:
        service.end()

"""The commands over a folder that a running service has open: the same output as over the folder itself."""

from __future__ import annotations

import re
import shutil
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from serving_process import ServiceProcess

from sutra_cli import telling

Sutra = Callable[..., Any]
QUESTION = "Where was Marie Curie born?"


@pytest.fixture
def service(learned: Sutra, folder: Path) -> Iterator[ServiceProcess]:
    """A service over the folder that was taught the texts."""
    shutil.copytree(folder / "knowledge", folder / "copy")
    running = ServiceProcess(folder / "knowledge").ready()
    try:
        yield running
    finally:
        running.end()


def plain(text: str) -> str:
    """What a command printed, without what differs from one run, or from one folder, to another."""
    text = re.sub(r"in \d+\.\d s \(\d+ sentences/s\)", "in …", text)
    text = re.sub(r'"(disk_space_free_gb|\w+_latency_\w+|seconds)": [0-9.]+', r'"\1": 0', text)
    return text.replace("/copy", "/knowledge")


LOOKS = [
    ["ask", QUESTION],
    ["ask", QUESTION, "--num-paths", "0", "--threshold", "1"],
    ["search", "the Aln rises"],
    ["search", "the Aln rises", "--mode", "words", "-k", "1", "--json"],
    ["ask", QUESTION, "--as-of", "1", "--source", "1", "--source", "2", "--until", "2999-01-01T00:00:00Z"],
    ["search", "the Aln rises", "--mode", "words", "--as-of", "0"],
    ["show", "Warsaw", "--as-of", "1", "--holds-at", "2012-01-01T00:00:00Z", "--json"],
    ["show", "Warsaw"],
    ["show", "Warsaw", "--json"],
    ["show", "1"],
    ["show", "2", "--json"],
]
FAILURES = [
    ["show", "Nobody"],
    ["show", ""],
    ["show", "\udcff"],
    ["show", "99999999"],
    ["forget", "--source", "99", "--yes"],
    ["forget", "--source", "\udcff", "--yes"],
    ["forget", "--concept", "Nobody", "--yes"],
    ["forget", "--concept", "1", "--link-only", "--yes"],
    ["receipts", "1"],
    ["receipts", str(2**60)],
    ["receipts", "1", "Warsaw"],
    ["receipts", "1", " "],
    ["explain", "0" * 32],
    ["explain", "\udcff"],
    ["ask", " "],
    ["search", "\udcff"],
]


@pytest.mark.usefixtures("service")
def test_the_output_is_that_of_the_folder(sutra: Sutra) -> None:
    for command in LOOKS:
        mine, theirs = sutra(*command), sutra(*command, "--storage", "copy")
        assert (mine.code, mine.errors, plain(mine.out)) == (0, [], plain(theirs.out)), command
        assert plain(theirs.err) == mine.err


@pytest.mark.usefixtures("service")
def test_what_goes_wrong_ends_alike(sutra: Sutra) -> None:
    for command in FAILURES:
        mine, theirs = sutra(*command), sutra(*command, "--storage", "copy")
        assert (mine.code, mine.out, len(mine.errors)) == (theirs.code, theirs.out, 1) == (1, "", 1)
        assert mine.errors[0].partition(":")[0] == theirs.errors[0].partition(":")[0], command


@pytest.mark.usefixtures("service")
def test_what_is_forgotten_goes_from_the_service_as_from_the_folder(sutra: Sutra, texts: Path) -> None:
    for command in (
        ["forget", "--source", "1", "--dry-run"],
        ["forget", "--concept", "Warsaw", "--dry-run", "--json"],
        ["forget", "--concept", "Warsaw", "--link-only", "--yes"],
        ["forget", "--source", str(texts / "rivers.md"), "--yes"],
        ["forget", "--before", "2100-01-01T00:00:00+02:00", "--yes"],
    ):
        mine, theirs = sutra(*command), sutra(*command, "--storage", "copy")
        assert (mine.code, mine.errors, mine.out) == (0, [], theirs.out), command
    assert sutra("stats", "--json").json["sources"] == 0


@pytest.mark.usefixtures("service")
def test_receipts_are_those_of_the_folder_and_the_service_purges_it(sutra: Sutra, folder: Path) -> None:
    def told(*command: str) -> str:
        mine, theirs = sutra(*command), sutra(*command, "--storage", "copy")
        assert (mine.code, mine.errors) == (0, [])
        # The two were not done at the same time, nor with the same secret.
        of_each = re.compile(r"2\d{3}-[\d-]+[T ][\d:.]+|\b[0-9a-f]{32}\b")
        assert of_each.sub("…", mine.out) == of_each.sub("…", theirs.out)
        return mine.out

    assert told("receipts") == "nothing was forgotten\n"
    told("forget", "--source", "1", "--yes")
    assert told("receipts").rstrip().endswith("not yet")
    told("forget", "--source", "2", "--yes", "--now")
    assert "not yet" not in told("receipts") and told("receipts", "--json").count("purged") == 2
    told("forget", "--before", "2100-01-01T00:00:00Z", "--yes")
    assert told("purge").startswith("purged: ")
    number = str(sutra("receipts", "--json").json[-1]["transaction"])
    told("receipts", number)
    told("receipts", number, "--json")
    told("receipts", number, "Warsaw")
    told("receipts", number, "Warsaw", "--json")


def test_an_answer_of_the_service_is_explained(sutra: Sutra, service: ServiceProcess) -> None:
    for options in ([], ["--read-only"]):
        done = sutra("ask", QUESTION, "--json", *options)
        assert (done.code, done.errors) == (0, [])
        assert sutra("explain", done.json["id"], "--json", *options).json == done.json


def test_statistics_are_the_folders(sutra: Sutra, service: ServiceProcess) -> None:
    mine, theirs = (
        sutra("stats", "--json").json,
        sutra("stats", "--json", "--storage", "copy").json,
    )
    assert mine["storage_path"] == str(service.folder)
    counts = ("sources", "concepts", "associations", "vectors", "embedder", "transaction")
    assert {name: mine[name] for name in counts} == {name: theirs[name] for name in counts}


@pytest.mark.usefixtures("service")
def test_files_are_learned_by_the_service_under_the_same_addresses(sutra: Sutra, texts: Path) -> None:
    again = sutra("learn", str(texts), "--json")
    assert (again.code, again.json["sources"], again.json["sources_known"]) == (0, 0, 3)
    (texts / "oaks.txt").write_text("Oaks are old. Elms are tall.")
    (texts / "bad.jsonl").write_text("no json\n")
    done = sutra("learn", str(texts))
    assert done.code == 0
    assert plain(done.out).startswith("learned 1 sources (3 known already, 1 refused): 2 sentences in …")
    assert [line for line in done.errors if line.startswith("refused[invalid_json]: ")]
    (hit,) = sutra("search", "Oaks", "--mode", "words", "--json").json
    assert hit["address"] == str(texts / "oaks.txt")


@pytest.mark.usefixtures("service")
def test_standard_input_is_learned_by_the_service(sutra: Sutra) -> None:
    done = sutra("learn", "-", "--source", "a pipe", "--title", "Oaks", "--json", stdin=b"Oaks are old.")
    assert (done.code, done.json["sources"], done.json["concepts"]) == (0, 1, None)
    (hit,) = sutra("search", "Oaks", "--mode", "words", "--json").json
    assert (hit["address"], hit["title"]) == ("a pipe", "Oaks")
    empty = sutra("learn", "-", stdin=b"")
    assert (empty.code, empty.errors) == (1, ["refused[empty_text]: standard input: its text has no words"])


def test_verify_says_that_the_service_has_the_folder(sutra: Sutra, service: ServiceProcess) -> None:
    for options in ([], ["--read-only"]):
        done = sutra("verify", *options)
        assert (done.code, done.out, len(done.errors)) == (1, "", 1)
        assert done.errors[0].startswith(f"error[store_locked]: the service at {service.url} (process ")
        assert "stop the service" in done.errors[0]
    service.end()
    assert sutra("verify").code == 0


def test_after_a_crash_of_the_service_the_folder_itself_is_opened(
    sutra: Sutra, service: ServiceProcess
) -> None:
    service.end(signal.SIGKILL)
    assert (service.folder / "service.json").exists()
    assert sutra("ask", QUESTION).out.startswith("Warsaw\n")


@pytest.mark.usefixtures("service")
def test_an_interrupt_stops_the_service_and_says_what_is_kept(
    sutra: Sutra, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(telling, "_line_teller", lambda: interrupt)
    (folder / "oaks.txt").write_text(
        "\n\n".join(f"The oak number {number} is old." for number in range(20_000))
    )
    done = sutra("learn", "oaks.txt")
    assert (done.code, done.errors) == (
        130,
        ["interrupted: what is counted is kept; run it again to carry on"],
    )
    held = sutra("stats", "--json").json["sources"]
    assert done.out.startswith(f"learned {held - 3} sources ")


@pytest.mark.usefixtures("service")
def test_standard_input_of_another_format_goes_through_the_service(sutra: Sutra) -> None:
    records = b'{"id": "a", "text": "The Tyne is wide."}\n{"id": "b", "text": "The Ems is slow."}\nno json\n'
    done = sutra("learn", "-", "--source", "pipes/input", stdin=records)
    assert (done.code, done.out[:17]) == (0, "learned 2 sources")
    assert done.errors == ["refused[invalid_json]: standard input:3: not JSON: Expecting value at column 1"]
    hits = sutra("search", "Tyne Ems", "--mode", "words", "--json").json
    assert {hit["address"] for hit in hits} == {"pipes/input#a", "pipes/input#b"}

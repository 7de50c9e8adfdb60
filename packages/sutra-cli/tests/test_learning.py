"""`sutra learn`: what it counts, what it refuses, and how it is interrupted."""

from __future__ import annotations

import json
import shutil
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sutra_core.types import StoreStats

Sutra = Callable[..., Any]
RECORDS = 1000


def store(sutra: Sutra) -> StoreStats:
    found = sutra("stats", "--json").json
    return StoreStats(**{field: found[field] for field in StoreStats._fields})


def test_a_folder_is_learned_once(sutra: Sutra, texts: Path, folder: Path) -> None:
    done = sutra("learn", str(texts))
    assert done.code == 0
    assert done.out.startswith("learned 3 sources (0 known already, 0 refused): 5 sentences, ")
    assert done.errors == []
    assert done.err == f"storage: {folder / 'knowledge'}\n"
    again = sutra("learn", str(texts))
    assert again.out.startswith("learned 0 sources (3 known already, 0 refused): 0 sentences, 0 new concepts")


def test_texts_need_not_wait_for_their_vectors(sutra: Sutra, texts: Path) -> None:
    assert sutra("learn", str(texts), "--wait", "durable").code == 0
    found = sutra("stats", "--json").json
    assert found["sources"] == 3 and found["vectors_failed"] == 0
    # The process closes its engine at once: what waits stays for the next one.
    if found["vectors_pending"]:
        assert found["vectors_watermark"] < found["transaction"]
    assert sutra("search", "Alham", "--mode", "words", "--json").json
    assert sutra("learn", str(texts), "--wait", "indexed").code == 0
    found = sutra("stats", "--json").json
    assert found["vectors_pending"] == 0 and found["vectors_watermark"] == found["transaction"]
    assert sutra("learn", str(texts), "--wait", "soon").code == 2


def test_json_is_the_report(sutra: Sutra, texts: Path) -> None:
    report = sutra("learn", str(texts), "--json").json
    assert set(report) == {
        "sources",
        "sources_known",
        "sources_retired",
        "sentences",
        "passages",
        "concepts",
        "associations",
        "transaction",
        "seconds",
        "interrupted",
        "refused",
        "refused_by",
        "refused_count",
        "failed",
        "stage_seconds",
    }
    held = store(sutra)
    assert (report["sources"], report["concepts"], report["associations"], report["transaction"]) == (
        held.sources,
        held.concepts,
        held.associations,
        held.transaction,
    )
    assert (report["interrupted"], report["refused"]) == (False, [])


@pytest.mark.parametrize("json_wanted", [False, True])
def test_refusals_are_told_by_file_and_line(sutra: Sutra, texts: Path, json_wanted: bool) -> None:
    (texts / "mixed.jsonl").write_text('{"text": "The Tyne is wide."}\nbroken\n{"text": "?!"}\n')
    (texts / "picture.png").write_bytes(b"\x89PNG\0")
    done = sutra("learn", str(texts), "--verbose", *(["--json"] if json_wanted else []))
    assert done.code == 0
    mixed = texts / "mixed.jsonl"
    told = {line.split(": ")[0]: line.split(": ")[1] for line in done.errors}
    assert told == {
        "refused[invalid_json]": f"{mixed}:2",
        "refused[empty_text]": f"{mixed}:3",
        "refused[unknown_format]": f"{texts / 'picture.png'}",
    }
    if json_wanted:
        assert {each["code"]: each["location"] for each in done.json["refused"]} == {
            kind.removeprefix("refused[").removesuffix("]"): place for kind, place in told.items()
        }
    else:
        assert "4 sources (0 known already, 3 refused)" in done.out


def test_files_of_other_formats_are_summed_up_by_kind(sutra: Sutra, texts: Path) -> None:
    for name in ("a.png", "b.PNG", "c.html", "README.pdf", "blob"):
        (texts / name).write_bytes(b"\0\1")
    done = sutra("learn", str(texts))
    assert (done.code, done.out[:17]) == (0, "learned 3 sources")
    assert sorted(
        done.errors[0].removeprefix("5 skipped: ").removesuffix("; --verbose lists them").split(", ")
    ) == [
        "1 .html",
        "1 .pdf",
        "1 without a suffix",
        "2 .png",
    ]


@pytest.mark.parametrize("arguments", [[], ["--json"]])
def test_where_nothing_is_learned_at_all_the_end_is_1(
    sutra: Sutra, folder: Path, arguments: list[str]
) -> None:
    binaries = folder / "bin"
    binaries.mkdir()
    done = sutra("learn", "bin", *arguments)
    assert (done.code, done.errors) == (1, [])
    (binaries / "x.bin").write_bytes(b"\0\1")
    done = sutra("learn", "bin", *arguments)
    assert (done.code, done.errors) == (1, ["1 skipped: 1 .bin; --verbose lists them"])
    if arguments:
        assert done.json["refused"][0]["location"] == "bin/x.bin"
    else:
        assert "(0 known already, 1 refused)" in done.out
    (binaries / "x.txt").write_text("The Tyne is wide.")
    assert [sutra("learn", "bin", *arguments).code for _ in range(2)] == [0, 0]  # learned, then known


def test_several_paths_are_one_run(sutra: Sutra, texts: Path, folder: Path) -> None:
    (folder / "more.txt").write_text("The Tyne is wide.")
    done = sutra("learn", "more.txt", str(texts), "--json").json
    assert (done["sources"], done["sentences"]) == (4, 6)
    again = sutra("learn", str(texts), "more.txt", "more.txt", "--json").json
    assert (again["sources"], again["sources_known"]) == (0, 5)


def test_of_several_paths_none_is_learned_when_one_is_missing(
    sutra: Sutra, texts: Path, folder: Path
) -> None:
    done = sutra("learn", str(texts), "nowhere.txt")
    assert (done.code, done.out) == (1, "")
    assert done.errors[0].startswith("error[unreadable]: nowhere.txt ")
    assert not (folder / "knowledge").exists()
    done = sutra("learn", str(texts), "-")
    assert (done.code, done.errors[0][:22]) == (1, "error[invalid_value]: ")


@pytest.mark.parametrize("arguments", [[], ["--json"]])
def test_what_is_missing_or_of_no_format_is_one_line(
    sutra: Sutra, folder: Path, arguments: list[str]
) -> None:
    (folder / "data.bin").write_bytes(b"\0\1")
    long = "n" * 1000
    for path, code in (("nowhere.txt", "unreadable"), (long, "unreadable"), ("data.bin", "unknown_format")):
        done = sutra("learn", path, *arguments)
        assert (done.code, done.out) == (1, "")
        assert len(done.errors) == 1
        assert done.errors[0].startswith(f"error[{code}]: {path} ")


def test_standard_input_is_learned_verbatim(sutra: Sutra) -> None:
    text = "The Åln rises at Alham.\r\nIt is long.\r\n"
    done = sutra("learn", "-", "--source", "a pipe", "--title", "Åln", "--json", stdin=text.encode())
    assert (done.code, done.json["sources"], done.json["sentences"]) == (0, 1, 2)
    (hit,) = sutra("search", "long", "--mode", "words", "--json").json
    assert (hit["address"], hit["title"], hit["start"]) == ("a pipe", "Åln", 0)
    assert text.encode()[hit["start"] : hit["end"]].decode() == hit["text"]
    assert "\r\n" in hit["text"]


def test_standard_input_that_is_no_text_is_said(sutra: Sutra) -> None:
    done = sutra("learn", "-", stdin=b"The caf\xe9 is old.")
    assert (done.code, done.out) == (1, "")
    assert done.errors == ["error[unreadable]: standard input is not UTF-8: byte 0xE9 at position 7"]
    done = sutra("learn", "-", stdin=b" \n")
    assert (done.code, done.out[:17]) == (1, "learned 0 sources")
    assert done.errors == ["refused[empty_text]: standard input: its text has no words"]


@pytest.mark.parametrize("arguments", [[], ["--json"]])
@pytest.mark.parametrize(("sent", "code"), [("SIGINT", 130), ("SIGTERM", 143)])
def test_an_interrupt_keeps_what_was_counted_and_the_next_run_carries_on(
    sutra_process: Sutra, sutra: Sutra, folder: Path, arguments: list[str], sent: str, code: int
) -> None:
    facts = folder / "facts.jsonl"
    with facts.open("w") as file:
        for n in range(RECORDS):
            file.write(json.dumps({"text": f"Station {n} lies on Line {n % 10}."}) + "\n")
    environment = {"STAND_IN_INTERRUPT_AT": "7", "STAND_IN_SIGNAL": sent}
    stopped = sutra_process("learn", "facts.jsonl", *arguments, environment=environment)
    assert stopped.code == code
    assert stopped.errors == ["interrupted: what is counted is kept; run it again to carry on"]
    assert store(sutra).sources == 300  # six commits of fifty
    if arguments:
        assert (stopped.json["interrupted"], stopped.json["sources"]) == (True, 300)
    else:
        assert stopped.out.startswith("learned 300 sources ")
    again = sutra("learn", "facts.jsonl", "--json").json
    assert (again["sources_known"], again["sources"], again["interrupted"]) == (300, RECORDS - 300, False)
    assert store(sutra).sources == RECORDS
    assert sutra("verify", "--json").json["clean"]


def test_what_a_large_file_had_read_is_kept_and_the_next_run_carries_on(
    sutra_process: Sutra, sutra: Sutra, folder: Path
) -> None:
    large = folder / "large.txt"
    large.write_text("".join(f"Station {n} lies on Line {n % 10}.\n" for n in range(20_000)))
    stopped = sutra_process("learn", "large.txt", "--json", environment={"STAND_IN_INTERRUPT_AT": "2"})
    assert stopped.code == 130
    kept = stopped.json["sources"]
    assert kept >= 1
    assert store(sutra).sources == kept
    again = sutra("learn", "large.txt", "--json").json
    assert (again["sources_known"], again["interrupted"]) == (kept, False)
    assert store(sutra).sources == kept + again["sources"] >= large.stat().st_size // (64 * 1024)


def test_fields_are_mapped_and_the_format_is_named(sutra: Sutra, folder: Path) -> None:
    (folder / "people.data").write_text('{"who": "Ada Whitlow", "town": "Alham", "nr": 7}\n')
    how = ("--format", "json-lines", "--map", "title=who,key=nr", "--template", "{who} was born in {town}.")
    assert sutra("learn", "people.data", *how).code == 0
    (hit,) = sutra("search", "born", "--mode", "words", "--json").json
    assert hit["text"] == "Ada Whitlow was born in Alham."
    assert (hit["address"], hit["title"]) == (f"{folder / 'people.data'}#7", "Ada Whitlow")


@pytest.mark.parametrize(
    ("how", "told"),
    [
        (["--format", "klingon"], "error[unknown_format]: no adapter is called 'klingon'; there are "),
        (["--map", "text=body"], "error[invalid_value]: plain text has no fields that could be mapped"),
        (["--map", "body"], "error[invalid_value]: 'body' maps nothing; allowed are text=…"),
        (["--map", "text=a", "--template", "{b}"], "error[invalid_value]: give either a template or text=…"),
    ],
)
def test_how_files_cannot_be_read_is_said_before_anything(
    sutra: Sutra, texts: Path, folder: Path, how: list[str], told: str
) -> None:
    done = sutra("learn", str(texts / "curie.txt"), *how)
    assert (done.code, done.out) == (1, "")
    assert done.errors[0].startswith(told)
    assert not (folder / "knowledge").exists()


def test_standard_input_of_another_format_is_recognised_or_named(sutra: Sutra, folder: Path) -> None:
    records = b'{"id": "a", "text": "The Tyne is wide."}\n{"id": "b", "text": "The Aln is long."}\nno json\n'
    done = sutra("learn", "-", "--source", "pipes/rivers", "--json", stdin=records)
    assert (done.code, done.json["sources"]) == (0, 2)
    assert done.errors == ["refused[invalid_json]: standard input:3: not JSON: Expecting value at column 1"]
    hits = sutra("search", "Tyne Aln", "--mode", "words", "--json").json
    assert {hit["address"] for hit in hits} == {"pipes/rivers#a", "pipes/rivers#b"}
    done = sutra(
        "learn", "-", "--format", "csv", "--map", "text=about", stdin=b"about,n\nThe Inn is cold.,1\n"
    )
    assert done.code == 0
    (hit,) = sutra("search", "Inn", "--mode", "words", "--json").json
    assert hit["text"] == "The Inn is cold."
    done = sutra("learn", "-", "--format", "markdown", "--title", "Ems", stdin=b"The *Ems* is slow.\n")
    (hit,) = sutra("search", "slow", "--mode", "words", "--json").json
    assert (hit["address"], hit["title"]) == ("standard input", "Ems")


def test_an_archive_on_standard_input_is_unpacked(sutra: Sutra, folder: Path) -> None:
    with zipfile.ZipFile(folder / "texts.zip", "w") as archive:
        archive.writestr("tyne.txt", "The Tyne is wide.")
    assert sutra("learn", "-", "--source", "box", stdin=(folder / "texts.zip").read_bytes()).code == 0
    (hit,) = sutra("search", "Tyne", "--mode", "words", "--json").json
    assert hit["address"] == "box!/tyne.txt"


@pytest.mark.parametrize(
    ("how", "stdin", "told"),
    [
        ([], b"\0\1\2", "error[unknown_format]: standard input holds binary data"),
        (["--format", "klingon"], b"Text.", "error[unknown_format]: no adapter is called 'klingon'"),
        (["--map", "text=a"], b"Text.", "error[invalid_value]: plain text has no fields"),
    ],
)
def test_standard_input_that_cannot_be_read_is_one_line(
    sutra: Sutra, folder: Path, how: list[str], stdin: bytes, told: str
) -> None:
    done = sutra("learn", "-", *how, stdin=stdin)
    assert (done.code, done.out) == (1, "")
    assert done.errors[0].startswith(told)
    assert not (folder / "knowledge").exists()


def test_standard_input_never_takes_the_last_room(
    sutra: Sutra, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(1 << 40, 1 << 40, 1 << 20)
    )
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    done = sutra("learn", "-", stdin=b"The Tyne is wide.")
    assert (done.code, done.errors[0][:17]) == (1, "error[disk_full]:")
    assert list(folder.iterdir()) == []

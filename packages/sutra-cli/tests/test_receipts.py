"""`sutra purge`, `sutra forget --now`, `sutra receipts`: what goes from the files, and is told of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from sutra_core import ReasoningEngine
from sutra_core.errors import NoSpaceError
from sutra_core.results import ForgettingRecord
from sutra_core.types import Forgotten

Sutra = Callable[..., Any]


def on_disk(folder: Path, words: str) -> bool:
    """Whether the words' bytes are in any file of the store."""
    found = [path for path in (folder / "knowledge").rglob("*") if path.is_file()]
    return any(words.encode() in path.read_bytes() for path in found)


def test_what_was_forgotten_leaves_the_files_when_they_are_purged(learned: Sutra, folder: Path) -> None:
    assert learned("receipts").out == "nothing was forgotten\n"
    assert learned("receipts", "--json").json == []
    number = learned("forget", "--source", "1", "--yes", "--json").json["transaction"]
    (entry,) = learned("receipts", "--json").json
    assert (entry["transaction"], entry["what"], entry["numbers"]) == (number, "sources", [1])
    assert entry["before"] is entry["purged"] is None
    header, row = learned("receipts").out.splitlines()
    assert header.split() == ["transaction", "time", "asked", "purged"]
    assert row.split()[0] == str(number) and row.rstrip().endswith("sources 1  not yet")
    done = learned("purge", "--json")
    assert (done.code, done.errors) == (0, [])
    (after,) = learned("receipts", "--json").json
    assert after == {**entry, "purged": done.json["purged"]}
    assert datetime.fromisoformat(entry["time"]) < datetime.fromisoformat(after["purged"])
    assert learned("purge").out.startswith("purged: the files of the store were written anew")
    assert learned("verify").code == 0


@pytest.mark.parametrize("options", [[], ["--json"]])
def test_what_is_forgotten_now_is_out_of_the_files(
    learned: Sutra, folder: Path, texts: Path, options: list[str]
) -> None:
    assert on_disk(folder, "She lived in Paris")
    done = learned("forget", "--source", str(texts / "curie.txt"), "--yes", "--now", *options)
    assert (done.code, done.errors, on_disk(folder, "She lived in Paris")) == (0, [], False)
    (entry,) = learned("receipts", "--json").json
    assert entry["purged"] is not None
    if options:
        assert set(done.json) == {*Forgotten._fields, "purged"}
        assert done.json["purged"] == entry["purged"]
    else:
        assert done.out.splitlines()[1].startswith("gone: 1 source, ")
        assert done.out.splitlines()[-1].startswith("purged: the files of the store were written anew")


def test_without_room_it_is_forgotten_and_said(learned: Sutra, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: ReasoningEngine) -> datetime:
        raise NoSpaceError("there is no room for another store")

    with monkeypatch.context() as patched:
        patched.setattr(ReasoningEngine, "purge", full)
        done = learned("forget", "--source", "1", "--yes", "--now")
    assert (done.code, done.errors) == (1, ["error[no_space]: there is no room for another store"])
    assert done.out.splitlines()[1].startswith("gone: 1 source, ")
    (entry,) = learned("receipts", "--json").json
    assert entry["purged"] is None


def test_a_whole_receipt_can_be_kept(learned: Sutra) -> None:
    went = learned("forget", "--concept", "Warsaw", "--yes", "--json").json
    number = str(went["transaction"])
    kept = learned("receipts", number, "--json")
    assert set(kept.json) == {each.name for each in fields(ForgettingRecord)}
    assert (kept.json["what"], kept.json["forgotten"]) == ("concept", went)
    assert kept.json["hashes"] and all(len(bytes.fromhex(each)) == 16 for each in kept.json["hashes"])
    learned("learn", "-", "--source", "more", stdin=b"Elms are tall.")
    assert learned("receipts", number, "--json", "--read-only").out == kept.out
    lines = learned("receipts", number).out.splitlines()
    assert lines[0].startswith(f"transaction {number}, ")
    assert lines[1:3] == [f"asked: concept {kept.json['numbers'][0]}", "purged: not yet"]
    assert [line.strip() for line in lines[5:]] == kept.json["hashes"]
    assert "Warsaw" not in kept.out


def test_whether_a_text_is_among_what_went_is_said(learned: Sutra, texts: Path) -> None:
    whole = (texts / "curie.txt").read_bytes()
    number = str(
        learned("forget", "--source", str(texts / "curie.txt"), "--yes", "--json").json["transaction"]
    )
    for given, stdin, found in (
        ("Marie  Curie", b"", ["entity"]),
        ("-", b"Marie Curie\n", ["entity"]),
        ("Nobody said this.", b"", []),
    ):
        done = learned("receipts", number, given, "--json", stdin=stdin)
        assert (done.code, done.errors, done.json) == (0, [], {"found": found, "key_fits": True}), given
    assert "source" in learned("receipts", number, "-", "--json", "--read-only", stdin=whole).json["found"]
    assert learned("receipts", number, "Marie Curie").out == (
        "it is among what went, as the name of an entity\n"
    )
    absent = learned("receipts", number, "Nobody said this.").out
    assert absent.startswith("it is not among what went") and "does not mean that it was never" in absent
    titled = learned("receipts", number, "Nobody said this.", "--title", "Curie")
    assert titled.out == absent


def test_with_another_key_nothing_is_claimed(learned: Sutra, folder: Path) -> None:
    number = str(learned("forget", "--source", "1", "--yes", "--json").json["transaction"])
    key = folder / "knowledge" / "store.key"
    key.write_bytes(bytes(32))
    assert learned("receipts", number, "Marie Curie").out.startswith("nothing can be said: ")
    assert learned("receipts", number, "Marie Curie", "--json").json == {"found": [], "key_fits": False}
    key.unlink()
    done = learned("receipts", number, "Marie Curie")
    assert (done.code, done.out) == (1, "") and done.errors[0].startswith("error[io_error]: cannot read ")


def test_what_was_learned_before_a_time_is_told_by_the_time(learned: Sutra) -> None:
    learned("forget", "--before", "2100-01-01T00:00:00+02:00", "--yes")
    (entry,) = learned("receipts", "--json").json
    assert (entry["what"], entry["numbers"]) == ("before", [])
    assert entry["before"] == "2099-12-31T22:00:00+00:00"
    assert " before 2099-12-31 22:00:00+00:00 " in learned("receipts").out


def test_what_cannot_be_is_one_line(learned: Sutra, folder: Path) -> None:
    for arguments, code in (
        (["receipts", "1"], "unknown_receipt"),
        (["receipts", str(2**64 - 1)], "unknown_receipt"),
        (["receipts", "1", "Warsaw"], "unknown_receipt"),
        (["receipts", "1", " "], "invalid_value"),
        (["receipts", "--title", "Warsaw"], "invalid_value"),
        (["receipts", "--storage", "nowhere"], "store_missing"),
        (["purge", "--storage", "nowhere"], "store_missing"),
        (["forget", "--source", "1", "--now", "--dry-run"], "invalid_value"),
    ):
        done = learned(*arguments)
        assert (done.code, done.out, len(done.errors)) == (1, "", 1), arguments
        assert done.errors[0].startswith(f"error[{code}]: "), arguments
    assert learned("receipts", "-1").code == learned("receipts", "one").code == 2
    assert not (folder / "nowhere").exists()

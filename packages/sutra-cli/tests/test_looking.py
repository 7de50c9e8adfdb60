"""`sutra inspect`: what files are and what would come of them, without a store."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sutra_cli import file_report

Sutra = Callable[..., Any]


def test_a_file_is_shown_with_its_first_items(sutra: Sutra, texts: Path, folder: Path) -> None:
    done = sutra("inspect", "texts/rivers.md")
    assert (done.code, done.err) == (0, "")
    lines = [line.strip() for line in done.out.splitlines()]
    assert lines[0] == "texts/rivers.md"
    assert "format     Markdown (recognised by its name)" in lines
    assert "encoding   UTF-8" in lines
    assert "language   English (en), detected" in lines
    assert f"size       {(texts / 'rivers.md').stat().st_size} bytes" in lines
    assert "items      1 read, all" in lines
    assert "[1] Aln" in lines
    assert "place      texts/rivers.md:1" in lines
    assert any(line.startswith("text, labels in ‹ › # ‹Aln› The **Aln** rises") for line in lines)
    assert not (folder / "knowledge").exists()


def test_a_table_is_read_in_a_process_of_its_own_and_as_mapped(sutra: Sutra, folder: Path) -> None:
    (folder / "people.csv").write_text("who,town,date\nAda,Alham,1970-01-02\nBo,Graz,1970-01-03\n")
    how = ("--map", "title=who,time=date", "--template", "{who} lives in {town}.", "--items", "1")
    (told,) = sutra("inspect", "people.csv", *how, "--json").json
    assert (told["format"], told["recognised_by"], told["own_process"]) == ("CSV", "name", True)
    assert (told["items_read"], told["complete"], told["refused"]) == (2, True, {})
    (item,) = told["items"]
    assert (item["title"], item["text"], item["time"]) == (
        "Ada",
        "Ada lives in Alham.",
        "1970-01-02T00:00:00+00:00",
    )
    (told,) = sutra("inspect", "people.csv", "--format", "plain-text", "--json").json
    assert (told["format"], told["recognised_by"], told["own_process"]) == ("plain text", "option", False)


def test_what_would_be_refused_is_told(sutra: Sutra, folder: Path) -> None:
    (folder / "mixed.data").write_text(
        '{"text": "The Tyne is wide."}\n{"text": "Oaks."}\nno json\n{"a": 1}\n'
    )
    done = sutra("inspect", "mixed.data")
    assert done.code == 0
    assert "format     JSON Lines (recognised by its content)" in done.out
    assert "would be refused: 1 invalid_json, 1 missing_text" in done.out
    assert "invalid_json: mixed.data:3: not JSON" in done.out


def test_no_more_is_read_than_was_allowed(
    sutra: Sutra, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "many.jsonl").write_text('{"text": "The Tyne is wide."}\n' * 50)
    (told,) = sutra("inspect", "many.jsonl", "--limit", "7", "--json").json
    assert (told["items_read"], told["complete"], len(told["items"])) == (7, False, 3)
    (told,) = sutra("inspect", "many.jsonl", "--limit", "50", "--json").json
    assert (told["items_read"], told["complete"]) == (50, True)
    monkeypatch.setattr(file_report, "SECONDS_MAX", 0.0)
    (told,) = sutra("inspect", "many.jsonl", "--json").json
    assert (told["items_read"], told["complete"]) == (0, False)


def test_a_folder_is_counted_by_format(sutra: Sutra, texts: Path) -> None:
    (texts / "picture.png").write_bytes(b"\x89PNG\0")
    (texts / "more.txt").write_text("The Tyne is wide.")
    (told,) = sutra("inspect", str(texts), "--json").json
    assert told["formats"] == {"plain text": 2, "JSON Lines": 1, "Markdown": 1}
    assert (told["format"], told["items_read"], told["complete"]) == ("", 4, True)
    assert told["refused"] == {"unknown_format": 1}
    done = sutra("inspect", str(texts))
    assert "format     plain text: 2 files" in done.out
    assert "would be refused: 1 unknown_format" in done.out


def test_an_archive_shows_the_items_inside(sutra: Sutra, folder: Path) -> None:
    with zipfile.ZipFile(folder / "texts.zip", "w") as archive:
        archive.writestr("tyne.txt", "The Tyne is wide.")
    (told,) = sutra("inspect", "texts.zip", "--json").json
    assert (told["format"], told["encoding"]) == ("ZIP archive", "")
    assert told["items"][0]["place"] == "texts.zip!/tyne.txt:1"


def test_where_nothing_can_be_read_the_end_is_1(sutra: Sutra, folder: Path) -> None:
    (folder / "x.bin").write_bytes(b"\0\1")
    (folder / "good.txt").write_text("The Tyne is wide.")
    for path, code in (("x.bin", "unknown_format"), ("nowhere.txt", "unreadable")):
        done = sutra("inspect", path)
        assert done.code == 1
        assert f"would be refused: 1 {code}" in done.out
    assert sutra("inspect", "x.bin", "good.txt").code == 0
    done = sutra("inspect", "good.txt", "--map", "text=a")
    assert (done.code, done.out) == (1, "")
    assert done.errors[0].startswith("error[invalid_value]: plain text has no fields")
    assert sutra("inspect", "good.txt", "--format", "klingon").errors[0].startswith("error[unknown_format]: ")


GERMAN = "Der Fluss entspringt in den Hügeln und mündet ins Meer."


@pytest.mark.parametrize(
    ("name", "text", "expected", "told_by"),
    [
        ("fluss.txt", GERMAN, "German (de), detected", {"de": "detection"}),
        (
            "page.html",
            f'<html lang="de-AT"><p>{GERMAN}</p></html>',
            "German (de-AT), as the file says",
            {"de-AT": "file"},
        ),
        ("code.txt", "ASR1603", "not told", {None: None}),
        (
            "both.jsonl",
            f'{{"text": "{GERMAN}"}}\n{{"text": "{GERMAN}", "language": "nds"}}\n{{"text": "{GERMAN}!"}}\n',
            "German (de), detected: 2 of 3 items; nds, as the file says: 1 of 3 items",
            {"de": "detection", "nds": "file"},
        ),
    ],
)
def test_the_language_is_told_and_by_whom(
    sutra: Sutra, folder: Path, name: str, text: str, expected: str, told_by: dict[str | None, str | None]
) -> None:
    (folder / name).write_text(text, encoding="utf-8")
    lines = [line.strip() for line in sutra("inspect", name).out.splitlines()]
    assert f"language   {expected}" in lines
    (told,) = sutra("inspect", name, "--json").json
    assert {each["language"]: each["told_by"] for each in told["languages"]} == told_by


def test_nothing_is_told_of_the_language_of_what_is_not_read(sutra: Sutra, folder: Path) -> None:
    (folder / "x.bin").write_bytes(b"\0\1")
    assert "language" not in sutra("inspect", "x.bin").out
    (told,) = sutra("inspect", "x.bin", "--json").json
    assert told["languages"] == []

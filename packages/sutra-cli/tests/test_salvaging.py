"""`sutra salvage`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Sutra = Callable[..., Any]

PAGE = 4096


def files(folder: Path) -> dict[Path, bytes]:
    """Every file of a folder, with its bytes."""
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def storage(learned: Sutra) -> Path:
    """The folder of the store that was taught the texts."""
    return Path(learned("stats", "--json").json["storage_path"])


def rot(file: Path, words: bytes) -> None:
    """Overwrites every page of a file in which these words stand."""
    content = bytearray(file.read_bytes())
    found = [at for at in range(0, len(content), PAGE) if words in content[at : at + PAGE]]
    assert found
    for at in found:
        content[at : at + PAGE] = bytes(PAGE)
    file.write_bytes(content)


def test_all_of_a_sound_store_is_taken(learned: Sutra, storage: Path, tmp_path: Path) -> None:
    learned("forget", "--source", "3", "--yes")
    before = files(storage)
    again = tmp_path / "again"
    done = learned("salvage", str(again))
    assert done.code == 0
    assert done.out.startswith(f"{again} holds and was verified: 2 sources, ")
    assert done.out.endswith(", 1 receipts\nall was taken\n")
    assert files(storage) == before
    query = ("search", "the source of a river", "--json")
    one, other = learned(*query).json, learned(*query, "--storage", str(again)).json
    # Concepts are numbered anew where some were forgotten.
    assert [hit | {"concept": 0} for hit in other] == [hit | {"concept": 0} for hit in one]
    (receipt,) = learned("receipts", "--storage", str(again), "--json").json
    assert receipt["transaction"] == learned("receipts", "--json").json[0]["transaction"]
    assert learned("verify", "--storage", str(again)).out.endswith("\nclean\n")


def test_vectors_that_are_lost_can_be_given_again(learned: Sutra, storage: Path, tmp_path: Path) -> None:
    many = " ".join(f"Keeper {number} looks after a lighthouse." for number in range(60))
    assert learned("learn", "-", stdin=many.encode()).code == 0  # so many that their file alone has them
    for column in (storage / "vectors").glob("*.vec"):
        column.unlink()
    again = str(tmp_path / "again")
    done = learned("salvage", again, "--json")
    assert (done.code, done.json["clean"], done.json["sources_lost"]) == (1, False, [])
    assert done.json["vectors_pending"] == done.json["vectors_lost"] > 60
    assert done.json["folder"] == again
    told = learned("salvage", str(tmp_path / "told"))
    assert f"lost: {done.json['vectors_lost']:,} vectors of statements that were taken\n" in told.out
    assert "`sutra migrate --storage " in told.out
    assert learned("migrate", "--storage", again).code == 0
    assert learned("stats", "--storage", again, "--json").json["vectors_pending"] == 0


def test_a_lost_text_is_named_and_ends_with_1(learned: Sutra, storage: Path, tmp_path: Path) -> None:
    rot(storage / "storage.dat", b"She lived in Paris.")
    done = learned("salvage", str(tmp_path / "again"))
    assert done.code == 1
    assert "curie.txt): some of its text cannot be read\n" in done.out
    assert done.out.endswith("\nnot all could be taken\n")
    told = learned("salvage", str(tmp_path / "told"), "--json")
    assert told.code == 1 and not told.json["clean"]
    lost = told.json["sources_lost"]
    assert any(each["address"].endswith("curie.txt") and each["first"] == each["last"] for each in lost)


def test_what_cannot_be_is_one_line(learned: Sutra, storage: Path, tmp_path: Path) -> None:
    full = tmp_path / "full"
    full.mkdir()
    (full / "notes").touch()
    missing = ("--storage", str(tmp_path / "nowhere"))
    for arguments, code in [
        ((str(full),), "store_exists"),
        ((str(tmp_path / "a"), *missing), "store_missing"),
    ]:
        done = learned("salvage", *arguments)
        assert (done.code, done.out) == (1, "")
        assert done.errors[0].startswith(f"error[{code}]: ")
    (storage / "storage.dat").write_bytes(b"no database" * 1000)
    done = learned("salvage", str(tmp_path / "a"))
    assert done.code == 1 and done.errors[0].startswith("error[store_corrupt]: ")
    assert "restore from a backup" in done.errors[0]
    assert sorted(path.name for path in tmp_path.iterdir() if "salvag" in path.name) == []
    assert not (tmp_path / "a").exists()

"""`sutra backup` and `sutra restore`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from stand_in import StandIn

from sutra_core import ReasoningEngine, ReasoningEngineConfig

Sutra = Callable[..., Any]


def test_a_store_is_backed_up_checked_and_restored(learned: Sutra, tmp_path: Path) -> None:
    place = str(tmp_path / "kept")
    first = learned("backup", place, "--json")
    assert first.code == 0 and first.json["added"] == first.json["transaction"] > 0
    told = learned("backup", place).out
    assert told.startswith("0 transactions added, 0 rewritten, 0 bytes written")
    assert f"holds transactions 1 to {first.json['transaction']} in 1 segments" in told
    checked = learned("backup", place, "--check", "--json").json
    assert checked["clean"] and checked["bytes"] == first.json["bytes"]
    assert learned("backup", place, "--check").out.endswith("\nclean\n")

    done = learned("restore", place, "--storage", str(tmp_path / "again"), "--json")
    assert (done.code, done.json["restored_to"]) == (0, first.json["transaction"])
    one = learned("show", "Marie Curie").out
    assert learned("show", "Marie Curie", "--storage", str(tmp_path / "again")).out == one
    early = learned("restore", place, "--storage", str(tmp_path / "early"), "--transaction", "1")
    assert early.out.startswith(f"{tmp_path / 'early'} is restored to transaction 1 and verified: ")


def test_pruning_says_what_was_rewritten(learned: Sutra, tmp_path: Path) -> None:
    place = str(tmp_path / "kept")
    learned("backup", place)
    storage = Path(learned("stats", "--json").json["storage_path"])
    config = ReasoningEngineConfig(storage_path=storage, reader="off")
    with ReasoningEngine(config, embedder=StandIn()) as engine:
        engine.forget(source=1)
    pruned = learned("backup", place, "--prune", "--json").json
    assert pruned["added"] == 1 and pruned["rewritten"]


def test_damage_ends_a_check_with_1(learned: Sutra, tmp_path: Path) -> None:
    place = tmp_path / "kept"
    learned("backup", str(place))
    (segment,) = (path for path in (place / "segments").rglob("*") if path.is_file())
    segment.write_bytes(segment.read_bytes()[:-1])
    checked = learned("backup", str(place), "--check")
    assert checked.code == 1 and "SHA-256" in checked.out and checked.out.endswith("1 faults\n")
    done = learned("restore", str(place), "--storage", str(tmp_path / "again"))
    assert done.code == 1 and done.errors[0].startswith("error[backup_corrupt]: ")


def test_what_cannot_be_is_one_line(learned: Sutra, tmp_path: Path) -> None:
    place = str(tmp_path / "kept")
    for arguments, code in [
        (("backup", place, "--check"), "backup_missing"),
        (("backup", place, "--check", "--prune"), "invalid_value"),
        (("backup", "ftp://host/path"), "invalid_value"),
        (("backup", place, "--storage", str(tmp_path / "nowhere")), "store_missing"),
        (("restore", place, "--storage", str(tmp_path / "new")), "backup_missing"),
    ]:
        done = learned(*arguments)
        assert (done.code, done.out, len(done.errors)) == (1, "", 1)
        assert done.errors[0].startswith(f"error[{code}]: ")
    learned("backup", place)
    assert learned("restore", place).errors[0].startswith("error[store_exists]: ")
    storage = str(tmp_path / "new")
    done = learned("restore", place, "--storage", storage, "--transaction", "999")
    assert done.errors[0].startswith("error[invalid_value]: ") and not (tmp_path / "new").exists()

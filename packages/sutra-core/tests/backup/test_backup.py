"""`backup` and `restore`: what a place holds makes the same store again, as of any transaction of it."""

from __future__ import annotations

import zlib
from pathlib import Path
from typing import Any

import obstore
import pytest
from obstore.store import MemoryStore
from taught import FACTS, Named
from word_embedder import WordEmbedder

from sutra_core import ReasoningEngine, ReasoningEngineConfig
from sutra_core.backup import Place, check, restore
from sutra_core.backup.known import backups_with, note_backup
from sutra_core.backup.place import Objects
from sutra_core.errors import (
    BackupConflictError,
    BackupCorruptError,
    BackupMissingError,
    ConfigError,
    EmbedderMismatchError,
    HistoryMismatchError,
    InvalidValueError,
    StoreExistsError,
    StoreIOError,
    UnsupportedFormatError,
)

SECRET = "The vault code of Halwyn Quarrymoor is 80713."


def held(engine: ReasoningEngine) -> dict[str, Any]:
    """What an engine knows, but for its place."""
    stats = engine.stats().store._asdict()
    del stats["bytes_on_disk"], stats["transaction"]
    sources = [(source.id, source.address, engine.source_text(source.id)) for source in engine.sources()]
    hits = [engine.search(words, mode=mode) for words in ("Aln", "Curie") for mode in ("words", "meaning")]  # type: ignore[arg-type]
    return {"stats": stats, "sources": sources, "hits": hits}


def contents(place: Place) -> dict[str, bytes]:
    """Every object, and what is packed in it."""
    objects = Objects(place)
    found = {path: objects.read(path) or b"" for path in objects.paths("")}
    found |= {f"{path} unpacked": zlib.decompress(data[8:]) for path, data in found.items() if "seg" in path}
    return found


def test_a_backup_grows_and_each_transaction_of_it_is_restored(
    named: Named, place: Place, tmp_path: Path
) -> None:
    engine = named("store")
    states: dict[int, dict[str, Any]] = {}
    size = 0
    for number, text in enumerate(["The Aln rises at Alham.", "Marie Curie was born there.", "It rains."]):
        engine.learn(text, source=f"source {number}")
        states[engine.view().transaction] = held(engine)
        report = engine.backup(place)
        assert (report.transaction, report.added, report.segments) == (number + 1, 1, number + 1)
        assert report.rewritten == () and 0 < report.bytes_written == report.bytes - size
        size = report.bytes
    again = engine.backup(place)
    assert (again.added, again.bytes_written, again.bytes) == (0, 0, size)
    assert sorted(path.split("/")[0] for path in Objects(place).paths("")) == ["manifests"] + 3 * ["segments"]
    checked = check(place)
    assert checked.clean and (checked.transaction, checked.segments) == (3, 3)
    for transaction, state in states.items():
        told = restore(place, tmp_path / f"to-{transaction}", transaction)
        restored = named(f"to-{transaction}")
        assert (told.restored_to, told.transaction) == (transaction, transaction)
        assert held(restored) == state and restored.verify().clean
        assert told.sources == len(restored.sources())
    assert restore(place, tmp_path / "last").restored_to == 3
    assert held(named("last")) == states[3]


class StopError(Exception):
    """What a caller ends a backup with."""


@pytest.mark.parametrize("prune", [False, True])
def test_a_backup_that_its_caller_ends_is_as_it_was(named: Named, place: Place, prune: bool) -> None:
    engine = named("store")
    engine.learn("The Aln rises at Alham.")
    told: list[int] = []
    first = engine.backup(place, on_progress=told.append)
    assert told == [first.bytes]
    engine.learn("Marie Curie was born there.")
    before = Objects(place).paths("manifests")

    def stop(bytes_written: int) -> None:
        told.append(bytes_written)
        raise StopError

    with pytest.raises(StopError):
        engine.backup(place, prune=prune, on_progress=stop)
    assert (told[-1] == 0) == prune, "with `prune` what is there is compared first"
    assert Objects(place).paths("manifests") == before
    assert check(place).transaction == first.transaction
    report = engine.backup(place, prune=prune)
    assert (report.added, report.segments, check(place).clean) == (1, 2, True)


def test_what_a_place_is_called_holds_no_secrets() -> None:
    name = Objects("s3://somebody:a-secret@bucket/prefix?token=a-secret").name
    assert name == "s3://bucket/prefix"


def test_a_restored_store_goes_on_by_itself(named: Named, place: Place, tmp_path: Path) -> None:
    engine = named("store")
    engine.learn_batch(FACTS)
    engine.backup(place)
    restore(place, tmp_path / "again", 1)
    again = named("again")
    again.learn("Something of its own.")
    with pytest.raises(HistoryMismatchError, match="history"):
        again.backup(place)
    with pytest.raises(HistoryMismatchError):
        again.follow(engine.changes(1))
    other = MemoryStore()
    again.backup(other)
    restore(other, tmp_path / "third")
    assert held(named("third")) == held(again)


@pytest.mark.parametrize("late", [False, True], ids=["backed up before it was forgotten", "and after"])
def test_what_was_forgotten_never_comes_back(named: Named, place: Place, tmp_path: Path, late: bool) -> None:
    engine = named("store")
    engine.learn("The Aln rises at Alham.", source="river")
    engine.learn(f"It rains. {SECRET}", source="secret")
    if not late:
        engine.backup(place)
    engine.learn(f"{SECRET} The Aln is long.", source="also")
    engine.forget(concept="Halwyn Quarrymoor")
    engine.learn("The Wear rises at Wearhead.", source="later")
    engine.forget(source="later")
    engine.backup(place)
    for transaction in range(1, 7):
        name = f"to-{late}-{transaction}"
        restore(place, tmp_path / name, transaction)
        restored = named(name)
        known = [source.address for source in restored.sources()]
        assert known == ["river", "secret", "also"][:transaction]
        told = " ".join(restored.source_text(source.id) for source in restored.sources())
        assert "80713" not in told and "Halwyn" not in told and "Wearhead" not in told
        assert restored.verify().clean
        restored.close()
        for file in (tmp_path / name).rglob("*"):
            if file.is_file():
                assert b"Halwyn Quarrymoor is 80713" not in file.read_bytes()


def test_pruning_takes_what_was_forgotten_out_of_the_objects(
    named: Named, place: Place, tmp_path: Path
) -> None:
    engine = named("store")
    engine.learn("The Aln rises at Alham.", source="river")
    engine.learn(SECRET, source="secret")
    engine.backup(place)
    engine.learn("It rains.", source="rain")
    engine.forget(source="secret")
    engine.backup(place)
    assert any(b"Quarrymoor" in data for data in contents(place).values())
    report = engine.backup(place, prune=True)
    assert report.rewritten == (2,) and report.added == 0
    found = contents(place)
    assert len(found) == 1 + 2 * report.segments
    for told in (b"Quarrymoor", b"80713", b"quarrymoor"):
        assert not any(told in data for data in found.values())
    assert any(b"Alham" in data for data in found.values())
    assert check(place).clean
    again = engine.backup(place, prune=True)
    assert (again.rewritten, again.bytes_written) == ((), 0)
    for transaction in range(1, 5):
        restore(place, tmp_path / f"to-{transaction}", transaction)
        restored = named(f"to-{transaction}")
        assert [source.address for source in restored.sources()] == ["river", "rain"][: 1 + transaction // 3]


def test_pruning_goes_on_to_what_is_not_backed_up_yet(named: Named, place: Place, tmp_path: Path) -> None:
    engine = named("store")
    engine.learn(SECRET, source="secret")
    engine.backup(place)
    engine.learn("It rains.", source="rain")
    engine.forget(source="secret")
    report = engine.backup(place, prune=True)
    assert (report.rewritten, report.added, report.transaction) == ((1,), 2, 3)
    assert not any(b"Quarrymoor" in data for data in contents(place).values())
    restore(place, tmp_path / "again")
    assert held(named("again")) == held(engine)


def test_two_backups_at_once_harm_nothing(
    named: Named, place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = named("store")
    engine.learn("The Aln rises at Alham.")
    engine.backup(place)
    engine.learn("It rains.")
    create = Objects.create
    done = list[str]()

    def interrupted(self: Objects, path: str, data: bytes) -> bool:
        if path.startswith("manifests") and not done:
            # Another one is quicker, twice: then the number of this one's manifest is free again.
            done.append(path)
            engine.backup(place)
            engine.learn("It snows.")
            engine.backup(place)
        return create(self, path, data)

    monkeypatch.setattr(Objects, "create", interrupted)
    with pytest.raises(BackupConflictError):
        engine.backup(place)
    assert check(place).clean and check(place).transaction == 3
    assert engine.backup(place).bytes_written == 0
    assert len(Objects(place).paths("")) == 4
    restore(place, tmp_path / "again")
    assert held(named("again")) == held(engine)


def damaged(data: bytes) -> bytes:
    return data[:-9] + bytes([data[-9] ^ 1]) + data[-8:]


def test_damage_is_found_and_never_restored(named: Named, tmp_path: Path) -> None:
    engine = named("store")
    place = MemoryStore()
    for text in ("The Aln rises at Alham.", "It rains."):
        engine.learn(text)
        engine.backup(place)
    for path in Objects(place).paths("segments"):
        kept = Objects(place).read(path)
        assert kept is not None
        for replaced in (damaged(kept), kept[:20], b""):
            obstore.put(place, path, replaced)
            (fault,) = check(place).faults
            assert path in fault and "SHA-256" in fault
            with pytest.raises(BackupCorruptError, match=path):
                restore(place, tmp_path / "again")
        obstore.delete(place, path)
        assert "is missing" in check(place).faults[0]
        obstore.put(place, path, kept)
    (path,) = Objects(place).paths("manifests")
    kept = Objects(place).read(path)
    assert kept is not None
    for replaced in (damaged(kept), kept[:20], b"[]", kept.replace(b'"last": 2', b'"last": 3')):
        obstore.put(place, path, replaced)
        for read in (lambda: check(place), lambda: engine.backup(place)):
            with pytest.raises(BackupCorruptError, match=path):
                read()
    assert [each.name for each in tmp_path.iterdir()] == ["store"]


def test_what_a_place_does_not_keep_is_no_backup(named: Named, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = named("store")
    engine.learn("The Aln rises at Alham.")
    place = MemoryStore()
    create = Objects.create
    monkeypatch.setattr(Objects, "create", lambda self, path, data: create(self, path, damaged(data)))
    with pytest.raises(BackupCorruptError, match="not what was written"):
        engine.backup(place)
    monkeypatch.undo()
    assert Objects(place).paths("") == []
    assert engine.backup(place).added == 1


def test_other_stores_are_refused(named: Named, place: Place, tmp_path: Path) -> None:
    engine, other = named("store"), named("other")
    assert other.backup(place).transaction == 0
    with pytest.raises(BackupMissingError):
        check(place)
    engine.learn("The Aln rises at Alham.")
    engine.learn("It rains.")
    engine.backup(place)
    with pytest.raises(HistoryMismatchError, match="goes to transaction 2, the store to 0"):
        other.backup(place)
    other.learn("The Aln rises at Alham.")
    other.learn("It rains.")
    with pytest.raises(HistoryMismatchError, match="of another store"):
        other.backup(place)

    config = ReasoningEngineConfig(storage_path=tmp_path / "strange", reader="off")
    strange = WordEmbedder()
    strange.fingerprint = "f" * 64
    with ReasoningEngine(config, embedder=strange) as third, pytest.raises(EmbedderMismatchError):
        third.backup(place)


def test_bad_places_and_folders_are_refused(named: Named, tmp_path: Path) -> None:
    engine = named("store")
    engine.learn("The Aln rises at Alham.")
    for place in ("ftp://host/path", "memory://", "http://localhost/x"):
        with pytest.raises(InvalidValueError, match="no backup can lie"):
            engine.backup(place)
    with pytest.raises(InvalidValueError, match="of type int"):
        engine.backup(7)  # type: ignore[arg-type]
    with pytest.raises(BackupMissingError, match="no such folder"):
        restore(tmp_path / "nowhere", tmp_path / "new")
    (tmp_path / "empty").mkdir()
    with pytest.raises(BackupMissingError, match="no backup"):
        restore(tmp_path / "empty", tmp_path / "new")
    (tmp_path / "file").write_text("x")
    with pytest.raises(StoreIOError):
        engine.backup(tmp_path / "file")
    place = tmp_path / "kept"
    engine.backup(place)
    with pytest.raises(StoreExistsError):
        restore(place, tmp_path / "store")
    for transaction in (0, 2, -1):
        with pytest.raises(InvalidValueError, match="allowed: 1 to 1"):
            restore(place, tmp_path / "new", transaction)
    assert not (tmp_path / "new").exists()
    restore(f"file://{place}", tmp_path / "empty")
    assert held(named("empty")) == held(engine)


def test_a_backup_of_another_format_is_refused(named: Named, monkeypatch: pytest.MonkeyPatch) -> None:
    from sutra_core.backup import manifest

    engine = named("store")
    engine.learn("The Aln rises at Alham.")
    place = MemoryStore()
    engine.backup(place)
    monkeypatch.setattr(manifest, "FORMAT", 2)
    with pytest.raises(UnsupportedFormatError, match="format 1, this version reads 2"):
        check(place)


def test_the_reference_store_keeps_no_changes() -> None:
    config = ReasoningEngineConfig(use_rust_storage=False, reader="off")
    with ReasoningEngine(config, embedder=WordEmbedder()) as engine, pytest.raises(ConfigError):
        engine.learn("The Aln rises at Alham.")
        engine.backup(MemoryStore())


def test_a_receipt_names_the_backups_from_before(named: Named, tmp_path: Path) -> None:
    engine = named("store")
    engine.learn("The Aln rises at Alham.", source="rivers")
    engine.learn(SECRET, source="vault")
    engine.learn("It rains.", source="weather")
    old, older, new = (str(tmp_path / name) for name in ("old", "older", "new"))
    engine.backup(old)
    engine.backup(older)
    first = engine.forget(source="vault").transaction
    engine.backup(Path(new))

    def told(transaction: int) -> tuple[str, ...]:
        receipt = named("store").receipt(transaction)
        assert receipt is not None
        return receipt.backups

    assert told(first) == (old, older)
    # Going on with a backup takes nothing out of it, pruning does.
    named("store").backup(older)
    assert told(first) == (old, older)
    named("store").backup(older, prune=True)
    assert told(first) == (old,)
    second = named("store").forget(source="weather").transaction
    assert told(second) == (new, old, older)
    assert told(first) == (old,)
    # Whoever loses the list, or finds it damaged, knows of none.
    listed = tmp_path / "store" / "backups.json"
    listed.write_text("[")
    assert told(first) == ()
    listed.unlink()
    assert told(first) == ()
    # What was there before the list is not known to be without it.
    named("store").backup(older)
    assert told(first) == (older,)


def test_a_place_is_named_without_its_secrets(tmp_path: Path) -> None:
    note_backup(tmp_path, "s3://key:word@bucket/prefix?token=80713", 3, written_anew=True)
    assert backups_with(tmp_path, 4) == ("s3://bucket/prefix",)
    assert "80713" not in (tmp_path / "backups.json").read_text()

"""`sutra show`, `sutra stats`, `sutra verify`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import sutra_cli.inspecting
from sutra_core import ReasoningEngine, ReasoningEngineConfig
from sutra_core.store import open_store
from sutra_core.types import KnowledgeStore, StoreStats, VerifyReport

Sutra = Callable[..., Any]


def test_a_concept_is_shown_by_name_and_by_number(learned: Sutra) -> None:
    by_name = learned("show", "marie  CURIE")
    assert by_name.code == 0
    heading, name = by_name.out.splitlines()[:2]
    assert (heading.split(" · ")[1], name) == ("entity (person)", "Marie Curie")
    assert "born_in" in by_name.out and "Warsaw" in by_name.out
    number = heading.split()[1]
    assert learned("show", number).out == by_name.out


def test_both_names_of_one_thing_are_shown(learned: Sutra) -> None:
    assert "also called: International Business Machines\n" in learned("show", "IBM").out
    assert "also called: IBM\n" in learned("show", "International Business Machines").out


def test_json_has_the_concept_its_places_and_its_associations(learned: Sutra, texts: Path) -> None:
    entity = learned("show", "Marie Curie", "--json").json
    assert (entity["kind"], entity["text"], entity["supports"]) == ("entity", "Marie Curie", [])
    (born,) = [edge for edge in entity["associations"] if edge["relation"] == "born_in"]
    assert (born["subject"], born["other"]["text"]) == (entity["id"], "Warsaw")
    hit = learned("search", "Alham", "--mode", "words", "--json").json[0]
    statement = learned("show", str(hit["concept"]), "--json").json
    (place,) = statement["supports"]
    assert (place["address"], place["title"]) == (str(texts / "rivers.md"), "Aln")
    data = (texts / "rivers.md").read_bytes()
    assert data[place["start"] : place["end"]].decode() == statement["text"]
    assert "**Aln**" in learned("show", str(hit["concept"])).out


def test_places_count_from_the_beginning_of_the_file(sutra: Sutra, folder: Path) -> None:
    path = folder / "long.txt"
    path.write_text("\n\n".join(f"The café number {n} is near the water." for n in range(3000)))
    assert sutra("learn", "long.txt", "--json").json["sources"] > 1
    (hit,) = sutra("search", "2999", "--mode", "words", "--json").json
    concept = sutra("show", str(hit["concept"]), "--json").json
    (place,) = concept["supports"]
    assert place["start"] > 64 * 1024
    assert path.read_bytes()[place["start"] : place["end"]].decode() == concept["text"] == hit["text"]
    shown = sutra("show", str(hit["concept"])).out
    assert f"{path}, bytes {place['start']} to {place['end']}\n" in shown


def test_limit_bounds_the_associations(learned: Sutra) -> None:
    assert len(learned("show", "Marie Curie", "--limit", "1", "--json").json["associations"]) == 1


@pytest.mark.parametrize("concept", ["Nobody", "0", "9999", "99999999999999999999999", "\udcff", ""])
def test_an_unknown_concept_is_one_line(learned: Sutra, concept: str) -> None:
    done = learned("show", concept)
    assert (done.code, done.out, len(done.errors)) == (1, "", 1)
    assert done.errors[0].startswith("error[unknown_concept]: ")


def test_a_number_of_thousands_of_digits_is_a_name(learned: Sutra) -> None:
    done = learned("show", "9" * 5000)
    assert (done.code, done.out) == (1, "")
    assert done.errors[0].startswith("error[")


def test_an_entity_whose_name_is_a_number_is_shown_where_no_concept_has_it(sutra: Sutra) -> None:
    sutra("learn", "-", stdin=b"Marie Curie was born in 1867.")
    heading, name = sutra("show", "1867").out.splitlines()[:2]
    assert (heading.split(" · ")[1].split()[0], name) == ("entity", "1867")
    assert sutra("show", "1").out.startswith("concept 1 ")


def test_stats_tell_what_is_held(learned: Sutra, folder: Path) -> None:
    found = learned("stats", "--json").json
    assert set(StoreStats._fields) <= set(found)
    assert (found["sources"], found["dimension"]) == (3, 384)
    assert found["statements"] == found["vectors"] > found["vectors_pending"] == 0
    assert found["storage_path"] == str(folder / "knowledge")
    assert found["embedder"] == "all-MiniLM-L6-v2"
    shown = dict(line.split(None, 1) for line in learned("stats").out.splitlines())
    assert shown["sources"].strip() == "3"
    assert shown["storage_path"].strip() == str(folder / "knowledge")


def test_what_is_left_of_a_passage_waits_for_no_vector(learned: Sutra) -> None:
    before = learned("stats", "--json").json
    learned("forget", "--concept", "Warsaw", "--yes")
    found = learned("stats", "--json").json
    assert 0 < found["statements"] < before["statements"]
    assert found["vectors_pending"] == found["statements"] - found["vectors"] == 0


def test_a_sound_store_is_clean(learned: Sutra) -> None:
    done = learned("verify")
    assert (done.code, done.out.splitlines()[-1]) == (0, "clean")
    report = learned("verify", "--json").json
    assert (report["clean"], report["faults"], report["checked"]["sources"]) == (True, [], 3)


def test_the_fast_way_checks_less(learned: Sutra) -> None:
    fast, whole = (learned("verify", *options, "--json") for options in (["--fast"], []))
    assert (fast.code, fast.json["clean"], fast.json["faults"]) == (0, True, [])
    assert fast.json["checked"]["transactions"] == whole.json["checked"]["transactions"] > 0
    assert set(fast.json["checked"]) < set(whole.json["checked"])


def test_an_empty_store_is_clean(sutra: Sutra, folder: Path) -> None:
    ReasoningEngine(ReasoningEngineConfig(storage_path=folder / "knowledge")).close()
    assert sutra("verify").out == "checked an empty store\nclean\n"


def test_faults_are_told_and_end_with_1(learned: Sutra, monkeypatch: pytest.MonkeyPatch) -> None:
    report = VerifyReport({"sources": 3}, ["source 1 [bold] has another hash"])
    monkeypatch.setattr(ReasoningEngine, "verify", lambda self, **_: report)
    done = learned("verify")
    assert done.code == 1
    assert done.out.splitlines() == [
        "checked 3 sources",
        "fault: source 1 [bold] has another hash",
        "1 faults",
    ]
    done = learned("verify", "--json")
    assert (done.code, done.json["clean"], done.json["faults"]) == (1, False, report.faults)


@pytest.mark.parametrize("options", [[], ["--fast"]], ids=["whole", "fast"])
def test_damage_on_disk_does_not_pass(learned: Sutra, folder: Path, options: list[str]) -> None:
    path = folder / "knowledge" / "storage.dat"
    data = bytearray(path.read_bytes())
    at = data.index(b"Marie Curie was born in Warsaw. She lived in Paris.")
    data[at : at + 5] = b"Maria"
    path.write_bytes(data)
    done = learned("verify", *options)
    assert done.code == 1
    assert done.out.splitlines()[-1:] != ["clean"]
    assert done.errors == [] or done.errors[0].startswith("error[store_corrupt]: ")


def test_verify_checks_every_page(learned: Sutra, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[bool] = []

    def watched(*arguments: Any, check_pages: bool, read_only: bool) -> KnowledgeStore:
        asked.append(check_pages)
        return open_store(*arguments, check_pages=check_pages, read_only=read_only)

    monkeypatch.setattr("sutra_core.engine.open_store", watched)
    learned("stats")
    learned("verify")
    assert asked == [False, True]


def test_looking_needs_no_model(learned: Sutra, monkeypatch: pytest.MonkeyPatch) -> None:
    def unavailable(*_: object) -> None:
        raise AssertionError("the embedder was opened")

    monkeypatch.setattr("sutra_core.shared.open_embedder", unavailable)
    for arguments in (["show", "1"], ["stats"], ["verify"], ["search", "Aln", "--mode", "words"]):
        assert learned(*arguments).code == 0


def test_the_module_says_what_it_offers() -> None:
    assert sutra_cli.inspecting.__all__ == ["show", "stats", "verify"]

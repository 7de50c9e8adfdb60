"""WordNet's database and databases of DICT: every entry a source, every pointer an association."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sutra_core.learn.adapters import BadItem, Item, adapter_for, read_collection
from sutra_formats.dictionaries import DictAdapter, WordNetAdapter

LICENCE = "  1 This database is made up for a test.  \n"
NOUNS = [
    "{0:08d} 06 n 02 bank 0 deposit_bank 1 002 @ {1:08d} n 0000 + 00000040 v 0201 "
    '| a place that keeps money; "the bank is open on Monday"; "he went to the bank"  \n',
    "{0:08d} 06 n 01 institution 0 001 ~ {1:08d} n 0000 | a body that serves a purpose  \n",
    "{0:08d} 17 n 01 bank 2 001 #p 99999999 n 0000 | sloping land beside a river  \n",
]
VERB = "00000040 40 v 01 bank 0 001 + {0:08d} n 0102 01 + 08 00 | put money into a bank  \n"


def wordnet(folder: Path) -> Path:
    """Three nouns and a verb, whose offsets are true."""
    lengths = [len(noun.format(0, 0)) for noun in NOUNS]
    first = len(LICENCE)
    places = [first, first + lengths[0], first + lengths[0] + lengths[1]]
    others = [places[1], places[0], 0]
    text = LICENCE + "".join(
        noun.format(at, other) for noun, at, other in zip(NOUNS, places, others, strict=True)
    )
    (folder / "data.noun").write_text(text, encoding="utf-8")
    (folder / "data.verb").write_text(VERB.format(places[0]), encoding="utf-8")
    (folder / "index.noun").write_text(
        f"{LICENCE}bank n 2 1 @ 2 0 {places[2]:08} {places[0]:08}  \n"
        f"deposit_bank n 1 1 @ 1 0 {places[0]:08}  \ninstitution n 1 1 ~ 1 0 {places[1]:08}  \n",
        encoding="utf-8",
    )
    return folder


def items(found: list[Item | BadItem]) -> list[Item]:
    return [each for each in found if isinstance(each, Item)]


def said(item: Item) -> list[str]:
    data = item.draft.text.encode()
    assert item.prose is not None
    return [data[a:b].decode() for a, b in item.prose if (a, b) not in item.labels]


def test_a_synset_states_its_gloss_and_its_examples_state_nothing(tmp_path: Path) -> None:
    first, second, *_ = items(list(WordNetAdapter().read(wordnet(tmp_path) / "data.noun", "wn")))
    assert first.draft.title == "bank (noun 2)"
    assert first.draft.address == f"wn#{len(LICENCE):08}"
    assert said(first) == ["a place that keeps money"]
    assert [first.draft.text.encode()[a:b].decode() for a, b in first.labels] == [
        "bank, deposit bank",
        '"the bank is open on Monday"',
        '"he went to the bank"',
    ]
    assert second.draft.title == "institution (noun 1)"


def test_pointers_join_senses_and_never_bare_words(tmp_path: Path) -> None:
    found = list(WordNetAdapter().read(wordnet(tmp_path) / "data.noun", "wn"))
    links = [(link.subject, link.relation, link.target) for item in items(found) for link in item.links]
    assert links == [
        ("bank (noun 2)", "is_a", "institution (noun 1)"),
        ("deposit bank (noun 1)", "derivationally_related_to", "bank (verb 40)"),
        ("deposit bank (noun 1)", "synonym_of", "bank (noun 2)"),
        ("institution (noun 1)", "has_kind", "bank (noun 2)"),
    ]
    (missing,) = [each for each in found if isinstance(each, BadItem)]
    assert missing.code == "invalid_record" and "noun 99999999" in missing.reason
    (verb,) = items(list(WordNetAdapter().read(tmp_path / "data.verb", "wn")))
    assert [(link.subject, link.target) for link in verb.links] == [
        ("bank (verb 40)", "deposit bank (noun 1)")
    ]


def test_a_folder_of_wordnet_is_read_without_its_indexes(tmp_path: Path) -> None:
    found = list(read_collection(wordnet(tmp_path)))
    assert [item.draft.title for item in items(found)] == [
        "bank (noun 2)",
        "institution (noun 1)",
        "bank (noun 1)",
        "bank (verb 40)",
    ]
    assert isinstance(adapter_for(tmp_path / "index.noun"), WordNetAdapter)
    (tmp_path / "data.noun").write_text("Some other data.", encoding="utf-8")
    assert not WordNetAdapter().recognises(tmp_path / "data.noun", b"Some other data.")


def test_a_line_that_is_no_synset_is_told_of(tmp_path: Path) -> None:
    path = wordnet(tmp_path) / "data.noun"
    with path.open("a", encoding="utf-8") as file:
        file.write("00000001 06 n 02 broken\n")
    last = list(WordNetAdapter().read(path, "wn"))[-1]
    assert isinstance(last, BadItem) and last.location == f"{path}:5"


DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"


def digits(number: int) -> str:
    found = DIGITS[number % 64]
    while number := number // 64:
        found = DIGITS[number % 64] + found
    return found


def dict_database(folder: Path, *, packed: bool = True) -> Path:
    entries = [
        (("00-database-info",), "About this database.\n"),
        (("Aln", "River Aln"), "Aln \\Aln\\, n.\n   A river; see {River} and {Coquet}.\n"),
        (("Zitrone",), "Zitrone\n   Eine saure Frucht: größer als die {Limette}.\n"),
    ]
    text, lines = "", []
    for words, entry in entries:
        place = f"{digits(len(text.encode()))}\t{digits(len(entry.encode()))}"
        lines += [f"{word}\t{place}\n" for word in words]
        text += entry
    (folder / "d.index").write_text("".join(sorted(lines)), encoding="utf-8")
    path = folder / ("d.dict.dz" if packed else "d.dict")
    path.write_bytes(gzip.compress(text.encode()) if packed else text.encode())
    return path


@pytest.mark.parametrize("packed", [True, False])
def test_an_entry_is_a_source_with_what_it_refers_to(tmp_path: Path, packed: bool) -> None:
    path = dict_database(tmp_path, packed=packed)
    assert isinstance(adapter_for(path), DictAdapter)
    aln, lemon = items(list(read_collection(tmp_path)))
    assert aln.draft.title == "Aln"
    assert aln.draft.text == "Aln \\Aln\\, n.\n   A river; see {River} and {Coquet}."
    data = aln.draft.text.encode()
    links = [(link.subject, link.relation, link.target, data[link.at :][:2]) for link in aln.links]
    assert links == [
        ("River Aln", "explained_under", "Aln", b"Al"),
        ("", "see_also", "River", b"{R"),
        ("", "see_also", "Coquet", b"{C"),
    ]
    assert lemon.links[0].at == lemon.draft.text.encode().index(b"{Limette}")


def test_a_text_that_is_shorter_than_its_index_says_is_told_of(tmp_path: Path) -> None:
    path = dict_database(tmp_path, packed=False)
    path.write_bytes(path.read_bytes()[:-5])
    found = list(read_collection(tmp_path))
    assert [item.draft.title for item in items(found)] == ["Aln"]
    assert isinstance(found[-1], BadItem) and found[-1].code == "damaged_file"


def test_an_index_alone_is_not_taken(tmp_path: Path) -> None:
    path = dict_database(tmp_path)
    path.unlink()
    assert not DictAdapter().recognises(tmp_path / "d.index", (tmp_path / "d.index").read_bytes())
    assert not DictAdapter().recognises(tmp_path / "x.dict.dz", b"\x1f\x8b")


@given(st.data())
def test_any_damage_is_told_of(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    folder = tmp_path_factory.mktemp("dict")
    dict_database(folder)
    wordnet(folder)
    name = data.draw(st.sampled_from(["d.index", "d.dict.dz", "data.noun", "index.noun"]))
    damaged = bytearray((folder / name).read_bytes())
    for _ in range(data.draw(st.integers(1, 6))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    (folder / name).write_bytes(damaged)
    for adapter, path in ((DictAdapter(), folder / "d.dict.dz"), (WordNetAdapter(), folder / "data.noun")):
        adapter.recognises(path, path.read_bytes())
        for item in adapter.read(path, "x"):
            assert isinstance(item, (Item, BadItem))

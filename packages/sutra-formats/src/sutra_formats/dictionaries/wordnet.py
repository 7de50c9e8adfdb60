"""The database files of WordNet (wndb(5WN), version 3.0 and its like): `data.noun` and the other three.

Each synset is a source: its words as a label, its gloss as a statement, its examples as labels (they show
how a word is used, and claim nothing). Every pointer becomes a typed association: between synsets, or, where
it joins single words, between those words' senses. A sense is called by its word, part of speech and number,
"bank (noun 2)", so that no two meanings become one. The numbers come from the index file beside the data
file, the names of what is pointed to from the other data files; where one is missing, what points there is
told of. `index.*` and the lists of exceptions hold nothing of their own, and are passed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from sutra_core.learn.adapters import BadItem, Block, Item, Link, compose
from sutra_core.learn.adapters.base import shown
from sutra_core.types import AssociationKind, SourceDraft

__all__ = ["POINTERS", "WordNetAdapter"]

POINTERS: dict[str, tuple[str, AssociationKind]] = {
    "!": ("antonym_of", "semantic"),
    "@": ("is_a", "hierarchical"),
    "@i": ("instance_of", "hierarchical"),
    "~": ("has_kind", "hierarchical"),
    "~i": ("has_instance", "hierarchical"),
    "#m": ("member_of", "compositional"),
    "#s": ("substance_of", "compositional"),
    "#p": ("part_of", "compositional"),
    "%m": ("has_member", "compositional"),
    "%s": ("has_substance", "compositional"),
    "%p": ("has_part", "compositional"),
    "=": ("attribute", "semantic"),
    "+": ("derivationally_related_to", "semantic"),
    "*": ("entails", "semantic"),
    ">": ("causes", "causal"),
    "^": ("see_also", "semantic"),
    "$": ("in_verb_group_with", "semantic"),
    "&": ("similar_to", "semantic"),
    "<": ("participle_of", "semantic"),
    "\\": ("pertains_to", "semantic"),
    ";c": ("in_domain", "semantic"),
    "-c": ("domain_of", "semantic"),
    ";r": ("in_region", "semantic"),
    "-r": ("region_of", "semantic"),
    ";u": ("in_usage", "semantic"),
    "-u": ("usage_of", "semantic"),
}
"""What each pointer of wninput(5WN) is as a relation."""

_SURE = 0.99
_PARTS = {"n": "noun", "v": "verb", "a": "adj", "s": "adj", "r": "adv"}
_SPOKEN = {"noun": "noun", "verb": "verb", "adj": "adjective", "adv": "adverb"}
_DATA = re.compile(r"data\.(noun|verb|adj|adv)")
_PART = r"(?:noun|verb|adj|adv)"
_BESIDE = re.compile(rf"index\.(?:{_PART}|sense)|{_PART}\.exc|sent(?:s|idx)\.vrb|cntlist(?:\.rev)?")
_SYNSET = re.compile(rb"^[0-9]{8} [0-9]{2} [nvasr] [0-9a-f]{2} ", re.MULTILINE)
_MARKER = re.compile(r"\((?:a|p|ip)\)$")
_EXAMPLE = re.compile(r'"[^"]*"')


class WordNetAdapter:
    """Reads `data.noun`, `data.verb`, `data.adj` and `data.adv`."""

    name = "WordNet"

    def recognises(self, path: Path, head: bytes) -> bool:
        """By the name and the lines of a data file; the files beside one, by their names."""
        if _DATA.fullmatch(path.name):
            return _SYNSET.search(head) is not None
        return _BESIDE.fullmatch(path.name) is not None and path.with_name("data.noun").is_file()

    def read(self, path: Path, address: str) -> Iterator[Item | BadItem]:
        """A synset after the other."""
        found = _DATA.fullmatch(path.name)
        if found is None:
            return
        senses = _Senses(path.parent)
        with path.open("rb") as file:
            for number, line in enumerate(file, 1):
                if line.startswith(b"  "):
                    continue
                location = f"{shown(path)}:{number}"
                try:
                    synset = _Synset.parse(line)
                except (ValueError, LookupError):
                    reason = "the line is no synset of WordNet's database"
                    yield BadItem(location, reason, "invalid_record", file.tell())
                    continue
                yield from _items(synset, senses, address, location, file)


@dataclass(slots=True)
class _Synset:
    """A line of a data file. `pointers`: (symbol, offset, part, own word, other word), words from 1."""

    offset: int
    part: str
    words: list[str]
    pointers: list[tuple[str, int, str, int, int]]
    gloss: str

    @classmethod
    def parse(cls, line: bytes) -> _Synset:
        """Raises ValueError or LookupError for anything else."""
        fields, _, gloss = line.decode().partition("|")
        parts = fields.split()
        count = int(parts[3], 16)
        at = 4 + 2 * count
        pointers: list[tuple[str, int, str, int, int]] = []
        for _ in range(int(parts[at])):
            symbol, offset, part, words = parts[at + 1 : at + 5]
            pointers.append((symbol, int(offset), _PARTS[part], int(words[:2], 16), int(words[2:], 16)))
            at += 4
        words = [_MARKER.sub("", word).replace("_", " ") for word in parts[4 : 4 + 2 * count : 2]]
        return cls(int(parts[0]), _PARTS[parts[2]], words, pointers, gloss.strip())


@dataclass(slots=True)
class _Senses:
    """How the senses of a database are called; each file is looked at when it is first needed."""

    folder: Path
    _words: dict[str, dict[int, list[str]]] = field(default_factory=dict[str, dict[int, list[str]]])
    _numbers: dict[str, dict[tuple[str, int], int]] = field(
        default_factory=dict[str, dict[tuple[str, int], int]]
    )

    def name(self, part: str, offset: int, word: int) -> str | None:
        """The name of a word of a synset (from 1), or of the synset, which is its first word's (0)."""
        words = self._of(part).get(offset)
        if words is None or word > len(words):
            return None
        text = words[max(word, 1) - 1]
        number = self._numbers[part].get((text.lower(), offset))
        return f"{text} ({_SPOKEN[part]} {number})" if number else f"{text} ({_SPOKEN[part]} {offset})"

    def _of(self, part: str) -> dict[int, list[str]]:
        if part not in self._words:
            self._words[part] = dict(_words(self.folder / f"data.{part}"))
            self._numbers[part] = dict(_numbers(self.folder / f"index.{part}"))
        return self._words[part]


def _words(path: Path) -> Iterator[tuple[int, list[str]]]:
    """The words of each synset of a data file; none where the file is missing."""
    for line in _lines(path):
        try:
            synset = _Synset.parse(line)
        except (ValueError, LookupError):
            continue
        yield synset.offset, synset.words


def _numbers(path: Path) -> Iterator[tuple[tuple[str, int], int]]:
    """(word in lower case, offset) and the number of that sense, from an index file."""
    for line in _lines(path):
        fields = line.decode(errors="replace").split()
        try:
            offsets = fields[-int(fields[2]) :]
            yield from (
                ((fields[0].replace("_", " "), int(offset)), number)
                for number, offset in enumerate(offsets, 1)
            )
        except (ValueError, LookupError):
            continue


def _lines(path: Path) -> Iterator[bytes]:
    if path.is_file():
        with path.open("rb") as file:
            yield from (line for line in file if not line.startswith(b"  "))


def _items(
    synset: _Synset, senses: _Senses, address: str, location: str, file: BinaryIO
) -> Iterator[Item | BadItem]:
    title = senses.name(synset.part, synset.offset, 0) or synset.words[0]
    links: list[Link] = []
    for symbol, offset, part, own, other in synset.pointers:
        target = senses.name(part, offset, other)
        relation = POINTERS.get(symbol)
        if target is None or relation is None:
            missing = f"{symbol!r}" if relation is None else f"{part} {offset:08}"
            reason = f"it points to {missing}, which is not in the database beside it"
            yield BadItem(location, reason, "invalid_record", file.tell())
            continue
        subject = senses.name(synset.part, synset.offset, own) if own else title
        links.append(Link(target, *relation, subject=subject or title, confidence=_SURE))
    for number in range(2, len(synset.words) + 1):
        if sense := senses.name(synset.part, synset.offset, number):
            links.append(Link(title, "synonym_of", subject=sense, confidence=_SURE))
    examples = _EXAMPLE.findall(synset.gloss)
    meaning = _EXAMPLE.sub("", synset.gloss).strip(" ;:")
    blocks = [Block(", ".join(synset.words), "cell"), Block(meaning, links=links)]
    blocks += [Block(example, "caption") for example in examples]
    draft = SourceDraft(f"{address}#{synset.offset:08}", "", title)
    yield from compose(blocks, draft, location, bytes_done=file.tell())

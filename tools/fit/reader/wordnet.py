"""WordNet's dictionary files, and what the rules ask of them: a word's contraries and synonyms, in its form.

Reads Princeton's database files (`data.*`, `index.*`, `*.exc`, `cntlist.rev`); Debian's `wordnet-base` has
them. Only fitting reads them.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path

USUAL = Path("/usr/share/wordnet")
"""Where `wordnet-base` puts the files."""
_PARTS = {"n": "noun", "v": "verb", "a": "adj", "r": "adv"}
_KEY = {"1": "n", "2": "v", "3": "a", "4": "r", "5": "a"}
_PLAIN = re.compile(r"[a-z]{3,}")
_CUTS: dict[str, tuple[tuple[str, str, str], ...]] = {
    "n": (("", "", ""), ("s", "s", ""), ("s", "es", ""), ("s", "ies", "y")),
    "v": (
        ("", "", ""),
        *(("s", cut, put) for cut, put in (("s", ""), ("es", ""), ("ies", "y"))),
        *(("ed", cut, put) for cut, put in (("ed", "e"), ("ed", ""), ("ied", "y"))),
        *(("ing", cut, put) for cut, put in (("ing", "e"), ("ing", ""))),
    ),
    "a": (
        ("", "", ""),
        *((end, end, put) for end in ("er", "est") for put in ("", "e")),
        *((end, "i" + end, "y") for end in ("er", "est")),
    ),
    "r": (("", "", ""),),
}
"""By part of speech: an ending, what is cut off a form that has it, and what is put in its place."""


@dataclass(frozen=True, slots=True)
class Synset:
    """Words of one meaning, and where it points: symbol, target, the words at both ends (0 for all)."""

    words: tuple[str, ...]
    pointers: tuple[tuple[str, tuple[str, str], int, int], ...]

    def targets(self, symbol: str) -> list[tuple[str, str]]:
        """What the meaning points to by the symbol."""
        return [target for mark, target, _, _ in self.pointers if mark == symbol]


@dataclass(frozen=True, slots=True)
class Form:
    """A word as it stands: what it is a form of, its part of speech and its ending."""

    lemma: str
    part: str
    ending: str


class WordNet:
    """The dictionary, whole in memory."""

    def __init__(self, folder: Path) -> None:
        self._senses: dict[tuple[str, str], list[tuple[str, str]]] = {}
        self._synsets: dict[tuple[str, str], Synset] = {}
        self._irregular: dict[tuple[str, str], str] = {}
        self._forms: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
        self._counts: Counter[tuple[str, str]] = Counter()
        self._near_to: dict[Form, set[str]] = {}
        for part, name in _PARTS.items():
            self._read(folder, part, name)
        for line in (folder / "cntlist.rev").read_text(encoding="utf-8").splitlines():
            key, _, count = line.split()
            lemma, _, rest = key.partition("%")
            self._counts[lemma, _KEY[rest[0]]] += int(count)

    def _read(self, folder: Path, part: str, name: str) -> None:
        for line in (folder / f"index.{name}").read_text(encoding="utf-8").splitlines():
            if not line.startswith(" "):
                fields = line.split()
                count = int(fields[2])
                self._senses[fields[0], part] = [(part, offset) for offset in fields[-count:]]
        for line in (folder / f"data.{name}").read_text(encoding="utf-8").splitlines():
            if not line.startswith(" "):
                fields = line.partition(" | ")[0].split()
                self._synsets[part, fields[0]] = _synset(fields)
        for line in (folder / f"{name}.exc").read_text(encoding="utf-8").splitlines():
            form, *bases = line.split()
            self._irregular.setdefault((form, part), bases[0])
            self._forms[bases[0], part].append(form)

    def form(self, word: str) -> Form | None:
        """What a word in lower case most often is a form of; None where WordNet has none."""
        forms = [Form(lemma, part, end) for part in _PARTS for lemma, end in self._lemmas(word, part)]
        return max(forms, key=lambda each: self._counts[each.lemma, each.part], default=None)

    def contraries(self, word: str) -> tuple[list[str], list[str]]:
        """A word's antonyms and the words beside it under the same hypernym, in its form; by first sense."""
        form = self.form(word)
        if form is None:
            return [], []
        first = self._synsets[self._senses[form.lemma, form.part][0]]
        antonyms = self._antonyms(first, form.lemma)
        beside = [
            lemma
            for above in first.targets("@")
            for target in self._synsets[above].targets("~")
            for lemma in self._synsets[target].words
        ]
        near = self._near(form)
        return tuple(  # type: ignore[return-value]
            self._inflected([each for each in dict.fromkeys(words) if each not in near], form)
            for words in (antonyms, beside)
        )

    def synonyms(self, word: str) -> list[str]:
        """Words, in the word's form, whose first sense is the word's own first sense."""
        form = self.form(word)
        if form is None:
            return []
        first = self._senses[form.lemma, form.part][0]
        same = [
            each
            for each in self._synsets[first].words
            if each != form.lemma and self._senses[each.lower(), form.part][0] == first
        ]
        return self._inflected(same, form)

    def related(self, one: str, other: str) -> bool:
        """Whether two words share a meaning, or one is the other's kind."""
        forms = self.form(one), self.form(other)
        return any(
            a is not None and b is not None and b.lemma in self._near(a) for a, b in (forms, forms[::-1])
        )

    def _lemmas(self, word: str, part: str) -> list[tuple[str, str]]:
        if base := self._irregular.get((word, part)):
            ending = next((end for end in ("ing", "est", "er", "ed", "s") if word.endswith(end)), "")
            known = (base, part) in self._senses
            return [(base, ending or {"v": "ed", "n": "s"}.get(part, ""))] if known else []
        return [
            (lemma, ending)
            for ending, cut, put in _CUTS[part]
            if word.endswith(cut) and (lemma := word[: len(word) - len(cut)] + put, part) in self._senses
        ]

    def _antonyms(self, synset: Synset, lemma: str) -> list[str]:
        """Direct antonyms; of a meaning that is only like another, those of that other."""
        found: list[str] = []
        heads = [self._synsets[each] for each in synset.targets("&")]
        for each, own in [(synset, lemma), *((head, None) for head in heads)]:
            for symbol, target, source, number in each.pointers:
                if symbol == "!" and (own is None or not source or each.words[source - 1] == own):
                    words = self._synsets[target].words
                    found += words[number - 1 : number] if number else words
        return found

    def _near(self, form: Form) -> set[str]:
        """The words of a word's every meaning, of what is like these, above and below."""
        if form in self._near_to:
            return self._near_to[form]
        near = self._near_to[form] = {form.lemma}
        for sense in self._senses[form.lemma, form.part]:
            synset = self._synsets[sense]
            around = [target for symbol in ("@", "~", "&", "$") for target in synset.targets(symbol)]
            for each in (sense, *around):
                near.update(self._synsets[each].words)
        return near

    def _inflected(self, lemmas: list[str], form: Form) -> list[str]:
        """The lemmas that are words in use, in the ending of the form; without those whose form is unsure."""
        found: list[str] = []
        for lemma in lemmas:
            if not _PLAIN.fullmatch(lemma) or not self._counts[lemma, form.part]:
                continue
            forms = [each for each in self._forms[lemma, form.part] if _ending(each) in (form.ending, "")]
            if not form.ending:
                found.append(lemma)
            elif len(forms) == 1:
                found += forms
            elif not forms:
                found.append(ended(lemma, form.ending))
        return found


def read_wordnet(folder: Path) -> WordNet | None:
    """The dictionary of the folder; None where there is none."""
    return WordNet(folder) if (folder / "data.noun").is_file() else None


def ended(lemma: str, ending: str) -> str:
    """A word with a regular ending put to it.

    >>> [ended("carry", "ed"), ended("use", "ing"), ended("box", "s"), ended("late", "er")]
    ['carried', 'using', 'boxes', 'later']
    """
    if ending == "s":
        if re.search(r"[^aeiou]y$", lemma):
            return lemma[:-1] + "ies"
        return lemma + ("es" if re.search(r"(?:s|x|z|ch|sh)$", lemma) else "s")
    if ending == "ing":
        return re.sub(r"(?<![eoy])e$", "", lemma) + "ing"
    if re.search(r"[^aeiou]y$", lemma):
        lemma = lemma[:-1] + "i"
    return lemma.removesuffix("e") + ending


def _ending(form: str) -> str:
    return next((end for end in ("ing", "est", "er", "ed", "s") if form.endswith(end)), "")


def _synset(fields: list[str]) -> Synset:
    count = int(fields[3], 16)
    words = tuple(fields[4 + 2 * n].partition("(")[0] for n in range(count))
    rest = fields[5 + 2 * count :]
    pointers = [rest[4 * n : 4 * n + 4] for n in range(int(fields[4 + 2 * count]))]
    return Synset(
        words,
        tuple(
            (mark, ("a" if part == "s" else part, offset), int(ends[:2], 16), int(ends[2:], 16))
            for mark, offset, part, ends in pointers
        ),
    )

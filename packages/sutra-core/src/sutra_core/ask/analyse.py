"""Step: what a question asks for, and which concepts and words it names.

Looks names and words up, decides nothing about answers. Slips are put right first (ask/slips.py). A name is
taken as it is written: the longest run of words that some entity is called counts, so "New York City" is not
"New York".
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from sutra_core.ask.cues import Manner, asks_manner
from sutra_core.ask.kept import kept
from sutra_core.ask.slips import Hint, Reading, without_slips
from sutra_core.types import EntityType, ReadView

__all__ = [
    "Hint",
    "Name",
    "Question",
    "Shares",
    "Term",
    "analyse",
    "read_hint",
    "says_nothing",
    "share_of",
    "without_bracket",
]

_TOKEN = re.compile(r"\w+")
# A word, its first character and one past its last.
_Token = tuple[str, int, int]
_NAME_TOKENS_MAX = 10
_NEAR_NAMES = 5


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Words that ask. They are in no statement that answers.
_ASKING = _words(
    "what which who whom whose when where why how many much do does did is are was were has have had "
    "please tell me name both either between among more most than "
    "man woman men women person people somebody someone"
)
_MEASURES = _words("often long old far tall high deep wide big large fast heavy hot cold soon late")
_INTERROGATIVES = _words("what which who whom whose when where why how")
_SMALL = _words("a an the of in on at by to for from with and or but as it its he she his her i s t")

_EARLIER = _words("first earlier earliest older oldest before elder sooner")
_LATER = _words("later latest last younger youngest after newer newest recently recent")
_COMPARING = _EARLIER | _LATER | _words("same share shared both")
# Words that are read by rule, whether any text has them or not.
_KNOWN = _ASKING | _MEASURES | _SMALL | _COMPARING
_ARTICLE = re.compile(r"^(?:The|An?)\s+")
_BRACKET = re.compile(r"\s+\([^()]*\)$")


@dataclass(frozen=True, slots=True)
class Term:
    """A content word of the question: as written, as the index has it, its idf, and what it is there for.

    `relations` are those that the question asks for because of this word; `asks_type` when it names
    the sort of answer ("city" in "in which city"), `compares` when it says what to compare for.
    """

    word: str
    stem: str
    weight: float
    relations: frozenset[str]
    asks_type: bool
    compares: bool


@dataclass(frozen=True, slots=True)
class Name:
    """A name in the question: characters `start` to `end`, and the entities called so.

    More than one where it has an article or a bracket: "The Aln (river)" may be known as that and as
    "Aln".
    """

    text: str
    start: int
    end: int
    entities: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """A question as the other steps see it.

    `text` is what they read: `asked` is as it was written, and `read_as` has each word that was taken for a
    slip, as written and as read.
    `near` are entities whose names share words with it, with their score relative to the best: weaker
    than `names`. `strange` are capitalised words that belong to no known name. `choices` are the two
    names of "… A or B?", `order` is -1 where the earlier of them is asked for, 1 for the later, else 0.
    `manner` says whether it asks why or how.
    """

    text: str
    terms: tuple[Term, ...]
    names: tuple[Name, ...]
    near: tuple[tuple[int, float], ...]
    strange: tuple[str, ...]
    expected: EntityType | None
    relations: tuple[str, ...]
    yes_no: bool
    choices: tuple[Name, ...]
    order: int
    manner: Manner | None
    asked: str
    read_as: tuple[tuple[str, str], ...]

    @property
    def name_ids(self) -> list[int]:
        """The entities that it names, each once, in order."""
        return list(dict.fromkeys(entity for name in self.names for entity in name.entities))


def share_of(terms: Iterable[Term], stems: Collection[str], *, of_none: float = 0.0) -> float:
    """The share of these words, by weight, whose stems are among those; `of_none` of no words."""
    return Shares(terms, of_none=of_none).of(stems)


class Shares:
    """`share_of` the same words for one after the other."""

    def __init__(self, terms: Iterable[Term], *, of_none: float = 0.0) -> None:
        self._weights = [(term.stem, term.weight) for term in terms]
        self._total = sum([weight for _, weight in self._weights])
        self._of_none = of_none

    def of(self, stems: Collection[str]) -> float:
        """Their share, by weight, among these stems."""
        if not self._total:
            return self._of_none
        return sum([weight for stem, weight in self._weights if stem in stems]) / self._total


def without_bracket(name: str) -> str:
    """A name or a title without what stands in brackets at its end: "Aln" of "Aln (river)"."""
    return _BRACKET.sub("", name)


def says_nothing(text: str) -> bool:
    """Whether a text has no words but those that only join others: "in", "of the"."""
    return all(word.lower() in _SMALL for word in _TOKEN.findall(text))


def read_hint(questions: Sequence[str]) -> Sequence[Reading]:
    """The Rust reader's view of questions."""
    from sutra_storage import read_questions  # the extension is needed by this alone

    return read_questions(questions)


class _Readings:
    """What a question is read to ask for, whole and with words left out, each form read once."""

    def __init__(self, hint: Hint) -> None:
        self._hint = hint
        self._known: dict[str, Reading] = {}

    def of(self, question: str) -> Reading:
        return self.of_each([question])[0]

    def of_each(self, questions: Sequence[str]) -> list[Reading]:
        return kept(self._known, questions, self._hint)


def analyse(view: ReadView, question: str, hint: Hint = read_hint) -> Question:
    """Reads a question and looks its names and words up."""
    asked = question
    question, read_as = without_slips(view, asked, hint, _KNOWN)
    tokens = [(match.group(), match.start(), match.end()) for match in _TOKEN.finditer(question)]
    readings = _Readings(hint)
    _read_forms(question, tokens, readings)
    expected, relations, yes_no = _read(question, tokens, readings)
    names = _names(view, question, tokens)
    choices = _choices(question, names)
    words = {token.lower() for token, _, _ in tokens}
    return Question(
        text=question,
        terms=_terms(view, question, tokens, readings),
        names=names,
        near=_near(view, question, names),
        strange=_strange(tokens, names),
        expected=expected,
        relations=relations,
        yes_no=yes_no,
        choices=choices,
        order=-1 if words & _EARLIER else 1 if words & _LATER else 0,
        manner=asks_manner(question),
        asked=asked,
        read_as=read_as,
    )


def _read_forms(question: str, tokens: list[_Token], readings: _Readings) -> None:
    """Reads at once all forms of a question that are going to be looked at."""
    asking = next(((start, end) for word, start, end in tokens if word.lower() in _INTERROGATIVES), (0, 0))
    forms = [question]
    forms += [_blanked(question, start, end) for word, start, end in tokens if word.lower() not in _ASKING]
    without = [form[: asking[0]] + form[asking[1] :] for form in forms]
    found = readings.of_each([*forms, *without])
    if any(yes_no for _, _, yes_no in found):
        readings.of_each([_asking_where(form) for form in forms])


def _blanked(question: str, start: int, end: int) -> str:
    return question[:start] + "_" * (end - start) + question[end:]


def _asking_where(question: str) -> str:
    return f"where {question}"


def _read(
    question: str, tokens: list[_Token], readings: _Readings
) -> tuple[EntityType | None, tuple[str, ...], bool]:
    """What it is read as, with the relations that the question has without its interrogative too.

    The interrogative belongs to the last relation alone: in "when was the director of X born" the date
    is not the director's. A question for yes or no is about places as well as dates: it is read as if it
    asked where, too.
    """
    expected, relations, yes_no = readings.of(question)
    if yes_no:
        relations = [*relations, *readings.of(_asking_where(question))[1]]
    for word, start, end in tokens:
        if word.lower() in _INTERROGATIVES:
            _, others, _ = readings.of(question[:start] + question[end:])
            relations = [*relations, *others]
            break
    return expected, tuple(dict.fromkeys(relations)), yes_no


def _names(view: ReadView, question: str, tokens: list[_Token]) -> tuple[Name, ...]:
    """The longest known names, from left to right, without overlap."""
    shouted = any(token[:1].isupper() for token, _, _ in tokens[1:])
    spans: list[tuple[int, int, int]] = []
    for first, (token, start, _) in enumerate(tokens):
        if shouted and not (token[0].isupper() or token[0].isdigit()):
            continue
        for last in range(first, min(first + _NAME_TOKENS_MAX, len(tokens))):
            if last == first and (token.lower() in _ASKING | _SMALL or token.isdigit()):
                continue
            end = tokens[last][2]
            spans.append((first, start, end))
            if question[end : end + 1] in {"?", "!", ".", ")"}:
                spans.append((first, start, end + 1))
    texts = [question[start:end] for _, start, end in spans]
    bare = [without_bracket(text) for text in texts]
    bare += [_ARTICLE.sub("", text) for text in bare]
    found = view.find_entities(texts + bare)
    count = len(spans)
    names: list[Name] = []
    for (_, start, end), *entities in sorted(
        zip(spans, found[:count], found[count : 2 * count], found[2 * count :], strict=True),
        key=lambda each: (each[0][1], -each[0][2]),
    ):
        known = tuple(dict.fromkeys(entity for entity in entities if entity))
        if known and (not names or start >= names[-1].end):
            names.append(Name(question[start:end], start, end, known))
    return tuple(names)


def _terms(view: ReadView, question: str, tokens: list[_Token], readings: _Readings) -> tuple[Term, ...]:
    """The content words, and what the question would no longer ask for without each."""
    weights, *of_tokens = view.word_weights([question, *(token for token, _, _ in tokens)])
    expected, relations, _ = _read(question, tokens, readings)
    plainly = frozenset(readings.of(question)[1])
    measures = {b[1] for a, b in pairwise(tokens) if a[0].lower() == "how" and b[0].lower() in _MEASURES}
    terms: dict[str, Term] = {}
    for (word, start, end), of_token in zip(tokens, of_tokens, strict=True):
        for stem in of_token:
            if stem not in weights or stem in terms or word.lower() in _ASKING or start in measures:
                continue
            blanked = _blanked(question, start, end)
            rest = [token for token in tokens if token[1] != start]
            without = _read(blanked, rest, readings)
            lost = frozenset(relations) - frozenset(without[1])
            gained = frozenset(readings.of(blanked)[1]) - plainly
            asks = expected is not None and without[0] != expected and (not lost or bool(gained))
            terms[stem] = Term(word, stem, weights[stem], lost, asks, word.lower() in _COMPARING)
    return tuple(terms.values())


def _near(view: ReadView, question: str, names: tuple[Name, ...]) -> tuple[tuple[int, float], ...]:
    """Entities that share words with the question, beside those that it names."""
    ids, scores = view.search_words(question, _NEAR_NAMES, unit="entity")
    named = {entity for name in names for entity in name.entities}
    best = float(scores[0]) if len(scores) else 1.0
    pairs = zip(ids.tolist(), scores.tolist(), strict=True)
    return tuple((int(entity), score / best) for entity, score in pairs if entity not in named)


def _strange(tokens: list[_Token], names: tuple[Name, ...]) -> tuple[str, ...]:
    """Capitalised words, past the first, that are in no name that was found."""
    return tuple(
        word
        for word, start, _ in tokens[1:]
        if word[0].isupper()
        and word.lower() not in _ASKING | _SMALL
        and not any(name.start <= start < name.end for name in names)
    )


def _choices(question: str, names: tuple[Name, ...]) -> tuple[Name, ...]:
    """The two names on either side of "or"."""
    for one, other in pairwise(names):
        if re.fullmatch(r"[\s,\"'“”]*\bor\b[\s\"'“”]*(?:the\s+)?", question[one.end : other.start]):
            return one, other
    return ()

"""Step: windows of text that may hold the answer, in order of promise.

A window is some sentences of one passage, as they follow each other, or what led to a passage and then the
sentences of that passage. Cuts and orders; reads nothing and looks nothing up.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

from sutra_core.ask.analyse import without_bracket
from sutra_core.ask.paths import Chain, Sentence

__all__ = ["Window", "windows_of"]

# About a hundred word pieces of English, of which 4 characters and a half make one.
_CHARACTERS = 480
# What led to a passage takes at most this much of a window.
_LED_CHARACTERS = 280


@dataclass(frozen=True, slots=True)
class Window:
    """Sentences one after the other, a space between them, under the title of the first.

    `places` are the sentences with the character of `text` where each begins. `chain` is the place of its
    chain among the chains, from 0, and `score` that chain's; `led` counts the sentences in front that only
    lead to the others, and `linked` is set when one of the two passages names the other by its title.
    `promise` is the most that one of the others has to say to the question.
    """

    title: str
    text: str
    places: tuple[tuple[int, Sentence], ...]
    chain: int
    score: float
    led: int
    linked: bool
    promise: float

    def sentence_at(self, start: int, end: int) -> tuple[Sentence, int] | None:
        """The sentence that characters `start` to `end` stand in, and where it begins; None over its ends."""
        for begins, sentence in reversed(self.places):
            if begins <= start:
                inside = end <= begins + len(sentence.text)
                return (sentence, begins) if inside else None
        return None


def windows_of(chains: Sequence[Chain], strengths: Mapping[tuple[int, int], float]) -> list[Window]:
    """The windows of all chains, the most promising first.

    `strengths` says how much a sentence, by its chain's place and its id, has to say to the question.
    """
    windows: list[Window] = []
    for at, chain in enumerate(chains):
        strength = {each.id: strengths[at, each.id] for each in chain.sentences}
        for part in _parts(chain.sentences, _CHARACTERS):
            windows.append(_window(at, chain.score, (), part, strength))
        if chain.led_by and chain.led_by[0].title != chain.sentences[0].title:
            led = tuple(_fitting(chain.led_by, _LED_CHARACTERS))
            room = _CHARACTERS - sum(len(each.text) + 1 for each in led)
            best = max(_parts(chain.sentences, room), key=lambda part: max(strength[s.id] for s in part))
            windows.append(_window(at, chain.score, led, best, strength))
    return sorted(windows, key=lambda each: (-each.promise, each.chain, each.led))


def _window(
    chain: int,
    score: float,
    led: tuple[Sentence, ...],
    part: tuple[Sentence, ...],
    strength: Mapping[int, float],
) -> Window:
    texts = [each.text for each in led]
    # Where the text goes on under another title, that stands before it.
    heads = [""] * len(led) + [f"{part[0].title}: " if led and part[0].title else ""] + [""] * (len(part) - 1)
    texts += [each.text for each in part]
    pieces = [head + text for head, text in zip(heads, texts, strict=True)]
    ends = accumulate(len(piece) + 1 for piece in pieces)
    begins = [0, *ends][:-1]
    places = zip(begins, heads, (*led, *part), strict=True)
    return Window(
        (led or part)[0].title,
        " ".join(pieces),
        tuple((begin + len(head), sentence) for begin, head, sentence in places),
        chain,
        score,
        len(led),
        bool(led) and (_names(led, part[0].title) or _names(part, led[0].title)),
        max(strength[each.id] for each in part),
    )


def _names(sentences: Sequence[Sentence], title: str) -> bool:
    """Whether one of the sentences has the words of a title, without what it has in brackets."""
    bare = without_bracket(title).casefold()
    return bool(bare) and any(bare in each.text.casefold() for each in sentences)


def _parts(sentences: Sequence[Sentence], room: int) -> Iterator[tuple[Sentence, ...]]:
    """The sentences in runs of at most `room` characters; a longer one is a run of its own."""
    run: list[Sentence] = []
    length = 0
    for sentence in sentences:
        if run and length + len(sentence.text) > room:
            yield tuple(run)
            run, length = [], 0
        run.append(sentence)
        length += len(sentence.text) + 1
    if run:
        yield tuple(run)


def _fitting(sentences: Sequence[Sentence], room: int) -> Iterator[Sentence]:
    """The first, and those after it that still find room."""
    for number, sentence in enumerate(sentences):
        room -= len(sentence.text) + 1
        if number == 0 or room >= 0:
            yield sentence

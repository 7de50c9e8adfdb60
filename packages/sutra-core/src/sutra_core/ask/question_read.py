"""One question that is answered by reading: what is fixed while it is read, and the candidates so far.

The windows, the proposals of the graph and the words that were looked up belong to the question and are made
once; what was read grows, and may be looked at again with a source left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from sutra_core.ask.analyse import Question, share_of
from sutra_core.ask.both import propose_sides
from sutra_core.ask.candidates import ReadCandidate, find_candidates, propose
from sutra_core.ask.lists import as_list, asks_several, counted
from sutra_core.ask.paths import Chain
from sutra_core.ask.proposal import Proposal
from sutra_core.ask.read import Read, read_windows
from sutra_core.ask.sentences import RatedSentence, rate_sentences
from sutra_core.ask.stems import Stems
from sutra_core.ask.ways import LEFT_OUT
from sutra_core.ask.windows import Window, windows_of
from sutra_core.reader import Reader
from sutra_core.types import Floats, ReadView

__all__ = ["QuestionRead"]


class QuestionRead:
    """A question with its chains, ready to be read."""

    def __init__(
        self, view: ReadView, reader: Reader, question: Question, vector: Floats, chains: list[Chain]
    ) -> None:
        self._view = view
        self._reader = reader
        self._question = question
        self._vector = vector
        self._stems = Stems(view)
        rated = rate_sentences(view, question, self._stems, chains)
        self._windows = _windows(chains, rated)
        self._of_graph = propose(view, question, rated)
        self._proposed = self._of_graph

    def readings(self) -> Iterator[Read]:
        """What was read so far, after every few windows; of a comparison both sides are read first."""
        self._proposed = list(self._of_graph)
        if "sides" not in LEFT_OUT:
            self._proposed += propose_sides(self._reader, self._question, self._stems, self._windows)
        if asks_several(self._question.text) == "count" and "lists" not in LEFT_OUT:
            self._proposed += self._count()
        yield from read_windows(self._reader, self._question, self._stems, self._windows)

    def _count(self) -> list[Proposal]:
        """How many things are read, where a question that asks how many asks for the things themselves."""
        asked = replace(self._question, text=as_list(self._question.text))
        read = next(read_windows(self._reader, asked, self._stems, self._windows))
        found = counted(asked, read, self._of_graph, self._stems.of)
        return [found] if found else []

    def share(self, read: Read) -> float:
        """How much of the question, in [0, 1], the window of the surest span has; 0 where there is none."""
        if not read.spans:
            return 0.0
        window = read.windows[read.spans[0].window]
        return share_of(self._question.terms, self._stems.of(window.title) | self._stems.of(window.text))

    def candidates(self, read: Read) -> list[ReadCandidate]:
        """The candidates of what was read."""
        return find_candidates(self._view, self._question, self._stems, self._vector, self._proposed, read)

    def without(self, read: Read, source: int) -> tuple[Read, list[ReadCandidate]]:
        """What is left of what was read where no sentence of a source counts, and its candidates."""
        statements = list(dict.fromkeys(each for proposal in self._proposed for each in proposal.evidence))
        sources = dict(
            zip(statements, (each.source for each in self._view.concepts(statements)), strict=True)
        )
        left = [each for each in self._proposed if all(sources[one] != source for one in each.evidence)]
        rest = _without(read, source)
        return rest, find_candidates(self._view, self._question, self._stems, self._vector, left, rest)


def _without(read: Read, source: int) -> Read:
    kept = [
        at
        for at, window in enumerate(read.windows)
        if all(sentence.source != source for _, sentence in window.places)
    ]
    place = {at: number for number, at in enumerate(kept)}
    return Read(
        tuple(read.windows[at] for at in kept),
        tuple(replace(each, window=place[each.window]) for each in read.spans if each.window in place),
        tuple(replace(each, window=place[each.window]) for each in read.verdicts if each.window in place),
    )


def _windows(chains: list[Chain], rated: list[RatedSentence]) -> list[Window]:
    """The windows of chains whose sentences were rated in their order."""
    places = [at for at, chain in enumerate(chains) for _ in chain.sentences]
    strengths = {(at, each.sentence.id): each.strength for at, each in zip(places, rated, strict=True)}
    return windows_of(chains, strengths)

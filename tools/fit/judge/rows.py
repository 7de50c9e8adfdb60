"""What the judge is fitted on: the candidates of questions, with their features and whether they are right.

Each set is learned by the real engine into a folder that is thrown away, and asked as the product asks. No
question of a half to report on is among them, and none that the reader was fitted on. A set with `forget` is
asked again with half of its titles never learned: that is where most of the questions without an answer are.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from answers.draft import draft, forgotten
from answers.scoring import RIGHT, token_f1
from common import Document, Question, read_set
from fit.judge.own import NAME, STORES, own_set
from fit.judge.own_entries import ENTRIES, entries_sets
from fit.judge.own_several import SEVERAL, several_sets
from fit.judge.own_times import TIMES, times_sets
from fit.reader.halves import FITTED, is_judges
from split import half

from sutra_core import ReasoningEngine, ReasoningEngineConfig
from sutra_core.ask.pipeline import unjudged
from sutra_core.ask.read import Read
from sutra_core.embed import Embedder
from sutra_core.learn import Item
from sutra_core.reader import Reader

SETS: dict[str, bool] = {
    "squad2_dev": False,
    "nq_qed_dev": True,
    "2wiki_migres200": True,
    "musique_train100": False,
    "hotpotqa_fit500": True,
    "musique_fit786": False,
}
"""The sets, and whether each is asked again with half of it forgotten."""


REPORTED = (
    "plain",
    "plain_company",
    "squad2_dev",
    "nq_qed_dev",
    "hotpotqa_migres200",
    "2wiki_migres200",
    "musique_train100",
)
"""The sets whose questions to report on choose the threshold."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question of a set with its candidates: text, features and token F1 of each, in no order of merit.

    `windows` were read so far; a question has a row for each time that more were read, the last one `last`.
    """

    set: str
    id: str
    windows: int
    last: bool
    answerable: bool
    texts: list[str]
    features: list[dict[str, float]]
    f1: list[float]

    @property
    def right(self) -> list[bool]:
        """Which candidates are right."""
        return [each >= RIGHT for each in self.f1]


def gather(embedder: Embedder, reader: Reader, limit: int | None = None) -> Iterator[Asked]:
    """Asks every question that the judge may be fitted on; raises `common.MissingSetError`."""
    for texts, subjects in STORES:
        yield from ask(NAME, *own_set(texts, subjects), embedder, reader)
    for name, stores in ((TIMES, times_sets()), (SEVERAL, several_sets()), (ENTRIES, entries_sets())):
        for documents, questions in stores:
            yield from ask(name, documents, questions, embedder, reader)
    for name, forget in SETS.items():
        documents, questions = read_set(name)
        mine = [each for each in questions if may_judge(name, each)][:limit]
        yield from ask(name, documents, mine, embedder, reader)
        if forget:
            kept = [each for each in documents if not forgotten(each)]
            yield from ask(f"{name}, half forgotten", kept, mine, embedder, reader)


def gather_reported(embedder: Embedder, reader: Reader, limit: int | None = None) -> Iterator[Asked]:
    """Asks the questions that nothing is fitted on; raises `common.MissingSetError`."""
    for name in REPORTED:
        documents, questions = read_set(name)
        asked = [each for each in questions if half(name, each) == "report"]
        yield from ask(name, documents, asked[:limit], embedder, reader)


def may_judge(name: str, question: Question) -> bool:
    """Whether the judge may be fitted on a question."""
    return half(name, question) == "fit" and (name not in FITTED or is_judges(question))


def ask(
    name: str,
    documents: Sequence[Document],
    questions: Sequence[Question],
    embedder: Embedder,
    reader: Reader,
) -> Iterator[Asked]:
    """Learns the documents and asks the questions; a question whose gold is not all learned has no answer."""
    known = {each.id for each in documents}
    with tempfile.TemporaryDirectory() as folder:
        config = ReasoningEngineConfig.builder().with_storage(folder).build()
        with ReasoningEngine(config, embedder=embedder) as engine:
            engine.learn_items(Item(draft(each), None, each.id, 0) for each in documents)
            view = engine.view()
            for question in questions:
                answerable = question.answerable and question.gold <= known
                accepted = question.answers if answerable else ()
                stages = list(unjudged(view, embedder, reader, question.text)) or [(Read((), (), ()), [])]
                for number, (read, found) in enumerate(stages, 1):
                    yield Asked(
                        name,
                        question.id,
                        len(read.windows),
                        number == len(stages),
                        answerable,
                        [each.text for each in found],
                        [dict(each.features) for each in found],
                        [
                            max((token_f1(each.text, gold) for gold in accepted), default=0.0)
                            for each in found
                        ],
                    )


def write_rows(rows: Iterator[Asked], path: Path) -> int:
    """Writes a line of JSON for each question; gives their number."""
    count = 0
    with path.open("w", encoding="utf-8") as file:
        for row in rows:
            file.write(json.dumps(asdict(row)) + "\n")
            count += 1
    return count


def read_rows(path: Path) -> list[Asked]:
    """What `write_rows` wrote."""
    with path.open(encoding="utf-8") as file:
        return [Asked(**json.loads(line)) for line in file]

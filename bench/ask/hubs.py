"""What a frequent name costs a question: a name in very many sentences beside names in a few.

    venv/bin/python bench/ask/hubs.py [--sentences N] [--out FILE]

Invented texts of four sentences each; one company stands in every sentence, and each text has a person and a
place of its own. The same forms of question are asked of the company and of the people, in turns, so that
both meet the machine in the same mood. Medians in milliseconds, and how many times a rare name the frequent
one costs.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np
from common import append_result, machine, print_table

from sutra_core import ReasoningEngine, ReasoningEngineConfig
from sutra_core.types import SourceDraft

HUB = "Corvane Industries"
FORMS = (
    "Where did {name} sign the contract?",
    "Who works for {name}?",
    "What did {name} deliver?",
    "When was {name} founded?",
    "Which bridge did {name} build in {place}?",
    "How is {name} linked to {place}?",
)
ROUNDS = 12
SYLLABLES = ("bar", "den", "fol", "gar", "hul", "kes", "lim", "mor", "nev", "pol", "ras", "tun", "vel", "wen")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sentences", type=int, default=200_000, help="sentences that name the company")
    parser.add_argument("--out", type=Path, help="append a JSON line to this file")
    options = parser.parse_args()
    print("machine:", ", ".join(f"{name} {value}" for name, value in machine().items()))
    with tempfile.TemporaryDirectory() as folder:
        config = ReasoningEngineConfig.builder().with_storage(folder).with_caching(max_size=0).build()
        with ReasoningEngine(config) as engine:
            started = time.perf_counter()
            engine.learn_batch(texts(options.sentences // 4))
            print(f"learned {options.sentences:,} sentences in {time.perf_counter() - started:.0f} s")
            times = _times(engine, options.sentences // 4)
    rows = [[form, *medians, medians[1] / medians[0]] for form, medians in times.items()]
    print_table("a question, ms", ["form", "rare", "frequent", "ratio"], rows)
    append_result(options.out, "hubs", {"sentences": options.sentences, "ms": times})


def texts(count: int) -> Iterator[SourceDraft]:
    """Texts with four sentences each, all of which name the company."""
    for number in range(count):
        person, place = person_of(number), place_of(number)
        text = (
            f"{person} of {place} works for {HUB}. In {1900 + number % 120} {HUB} built a bridge in {place}. "
            f"{HUB} signed the contract with {person} in spring. The town of {place} thanked {HUB} for it."
        )
        yield SourceDraft(f"report {number}", text)


def person_of(number: int) -> str:
    """A name that no other text has."""
    return f"{_word(number % 14**2)} {_word(number + 14**3)}"


def place_of(number: int) -> str:
    """A place that no other text has."""
    return f"{_word(number + 3 * 14**4)}"


def _word(number: int) -> str:
    word = ""
    while number or not word:
        number, digit = divmod(number, len(SYLLABLES))
        word += SYLLABLES[digit]
    return word.capitalize()


def _times(engine: ReasoningEngine, count: int) -> dict[str, tuple[float, float]]:
    """The median of each form in milliseconds: of rare names, of the frequent one; and of all forms."""
    taken: dict[str, tuple[list[float], list[float]]] = {}
    for round_ in range(ROUNDS + 1):
        number = (round_ * 7919 + 11) % count
        for form in FORMS:
            pair = taken.setdefault(form, ([], []))
            for name, times in zip((person_of(number), HUB), pair, strict=True):
                started = time.perf_counter()
                engine.ask(form.format(name=name, place=place_of(number)))
                if round_:  # the first warms up
                    times.append(1000 * (time.perf_counter() - started))
    medians = {
        form: (float(np.median(rare)), float(np.median(frequent))) for form, (rare, frequent) in taken.items()
    }
    every = [np.concatenate([pair[side] for pair in taken.values()]) for side in (0, 1)]
    medians["all"] = (float(np.median(every[0])), float(np.median(every[1])))
    return medians


if __name__ == "__main__":
    main()

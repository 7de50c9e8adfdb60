"""What is of another type than it should be is misuse, and changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from store_contents import contents
from taught import FACTS

from sutra_core import ReasoningEngine
from sutra_core.errors import (
    InvalidValueError,
)

MISUSES: list[tuple[Callable[[Any], object], str]] = [
    (lambda engine: engine.learn(None), "the text is None, of type NoneType; give a string"),
    (lambda engine: engine.learn(5), "the text is 5, of type int; give a string"),
    (lambda engine: engine.learn(b"bytes"), "the text is b'bytes', of type bytes; give a string"),
    (lambda engine: engine.ask(None), "the question is None, of type NoneType; give a string"),
    (lambda engine: engine.search(None), "the query is None, of type NoneType; give a string"),
    (lambda engine: engine.explain(3), "the answer's id is 3, of type int; give the id"),
    (lambda engine: engine.forget(source=b"a"), "the source is b'a', of type bytes; give a number"),
    (lambda engine: engine.get_concept("hat"), "the concept is 'hat', of type str; give its number"),
    (lambda engine: engine.get_concept(True), "the concept is True, of type bool; give its number"),
    (lambda engine: engine.learn("One.", source=7), "the source is 7, of type int; give a string"),
    (lambda engine: engine.learn("One.", title=None), "the title is None, of type NoneType; give a string"),
    (lambda engine: engine.learn("One.", time="x"), "the time is 'x', of type str; give microseconds"),
    (lambda engine: engine.learn("One.", attributes=[("a", "b")]), "give a dictionary of strings"),
    (
        lambda engine: engine.neighbors(1, relations="text"),
        "the relations is 'text', of type str; give a list",
    ),
    (lambda engine: engine.neighbors(1, relations=[7]), "the relation is 7, of type int; give its name"),
    (lambda engine: engine.neighbors("x"), "the concept is 'x', of type str; give its number"),
    (lambda engine: engine.neighbors(1.5), "the concept is 1.5, of type float; give its number"),
    (lambda engine: engine.learn_batch("one string"), "the batch is 'one string', of type str; give a list"),
    (lambda engine: engine.learn_batch(FACTS[0]), "of type SourceDraft; give a list"),
    (lambda engine: engine.learn_batch(None), "the batch is None, of type NoneType; give a list"),
    (lambda engine: engine.learn_batch(["It is old."] * 5 + [3]), "text 5 of the batch is 3, of type int"),
    (lambda engine: engine.learn_batch(iter([3])), "text 0 of the batch is 3, of type int"),
    (lambda engine: engine.learn_collection(5), "the path is 5, of type int; give the path"),
    (lambda _: ReasoningEngine("/path"), "the config is '/path', of type str; give a ReasoningEngineConfig"),  # pyright: ignore[reportArgumentType]
    (lambda _: ReasoningEngine(""), "the config is '', of type str; give a ReasoningEngineConfig"),  # pyright: ignore[reportArgumentType]
]


@pytest.mark.parametrize(("misuse", "says"), MISUSES)
def test_what_is_of_another_type_is_misuse(
    engine: ReasoningEngine, misuse: Callable[[Any], object], says: str
) -> None:
    before = contents(engine.view(), ids=True)
    with pytest.raises(InvalidValueError) as caught:
        misuse(engine)
    assert caught.value.code == "invalid_value"
    assert says in str(caught.value)
    assert contents(engine.view(), ids=True) == before


def test_a_number_of_any_kind_names_a_concept(engine: ReasoningEngine) -> None:
    assert engine.get_concept(np.int64(1)) == engine.get_concept(1)  # pyright: ignore[reportArgumentType]

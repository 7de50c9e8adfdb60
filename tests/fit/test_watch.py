"""What is said of held-out rows: by set, and by rule; skipped where jax is not installed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

pytest.importorskip("jax")
pytest.importorskip("optax")

from fit.reader.items import Item, Part
from fit.reader.pieces import Pool
from fit.reader.prepared import Prepared, rows_of
from fit.reader.watch import figures

KINDS = ("", "names", "synonym")


def test_a_rules_negatives_are_set_against_all_spans(pool: Pool, tokeniser: Any) -> None:
    text = "Anna fell."
    items = [
        Item("one", "Who fell?", "", (Part(text, 0, 4, ((0, 4),)),)),
        Item("two", "Who tripped?", "", (Part(text, 0, 4, ((0, 4),)),), kind="synonym"),
        Item("two", "Who fell in Pest?", "", (Part(text, 0, 4),), made=True, kind="names"),
        Item("two", "Who stood?", "", (Part(text, 0, 4),), made=True),
    ]
    vocabulary = [tokeniser.id_to_token(n) for n in range(tokeniser.get_vocab_size())]
    data = Prepared({}, rows_of(items, pool, ("one", "two"), KINDS), ("one", "two"), tuple(vocabulary), KINDS)

    def read(_weights: Any, ids: Any, _second: Any, low: Any, _high: Any) -> tuple[Any, ...]:
        """The first word; the longer the question, the surer."""
        low = np.asarray(low, np.int32)
        return low, low + 3, low.astype(np.float32), np.zeros((len(ids), 3))

    found = figures(read, {}, data)
    assert set(found) == {"all", "one", "two", "rule: names", "rule: synonym"}
    assert found["rule: synonym"]["exact"] == 1
    assert found["rule: names"]["auroc"] == 0
    assert found["rule: names"]["count"] == 1
    assert found["all"]["count"] == 4

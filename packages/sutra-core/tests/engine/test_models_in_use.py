"""Whose model is in use, while another takes its place."""

from __future__ import annotations

import threading

import pytest
from word_embedder import WordEmbedder

from sutra_core import ReasoningEngineConfig, models_in_use
from sutra_core.models_in_use import ModelsInUse
from sutra_core.shared import Shared


class Other(WordEmbedder):
    """Another model."""

    fingerprint = "other"


def test_a_change_waits_for_who_uses_the_model_and_who_comes_then_waits_for_the_change(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first, other = WordEmbedder(), Other()
    models = ModelsInUse(Shared(ReasoningEngineConfig()), first)
    changes, goes_on = threading.Event(), threading.Event()
    used: list[object] = []

    def change() -> None:
        with models.changed_to(other):
            changes.set()
            assert goes_on.wait(60)

    def use() -> None:
        with models.used() as embedder:
            used.append(embedder)

    monkeypatch.setattr(models_in_use, "_PATIENCE_SECONDS", 0.05)
    changing, waiting = threading.Thread(target=change), threading.Thread(target=use)
    with models.used():
        changing.start()
        # Whoever holds it may wait for somebody who needs it, too: the change gives way.
        beside = threading.Thread(target=use)
        beside.start()
        beside.join(60)
        assert used == [first] and not changes.is_set()
    assert changes.wait(60)
    waiting.start()
    goes_on.set()
    changing.join(60)
    waiting.join(60)
    assert used == [first, other] and models.now is other

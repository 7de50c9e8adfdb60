"""The command line with an embedder that needs no model.

    python stand_in.py learn texts --storage folder

is `sutra learn texts --storage folder`, with word vectors under the name of the default embedder. The
process sends itself STAND_IN_SIGNAL (SIGINT, as Ctrl-C does, unless it names another) at the
STAND_IN_INTERRUPT_AT-th call of the embedder. Its rules are of the version STAND_IN_RULES where that is set:
what a store holds by then is derived by older ones. What they read again waits after the first transaction as
long as there is the file STAND_IN_HOLD.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from word_embedder import WordEmbedder

import sutra_core.shared
from sutra_cli.main import main
from sutra_core.embed import PassageText, Profile, profile_named
from sutra_core.learn import concepts, rereading
from sutra_core.types import Batch, Floats, ReadView, Source

PROGRAM = str(Path(__file__).resolve())
"""This file, to be run."""

_PROFILE = profile_named("default")


class StandIn(WordEmbedder):
    """Word vectors, made as long as the default embedder's by zeros, which changes no cosine."""

    dimension = _PROFILE.dimension
    fingerprint = _PROFILE.fingerprint

    def __init__(self, profile: Profile = _PROFILE) -> None:
        self.dimension, self.fingerprint = profile.dimension, profile.fingerprint
        self._calls = 0
        self._interrupt_at = int(os.environ.get("STAND_IN_INTERRUPT_AT", "0"))

    def encode(self, texts: Sequence[str]) -> Floats:
        return self._longer(super().encode(texts))

    def encode_passages(self, passages: Sequence[PassageText]) -> tuple[Floats, list[Floats]]:
        self._calls += 1
        if self._calls == self._interrupt_at:
            os.kill(os.getpid(), signal.Signals[os.environ.get("STAND_IN_SIGNAL", "SIGINT")])
        vectors, sentences = super().encode_passages(passages)
        return vectors, [self._longer(rows) for rows in sentences]

    def _longer(self, rows: Floats) -> Floats:
        return np.pad(rows, ((0, 0), (0, self.dimension - rows.shape[1])))


def open_stand_in(profile: Profile, *_: Any) -> StandIn:
    """Takes the place of `open_embedder`."""
    return StandIn(profile)


def stand_in() -> None:
    """Puts into this process what stands in for the embedder, and for later rules."""
    sutra_core.shared.open_embedder = open_stand_in
    concepts.RULES = int(os.environ.get("STAND_IN_RULES", concepts.RULES))
    if "STAND_IN_HOLD" in os.environ:
        _hold(Path(os.environ["STAND_IN_HOLD"]))


def _hold(file: Path) -> None:
    told_again = rereading._told_again

    def held(view: ReadView, sources: list[Source], rules: int) -> Batch:
        while sources[0].id > 1 and file.exists():
            time.sleep(0.01)
        return told_again(view, sources, rules)

    rereading._told_again = held


if __name__ == "__main__":
    # What runs in the background is started with interrupts ignored, and so would be what it starts.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    stand_in()
    main()

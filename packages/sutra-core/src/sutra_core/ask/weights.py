"""The fitted numbers of the ranking. Nothing else is tuned anywhere in `ask`.

Fitted by coordinate ascent on recall@2 and recall@5 over two sets of multi-hop questions (100 of
HotpotQA, 100 of MuSiQue) and checked on two others (2WikiMultiHopQA, other questions of HotpotQA), where
they hold: every one of them lies on a plateau. A change of one needs a measurement by `bench/ask`.
"""

from __future__ import annotations

from typing import Final

# How many passages each search brings in, and how many of the best lead on to others.
CANDIDATES: Final = 150
SEEDS: Final = 3
# Sentences of a seed that the question is embedded with.
SEED_SENTENCES: Final = 3

# First score: words against meaning, both relative to the best; a title that the question names.
WORDS: Final = 0.4
NAMED: Final = 0.8

# A hop: what share of the seed's own direction is removed, words against meaning, and what else speaks
# for a passage: the seed mentions its title; they share a rare name; it has the words of the question
# that the seed lacks (by their weight, and by BM25).
REMOVED: Final = 0.6
HOP_WORDS: Final = 0.3
LINKED: Final = 0.35
SHARED: Final = 0.2
UNCOVERED_WEIGHT: Final = 0.5
UNCOVERED_BM25: Final = 0.5

# A two-passage chain against its first passage alone.
FIRST_SHARE: Final = 0.3
HOP_DECAY: Final = 0.85

# A name is rare when at most this share of the passages has it (but always up to RARE_MIN of them).
RARE_SHARE: Final = 0.01
RARE_MIN: Final = 20

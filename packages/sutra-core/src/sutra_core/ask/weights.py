"""The fitted numbers of the ranking of passages and sentences; those of confidence are beside its formula.

Passages: fitted by coordinate ascent on recall@2 and recall@5 over two sets of multi-hop questions (100 of
HotpotQA, 100 of MuSiQue). The fit was then simplified (two terms dropped, WORDS and NAMED moved by 0.1)
with an eye on two more sets, 2WikiMultiHopQA and other questions of HotpotQA, on which the fit as it was
had held. Moving one by a step of its grid moves recall by a point or two, three at most. A change of one
needs a measurement by `bench/ask`.
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

# A name is rare when at most this share of the passages has it, but always up to RARE_MIN of them, and never
# beyond RARE_MAX: what follows a name must not grow with the store.
RARE_SHARE: Final = 0.01
RARE_MIN: Final = 20
RARE_MAX: Final = 500

# What a reader adds to the passage that holds the answer, of the best passage's score; the scale of its
# logits; and the share of the question that the window has to have for it. Of 0.1 to 0.8 and 0 to 0.8, on
# halves to fit on, the ones by which questions of one hop gain and none of the sets of several loses.
READ: Final = 0.1
READ_SCALE: Final = 4.0
READ_SHARE: Final = 0.7

# What a sentence has to say: the weighted mean of these. `CHAIN` is the score of its chain and `RANK`
# one over its place; `MEANING` its cosine to the question, `LED_MEANING` to the question embedded with the
# passage that led to it; `WORDS_TITLED`, `WORDS_LED`, `WORDS_OWN` the question's words in it and its title,
# in those and what led to it, in it alone; `WORDS_NEW` in it and not in what led to it; `OFFERS` whether it
# mentions something of the sort asked for. Fitted as a softmax over the sentences of a question.
SENTENCE: Final = {
    "CHAIN": 0.7,
    "RANK": 1.6,
    "MEANING": 0.7,
    "LED_MEANING": 0.5,
    "WORDS_TITLED": 1.6,
    "WORDS_LED": 1.0,
    "WORDS_OWN": 1.9,
    "WORDS_NEW": 1.4,
    "OFFERS": 1.3,
}

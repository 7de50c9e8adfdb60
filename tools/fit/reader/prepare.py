"""From sets to the prepared file: read, keep back, cut, make negatives, write. The same data, the same file.

Performs no fitting and needs no accelerator.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from common import print_table
from fit.reader.changed import Changes, written
from fit.reader.examples import MIX, Example, Share, held_out, limited, read_training_set
from fit.reader.halves import FITTED, read_fit_half
from fit.reader.items import LENGTH_MAX, Item
from fit.reader.negatives import Negatives
from fit.reader.pieces import Pool, read_tokeniser
from fit.reader.prepared import write
from fit.reader.wordnet import USUAL, read_wordnet
from fit.reader.words import Usage

_COUNTERPARTS = 0.5
"""The share of answered examples to which one is looked for whose question was changed, not its answer."""


def prepare(
    out: Path,
    tokeniser: Path,
    seed: int,
    mix: Mapping[str, Share] = MIX,
    limit: int | None = None,
    rounds: int = 1,
    wordnet: Path = USUAL,
) -> None:
    """Writes the prepared file, with `rounds` times each set's rounds. `limit` caps every set, for trials.

    `wordnet` is the folder with WordNet's files; without them two rules are left out.
    """
    reader = read_tokeniser(tokeniser)
    pool = Pool(reader)
    dictionary = read_wordnet(wordnet)
    if dictionary is None:
        print(f"no WordNet in {wordnet}: no question is changed by contraries and synonyms")
    fitted: list[Item] = []
    kept_back: list[Item] = []
    rows: list[list[object]] = []
    chosen: dict[str, list[Example]] = {}
    for name, share in mix.items():
        examples = list(read_fit_half(name) if name in FITTED else read_training_set(name))
        chosen[name] = limited(limited(examples, share.limit), limit)
    usage = Usage(text for examples in chosen.values() for text in written(examples))
    for name, share in mix.items():
        examples = chosen[name]
        parts = (
            [each for each in examples if not held_out(each)],
            [each for each in examples if held_out(each)],
        )
        changes = Changes(examples, dictionary, usage)
        items = made(parts[0], pool, rounds * share.rounds, f"{seed}:{name}:fit", changes)
        others = made(parts[1], pool, 1, f"{seed}:{name}:held out", changes)
        fitted += items
        kept_back += others
        rows.append([name, len(examples), *_counts(items), len(others)])
    size = reader.get_vocab_size()
    vocabulary = [reader.id_to_token(n) or "" for n in range(size)]
    write(out, fitted, kept_back, pool, vocabulary)
    print_table("items made", ["set", "examples", "span", "yes or no", "none", "made none", "held out"], rows)
    kinds = (Counter(each.kind for each in part if each.kind) for part in (fitted, kept_back))
    ours, others = kinds
    by_kind = [[kind, count, others[kind]] for kind, count in ours.most_common()]
    print_table("by rule", ["rule", "items", "held out"], by_kind)
    pieces = sum(each.length(pool) for each in fitted)
    negative = sum(each.made for each in fitted) / max(1, len(fitted))
    print(
        f"\n{len(fitted):,} items of {pieces:,} pieces, {negative:.0%} made negatives; "
        f"{len(kept_back):,} held out; {out.stat().st_size / 2**20:.1f} MiB in {out.name}"
    )


def made(
    examples: Sequence[Example], pool: Pool, rounds: int, seed: str, changes: Changes | None = None
) -> list[Item]:
    """The items of one set's examples: in each round each of them, and a negative to each answered one.

    With `changes`, some answered ones come once more with their question changed and their answer kept.
    """
    source = Negatives(examples, pool, changes)
    items: list[Item] = []
    for number in range(rounds):
        draw = random.Random(f"{seed}:{number}")
        for example in examples:
            shown = source.positive(example, draw)
            if shown is None or shown.length(pool) > LENGTH_MAX:
                continue
            items.append(shown)
            if not example.has_span and not example.verdict:
                continue
            negative = source.negative(example, shown, draw)
            if negative is not None and negative.length(pool) <= LENGTH_MAX:
                items.append(replace(negative, parts=tuple(replace(p, gold=()) for p in negative.parts)))
            if changes is not None and example.has_span and draw.random() < _COUNTERPARTS:
                kept = source.counterpart(example, draw)
                items += () if kept is None else (kept,)
    return items


def _counts(items: Sequence[Item]) -> list[int]:
    kinds = Counter(
        "made"
        if item.made
        else "span"
        if any(part.gold for part in item.parts)
        else "verdict"
        if item.verdict
        else "none"
        for item in items
    )
    return [kinds[kind] for kind in ("span", "verdict", "none", "made")]

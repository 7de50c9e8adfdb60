"""A dictionary of a few words in WordNet's own file format."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

NAMES = {"n": "noun", "v": "verb", "a": "adj", "r": "adv"}
KEYS = {"n": 1, "v": 2, "a": 3, "r": 4}

SYNSETS: Sequence[tuple[str, str, Sequence[str], Sequence[tuple[str, str, str, str]]]] = (
    # offset, part of speech, words, pointers (symbol, offset, part of speech, words at both ends)
    ("00000001", "v", ("act",), (("~", "00000002", "v", "0000"), ("~", "00000003", "v", "0000"))),
    (
        "00000002",
        "v",
        ("carry", "bear"),
        (("@", "00000001", "v", "0000"), ("!", "00000004", "v", "0101")),
    ),
    ("00000003", "v", ("stop", "halt", "quit_smoking"), (("@", "00000001", "v", "0000"),)),
    ("00000004", "v", ("drop",), (("!", "00000002", "v", "0101"),)),
    ("00000005", "v", ("win",), (("!", "00000006", "v", "0101"),)),
    ("00000006", "v", ("lose",), (("!", "00000005", "v", "0101"),)),
    ("00000011", "n", ("craft",), (("~", "00000012", "n", "0000"), ("~", "00000013", "n", "0000"))),
    ("00000012", "n", ("ferry",), (("@", "00000011", "n", "0000"),)),
    ("00000013", "n", ("box",), (("@", "00000011", "n", "0000"),)),
    ("00000021", "a", ("big", "large(p)"), (("!", "00000022", "a", "0101"),)),
    ("00000022", "a", ("small",), (("!", "00000021", "a", "0101"), ("&", "00000023", "a", "0000"))),
    ("00000023", "s", ("tiny",), (("&", "00000022", "a", "0000"),)),
    ("00000031", "r", ("fast", "quickly"), ()),
)
IRREGULAR = {"v": ("won win", "lost lose", "stopped stop", "stopping stop"), "a": ("bigger big",)}
RARE = ("bear",)
"""Known, and in no text that its senses were counted in."""


def write_wordnet(folder: Path) -> Path:
    """Writes the files; gives the folder."""
    senses: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    lines: defaultdict[str, list[str]] = defaultdict(lambda: ["  1 A licence stands here.  "])
    for offset, part, words, pointers in SYNSETS:
        file = "a" if part == "s" else part
        said = " ".join(f"{word} 0" for word in words)
        ends = "".join(f"{mark} {target} {kind} {places} " for mark, target, kind, places in pointers)
        lines[file].append(f"{offset} 00 {part} {len(words):02x} {said} {len(pointers):03} {ends}| a gloss  ")
        for word in words:
            senses[word.partition("(")[0], file].append(offset)
    counts: list[str] = []
    for part, name in NAMES.items():
        index = ["  1 A licence stands here.  "]
        for (word, own), offsets in senses.items():
            if own == part:
                index.append(f"{word} {part} {len(offsets)} 1 @ {len(offsets)} 1 {' '.join(offsets)}  ")
                if word not in RARE:
                    counts.append(f"{word}%{KEYS[part]}:00:00:: 1 5")
        for file, content in (
            (f"data.{name}", lines[part]),
            (f"index.{name}", index),
            (f"{name}.exc", list(IRREGULAR.get(part, ()))),
        ):
            (folder / file).write_text("".join(f"{line}\n" for line in content), encoding="utf-8")
    (folder / "cntlist.rev").write_text("".join(f"{line}\n" for line in counts), encoding="utf-8")
    return folder

"""Weights between those that a fit went on from and those that it gave (Wortsman et al. 2022).

A short fit on something hard gives up some of what was known; weights on the line between the two keep most
of both.
"""

from __future__ import annotations

from pathlib import Path

from fit.reader.base import read_trained, write_trained


def write_between(before: Path, after: Path, share: float, out: Path) -> None:
    """Writes the weights that are `share` of the way, in [0, 1], from the first to the second."""
    old, new = read_trained(before), read_trained(after)
    if old.keys() != new.keys():
        raise ValueError(f"{before} and {after} are not weights of one network")
    write_trained(out, {name: (1 - share) * old[name] + share * new[name] for name in old})

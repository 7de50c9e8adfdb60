"""`sutra sources`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

Sutra = Callable[..., Any]


def test_sources_are_listed_and_with_history_their_earlier_versions(learned: Sutra, texts: Path) -> None:
    before = learned("sources", "--json").json
    assert before
    assert {source["retired"] for source in before} == {None}
    changed = texts / "oak.txt"
    for words in ("An oak stands in Alham.", "An elm stands in Alham."):
        changed.write_text(words)
        done = learned("learn", str(changed))
        assert done.code == 0
    assert "1 replaced" in done.out
    address = str(changed)
    (standing,) = learned("sources", address, "--json").json
    first, second = learned("sources", address, "--history", "--json").json
    assert second == standing
    assert (first["retired"], first["address"]) == (second["learned"], address)
    assert [each["id"] for each in learned("sources", "--json").json] == [
        *(each["id"] for each in before),
        second["id"],
    ]
    shown = learned("sources", address, "--history").out.splitlines()
    assert "retired" in shown[0]
    assert len(shown) == 3
    assert "retired" not in learned("sources", address).out


def test_some_of_the_sources_are_listed(learned: Sutra) -> None:
    numbers = [source["id"] for source in learned("sources", "--json").json]
    told = learned("sources", "--after", str(numbers[0]), "--limit", "1", "--json").json
    assert [source["id"] for source in told] == [numbers[1]]
    nothing = learned("sources", "nowhere.txt")
    assert (nothing.code, nothing.out.strip()) == (0, "no source was learned from there")
    assert learned("sources", "--limit", "0").code == 2

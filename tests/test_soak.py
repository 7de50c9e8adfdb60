"""A short soak: a few lives of a fixed number of steps, with their kills. `make soak` has an hour of them."""

from __future__ import annotations

import math
from pathlib import Path

from soaking import soak


def test_a_store_that_is_killed_and_damaged_says_what_the_reference_says(tmp_path: Path) -> None:
    told = soak(tmp_path, seed=1, lives=3, until=math.inf, steps=14)
    assert told["lives"] == 3
    assert told["compared"], "nothing was compared"
    assert told["asked"], "nothing was asked"
    assert any(what.startswith("killed") for what in told), "nothing was killed"

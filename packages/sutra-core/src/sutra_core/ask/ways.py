"""The ways to an answer beside reading spans, by name, and which of them are left out.

Nothing leaves any out but a measurement of what each is worth.
"""

from __future__ import annotations

from typing import Literal, get_args

__all__ = ["LEFT_OUT", "WAYS", "Way"]

Way = Literal["facts", "comparisons", "bridges", "mentions", "sides", "lists", "times", "slips"]
WAYS: tuple[Way, ...] = get_args(Way)

LEFT_OUT: set[Way] = set()
"""Those that are left out, in the whole process."""

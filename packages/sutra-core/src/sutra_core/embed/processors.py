"""How many passes are run at once."""

from __future__ import annotations

import math
import os

from sutra_core.cgroup import ControlGroup

__all__ = ["processors"]


def processors(group: ControlGroup | None = None) -> int:
    """How many processors this process may use: those that it may run on, and no more than the limits of its
    control `group` allow at once; 1 at least.
    """
    here = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    limits = (math.ceil(limit.processors) for limit in (group or ControlGroup()).processors())
    return min([here, *limits])

"""What was looked up once, and is not looked up again."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import TypeVar

__all__ = ["kept"]

_Key = TypeVar("_Key", bound=Hashable)
_Value = TypeVar("_Value")


def kept(
    known: dict[_Key, _Value], wanted: Sequence[_Key], fetch: Callable[[list[_Key]], Iterable[_Value]]
) -> list[_Value]:
    """What is known of what is wanted, in its order; what is missing is fetched in one call before.

    >>> known = {1: "one"}
    >>> kept(known, [2, 1, 2], lambda missing: ["two" for _ in missing]), known
    (['two', 'one', 'two'], {1: 'one', 2: 'two'})
    """
    try:
        return [known[each] for each in wanted]
    except KeyError:
        missing = [each for each in dict.fromkeys(wanted) if each not in known]
    known.update(zip(missing, fetch(missing), strict=True))
    return [known[each] for each in wanted]

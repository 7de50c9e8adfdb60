"""The line before the work: first come, first served; bounded; not for ever."""

from __future__ import annotations

import asyncio
import threading

import pytest

from sutra_api.gate import BusyError, Gate, TimeoutExceededError


def test_work_is_done_in_the_order_in_which_it_came() -> None:
    async def run() -> list[int]:
        gate = Gate({"a": 1}, waiting_max=100, seconds_max=10)
        done: list[int] = []
        await asyncio.gather(*(gate.run("a", lambda n=n: done.append(n)) for n in range(50)))
        assert gate.waiting == 0
        gate.close()
        return done

    assert asyncio.run(run()) == list(range(50))


def test_who_comes_when_the_line_is_full_is_sent_away() -> None:
    async def run() -> None:
        gate = Gate({"a": 1, "b": 1}, waiting_max=2, seconds_max=10)
        hold, begun = threading.Event(), threading.Event()
        first = asyncio.create_task(gate.run("a", lambda: (begun.set(), hold.wait())))
        await asyncio.to_thread(begun.wait)
        await asyncio.sleep(0)
        waiting = [asyncio.create_task(gate.run("a", lambda: None)) for _ in range(2)]
        await asyncio.sleep(0.01)
        assert gate.waiting == 2
        with pytest.raises(BusyError):
            await gate.run("b", lambda: None)
        hold.set()
        await asyncio.gather(first, *waiting)
        assert gate.waiting == 0
        assert await gate.run("b", lambda: 7) == 7
        gate.close()

    asyncio.run(run())


def test_who_waits_too_long_is_told_and_its_work_is_not_begun() -> None:
    async def run() -> None:
        gate = Gate({"a": 1}, waiting_max=10, seconds_max=0.05)
        hold = threading.Event()
        done: list[str] = []
        slow = asyncio.create_task(gate.run("a", hold.wait))
        late = asyncio.create_task(gate.run("a", lambda: done.append("late")))
        for each in (slow, late):
            with pytest.raises(TimeoutExceededError):
                await each
        hold.set()
        gate.close()
        assert done == [] and gate.waiting == 0

    asyncio.run(run())


def test_an_error_of_the_work_is_its_own() -> None:
    async def run() -> None:
        gate = Gate({"a": 1}, waiting_max=10, seconds_max=10)

        def fail(error: Exception) -> None:
            raise error

        for error in (ValueError("mine"), TimeoutError("mine")):
            with pytest.raises(type(error), match="mine"):
                await gate.run("a", lambda error=error: fail(error))
        gate.close()

    asyncio.run(run())

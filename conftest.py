"""What every test of the checkout shares: how property tests run, and that none reaches the network.

Property tests have no deadline, because time is measured by benchmarks, never by tests. The audit
hook lets connections go to this machine only; a test that needs the world outside is wrong.
"""

from __future__ import annotations

import sys
from typing import Any

from hypothesis import settings

settings.register_profile("sutra", deadline=None, print_blob=True)
settings.register_profile("soak", parent=settings.get_profile("sutra"), max_examples=5000)
settings.load_profile("sutra")

_THIS_MACHINE = {None, "", "localhost", "127.0.0.1", "::1", "0.0.0.0"}  # noqa: S104


def _stay_on_this_machine(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "socket.getaddrinfo":
        host = arguments[0]
    elif event == "socket.connect" and isinstance(arguments[1], tuple):
        host = arguments[1][0]
    else:
        return
    if host not in _THIS_MACHINE:
        raise RuntimeError(f"a test tried to reach {host!r}: tests run without the network")


sys.addaudithook(_stay_on_this_machine)

"""The process that takes the steps of a soak, as its parent sees it: asked, waited for, and killed."""

from __future__ import annotations

import os
import pickle
import select
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from soak_steps import Step

HERE = Path(__file__).resolve().parent
PATIENCE_S = 600
"""After so long without a reply a step hangs."""


class DisagreementError(Exception):
    """What the store said or did is not what the reference says."""


class StepProcess:
    """A process over one folder; its standard error goes to `stderr.txt` there."""

    def __init__(self, folder: Path, kind: str) -> None:
        self._errors = (folder / "stderr.txt").open("ab")
        self._process = subprocess.Popen(
            [sys.executable, str(HERE / "soak_child.py"), str(folder), kind],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            env={**os.environ, "PYTHONPATH": str(HERE)},
        )
        self._replied(PATIENCE_S)

    def take(self, step: Step) -> Any:
        """The outcome of a step; raises `DisagreementError` where it failed, hangs or ended the process."""
        self._send(step)
        return self._replied(PATIENCE_S)

    def take_and_kill(self, step: Step, delay_s: float) -> tuple[bool, Any]:
        """Kills the process so long after a step began; whether that was acknowledged, and its outcome."""
        self._send(step)
        began = time.monotonic()
        acknowledged, outcome = False, None
        if self._waits(delay_s):
            acknowledged, outcome = True, self._replied(PATIENCE_S)
            time.sleep(max(0.0, began + delay_s - time.monotonic()))
        rest = self.kill()
        if not acknowledged and rest:
            try:
                outcome = _outcome(pickle.loads(rest))
                acknowledged = True
            except (EOFError, pickle.UnpicklingError):
                pass  # killed while it told of it
        return acknowledged, outcome

    def kill(self) -> bytes:
        """Kills it, if it runs, and waits for its end; what it told that nobody read."""
        self._process.kill()
        rest, _ = self._process.communicate()
        self._errors.close()
        return rest or b""

    def _send(self, step: Step) -> None:
        assert self._process.stdin is not None
        try:
            pickle.dump(step, self._process.stdin)
            self._process.stdin.flush()
        except BrokenPipeError:
            raise DisagreementError(f"the process ended by itself before {step.what}") from None

    def _waits(self, seconds: float) -> bool:
        """Whether a reply comes within so many seconds."""
        assert self._process.stdout is not None
        return bool(select.select([self._process.stdout], [], [], seconds)[0])

    def _replied(self, seconds: float) -> Any:
        assert self._process.stdout is not None
        if not self._waits(seconds):
            self._process.send_signal(signal.SIGABRT)  # faulthandler writes where it stands
            self._process.wait()
            raise DisagreementError(f"no reply within {seconds} s; stderr.txt says where it stood")
        try:
            return _outcome(pickle.load(self._process.stdout))
        except EOFError:
            code = self._process.wait()
            raise DisagreementError(f"the process ended by itself with {code}; see stderr.txt") from None


def _outcome(reply: tuple[str, Any]) -> Any:
    state, outcome = reply
    if state == "failed":
        raise DisagreementError(outcome)
    return outcome

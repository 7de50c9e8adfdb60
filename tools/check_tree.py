"""Fails when a file of the tree speaks of one machine or of a package registry's host, or the binding
calls the engine past its guard.

A path of somebody's machine is wrong on every other one, and locks that name a host bind a build to
it. A call that leaves the GIL by itself would let a panic through. Reads the files that git knows or
would add; changes nothing.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

MACHINE_PATH = re.compile(r"(?<![\w.})*-])/(?:work|root|home|Users|tmp)/[\w.]")
REGISTRY_HOST = re.compile(
    r"\b(?:pypi\.org|pythonhosted\.org|npmjs\.(?:org|com)|yarnpkg\.com|crates\.io"
    r"|proxy\.golang\.org|maven\.(?:org|apache\.org)|deb\.debian\.org)\b"
)
# What cargo itself writes for every crate of the public registry.
CARGO_SOURCE = re.compile(
    r'^source = "registry\+https://github\.com/rust-lang/crates\.io-index"$', re.MULTILINE
)
# The binding, and its one file that may let go of the GIL: `run`.
BINDING = "packages/sutra-storage/src/"
GUARD = BINDING + "errors.rs"
UNGUARDED = re.compile(r"\bdetach\(")
ADDRESS = re.compile(r"\w+://\S+")


def faults(name: str, text: str) -> Iterator[str]:
    """Yields `name:line: what is wrong` for every fault in one file."""
    if name.endswith("Cargo.lock"):
        text = CARGO_SOURCE.sub("", text)
    rules = [("a machine's path", MACHINE_PATH), ("a registry's host", REGISTRY_HOST)]
    if name.endswith(".lock"):
        rules.append(("an address in a lock file", ADDRESS))
    if name.startswith(BINDING) and name != GUARD:
        rules.append(("a call past `run` of errors.rs", UNGUARDED))
    for number, line in enumerate(text.splitlines(), start=1):
        for what, pattern in rules:
            if found := pattern.search(line):
                yield f"{name}:{number}: {what}: {found.group()}"


def tree() -> Iterator[tuple[str, str]]:
    """Yields name and text of every text file that git knows or would add."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        check=True,
        capture_output=True,
        text=True,
    )
    for name in sorted(filter(None, listed.stdout.split("\0"))):
        path = Path(name)
        if not path.is_file():
            continue
        content = path.read_bytes()
        if b"\0" not in content:
            yield name, content.decode("utf-8", errors="replace")


def main() -> int:
    found = [fault for name, text in tree() for fault in faults(name, text)]
    print("\n".join(found) or "the tree names no machine and no registry")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())

"""What `make run` shows: the sample is learned, three questions are asked, the answers are explained.

The commands are those that a user types; they stand in front of what they print. Arguments are handed on
to every command: `--storage FOLDER`.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SUTRA = Path(sys.executable).with_name("sutra")
COMMANDS = (
    ("learn", "sample/texts"),
    ("ask", "Where was Isambard Kingdom Brunel born?"),
    ("ask", "In which city was the designer of the Széchenyi Chain Bridge born?"),
    ("ask", "How many guests does Café Central in Vienna receive in a year?"),
)


def main() -> int:
    """Runs the commands one after the other; ends with the first that fails."""
    for command in COMMANDS:
        shown = " ".join(f'"{word}"' if " " in word else word for word in command)
        print(f"\n$ sutra {shown}", flush=True)
        done = subprocess.run([SUTRA, *command, *sys.argv[1:]], cwd=ROOT, check=False)
        if done.returncode:
            return done.returncode
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""The service with an embedder that needs no model.

    python stand_in_service.py

is `python -m sutra_api.main`, with word vectors under the name of the default embedder, and rules as
`stand_in` has them.
"""

from __future__ import annotations

from pathlib import Path

import stand_in

from sutra_api.main import main

PROGRAM = str(Path(__file__).resolve())
"""This file, to be run."""

if __name__ == "__main__":
    stand_in.stand_in()
    main()

"""Learning whole dictionaries without vectors, and whether every pointer became an association.

    venv/bin/python bench/formats/dictionaries.py FOLDER... [--out FILE]

FOLDER holds WordNet's database (`data.noun` and the others) or a DICT database (`gcide.index` beside
`gcide.dict.dz`). Each is learned into a store of its own, in a process of its own.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from common import append_result, print_table

from sutra_core.learn import learn
from sutra_core.learn.adapters import BadItem, read_collection
from sutra_core.learn.adapters.collection import collection_size
from sutra_storage import Engine, name_key

BATCH = 1000


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--out", type=Path)
    parser.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        print(json.dumps(measured(arguments.folders[0])))
        return
    rows: list[dict[str, Any]] = []
    for folder in arguments.folders:
        told = subprocess.run(
            [sys.executable, __file__, "--one", str(folder)], capture_output=True, text=True, check=True
        )
        found: dict[str, Any] = json.loads(told.stdout)
        rows.append({"dictionary": folder.name, **found})
        append_result(arguments.out, "dictionaries", rows[-1])
    print_table("dictionaries, without vectors", list(rows[0]), [list(row.values()) for row in rows])


def measured(folder: Path) -> dict[str, Any]:
    """Learns one folder, then counts which of its distinct links the store has."""
    with tempfile.TemporaryDirectory() as storage:
        engine = Engine(storage, fingerprint="none", dimension=384)
        began = time.perf_counter()
        report = learn(
            engine, None, read_collection(folder), batch_size=BATCH, bytes_total=collection_size(folder)
        )
        seconds = time.perf_counter() - began
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        reader = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
        links = distinct_links(folder)
        view = engine.view()
        missing = sum(not has(view, *link) for link in links)
        engine.close()
    return {
        "seconds": round(seconds, 1),
        "sources": report.sources,
        "statements": report.sentences,
        "links": len(links),
        "missing": missing,
        "refused": report.refused_count,
        "MiB": (peak + reader) // 1024,
    }


def distinct_links(folder: Path) -> list[tuple[str, str, str]]:
    """(subject, relation, object) of everything that the format links, each once."""
    found: Counter[tuple[str, str, str]] = Counter()
    for item in read_collection(folder):
        if isinstance(item, BadItem):
            continue
        found.update(
            (link.subject or item.draft.title, link.relation, link.target)
            for link in item.links
            if name_key(link.subject or item.draft.title) != name_key(link.target)
        )
    return list(found)


def has(view: Any, subject: str, relation: str, target: str) -> bool:
    """Whether the store holds the association."""
    first, second = view.find_entities([subject, target])
    return bool(first and second and view.evidence([(first, relation, second)], limit=1)[0])


if __name__ == "__main__":
    main()

"""Pages a second of reading a dump of MediaWiki, beside mwxml alone on the same file.

    venv/bin/python bench/formats/mediawiki.py DUMP [--times 15] [--mwxml PYTHON] [--out FILE]

DUMP is a dump as plain XML; its pages are repeated `--times` times, so that what starting costs does not
count. mwxml needs a package without a wheel, so it is run by another Python that has it (`--mwxml`); without
one it is left out.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from common import append_result, print_table

from sutra_core.learn.adapters import read_collection
from sutra_formats.wiki import MediaWikiAdapter

MWXML = """
import sys, time, mwxml
began = time.perf_counter()
pages = 0
for page in mwxml.Dump.from_file(open(sys.argv[1], encoding="utf-8")):
    for revision in page:
        revision.text
    pages += 1
print(pages / (time.perf_counter() - began))
"""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("dump", type=Path)
    parser.add_argument("--times", type=int, default=15)
    parser.add_argument("--mwxml", type=Path)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path, pages = repeated(arguments.dump, arguments.times, Path(folder) / "dump.xml")
        ways = {"here": in_process, "in a process of its own": isolated}
        rates: dict[str, list[float]] = {name: [] for name in (*ways, "mwxml alone")}
        for _ in range(arguments.runs):
            for name, way in ways.items():
                began = time.perf_counter()
                way(path)
                rates[name].append(pages / (time.perf_counter() - began))
            if arguments.mwxml:
                told = subprocess.run(
                    [arguments.mwxml, "-c", MWXML, path], capture_output=True, text=True, check=True
                )
                rates["mwxml alone"].append(float(told.stdout))
    medians = {name: statistics.median(found) for name, found in rates.items() if found}
    base = medians.get("mwxml alone")
    print_table(
        "a dump of MediaWiki",
        ["reading", "pages/s", "of mwxml"],
        [[name, f"{rate:,.0f}", f"{rate / base:.2f}" if base else "–"] for name, rate in medians.items()],
    )
    append_result(arguments.out, "mediawiki", {"pages": pages, **medians})


def repeated(dump: Path, times: int, path: Path) -> tuple[Path, int]:
    """The dump with its pages so many times, and how many pages that are."""
    text = dump.read_text(encoding="utf-8")
    first, last = text.index("<page>"), text.rindex("</mediawiki>")
    with path.open("w", encoding="utf-8") as file:
        file.write(text[:first])
        for _ in range(times):
            file.write(text[first:last])
        file.write(text[last:])
    return path, text.count("<page>") * times


def in_process(path: Path) -> None:
    for _ in MediaWikiAdapter().read(path, "dump"):
        pass


def isolated(path: Path) -> None:
    for _ in read_collection(path):
        pass


if __name__ == "__main__":
    main()

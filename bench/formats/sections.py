"""How many headings of a plain text are found: compared with those of the same text in HTML.

    venv/bin/python bench/formats/sections.py TEXT HTML [TEXT HTML …] [--out FILE] [--misses]

TEXT may be gzipped; HTML is a file or a folder of pages (`FOLDER:PATTERN` where they are not `*.html`).
Numbers in front of a heading, quotes and marks are not compared. `--misses` prints the headings that differ.
"""

from __future__ import annotations

import argparse
import gzip
import re
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from common import append_result, machine, print_table
from lxml import html

from sutra_core.learn.adapters import Item
from sutra_core.learn.adapters.base import HEAD_BYTES
from sutra_core.places import PLACES
from sutra_formats.sections import SectionedTextAdapter

NUMBER = re.compile(r"^(?:chapter|appendix)?\s*(?:[A-Z](?=[.\s:])|\d+)(?:\.\d+)*[.:]?\s+", re.IGNORECASE)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("files", nargs="+", help="TEXT HTML, in pairs")
    parser.add_argument("--misses", action="store_true", help="print the headings that differ")
    parser.add_argument("--out", type=Path, help="append a JSON line to this file")
    options = parser.parse_args()
    if len(options.files) % 2:
        parser.error("every text needs its pages of HTML")
    print("machine:", ", ".join(f"{name} {value}" for name, value in machine().items()))
    rows: list[list[str]] = []
    figures: dict[str, dict[str, float]] = {}
    for text, pages in zip(options.files[::2], options.files[1::2], strict=True):
        gold, path = gold_headings(pages), Path(text)
        data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        found, seconds = found_headings(data)
        right = (found & gold).total()
        recall, precision = right / max(1, gold.total()), right / max(1, found.total())
        figures[path.name] = {"headings": gold.total(), "recall": recall, "precision": precision}
        rate = len(data) / 1e6 / seconds
        rows.append([path.name, str(gold.total()), f"{recall:.3f}", f"{precision:.3f}", f"{rate:.1f}"])
        if options.misses:
            print(f"{path.name}: missed {list((gold - found).elements())}")
            print(f"{path.name}: not in the pages {list((found - gold).elements())}")
    print_table("headings of plain text", ["", "headings", "recall", "precision", "MB/s"], rows)
    append_result(options.out, "formats-sections", {"texts": figures})


def gold_headings(place: str) -> Counter[str]:
    folder, _, pattern = place.partition(":")
    path = Path(folder)
    pages = sorted(path.glob(pattern or "*.html")) if path.is_dir() else [path]
    found: Counter[str] = Counter()
    on_pages: Counter[str] = Counter()
    for page in pages:
        tree = html.fromstring(page.read_bytes())
        main = tree.xpath("//*[@role='main']")
        names = [
            plain(heading.text_content())
            for heading in (main[0] if main else tree).iter("h1", "h2", "h3", "h4", "h5", "h6")
        ]
        found.update(name for name in names if name)
        on_pages.update(set(names))
    for name, count in on_pages.items():
        if count > 2 and count * 2 > len(pages):  # the site's, and not the text's
            found.pop(name, None)
    return found


def found_headings(data: bytes) -> tuple[Counter[str], float]:
    found: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "text.txt"
        path.write_bytes(data)
        adapter = SectionedTextAdapter()
        if not adapter.recognises(path, data[:HEAD_BYTES]):
            print("not recognised")
            return found, 1.0
        started = time.perf_counter()
        items = [item for item in adapter.read(path, "text") if isinstance(item, Item)]
        seconds = time.perf_counter() - started
    found[plain(items[0].draft.title)] += 1
    last = ""
    for item in items:
        for line in item.draft.attributes.get(PLACES, "").splitlines():
            start, _, place = line.partition("\t")
            if start != "0" or place != last:  # a section may go on in the next item
                found[plain(place.rpartition(" > ")[2])] += 1
            last = place
    return found, seconds


def plain(heading: str) -> str:
    """A heading for comparing: no number, mark or quote, one space between words, no capitals."""
    text = " ".join(heading.replace("¶", " ").split())
    return " ".join(re.findall(r"\w+", NUMBER.sub("", text))).casefold()


if __name__ == "__main__":
    main()

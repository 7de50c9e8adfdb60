"""How much of the main text of pages is found, and how little else: token F1 beside resiliparse.

    venv/bin/python bench/formats/pages_html.py PAGES TEXTS [--out FILE]

PAGES is a folder of HTML, TEXTS a folder (or file) with the texts of the same pages: `NAME.rst.txt` or
`NAME.txt` for `NAME.html`, or one text of the whole book (also gzipped), which is cut at the headings with
which the pages begin. A page without a text is passed over, and so is
a table of contents (`index.…`). Tokens are counted, their order is not.
resiliparse is measured where it is installed (`make venv/.setup/bench`).
"""

from __future__ import annotations

import argparse
import gzip
import importlib
import importlib.util
import re
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from common import append_result, machine, print_table

from sutra_core.learn.adapters import Item
from sutra_formats.pages.html import HtmlAdapter


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("pages", type=Path)
    parser.add_argument("texts", type=Path)
    parser.add_argument("--pattern", default="*.html", help="which pages of the folder")
    parser.add_argument("--worst", type=int, default=3, help="how many of the worst pages are named")
    parser.add_argument("--out", type=Path, help="append a JSON line to this file")
    options = parser.parse_args()
    pages = [
        page for page in sorted(options.pages.glob(options.pattern)) if not page.name.startswith("index.")
    ]
    pairs = list(
        _of_book(pages, options.texts) if options.texts.is_file() else _by_name(pages, options.texts)
    )
    if not pairs:
        sys.exit("skipped: no page has a text")
    print("machine:", ", ".join(f"{name} {value}" for name, value in machine().items()))
    rows: list[list[str]] = []
    figures: dict[str, dict[str, float]] = {}
    methods: dict[str, Callable[[Path], str]] = {"Sutra": _sutra}
    if importlib.util.find_spec("resiliparse") is not None:
        methods["resiliparse"] = _resiliparse
    for name, method in methods.items():
        started = time.perf_counter()
        found = [(page, method(page)) for page, _ in pairs]
        rate = len(pairs) / (time.perf_counter() - started)
        scores = sorted(
            (_f1(text, gold), page.name) for (page, text), (_, gold) in zip(found, pairs, strict=True)
        )
        mean = statistics.mean(score for score, _ in scores)
        figures[name] = {"mean": mean, "least": scores[0][0], "pages_per_second": rate}
        worst = ", ".join(f"{page} {score:.2f}" for score, page in scores[: options.worst])
        rows.append([name, f"{mean:.3f}", f"{scores[0][0]:.3f}", f"{rate:.0f}", worst])
    print_table(f"main text of {len(pairs)} pages, F1", ["", "mean", "least", "pages/s", "worst"], rows)
    append_result(options.out, "formats-html", {"pages": len(pairs), "methods": figures})


def _sutra(page: Path) -> str:
    items = HtmlAdapter().read(page, page.as_uri())
    return "\n".join(item.draft.text for item in items if isinstance(item, Item))


def _resiliparse(page: Path) -> str:
    encoding = importlib.import_module("resiliparse.parse.encoding")
    extract = importlib.import_module("resiliparse.extract.html2text").extract_plain_text
    data = page.read_bytes()
    return extract(encoding.bytes_to_str(data, encoding.detect_encoding(data) or "utf-8"), main_content=True)


def _by_name(pages: list[Path], folder: Path) -> Iterator[tuple[Path, str]]:
    for page in pages:
        for suffix, plain in ((".rst.txt", _without_markup), (".txt", str)):
            text = folder / f"{page.stem}{suffix}"
            if text.exists():
                yield page, plain(text.read_text(encoding="utf-8"))
                break


def _of_book(pages: list[Path], book: Path) -> Iterator[tuple[Path, str]]:
    opened: Callable[..., gzip.GzipFile] = gzip.open if book.suffix == ".gz" else Path.open  # type: ignore[assignment]
    with opened(book, "rb") as file:
        lines = file.read().decode().splitlines()
    at: dict[str, int] = {" ".join(line.split()): number for number, line in enumerate(lines)}
    cuts: list[tuple[int, Path]] = []
    for page in pages:
        heading = re.search(r"<h[12][^>]*>(.*?)</h[12]>", page.read_text(encoding="utf-8"), re.DOTALL)
        title = " ".join(re.sub(r"<[^>]*>", "", heading[1]).split()) if heading else ""
        if title in at:
            cuts.append((at[title], page))
    cuts.sort()
    for (start, page), end in zip(cuts, [*(cut for cut, _ in cuts[1:]), len(lines)], strict=True):
        yield page, "\n".join(lines[start:end])


def _without_markup(text: str) -> str:
    """reStructuredText without what is never shown: labels, options, names of roles, targets of links."""
    text = re.sub(r"^\.\. \[#\w*\]", "", text, flags=re.MULTILINE)
    text = re.sub(
        r"^\s*\.\. (?:_.*|index::.*|only::.*|highlight.*|\w+:: *$|[^:\s][^:]*$)", "", text, flags=re.MULTILINE
    )
    text = re.sub(r"^\s*:[\w-]+:(?: .*)?$", "", text, flags=re.MULTILINE)
    text = re.sub(r"^(\s*)\.\. [\w-]+::", r"\1", text, flags=re.MULTILINE)
    text = re.sub(r":[\w:-]+:`", "`", text)
    return re.sub(r"\s*<[^<>`]+>`", "`", text)


def _f1(found: str, gold: str) -> float:
    have, want = (Counter(re.findall(r"\w+", text.lower())) for text in (found, gold))
    common = (have & want).total()
    return 2 * common / max(1, have.total() + want.total())


if __name__ == "__main__":
    main()

"""How much of a known text comes back from PDFs that LibreOffice makes of it: word F1, plain and in order.

    venv/bin/python bench/formats/pages_pdf.py TEXT [--out FILE]

TEXT is a long plain text (also gzipped), paragraphs with blank lines between; a line that begins with a
number such as "2.1." is a heading. It is printed three ways: ragged, justified with divided words, and in
two columns; each with a running header and numbered pages. Skipped where `soffice` is missing.
"""

from __future__ import annotations

import argparse
import difflib
import gzip
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from xml.sax.saxutils import escape

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from common import append_result, machine, print_table

from sutra_core.learn.adapters import Item
from sutra_formats.pdf.adapter import PdfAdapter
from sutra_formats.pdf.pdfium import OpenPdf

HEADING = re.compile(r"(\d+)\.(?:(\d+)\.)? \w")
VARIANTS = {"ragged": (1, False), "justified, divided": (1, True), "two columns, divided": (2, True)}
NAMES = ["office", "text", "style", "fo"]
SPACES = " ".join(
    [f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in NAMES[:3]]
    + ['xmlns:fo="urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0"']
)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("text", type=Path)
    parser.add_argument("--characters", type=int, default=150_000, help="how much of the text is printed")
    parser.add_argument("--out", type=Path, help="append a JSON line to this file")
    options = parser.parse_args()
    office = shutil.which("soffice")
    if office is None:
        sys.exit("skipped: soffice (LibreOffice) is not installed")
    print("machine:", ", ".join(f"{name} {value}" for name, value in machine().items()))
    data = options.text.read_bytes()
    text = (gzip.decompress(data) if options.text.suffix == ".gz" else data).decode()[: options.characters]
    paragraphs = [" ".join(block.split()) for block in re.split(r"\n\s*\n", text) if block.strip()]
    rows: list[list[str]] = []
    figures: dict[str, dict[str, float]] = {}
    for name, (columns, divided) in VARIANTS.items():
        with tempfile.TemporaryDirectory() as folder:
            path = _printed(office, Path(folder), paragraphs, columns, divided)
            with OpenPdf(path) as pdf:
                pages = pdf.pages
            started = time.perf_counter()
            found = [item.draft for item in PdfAdapter().read(path, "file:///x") if isinstance(item, Item)]
            seconds = time.perf_counter() - started
        blocks = [" ".join(block.split()) for draft in found for block in draft.text.split("\n\n")]
        bag, ordered = _scores(" ".join(blocks), " ".join(paragraphs))
        whole = len(set(blocks) & set(paragraphs)) / len(set(paragraphs))
        figures[name] = {"f1": bag, "ordered": ordered, "whole": whole, "pages_per_second": pages / seconds}
        rows.append(
            [name, str(pages), f"{bag:.3f}", f"{ordered:.3f}", f"{whole:.3f}", f"{pages / seconds:.0f}"]
        )
    columns_shown = ["", "pages", "F1", "F1 in order", "paragraphs exactly", "pages/s"]
    print_table("text of PDFs that LibreOffice made", columns_shown, rows)
    append_result(options.out, "formats-pdf", {"variants": figures})


def _scores(found: str, gold: str) -> tuple[float, float]:
    """F1 of the words counted, and of those that stand in the same order."""
    have, want = (re.findall(r"\S+", text) for text in (found, gold))
    common = (Counter(have) & Counter(want)).total()
    matcher = difflib.SequenceMatcher(None, have, want, autojunk=False)
    in_order = sum(block.size for block in matcher.get_matching_blocks())
    return 2 * common / (len(have) + len(want)), 2 * in_order / (len(have) + len(want))


def _printed(office: str, folder: Path, paragraphs: list[str], columns: int, divided: bool) -> Path:
    source = folder / "printed.fodt"
    source.write_text(_document(paragraphs, columns, divided), encoding="utf-8")
    home = f"-env:UserInstallation={(folder / 'home').as_uri()}"
    command = [office, home, "--headless", "--convert-to", "pdf", "--outdir", str(folder), str(source)]
    subprocess.run(command, check=True, capture_output=True, timeout=180)
    return folder / "printed.pdf"


def _document(paragraphs: list[str], columns: int, divided: bool) -> str:
    align = 'fo:text-align="justify"' if divided else 'fo:text-align="left"'
    hyphens = 'fo:hyphenate="true" fo:language="en" fo:country="US"' if divided else ""
    body = "\n".join(map(_paragraph, paragraphs))
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<office:document {SPACES} office:version="1.2" office:mimetype="application/vnd.oasis.opendocument.text">
<office:styles><style:style style:name="Body" style:family="paragraph">
<style:paragraph-properties {align} fo:margin-bottom="0.2cm"/>
<style:text-properties fo:font-size="11pt" {hyphens}/></style:style>
<style:style style:name="H1" style:family="paragraph">
<style:text-properties fo:font-size="20pt" fo:font-weight="bold"/></style:style>
<style:style style:name="H2" style:family="paragraph">
<style:text-properties fo:font-size="15pt" fo:font-weight="bold"/></style:style></office:styles>
<office:automatic-styles><style:page-layout style:name="L">
<style:page-layout-properties fo:page-width="21cm" fo:page-height="29.7cm" fo:margin="2cm">
<style:columns fo:column-count="{columns}" fo:column-gap="0.8cm"/></style:page-layout-properties>
<style:header-style/><style:footer-style/></style:page-layout></office:automatic-styles>
<office:master-styles><style:master-page style:name="Standard" style:page-layout-name="L">
<style:header><text:p>A running header that nobody asked for</text:p></style:header>
<style:footer><text:p>Page <text:page-number/></text:p></style:footer>
</style:master-page></office:master-styles>
<office:body><office:text>{body}</office:text></office:body></office:document>"""


def _paragraph(text: str) -> str:
    heading = HEADING.match(text) if len(text) < 80 else None
    if heading is None:
        return f'<text:p text:style-name="Body">{escape(text)}</text:p>'
    level = 2 if heading[2] else 1
    return f'<text:h text:style-name="H{level}" text:outline-level="{level}">{escape(text)}</text:h>'


if __name__ == "__main__":
    main()

"""Makes the PDF and the DOCX of the sample, with LibreOffice, from the texts that stand here.

    python tools/sample_documents.py

It writes `sample/texts/coffee-roasting.pdf` and `sample/texts/neretva.docx`. When they were made, and by
which program, is taken out of both, so that the same LibreOffice makes the same bytes.
"""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from xml.sax.saxutils import escape

TEXTS = Path(__file__).resolve().parent.parent / "sample" / "texts"

ROASTING = """
# Roasting coffee

Green coffee beans are hard and smell of hay. Only roasting gives them their colour, their aroma and their
taste.

## What happens in the drum

Green beans hold between 10 and 12 per cent of water. In the first minutes of roasting this water
evaporates, and the beans turn from green to yellow. At about 196 °C the steam and the gas inside break the
bean open with a loud crack, which is called the first crack. A light roast is ended soon after the first
crack.

At about 224 °C a second and softer crack is heard. Oil then comes to the surface of the bean. Dark roasts
are ended during the second crack or after it. Until then the beans have lost up to a fifth of their weight,
while their volume has almost doubled.

## Cooling

Roasted beans are cooled with air or with a spray of water, because they would go on roasting in their own
heat. For some days they give off carbon dioxide, and so bags of coffee have a valve that lets gas out and
no air in.

=
## Makers of roasting machines

Jabez Burns patented a roaster in 1864 that emptied itself without being taken off the fire. Burns was born
in London in 1826 and came to New York as a young man. His machines made large roasting houses possible, and
his company was called Jabez Burns & Sons.

The company Probat was founded in 1868 in Emmerich, a German town on the Rhine. Its founder was Alexius van
Gülpen. Probat makes drum roasters to this day, and has a museum of coffee technology in Emmerich.
"""

NERETVA = """
# The Neretva

The Neretva is a river of Bosnia and Herzegovina and of Croatia, about 225 kilometres long. It rises in the
Dinaric Alps and flows into the Adriatic Sea near Ploče. The city of Mostar stands on the Neretva.

## The Old Bridge of Mostar

Suleiman the Magnificent ordered the bridge in 1557. It was designed by Mimar Hayruddin, a pupil of the
architect Mimar Sinan. The Old Bridge was completed in 1566. Mostar has its name from the keepers of the
bridge, the mostari.

The Old Bridge was destroyed on 9 November 1993 in the war. It was rebuilt with stone from the same quarry
and opened again on 23 July 2004. The Old Bridge was made a World Heritage Site in 2005.

## Coffee in Mostar

Bosnian coffee is boiled in a small pot with a long handle, the džezva. It is drunk from a small cup without
a handle, which is called a fildžan. A cube of rahat lokum is served with it.

| Bridge of Mostar | River | Completed |
| Old Bridge | Neretva | 1566 |
| Crooked Bridge | Radobolja | 1558 |
"""

SPACES = " ".join(
    [
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "text", "style", "table", "meta")
    ]
    + [
        'xmlns:fo="urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0"',
        'xmlns:dc="http://purl.org/dc/elements/1.1/"',
    ]
)


def main() -> int:
    """Writes both documents; says so where LibreOffice is missing."""
    office = shutil.which("soffice")
    if office is None:
        print("LibreOffice (soffice) is not installed")
        return 1
    (TEXTS / "coffee-roasting.pdf").write_bytes(without_origin(converted(office, ROASTING, "pdf")))
    (TEXTS / "neretva.docx").write_bytes(without_dates(converted(office, NERETVA, "docx")))
    return 0


def converted(office: str, text: str, suffix: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "document.fodt"
        source.write_text(document(text.strip()), encoding="utf-8")
        home = f"-env:UserInstallation={(Path(folder) / 'home').as_uri()}"
        command = [office, home, "--headless", "--convert-to", suffix, "--outdir", folder, str(source)]
        subprocess.run(command, check=True, capture_output=True, timeout=180)
        return source.with_suffix(f".{suffix}").read_bytes()


def document(text: str) -> str:
    """A flat ODT: `#` and `##` are headings, bars stand between cells, `=` begins a page."""
    title = text.partition("\n")[0].lstrip("# ")
    body = ""
    turned = False
    for block in text.split("\n\n"):
        if block.startswith("=\n"):
            turned, block = True, block[2:]
        if block.startswith("|"):
            body += table(block)
        elif block.startswith("#"):
            level = block.index(" ")
            name = "TurnedHeading" if turned else f"H{level}"
            named = escape(block[level:].strip())
            body += f'<text:h text:style-name="{name}" text:outline-level="{level}">{named}</text:h>'
            turned = False
        else:
            body += f'<text:p text:style-name="Body">{escape(" ".join(block.split()))}</text:p>'
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<office:document {SPACES} office:version="1.2" office:mimetype="application/vnd.oasis.opendocument.text">
<office:meta><dc:title>{escape(title)}</dc:title></office:meta>
<office:styles>
<style:default-style style:family="paragraph">
<style:text-properties fo:language="en" fo:country="GB"/></style:default-style>
{style("Body", "11pt", below="0.25cm")}
{style("H1", "20pt", level=1)}
{style("H2", "15pt", level=2)}
</office:styles>
<office:automatic-styles>
<style:style style:name="TurnedHeading" style:family="paragraph" style:parent-style-name="H2">
<style:paragraph-properties fo:break-before="page"/></style:style>
<style:page-layout style:name="L">
<style:page-layout-properties fo:page-width="14.8cm" fo:page-height="21cm" fo:margin="1.8cm"/>
<style:footer-style/></style:page-layout></office:automatic-styles>
<office:master-styles><style:master-page style:name="Standard" style:page-layout-name="L">
<style:footer><text:p>Page <text:page-number/></text:p></style:footer>
</style:master-page></office:master-styles>
<office:body><office:text>{body}</office:text></office:body></office:document>"""


def style(name: str, size: str, *, level: int = 0, below: str = "0cm") -> str:
    outline = f'style:display-name="Heading {level}" style:default-outline-level="{level}"' if level else ""
    bold = ' fo:font-weight="bold"' if level else ""
    return (
        f'<style:style style:name="{name}" style:family="paragraph" {outline}>'
        f'<style:paragraph-properties fo:margin-top="{0.2 * level}cm" fo:margin-bottom="{below}"/>'
        f'<style:text-properties fo:font-size="{size}"{bold}/></style:style>'
    )


def table(block: str) -> str:
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in block.splitlines()]
    lines = [
        "<table:table-row>"
        + "".join(
            f'<table:table-cell office:value-type="string"><text:p>{escape(cell)}</text:p></table:table-cell>'
            for cell in row
        )
        + "</table:table-row>"
        for row in rows
    ]
    columns = f'<table:table-column table:number-columns-repeated="{len(rows[0])}"/>'
    head = f"<table:table-header-rows>{lines[0]}</table:table-header-rows>"
    return f'<table:table table:name="Bridges">{columns}{head}{"".join(lines[1:])}</table:table>'


def without_origin(pdf: bytes) -> bytes:
    """The PDF without program, date and checksum; every byte else stays where the file says it is."""
    for entry in (rb"/Creator<[^>]*>", rb"/Producer<[^>]*>", rb"/CreationDate\([^)]*\)"):
        pdf = re.sub(entry, lambda found: b" " * len(found[0]), pdf)
    for entry in (rb"/ID \[ <(\w+)>\s*<(\w+)> \]", rb"/DocChecksum /(\w+)"):
        pdf = re.sub(entry, lambda found: re.sub(rb"(?<=[</])[0-9A-F]{32}", b"0" * 32, found[0]), pdf)
    return pdf


def without_dates(docx: bytes) -> bytes:
    """The DOCX with the title alone in its properties, and one date for all of its parts."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(docx)) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for name in sorted(old.namelist(), key=lambda name: (name != "[Content_Types].xml", name)):
            data = old.read(name)
            if name == "docProps/app.xml":
                data = re.sub(rb"(<Properties[^>]*>).*(</Properties>)", rb"\1\2", data, flags=re.DOTALL)
            if name == "docProps/core.xml":
                data = re.sub(rb"<(dcterms:\w+|cp:\w+|dc:(?!title)\w+)[^>]*>[^<]*</\1>", b"", data)
            new.writestr(zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0)), data, zipfile.ZIP_DEFLATED)
    return made.getvalue()


if __name__ == "__main__":
    sys.exit(main())

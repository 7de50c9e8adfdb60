"""How much memory a very large file takes to read and to learn, and a folder of very many small ones.

    venv/bin/python bench/formats/large.py FOLDER [--kinds csv,mbox] [--bytes 2e9] [--learn-bytes 2e8]

Makes one file of each kind in FOLDER, reads it whole, learns its first bytes without vectors (at most 100,000
items), and removes it. Each is done in a process of its own. "reader" is the process of the adapter,
"together" the most that both have resident at one time, in MiB.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from itertools import count, islice
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import psutil

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from common import append_result, print_table

from sutra_core.learn import learn
from sutra_core.learn.adapters import BadItem, Item, read_collection
from sutra_core.learn.adapters.collection import collection_size
from sutra_storage import Engine

WORDS = (Path(__file__).parent.parent / "answers" / "plain" / "corpus.jsonl").read_text("utf-8").split()
WORKBOOK_ROWS = 1_000_000
TINY_FILES = LEARN_ITEMS = 100_000


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--kinds", default=",".join(KINDS))
    parser.add_argument("--bytes", type=float, default=2e9)
    parser.add_argument("--learn-bytes", type=float, default=2e8)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--one", choices=["read", "learn"], help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        print(json.dumps(measured(arguments.folder, arguments.one, int(arguments.learn_bytes))))
        return
    rows: list[dict[str, Any]] = []
    for kind in arguments.kinds.split(","):
        made = arguments.folder / f"large-{kind}"
        made.mkdir(parents=True)
        try:
            KINDS[kind](made, int(arguments.bytes))
            for way in ("read", "learn"):
                limit = f"--learn-bytes={arguments.learn_bytes}"
                command = [sys.executable, __file__, str(made), "--one", way, limit]
                told = subprocess.run(command, capture_output=True, text=True, check=True)
                rows.append({"kind": kind, "way": way, **json.loads(told.stdout)})
                append_result(arguments.out, "large", rows[-1])
                print(rows[-1], file=sys.stderr)
        finally:
            for path in made.iterdir():
                path.unlink()
            made.rmdir()
    print_table("large collections", list(rows[0]), [list(row.values()) for row in rows])


def measured(folder: Path, way: str, learn_bytes: int) -> dict[str, Any]:
    """Reads or learns what is in the folder, and watches both processes meanwhile."""
    watch = Watch()
    began = time.perf_counter()
    items = refused = done = 0
    if way == "read":
        for item in read_collection(folder):
            items += 1
            refused += isinstance(item, BadItem)
            done = item.bytes_done
    else:

        def wanted() -> Iterator[Item | BadItem]:
            nonlocal done
            for item in islice(read_collection(folder), LEARN_ITEMS):
                if item.bytes_done > learn_bytes:
                    return
                done = item.bytes_done
                yield item

        with tempfile.TemporaryDirectory(dir=folder.parent) as storage:
            engine = Engine(storage, fingerprint="none", dimension=384)
            report = learn(engine, None, wanted(), batch_size=1000, bytes_total=collection_size(folder))
            items, refused = report.sources, report.refused_count
            engine.close()
    seconds = time.perf_counter() - began
    watch.stop()
    return {
        "MB": min(done, collection_size(folder)) // 10**6,
        "items": items,
        "refused": refused,
        "seconds": round(seconds),
        "MiB": watch.own >> 20,
        "reader": watch.reader >> 20,
        "together": watch.together >> 20,
    }


class Watch:
    """Looks ten times a second at what this process and its children have resident."""

    def __init__(self) -> None:
        self.own = self.reader = self.together = 0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._ended.set()
        self._thread.join()

    def _look(self) -> None:
        process = psutil.Process()
        while not self._ended.wait(0.1):
            own, reader = process.memory_info().rss, 0
            for child in process.children():
                try:
                    reader += child.memory_info().rss
                except psutil.NoSuchProcess:
                    continue
            self.own = max(self.own, own)
            self.reader = max(self.reader, reader)
            self.together = max(self.together, own + reader)


def texts(words: int) -> Iterator[tuple[int, str]]:
    """Numbered texts without end, always the same ones, of words of a real text."""
    chance = random.Random(0)
    starts = len(WORDS) - words
    for number in count(1):
        at = chance.randrange(starts)
        yield (
            number,
            f"Entry {number} says: {' '.join(WORDS[at : at + words])}.".replace('"', "").replace("\\", ""),
        )


def written(
    path: Path, size: int, one: Callable[[int, str], str], begin: str = "", end: str = "", words: int = 60
) -> None:
    """A file of records until it is so large."""
    done = 0
    with path.open("w", encoding="utf-8") as file:
        file.write(begin)
        for number, text in texts(words):
            done += file.write(one(number, text))
            if done >= size:
                break
        file.write(end)


def make_mediawiki(folder: Path, size: int) -> None:
    def page(number: int, text: str) -> str:
        text = escape(text)
        return (
            f"<page><title>Page {number}</title><ns>0</ns><id>{number}</id><revision>"
            f"<timestamp>2020-05-01T12:00:00Z</timestamp><text>'''Page {number}'''. {text}\n\n== More ==\n"
            f"See [[Page {number // 2}]]. {text}</text></revision></page>\n"
        )

    begin = '<mediawiki xmlns="http://www.mediawiki.org/xml/export-0.11/" xml:lang="en">'
    written(folder / "dump.xml", size, page, begin, "</mediawiki>", words=100)


def make_json_lines(folder: Path, size: int) -> None:
    written(
        folder / "records.jsonl",
        size,
        lambda number, text: json.dumps({"id": number, "text": text, "title": f"Record {number}"}) + "\n",
    )


def make_csv(folder: Path, size: int) -> None:
    written(
        folder / "table.csv",
        size,
        lambda number, text: f'{number},Name {number},"{text}"\n',
        "number,name,description\n",
    )


def make_mbox(folder: Path, size: int) -> None:
    def message(number: int, text: str) -> str:
        return (
            "From ada@example.org Thu May  7 10:00:00 2020\nFrom: Ada <ada@example.org>\n"
            f"To: ben@example.org\nSubject: Matter {number}\nMessage-ID: <{number}@example.org>\n"
            f"Date: Thu, 7 May 2020 10:00:00 +0000\n\n{text}\n\n"
        )

    written(folder / "mail.mbox", size, message, words=400)


def make_text(folder: Path, size: int) -> None:
    written(folder / "text.txt", size, lambda _, text: f"{text}\n\n")


def make_html(folder: Path, size: int) -> None:
    """Pages of 50 MB, of which one is held whole."""
    each = min(size, 50_000_000)
    for number in range(max(1, size // each)):
        begin = f"<!doctype html><html><head><title>Page {number}</title></head><body><main>"
        written(
            folder / f"page{number}.html",
            each,
            lambda _, text: f"<p>{escape(text)}</p>\n",
            begin,
            "</main></body></html>",
        )


def make_xlsx(folder: Path, size: int) -> None:
    """Nearly as many rows as a sheet may have, and as many shared texts as are held; four rows share each."""
    rows = min(WORKBOOK_ROWS, size // 400)
    main = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    kinds = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    relations = f'<Relationships xmlns="{package}/relationships">{{}}</Relationships>'
    relation = f'<Relationship Id="r{{}}" Type="{office}/{{}}" Target="{{}}"/>'.format
    with zipfile.ZipFile(folder / "book.xlsx", "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr(
            "[Content_Types].xml",
            f'<Types xmlns="{package}/content-types"><Default Extension="xml" ContentType="application/xml"/>'
            '<Default Extension="rels" '
            'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Override PartName="/xl/workbook.xml" ContentType="{kinds}.sheet.main+xml"/>'
            f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{kinds}.worksheet+xml"/>'
            f'<Override PartName="/xl/sharedStrings.xml" ContentType="{kinds}.sharedStrings+xml"/></Types>',
        )
        archive.writestr("_rels/.rels", relations.format(relation(1, "officeDocument", "xl/workbook.xml")))
        archive.writestr(
            "xl/_rels/workbook.xml.rels",
            relations.format(
                relation(1, "worksheet", "worksheets/sheet1.xml")
                + relation(2, "sharedStrings", "sharedStrings.xml")
            ),
        )
        sheets = '<sheets><sheet name="Sheet" sheetId="1" r:id="r1"/></sheets>'
        archive.writestr("xl/workbook.xml", f'<workbook {main} xmlns:r="{office}">{sheets}</workbook>')
        with archive.open("xl/sharedStrings.xml", "w", force_zip64=True) as file:
            file.write(f"<sst {main}>".encode())
            for number, text in texts(60):
                text = escape(text)
                file.write(f"<si><t>{text}</t></si>".encode())
                if number > rows // 4:
                    break
            file.write(b"</sst>")
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as file:
            file.write(f"<worksheet {main}><sheetData>".encode())
            head = "".join(
                f'<c r="{column}1" t="inlineStr"><is><t>{name}</t></is></c>'
                for column, name in zip("ABC", ("number", "name", "description"), strict=True)
            )
            file.write(f'<row r="1">{head}</row>'.encode())
            for row in range(2, rows + 2):
                name = f'<c r="B{row}" t="inlineStr"><is><t>Name {row}</t></is></c>'
                text = f'<c r="C{row}" t="s"><v>{row // 4}</v></c>'
                file.write(f'<row r="{row}"><c r="A{row}"><v>{row}</v></c>{name}{text}</row>'.encode())
            file.write(b"</sheetData></worksheet>")


def make_tiny(folder: Path, size: int) -> None:
    """Very many small files, whatever the size that is wanted."""
    for number, text in texts(20):
        (folder / f"{number:06}.txt").write_text(text, encoding="utf-8")
        if number * 1000 >= min(size, TINY_FILES * 1000):
            break


KINDS: dict[str, Callable[[Path, int], None]] = {
    "mediawiki": make_mediawiki,
    "json-lines": make_json_lines,
    "csv": make_csv,
    "mbox": make_mbox,
    "text": make_text,
    "html": make_html,
    "xlsx": make_xlsx,
    "tiny": make_tiny,
}


if __name__ == "__main__":
    main()

"""Paragraphs of translated pages beside their English originals, as JSON Lines.

    apt-get download debian-handbook debian-reference-en debian-reference-de    # then dpkg -x each
    H=…/usr/share/doc/debian-handbook/html
    venv/bin/python bench/languages/pairs.py $H/en-US de=$H/de-DE fr=$H/fr-FR > pairs.jsonl
    R=…/usr/share/debian-reference
    venv/bin/python bench/languages/pairs.py $R de=$R --pattern '*.{language}.html' > pairs.jsonl

A page of a translation is taken where it has as many paragraphs as its original; they are paired by their
order, and left out where they are the same, short, or end in a colon.
"""

from __future__ import annotations

import json
import re
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path

from lxml import html

CHARS_MIN = 40


def main() -> None:
    """Prints the pairs."""
    arguments = ArgumentParser()
    arguments.add_argument("english", type=Path)
    arguments.add_argument("translations", nargs="+", metavar="CODE=FOLDER")
    arguments.add_argument("--pattern", default="*.html", help="names of the pages; {language} is the code")
    chosen = arguments.parse_args()
    for translation in chosen.translations:
        language, _, folder = translation.partition("=")
        for page, english, text in _pairs(chosen.english, Path(folder), language, chosen.pattern):
            record = {"language": language, "page": page, "text": text, "english": english}
            json.dump(record, sys.stdout, ensure_ascii=False)
            print()


def _pairs(english: Path, folder: Path, language: str, pattern: str) -> Iterator[tuple[str, str, str]]:
    own, other = pattern.replace("{language}", "en"), pattern.replace("{language}", language)
    for original in sorted(english.glob(own)):
        translated = folder / original.name.replace(own.lstrip("*"), other.lstrip("*"))
        if not translated.exists():
            continue
        paragraphs, translations = _paragraphs(original), _paragraphs(translated)
        if len(paragraphs) != len(translations):
            continue
        for paragraph, text in zip(paragraphs, translations, strict=True):
            if len(paragraph) >= CHARS_MIN and text and text != paragraph and not paragraph.endswith(":"):
                yield original.name, paragraph, text


def _paragraphs(page: Path) -> list[str]:
    tree = html.parse(page, html.HTMLParser(encoding="utf-8")).getroot()
    found: list[str] = []
    for element in tree.xpath("//p | //div[@class='para']"):
        for nested in element.xpath(".//pre | .//ul | .//ol | .//table | .//div"):
            nested.drop_tree()
        found.append(re.sub(r"\s+", " ", element.text_content()).strip())
    return found


if __name__ == "__main__":
    main()

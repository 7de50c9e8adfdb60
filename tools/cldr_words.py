"""The closed classes of words of other languages, out of Unicode CLDR.

    npm pack cldr-{dates,localenames,numbers,units,segments}-full cldr-rbnf    # and unpack each
    venv/bin/python tools/cldr_words.py FOLDER >crates/sutra-read/src/lexicon/languages/cldr.txt

FOLDER holds the unpacked packages. Months, weekdays, spelled numbers, powers of ten, units of time and of
measure in all their plural and case forms, countries and cities, and the abbreviations after which CLDR
suppresses the end of a sentence. What CLDR does not have (articles, forms of "to be") is in `by_hand.txt`
beside the output.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from textwrap import fill
from typing import Any, cast

LANGUAGES = ("de", "fr", "es", "it", "pt", "nl", "sv", "ru")
PARTS = ("dates", "localenames", "numbers", "rbnf", "units", "segments")
TIME_UNITS = ("second", "minute", "hour", "day", "week", "month", "year", "decade", "century")
UNITS = (
    *(
        f"length-{name}"
        for name in ("kilometer", "meter", "centimeter", "millimeter", "mile", "foot", "inch")
    ),
    *(f"mass-{name}" for name in ("tonne", "kilogram", "gram", "milligram", "pound")),
    *(f"area-{name}" for name in ("hectare", "acre")),
    *(f"volume-{name}" for name in ("liter", "milliliter")),
    *(f"power-{name}" for name in ("watt", "kilowatt", "megawatt")),
    *(f"digital-{name}" for name in ("byte", "kilobyte", "megabyte", "gigabyte", "terabyte")),
    "temperature-celsius",
    "concentr-percent",
    "frequency-hertz",
    "speed-kilometer-per-hour",
)
PLACE_CHARS_MIN = 3
NO_PLACES = {"001", "EZ", "UN", "XA", "XB", "ZZ", "Etc"}
HEADER = """\
# Closed classes of words, by language. Written by tools/cldr_words.py: do not correct by hand.
# Unicode CLDR {versions}. Copyright (c) 2004-2026 Unicode, Inc.; see LICENSE-UNICODE.
"""

Json = dict[str, Any]


def main(folder: Path) -> None:
    """Prints the file."""
    packages = {part: next(folder.rglob(f"cldr-{part}*/package")) for part in PARTS}
    versions = sorted({_read(package / "package.json")["version"] for package in packages.values()})
    print(HEADER.format(versions=" and ".join(versions)), end="")
    for language in LANGUAGES:
        print(f"\n[{language}]")
        for name, words in _classes(packages, language):
            line = " ".join(sorted({word.lower() for word in words}))
            print(
                fill(
                    f"{name}: {line}",
                    118,
                    subsequent_indent="  ",
                    break_long_words=False,
                    break_on_hyphens=False,
                )
            )


def _classes(packages: dict[str, Path], language: str) -> Iterator[tuple[str, Iterable[str]]]:
    calendar = _main(packages["dates"], language, "ca-gregorian")["dates"]["calendars"]["gregorian"]
    yield "month", _single(_names(calendar["months"]))
    yield "weekday", _single(_names({"format": {"wide": calendar["days"]["format"]["wide"]}}))
    yield "place", _places(packages, language)
    yield "number", _spelled(_read(packages["rbnf"] / "rbnf" / f"{language}.json"))
    numbers = _main(packages["numbers"], language, "numbers")["numbers"]
    powers = numbers["decimalFormats-numberSystem-latn"]
    yield (
        "scale",
        _single(
            pattern.strip("0\xa0 ")
            for length in ("long", "short")
            for pattern in powers[length]["decimalFormat"].values()
        ),
    )
    units = _main(packages["units"], language, "units")["units"]
    yield "time_unit", _single(_forms(units["long"], (f"duration-{name}" for name in TIME_UNITS)))
    yield "unit", _single(form for length in ("long", "short") for form in _forms(units[length], UNITS))
    yield "abbreviation", _abbreviations(packages["segments"] / "segments" / language / "suppressions.json")


def _places(packages: dict[str, Path], language: str) -> Iterator[str]:
    """Countries, and the cities that time zones are named by; what is shorter is an abbreviation."""
    countries = _main(packages["localenames"], language, "territories")["localeDisplayNames"]["territories"]
    zones = _main(packages["dates"], language, "timeZoneNames")["dates"]["timeZoneNames"]["zone"]
    real = [name for code, name in countries.items() if code not in NO_PLACES]
    for name in _single([*real, *_cities(zones)]):
        if len(name) > PLACE_CHARS_MIN and name[0].isupper() and not name.isupper():
            yield name


def _cities(zones: Json) -> Iterator[str]:
    for name, zone in zones.items():
        if name == "exemplarCity":
            yield cast(str, zone)
        elif name not in NO_PLACES and isinstance(zone, dict):
            yield from _cities(cast(Json, zone))


def _read(path: Path) -> Json:
    return cast(Json, json.loads(path.read_text("utf-8")))


def _main(package: Path, language: str, name: str) -> Json:
    return cast(Json, _read(package / "main" / language / f"{name}.json")["main"][language])


def _names(widths: Json) -> Iterator[str]:
    """The names in every use ("3 октября", "октябрь") of full and abbreviated width."""
    for use in widths.values():
        for width in ("wide", "abbreviated"):
            yield from use.get(width, {}).values()


def _forms(units: Json, names: Iterable[str]) -> Iterator[str]:
    for name in names:
        for key, pattern in units.get(name, {}).items():
            if "-count-" in key:
                yield pattern.replace("{0}", "").replace("\xa0", " ").strip()


def _single(words: Iterable[str]) -> Iterator[str]:
    """Those that are one word, without the full stop of an abbreviation."""
    for word in words:
        bare = word.replace("\u00ad", "").removesuffix(".")
        if bare and not re.search(r"[\s\d.'’]", bare):
            yield bare


def _spelled(rules: Json) -> Iterator[str]:
    """The words of numbers from two up, where a rule of spelling out is a word and no more. One is left out:
    in most languages it is the article."""
    for name, lines in rules["rbnf"]["rbnf"]["SpelloutRules"].items():
        if not name.startswith(("%spellout-cardinal", "%spellout-numbering", "%%spellout-cardinal")):
            continue
        for value, rule in lines:
            if value.isdigit() and 2 <= int(value) <= 100 and "=" not in rule:
                bare = re.sub(r"\[.*?\]|\u00ad|;", "", rule)
                if bare and not re.search(r"[←→%\s<>]", bare):
                    yield bare


def _abbreviations(path: Path) -> Iterator[str]:
    """Those of two letters and more, without inner full stops: what else there is, is known by its shape."""
    if not path.exists():
        return
    segmentations = _read(path)["segments"]["segmentations"]
    for entry in segmentations.get("SentenceBreak", segmentations.get("sentenceBreak", {})).get(
        "standard", ()
    ):
        word = entry["suppression"].removesuffix(".")
        if re.fullmatch(r"[^\W\d_]{2,}(-[^\W\d_]+)?", word):
            yield word


if __name__ == "__main__":
    main(Path(sys.argv[1]))

"""`sutra inspect`: what learning files would make of them. No store is opened."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sutra_cli.moments import moment_of
from sutra_cli.output import Format, Json, Mapping, Template, console, print_json
from sutra_core.places import PLACES, place_at

if TYPE_CHECKING:
    from sutra_cli.file_report import FileReport, LanguageBy
    from sutra_core.learn.adapters import Item

__all__ = ["inspect"]

_TEXT_CHARACTERS = 200
_LANGUAGES = 3
_LANGUAGE_BY: dict[LanguageBy, str] = {
    "file": ", as the file says",
    "detection": ", detected",
    "": "not told",
}
_BY = {
    "content": "recognised by its content",
    "name": "recognised by its name",
    "option": "as --format says",
}


def inspect(
    paths: Annotated[list[Path], typer.Argument(help="Files and folders.")],
    items: Annotated[int, typer.Option(min=0, max=1000, help="How many items are shown.")] = 3,
    limit: Annotated[int, typer.Option(min=1, max=1_000_000, help="How many items are read.")] = 1000,
    format_name: Format = "",
    mapping: Mapping = "",
    template: Template = "",
    json: Json = False,
) -> None:
    """Show what files are and what learning would make of them, without learning anything.

    The format and how it was recognised, the first items, and what would be refused. Of each path at most
    --limit items are read, for 10 s at most. Exit code 1 when nothing can be read.
    """
    from sutra_cli.file_report import SECONDS_MAX, Look
    from sutra_core.learn.adapters import FieldMap
    from sutra_core.learn.adapters.files import FileReader

    fields = FieldMap.parse(mapping, template)
    with FileReader(format_name=format_name, fields=fields, silence_seconds=SECONDS_MAX) as reader:
        look = Look(reader, named=bool(format_name), items=items, limit=limit)
        reports: list[FileReport] = []
        for path in paths:
            reports.append(look.at(path))
            if not json:
                _show(reports[-1])
    if json:
        print_json([_as_json(report) for report in reports])
    if not any(report.items_read for report in reports):
        raise typer.Exit(1)


def _show(report: FileReport) -> None:
    console.print(report.path, style="bold", soft_wrap=True)
    if report.format:
        where = ", read in a process of its own" if report.own_process else ""
        _line("format", f"{report.format} ({_BY[report.recognised_by]}){where}")
    else:
        for name, count in report.formats.most_common():
            _line("format", f"{name}: {count} files" if count > 1 else f"{name}: 1 file")
    if report.encoding:
        _line("encoding", report.encoding)
    if report.languages:
        _line("language", _languages(report.languages))
    if report.formats:
        _line("size", f"{report.bytes:,} bytes")
        _line("items", f"{report.items_read:,} read, {'all' if report.complete else 'there may be more'}")
    for number, item in enumerate(report.items, 1):
        _show_item(number, item)
    if report.refused:
        kinds = ", ".join(f"{count} {code}" for code, count in report.refused.most_common())
        console.print(f"  would be refused: {kinds}", style="yellow", soft_wrap=True)
    for bad in report.refusals:
        reason = bad.reason.removeprefix(f"{bad.location} ")
        console.print(f"    {bad.code}: {bad.location}: {reason}", style="yellow", soft_wrap=True)
    if report.refused.total() > len(report.refusals):
        console.print(f"    … and {report.refused.total() - len(report.refusals)} more", style="yellow")


def _languages(found: Counter[tuple[str, LanguageBy]]) -> str:
    """The commonest languages, each with who says so; how many items have which where there are several."""
    from sutra_cli.language_names import language_name

    said: list[str] = []
    for (language, by), count in found.most_common(_LANGUAGES):
        name = f"{language_name(language)}{_LANGUAGE_BY[by]}" if language else _LANGUAGE_BY[by]
        said.append(f"{name}: {count:,} of {found.total():,} items" if len(found) > 1 else name)
    return "; ".join(said) + ("; …" if len(found) > _LANGUAGES else "")


def _show_item(number: int, item: Item) -> None:
    draft = item.draft
    console.print(f"  [{number}] {draft.title or 'without a title'}", style="bold", soft_wrap=True)
    within = place_at(draft.attributes, 0)
    told = f"({within})" in item.location  # a document's parts are told apart by it
    _line("place", ", ".join(filter(None, (item.location, "" if told else within))), 6)
    if moment := moment_of(draft.time):
        _line("time", moment, 6)
    for name, value in draft.attributes.items():
        if name != PLACES:
            _line("attribute", f"{name} = {_short(value)}", 6)
    marked = "text, labels in ‹ ›" if item.labels else "text"
    _line(marked, " ".join(_marked(item).split()), 6)
    if links := _links(item):
        _line("links", ", ".join(f"{count} {relation}" for relation, count in links.most_common()), 6)


def _line(name: str, value: str, indent: int = 2) -> None:
    console.print(f"{' ' * indent}{name:<10} {value}", soft_wrap=True)


def _marked(item: Item) -> str:
    """The beginning of the text, with each label between ‹ and ›."""
    text = item.draft.text[:_TEXT_CHARACTERS]
    data = text.encode(errors="surrogatepass")
    pieces: list[bytes] = []
    at = 0
    for start, end in item.labels:
        if start >= len(data):
            break
        pieces += [data[at:start], "‹".encode(), data[start:end], "›".encode()]
        at = end
    pieces.append(data[at:])
    ending = "…" if len(item.draft.text) > _TEXT_CHARACTERS else ""
    return b"".join(pieces).decode("utf-8", "replace") + ending


def _labels(item: Item) -> list[str]:
    data = item.draft.text.encode(errors="surrogatepass")
    return [data[start:end].decode("utf-8", "replace") for start, end in item.labels]


def _links(item: Item) -> Counter[str]:
    return Counter(link.relation for link in item.links)


def _short(value: str) -> str:
    line = " ".join(value.split())
    return line if len(line) <= _TEXT_CHARACTERS else line[:_TEXT_CHARACTERS] + "…"


def _as_json(report: FileReport) -> dict[str, Any]:
    return {
        "path": report.path,
        "format": report.format,
        "recognised_by": report.recognised_by,
        "own_process": report.own_process,
        "encoding": report.encoding,
        "languages": [
            {"language": language or None, "told_by": by or None, "items": count}
            for (language, by), count in report.languages.most_common()
        ],
        "bytes": report.bytes,
        "formats": dict(report.formats),
        "items_read": report.items_read,
        "complete": report.complete,
        "items": [
            {
                "title": item.draft.title,
                "place": item.location,
                "time": moment_of(item.draft.time) or None,
                "attributes": dict(item.draft.attributes),
                "text": item.draft.text[:_TEXT_CHARACTERS],
                "labels": _labels(item),
                "links": dict(_links(item)),
            }
            for item in report.items
        ],
        "refused": dict(report.refused),
        "refusals": [asdict(bad) for bad in report.refusals],
    }

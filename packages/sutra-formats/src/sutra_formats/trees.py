"""Trees of HTML and XML: the one place that knows lxml, typed by what of it is used.

No entity is resolved but those of the language itself, nothing is fetched, and libxml2's own limits of
depth and size stay on. Elements are walked without recursion, however deep they are nested.
"""

from __future__ import annotations

import html.entities
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import IO, Any, Protocol, cast

__all__ = [
    "Element",
    "Walk",
    "XmlError",
    "attribute",
    "classes",
    "element_text",
    "html_tree",
    "local_attribute",
    "local_name",
    "release",
    "walk",
    "xml_elements",
    "xml_events",
    "xml_tree",
]

_NAMED_ENTITY = re.compile(r"&([A-Za-z][A-Za-z0-9]*);")
# How every XML parser here is set.
_SAFE = {
    "resolve_entities": False,
    "no_network": True,
    "load_dtd": False,
    "huge_tree": False,
    "remove_comments": True,
    "remove_pis": True,
}
_OF_XML = frozenset({"amp", "lt", "gt", "quot", "apos"})


class XmlError(Exception):
    """What should be XML is not; the message says where."""


class Element(Protocol):
    """An element, a comment or a processing instruction; the tag of the last two is no string."""

    @property
    def tag(self) -> object: ...
    @property
    def text(self) -> str | None: ...
    @property
    def tail(self) -> str | None: ...
    def get(self, key: str) -> str | None: ...
    def getparent(self) -> Element | None: ...
    def iter(self, *tags: str) -> Iterator[Element]: ...
    def iterchildren(self) -> Iterator[Element]: ...
    def iterancestors(self) -> Iterator[Element]: ...
    def clear(self) -> None: ...
    def __len__(self) -> int: ...


class Walk(Protocol):
    """The events "start" and "end" of a tree; `skip_subtree` behind a "start" leaves out what is inside."""

    def __iter__(self) -> Iterator[tuple[str, Element]]: ...
    def skip_subtree(self) -> None: ...


def _etree() -> Any:
    from lxml import etree  # pyright: ignore[reportMissingTypeStubs,reportAttributeAccessIssue,reportUnknownVariableType]

    return cast("Any", etree)


def html_tree(pieces: Iterable[str]) -> tuple[Element | None, bool]:
    """The tree of a page given in pieces, and whether it is whole: beyond libxml2's limits it ends early."""
    etree = _etree()
    parser = etree.HTMLParser(
        encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True, huge_tree=False
    )
    whole = True
    try:
        for piece in pieces:
            parser.feed(piece.encode("utf-8", "replace"))
    except etree.LxmlError:
        whole = False
    root: Any = None
    with suppress(etree.LxmlError):
        root = parser.close()
    whole = whole and not any(entry.level_name == "FATAL" for entry in parser.feed_error_log)
    return cast("Element | None", root), whole


def xml_tree(data: bytes, *, recover: bool = False) -> Element:
    """The tree of a small XML file that is held whole. Raises `XmlError`."""
    etree = _etree()
    parser = etree.XMLParser(recover=recover, **_SAFE)
    if recover:
        data = _without_named_entities(data)
    try:
        root = etree.fromstring(data, parser)
    except (etree.LxmlError, ValueError, LookupError) as error:
        raise XmlError(str(error)) from error
    if root is None:
        raise XmlError("it holds no element")
    return cast("Element", root)


def xml_events(file: IO[bytes]) -> Iterator[tuple[str, Element]]:
    """The events "start" and "end" of an XML file, read as a stream. Raises `XmlError`.

    The caller clears each element that it has done with.
    """
    etree = _etree()
    events = etree.iterparse(file, events=("start", "end"), **_SAFE)
    try:
        yield from cast("Iterator[tuple[str, Element]]", events)
    except etree.LxmlError as error:
        raise XmlError(str(error)) from error


def xml_elements(file: IO[bytes], *names: str) -> Iterator[Any]:
    """Each element of these names (in any namespace) when it ends, read as a stream. Raises `XmlError`.

    It is freed when the next one is asked for.
    """
    etree = _etree()
    events = etree.iterparse(file, events=("end",), tag=[f"{{*}}{name}" for name in names], **_SAFE)
    try:
        for _, element in events:
            yield element
            release(element)
    except etree.LxmlError as error:
        raise XmlError(str(error)) from error


def walk(root: Element) -> Walk:
    """The events of a tree in the order of the document."""
    return cast("Walk", _etree().iterwalk(root, events=("start", "end")))


def release(element: Element) -> None:
    """Frees an element of a stream that was done with, and those before it in the same parent."""
    element.clear()
    node = cast("Any", element)
    parent = node.getparent()
    while parent is not None and node.getprevious() is not None:
        del parent[0]


def local_name(element: Element) -> str:
    """The name of an element without its namespace, in small letters; "" for what is no element."""
    tag = element.tag
    return tag.rpartition("}")[2].lower() if isinstance(tag, str) else ""


def classes(element: Element) -> str:
    """The class and the id of an element, in small letters."""
    return f"{attribute(element, 'class')} {attribute(element, 'id')}".lower()


def attribute(element: Element, name: str) -> str:
    """An attribute of an element, "" where it has none."""
    return element.get(name) or ""


def local_attribute(element: Element, name: str) -> str:
    """An attribute by its name without its namespace, "" where the element has none."""
    for key, value in cast("Any", element).attrib.items():
        if str(key).rpartition("}")[2] == name:
            return str(value)
    return ""


def element_text(element: Element) -> str:
    """All text inside an element, its white space collapsed."""
    texts = cast("Iterable[str]", cast("Any", element).itertext())
    return " ".join("".join(texts).split())


def _without_named_entities(data: bytes) -> bytes:
    """XHTML with the named characters of HTML written out, which XML alone does not know."""
    if b"&" not in data:
        return data
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return data

    def character(match: re.Match[str]) -> str:
        name = match[1]
        found = None if name in _OF_XML else html.entities.html5.get(f"{name};")
        return match[0] if found is None else found

    return _NAMED_ENTITY.sub(character, text).encode()

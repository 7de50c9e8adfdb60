"""Finds the main part of a page of HTML, and says what in it is not text of the page.

What a page names itself (`main`, `article`) is believed where it holds the text. Else the part is found by
where the text lies: from the body down as long as one child holds nearly all of it, text in links not
counted. Navigation is known by its element, role, class, or by being links and nothing else.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from sutra_formats.trees import Element, attribute, classes, local_name, walk

__all__ = ["Masses", "is_left_out", "is_mark", "main_part"]

# fmt: off
_NEVER = frozenset({
    "script", "style", "noscript", "template", "nav", "footer", "aside", "button", "select",
    "input", "textarea", "iframe", "object", "embed", "svg", "canvas", "audio", "video", "dialog",
    "menu", "map", "datalist", "option", "label", "head", "link", "meta", "title", "applet",
    "frameset",
})
_ROLES = frozenset({
    "navigation", "banner", "contentinfo", "complementary", "search", "menu", "menubar", "dialog",
    "alertdialog", "toolbar", "tablist",
})
# fmt: on
_NAMED = re.compile(
    r"(?:^|[\s_-])(?:nav(?:bar|igation|header|footer|box|links?)?|docnav|menus?|side-?bar|breadcrumbs?|cookies?"
    r"|consent|gdpr|banner|pagination|pager|skip-?links?|advert(?:isement)?s?|newsletter|footer|sphinxsidebar"
    r"|mw-editsection|linenos|toc|table-of-contents|toctree-wrapper|printfooter|catlinks|noprint|modal)(?:$|[\s_-])"
    r"|(?:^|\s)(?:contents|related|share|sharing|social|ads?|subscribe|promo|popup|toolbar|feedback)(?:$|\s)"
)
_MAY_BE_NAMED = frozenset(
    {"html", "body", "main", "article", "h1", "h2", "h3", "h4", "h5", "h6", "p", "a", "pre", "code"}
)
_HIDDEN = re.compile(r"(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.IGNORECASE)
_LISTS = frozenset({"ul", "ol", "div", "section", "dl", "p"})
_NEARLY_ALL = 0.8


@dataclass(slots=True)
class _Mass:
    """How many characters a part has, and how many of them lie in links; how many links."""

    text: int = 0
    linked: int = 0
    links: int = 0
    never: bool = False


class Masses:
    """How much text lies in each part of a page; what is never text of a page is not counted."""

    def __init__(self, root: Element) -> None:
        self._masses: dict[Element, _Mass] = {}
        stack: list[_Mass] = []
        in_links = 0
        events = walk(root)
        for event, element in events:
            name = local_name(element)
            if event == "start":
                stack.append(_Mass(links=int(name == "a"), never=_never(element, name)))
                if stack[-1].never:
                    events.skip_subtree()
                    continue
                in_links += name == "a"
                _count(stack[-1], element.text, in_links)
                continue
            mass = self._masses[element] = stack.pop()
            in_links -= name == "a" and not mass.never
            if stack:
                above = stack[-1]
                above.text += mass.text
                above.linked += mass.linked
                above.links += mass.links
                _count(above, element.tail, in_links)
        self._half = self._masses[root].text // 2

    def never(self, element: Element) -> bool:
        """Whether a part is by its kind no text of a page."""
        mass = self._masses.get(element)
        return mass is None or mass.never

    def free(self, element: Element) -> int:
        """The characters of a part that are not in links."""
        mass = self._masses.get(element)
        return mass.text - mass.linked if mass else 0

    def all_links(self, element: Element) -> bool:
        """Whether a part is links and hardly anything else."""
        mass = self._masses.get(element)
        return mass is not None and mass.links > 2 and mass.linked > _NEARLY_ALL * mass.text

    def is_half(self, element: Element) -> bool:
        """Whether a part holds half of the page's text."""
        mass = self._masses.get(element)
        return mass is not None and mass.text > self._half


def _count(mass: _Mass, text: str | None, in_links: int) -> None:
    if text and not text.isspace():
        length = len(text.strip())
        mass.text += length
        mass.linked += length if in_links else 0


def main_part(root: Element, masses: Masses) -> Element:
    """The smallest part of a page that holds its text."""
    body = next(root.iter("{*}body"), root)
    enough = masses.free(body) * 0.25
    for found in _named_mains(root):
        if masses.free(found) >= enough:
            return _narrowed(found, masses)
    return _narrowed(body, masses)


def _named_mains(root: Element) -> list[Element]:
    mains = [
        e
        for e in root.iter("{*}main", "{*}div", "{*}section")
        if local_name(e) == "main" or attribute(e, "role") == "main"
    ]
    articles = [e for e in root.iter() if attribute(e, "itemprop") == "articleBody"] or list(
        root.iter("{*}article")
    )
    return [*mains[:1], *(articles if len(articles) == 1 else [])]


def _narrowed(part: Element, masses: Masses) -> Element:
    """Down as long as one child holds nearly all of the text; never into a paragraph or a table of data."""
    while True:
        whole = masses.free(part)
        heavy = next(
            (
                child
                for child in part.iterchildren()
                if local_name(child)
                in ("div", "main", "article", "section", "td", "tr", "tbody", "table", "center")
                and masses.free(child) > _NEARLY_ALL * whole
            ),
            None,
        )
        if heavy is None or whole == 0:
            return part
        if _has_heading_beside(heavy):
            return part
        part = heavy


def _has_heading_beside(part: Element) -> bool:
    parent = part.getparent()
    if parent is None:
        return False
    for sibling in parent.iterchildren():
        if sibling is not part and local_name(sibling) in ("h1", "h2"):
            return True
    return False


def _never(element: Element, name: str) -> bool:
    if not name or name in _NEVER or attribute(element, "role").lower() in _ROLES:
        return True
    if element.get("hidden") is not None or attribute(element, "aria-hidden").lower() == "true":
        return True
    if name == "header":
        return not any(local_name(above) in ("main", "article") for above in element.iterancestors())
    style = attribute(element, "style")
    return bool(style) and _HIDDEN.search(style) is not None


def is_left_out(element: Element, masses: Masses) -> bool:
    """Whether a part inside the main one is no text of the page: navigation, controls, what is hidden."""
    name = local_name(element)
    if masses.never(element):
        return True
    if name not in _MAY_BE_NAMED and _NAMED.search(classes(element)) and not masses.is_half(element):
        return True
    if name == "sup" or name == "a":
        return is_mark(element)
    return name in _LISTS and masses.all_links(element)


def is_mark(element: Element) -> bool:
    """Whether a link only leads to a place in the page: the mark of a footnote, the handle of a heading."""
    link = element if local_name(element) == "a" else next(element.iter("{*}a"), None)
    if link is None or not attribute(link, "href").startswith("#"):
        return False
    text = (link.text or "").strip()
    return text in ("¶", "#", "§", "↑", "^", "🔗") or (
        local_name(element) == "sup" and re.fullmatch(r"\[?\w{1,3}\]?|[*†‡]", text) is not None
    )

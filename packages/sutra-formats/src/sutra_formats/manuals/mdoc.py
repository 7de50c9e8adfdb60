"""The words that a line of mdoc(7) shows: its macros call each other inside the line."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["CALLABLE", "said"]

_QUOTES = {
    "Op": "[]",
    "Dq": "“”",
    "Sq": "‘’",
    "Pq": "()",
    "Aq": "⟨⟩",
    "Bq": "[]",
    "Brq": "{}",
    "Qq": '""',
    "Ql": "‘’",
    "Do": "“”",
    "Oo": "[]",
    "Po": "()",
}
_NAMES = {"Bx": "BSD", "Nx": "NetBSD", "Fx": "FreeBSD", "Ox": "OpenBSD", "Ux": "UNIX", "At": "AT&T UNIX"}
_STYLED = (
    "Ad An Ar Cd Cm Dv Em Er Ev Fa Fn Ft Ic In Li Lk Ms Mt No Pa Pf Rv St Sx Sy Tn Va Vt Nm Nd Xr Fl Ns "
    "Ap Dc Oc Pc"
)
_STYLES = frozenset(_STYLED.split())
CALLABLE = _STYLES | _QUOTES.keys() | _NAMES.keys()
"""The macros that show words."""

_CLOSING = frozenset(".,:;)]?!")


def said(words: Sequence[str], name: str) -> str:
    """The line with its macros resolved; `name` is what the page is about.

    >>> said(["Op", "Fl", "a", "Ar", "file", "."], "ls")
    '[-a file].'
    """
    shown: list[str] = []
    glued = False
    closing: list[str] = []
    tail = ""
    left = list(words)
    while left and closing_only(left[-1]):
        tail = left.pop() + tail
    position = 0
    while position < len(left):
        word = left[position]
        position += 1
        if word not in CALLABLE:
            glued = _put(shown, word, glued)
        elif word in _QUOTES:
            glued = _put(shown, _QUOTES[word][0], glued)
            glued = True
            closing.append(_QUOTES[word][1])
        elif word == "Ns":
            glued = True
        elif word == "Ap":
            _put(shown, "'", True)
            glued = True
        elif word == "Nd":
            glued = _put(shown, "—", glued)
        elif word == "Fl":
            glued = _put(shown, "-", glued)
            glued = position < len(left) and left[position] not in CALLABLE
        elif word == "Xr" and position < len(left):
            section = left[position + 1] if position + 1 < len(left) else ""
            numbered = section[:1].isdigit()
            glued = _put(shown, f"{left[position]}({section})" if numbered else left[position], glued)
            position += 1 + numbered
        elif word == "Nm" and (position == len(left) or left[position] in CALLABLE):
            glued = _put(shown, name, glued)
        elif word == "Pf" and position < len(left):
            _put(shown, left[position], glued)
            position += 1
            glued = True
        elif word in _NAMES:
            glued = _put(shown, _NAMES[word], glued)
    return "".join([*shown, *reversed(closing), tail]).strip()


def closing_only(word: str) -> bool:
    """Whether a word is only the punctuation that ends a line."""
    return word in _CLOSING


def _put(shown: list[str], word: str, glued: bool) -> bool:
    if shown and not glued and not closing_only(word):
        shown.append(" ")
    shown.append(word)
    return False

r"""The text that a line of roff shows: fonts, sizes and special characters of `\` resolved.

It knows escapes and the quoting of arguments, no macro of any package, and runs nothing.
"""

from __future__ import annotations

import re

__all__ = ["arguments", "plain"]

_ESCAPE = re.compile(
    r"""\\(?:
      (?P<comment>["\#].*)
    | \((?P<two>..) | \[(?P<long>[^\]]*)\] | C'(?P<quoted>[^']*)'
    | \*(?:\((?P<string_two>..)|\[(?P<string_long>[^\]]*)\]|(?P<string>.))
    | [fFmMgknNVY](?:\(..|\[[^\]]*\]|[+-]?.)
    | s(?:[+-]?\(..|[+-]?\[[^\]]*\]|[+-]?'[^']*'|[+-]?[0-9]{1,2})
    | [hvwxoDLlbSHRXZAB]'[^']*'
    | \$. | z
    | (?P<one>.)
    | $)""",
    re.VERBOSE,
)
_CHARACTERS = {
    "em": "—",
    "en": "–",
    "hy": "-",
    "mi": "−",
    "bu": "•",
    "co": "©",
    "rg": "®",
    "tm": "™",
    "de": "°",
    "lq": "“",
    "rq": "”",
    "oq": "‘",
    "cq": "’",
    "aq": "'",
    "dq": '"',
    "ga": "`",
    "ha": "^",
    "ti": "~",
    "rs": "\\",
    "sl": "/",
    "at": "@",
    "sh": "#",
    "Do": "$",
    "eu": "€",
    "Eu": "€",
    "Po": "£",
    "ba": "|",
    "lB": "[",
    "rB": "]",
    "lC": "{",
    "rC": "}",
    "la": "⟨",
    "ra": "⟩",
    "Fo": "«",
    "Fc": "»",
    "sc": "§",
    "<-": "←",
    "->": "→",
    "<=": "≤",
    ">=": "≥",
    "!=": "≠",
    "==": "≡",
    "+-": "±",
    "mu": "×",
    "di": "÷",
    "if": "∞",
    "ss": "ß",
    "AE": "Æ",
    "ae": "æ",
    "OE": "Œ",
    "oe": "œ",
    "/O": "Ø",
    "/o": "ø",
    "'e": "é",
    "'a": "á",
    "'i": "í",
    "'o": "ó",
    "'u": "ú",
    "'E": "É",
    "`a": "à",
    "`e": "è",
    ":a": "ä",
    ":o": "ö",
    ":u": "ü",
    ":A": "Ä",
    ":O": "Ö",
    ":U": "Ü",
    ",c": "ç",
    "~n": "ñ",
    "oa": "å",
    "oA": "Å",
    "12": "½",
    "Tm": "™",
    "R": "®",
    "lt": "<",
    "gt": ">",
    "nb": "\u00a0",
    "fi": "fi",
    "fl": "fl",
    "ff": "ff",
}
_ONE = {
    "-": "-",
    "e": "\\",
    "\\": "\\",
    " ": " ",
    "~": " ",
    "0": " ",
    "'": "´",
    "`": "`",
    ".": ".",
    "t": "\t",
}
_HEXADECIMAL = re.compile(r"u([0-9A-F]{4,6})(?:_|$)")


def plain(line: str) -> str:
    r"""A line without its escapes; a comment ends it.

    >>> plain(r"\fBls\fR \- list\(em\[u00E9]\&.\" hidden")
    'ls - list—é.'
    """
    return _ESCAPE.sub(_shown, line) if "\\" in line else line


def _shown(found: re.Match[str]) -> str:
    name = found["two"] or found["long"] or found["quoted"]
    name = name or found["string_two"] or found["string_long"] or found["string"]
    if name is None:
        return _ONE.get(found["one"] or "", "")
    if code := _HEXADECIMAL.match(name):
        number = int(code[1], 16)
        return chr(number) if number < 0x110000 and not 0xD800 <= number < 0xE000 else ""
    return _CHARACTERS.get(name, "")


def arguments(text: str) -> list[str]:
    r"""What a macro is given: words, or phrases in quotation marks, in which two stand for one.

    >>> arguments('LS 1 "the ""first"" page"')
    ['LS', '1', 'the "first" page']
    """
    found: list[str] = []
    position = 0
    while position < len(text):
        if text[position] in " \t":
            position += 1
        elif text[position] == '"':
            match = _QUOTED.match(text, position)
            assert match
            found.append(match[1].replace('""', '"'))
            position = match.end()
        else:
            match = _WORD.match(text, position)
            assert match
            found.append(match[0])
            position = match.end()
    return [plain(one) for one in found]


_QUOTED = re.compile(r'"((?:[^"]|"")*)"?')
_WORD = re.compile(r"(?:\\.|[^\\ \t])+|\\$", re.DOTALL)

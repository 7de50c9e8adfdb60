"""The sender's own words in the text of a mail: without quotations, forwarded mails and signatures.

It decides by lines alone and knows no encodings and no HTML. Each line is looked at a bounded number of
times: the libraries for this (email-reply-parser, mail-parser-reply) take hours for one hostile line.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

__all__ = ["begins_quotation", "own_words"]

_QUOTED = re.compile(r" ?>")
_ORIGINAL = re.compile(
    r"\s*(?:[-_=*]{2,} ?(?:original (?:message|appointment)|forwarded (?:message|by)|ursprüngliche nachricht"
    r"|weitergeleitete nachricht|message d'origine|message original|message transféré|mensaje original"
    r"|mensaje reenviado|messaggio originale|messaggio inoltrato|oorspronkelijk bericht"
    r"|mensagem original)\b.{0,200}|begin forwarded message:)\s*$",
    re.IGNORECASE,
)
_WROTE = re.compile(
    r"\b(?:wrote|writes|said|schrieb|écrit|escribió|scrisse|ha scritto|escreveu|schreef|skrev|napisał)\b"
    r".{0,120}:\s*$",
    re.IGNORECASE,
)
_OPENS = re.compile(r"\s*(?:on|am|le|el|il|em|op|den|w dniu) ", re.IGNORECASE)
_WHEN_OR_WHO = re.compile(r"\d{1,2}[:.]\d\d|\d{4}|[^\s@<>]@[^\s@<>]|<mailto:", re.IGNORECASE)
_SENT_AT = re.compile(r"\d{1,2}[:.]\d\d.*\d{4}|\d{4}.*\d{1,2}[:.]\d\d|[^\s@<>]@[^\s@<>]")
_HEADER = re.compile(
    r"\s*\*?(?P<name>from|sent|date|to|cc|subject|von|gesendet|datum|an|betreff|de|envoyé|à|objet"
    r"|enviado|para|asunto|assunto|da|inviato|oggetto|van|verzonden|aan|onderwerp)\s?:\*?\s+\S",
    re.IGNORECASE,
)
_FIRST_HEADERS = frozenset({"from", "von", "de", "da", "van"})
_HEADERS_OF_A_MAIL = 3
_RULE = re.compile(r"\s*[_-]{10,}\s*$")
_LIST_FOOTER = re.compile(r"[_-]{30,}\s*$")
_DEVICE = re.compile(
    r"\s*(?:sent from my |sent from mail for |get outlook for |von meinem .{1,40} gesendet"
    r"|envoyé de mon |enviado desde mi )[^\n]{0,80}$",
    re.IGNORECASE,
)
_SIGNATURE_LINES = 10
_ATTRIBUTION_LINES = 3
_LINE_CHARACTERS = 400


def own_words(text: str) -> str:
    r"""What the sender wrote, without what was quoted.

    >>> own_words("Yes.\n\nOn 8 May 2023, Ann <ann@example.com> wrote:\n> Is it old?\n> I ask.\n-- \nBen")
    'Yes.'
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    kept: list[str] = []
    for number, line in enumerate(lines):
        if _ends(lines, number):
            break
        if _QUOTED.match(line):
            _drop_attribution(kept)
        elif not _DEVICE.match(line):
            kept.append(line)
    while kept and (not kept[-1].strip() or _RULE.match(kept[-1])):
        kept.pop()
    return "\n".join(kept).strip("\n")


def begins_quotation(text: str) -> bool:
    """Whether a paragraph begins a quoted mail, or a signature: what follows is not said."""
    lines = text.split("\n")
    return _ends(lines, 0) or (len(lines) > 1 and _RULE.match(lines[0]) is not None and _ends(lines, 1))


def _ends(lines: Sequence[str], number: int) -> bool:
    """Whether the sender's words end before a line."""
    line = lines[number][:_LINE_CHARACTERS]
    if line.startswith("--") and (line == "-- " or (line.rstrip() == "--" and _is_short(lines, number + 1))):
        return True
    if _ORIGINAL.match(line) or _is_mail_header(lines, number):
        return True
    if _LIST_FOOTER.match(line) and any("mailing list" in below.lower() for below in lines[number + 1 :][:2]):
        return True
    return _is_bare_attribution(lines, number)


def _is_short(lines: Sequence[str], number: int) -> bool:
    return sum(1 for line in lines[number : number + 60] if line.strip()) <= _SIGNATURE_LINES


def _is_mail_header(lines: Sequence[str], number: int) -> bool:
    """Whether the header of a mail begins here, as it is written above one that is quoted whole."""
    first = _HEADER.match(lines[number][:_LINE_CHARACTERS])
    if not first or first["name"].lower() not in _FIRST_HEADERS:
        return False
    names: set[str] = set()
    for line in lines[number : number + 8]:
        if found := _HEADER.match(line[:_LINE_CHARACTERS]):
            names.add(found["name"].lower())
    return len(names) >= _HEADERS_OF_A_MAIL


def _is_bare_attribution(lines: Sequence[str], number: int) -> bool:
    """Whether "On …, Ann wrote:" begins here, above a quotation that has no marks of its own."""
    if not lines[number].strip() or (number and lines[number - 1].strip()):
        return False
    said = ""
    for at in range(number, min(number + _ATTRIBUTION_LINES, len(lines))):
        if not lines[at].strip() or _QUOTED.match(lines[at]):
            return False
        said = f"{said} {lines[at][:_LINE_CHARACTERS]}"
        if _WROTE.search(said):
            below = next((line for line in lines[at + 1 : at + 4] if line.strip()), "")
            return _SENT_AT.search(said) is not None and not _QUOTED.match(below)
    return False


def _drop_attribution(kept: list[str]) -> None:
    """Takes away the lines above a quotation that say who is quoted."""
    end = len(kept)
    while end and not kept[end - 1].strip():
        end -= 1
    if not end or len(kept) - end > 2 or not kept[end - 1].rstrip().endswith(":"):
        return
    said, found = "", None
    for start in range(end - 1, max(end - 1 - _ATTRIBUTION_LINES, -1), -1):
        if not kept[start].strip():
            break
        said = f"{kept[start][:_LINE_CHARACTERS]} {said}"
        if not _WROTE.search(said):
            continue
        begins = start == 0 or not kept[start - 1].strip()
        if begins or _OPENS.match(said) or (found is None and _WHEN_OR_WHO.search(said)):
            found = start
        if begins or _OPENS.match(said):
            break
    if found is not None:
        del kept[found:]

"""purge, receipt, receipts, went: what was forgotten leaves the files, and what is known of it then."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sutra_client.calls import Call, Place, Steps
from sutra_client.errors import code_of, error_of
from sutra_client.results import json_of, known_fields, read
from sutra_client.sending import answered
from sutra_client.verbs.pages import all_items
from sutra_core.arguments import NUMBER_MAX, check_number, check_unicode
from sutra_core.errors import UnknownReceiptError
from sutra_core.forgetting import unknown_receipt
from sutra_core.results import ForgettingRecord
from sutra_core.types import Forgotten, TextKind, Went

__all__ = ["purge", "receipt", "receipts", "went"]

_NUMBERS = range(2**53)
"""What a number can be in JSON; no store reaches its end."""


def purge(place: Place) -> Steps[datetime]:
    """Takes what was forgotten from the files, and tells when that was done."""
    told = json_of((yield from answered(place, Call("POST", place.path("purge")))))
    return read(datetime, told.get("purged"))


def receipt(place: Place, transaction: int) -> Steps[ForgettingRecord | None]:
    """The receipt of a transaction; None where it forgot nothing."""
    check_number("transaction", transaction, 0, NUMBER_MAX)
    if transaction not in _NUMBERS:
        return None
    call = Call("GET", place.path("receipts", transaction), expected=frozenset({404}))
    response = yield from answered(place, call)
    if response.status_code == 404:
        if code_of(response) == UnknownReceiptError.code:
            return None
        raise error_of(response)
    told = json_of(response)
    forgotten = known_fields(Forgotten, read(dict[str, Any], told.get("forgotten")))
    return read(ForgettingRecord, told | {"forgotten": forgotten})


def receipts(place: Place) -> Steps[list[int]]:
    """The transactions that forgot something, in order."""
    entries = yield from all_items(place, place.path("receipts"))
    return [read(int, entry.get("transaction")) for entry in entries]


def went(place: Place, transaction: int, text: str, title: str) -> Steps[Went]:
    """As what a text is among what a transaction forgot."""
    check_number("transaction", transaction, 0, NUMBER_MAX)
    check_unicode("text", text)
    check_unicode("title", title, empty=True)
    if transaction not in _NUMBERS:
        raise unknown_receipt(transaction)
    call = Call("POST", place.path("receipts", transaction, "went"), body={"text": text, "title": title})
    told = json_of((yield from answered(place, call)))
    return Went(read(list[TextKind], told.get("found")), read(bool, told.get("key_fits")))

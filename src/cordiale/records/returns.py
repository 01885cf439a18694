"""Requests for return in the books of both sides, and when one is settled.

A copy that was asked back is settled once it has ended, with everything that
was reproduced from it and is still here. What ends a copy settles the requests
that wait for it.
"""

from __future__ import annotations

from typing import Final

from cordiale.records.duties import discharge
from cordiale.records.items import COPY
from cordiale.records.lineage import list_descendants
from cordiale.records.record import Record
from cordiale.records.session import ActSession, Books

RETURN_REQUEST: Final = "return-request"
OPEN_STATES: Final = ("asked", "answered")
_HERE: Final = ("held", "registered", "frozen")
_THERE: Final = ("dispatched", "with-partner")


def duty_to_answer(request: str) -> str:
    """Return the identifier of the duty to answer a request, on both sides."""
    return f"return-answer.{request}"


def duty_to_return(request: str) -> str:
    """Return the identifier of the duty to return what was promised, on both sides."""
    return f"return.{request}"


def settle_returns(session: ActSession, copy: Record, proof: str) -> None:
    """Settle the requests that waited for the end of `copy`, which has just ended; `proof` is its certificate."""
    for state in OPEN_STATES:
        for request in session.find(RETURN_REQUEST, "copies", copy.id):
            if request["state"] == state and not _waits(session, request):
                discharge(session, duty_to_return(request.id), proof)
                if state == "answered":
                    session.change(request, state="settled")


def _waits(books: Books, request: Record) -> bool:
    """Tell whether any copy that was asked for, or anything reproduced from one, is still where it was."""
    still = _HERE if request["direction"] == "in" else _THERE
    for id in request["copies"]:
        copy = books.get(COPY, id)
        if copy is not None and (
            copy["state"] in still or any(one["state"] in still for one in list_descendants(books, id))
        ):
            return True
    return False

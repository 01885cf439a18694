"""Behind the registry: what our books say of the addressee whom the sender named, and what stays closed until then.

The registry registers by the outer particulars what only its addressee may
open, and passes it on unopened (EU-Switzerland Art. 9, EU 2015/444 Art. 27(2)).
"""

from __future__ import annotations

from typing import Any

from cordiale.envelope.particulars import Particulars
from cordiale.errors import OutOfOrder
from cordiale.model.addressee import Addressee
from cordiale.records.holdings import is_held
from cordiale.records.items import COPY
from cordiale.records.record import Record
from cordiale.records.session import Books


def addressed(addressee: Addressee | None) -> dict[str, Any]:
    """Return what a record says of the addressee behind the registry."""
    if addressee is None:
        return {}
    return {"addressee": addressee.office, **({"addressee_alone": True} if addressee.alone else {})}


def is_closed(particulars: Particulars) -> bool:
    """Tell whether nobody but its addressee opens the item."""
    return particulars.addressee is not None and particulars.addressee.alone


def shown_title(particulars: Particulars) -> str:
    """Return the title as the registry may know it: empty where only the addressee opens the item."""
    return "" if is_closed(particulars) else particulars.title


def closed_copy(books: Books, item: Record, *, party: str, number: int | None) -> Record:
    """Return the copy of `item` held here that only its addressee opens; raises `OutOfOrder` where there is none.

    `number` says which, where several are here.
    """
    closed = [
        copy for copy in books.find(COPY, "item", item.id)
        if is_held(copy, party) and "addressee_alone" in copy.body and number in (None, copy["copy_number"])
    ]
    if not closed or "readers" not in item.body:
        raise OutOfOrder(
            "addressee.open", "this item is not one that only its addressee opens",
            hint="charge it out with `cordiale circulate out`",
        )
    return closed[0]

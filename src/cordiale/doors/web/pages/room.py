"""The reading room: a content page by page, as pictures, with the reader woven in; never as a file of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from starlette.responses import Response

from cordiale.doors.web import choices
from cordiale.doors.web.again import show_again
from cordiale.doors.web.forms import Field, Form, Option, Params, read_fields, show_entered
from cordiale.doors.web.routes import Page
from cordiale.doors.web.visit import Values, Visit
from cordiale.errors import CordialeError, Malformed, OutOfOrder
from cordiale.operate.reading_room import Reader, Reading
from cordiale.records.signed_in import Asked, session_request

_SIZES: Final = (60, 100, 150, 200)


def _copies(visit: Visit) -> Sequence[Option]:
    held = visit.ask("view.item", item=visit.named["item"])["held"]
    return [(one["copy"], one["numbered"]) for one in held] if len(held) > 1 else []


READ: Final = Form(
    name="read", act="read.open", title="Read", button="Open it", done="The reading stands in the audit trail.",
    lead="The reading is entered in the audit trail before the first page is shown. Every page bears your name.",
    fields=(
        choices.ITEM, Field("purpose", "Purpose", hint="What you read it for, as your need-to-know says."),
        # Asked for only where several copies are held here.
        Field("copy", "Copy", kind="choice", options=_copies, is_required=False),
    ),
)


def show_door(visit: Visit) -> Response:
    """Ask what the item is read for."""
    item = visit.ask("view.item", item=visit.named["item"])
    # Whoever has a copy in hand reads that one, unless they choose another.
    mine = [("copy", one["copy"]) for one in item["held"] if one["mine"]][:1]
    return _door(visit, item["item"], Values([("item", item["item"]), *mine]), visit.fresh_act(), None)


def _door(visit: Visit, item: str, values: Values, act_id: str, error: CordialeError | None) -> Response:
    return show_entered(
        visit, READ, values, act_id=act_id, error=error, address=f"/items/{item}/read", back=f"/items/{item}",
        is_strong=False,
    )


def open_reading(visit: Visit) -> Response:
    """Grant and open the reading; its first page follows."""
    values, act_id = visit.form, visit.form.get("act_id")
    try:
        read = read_fields(visit, READ, values)
        named: Params = {name: read[name] for name in ("purpose", "copy") if name in read}
        asked = Asked("read.open", act_id, {"item": visit.named["item"], **named})
        request = session_request(visit.registry, visit.require_session().signed_in, asked)
        reading = visit.desk.serving.room.open(request, visit.require_session().signed_in.session)
    except CordialeError as error:
        again = act_id or visit.fresh_act()
        return show_again(
            visit, values, lambda visit, fault: _door(visit, visit.named["item"], values, again, fault), error=error,
        )
    visit.require_session().readings[reading.id] = reading
    visit.tell(READ.done, trail=reading.trail)
    return visit.go(f"/room/{reading.id}/1")


def _reader(visit: Visit) -> Reader:
    signed_in = visit.require_session().signed_in
    return Reader(signed_in.person, signed_in.session)


def _reading(visit: Visit) -> Reading | None:
    found: Reading | None = visit.require_session().readings.get(visit.named["reading"])
    return found


def _number(visit: Visit) -> int:
    given = visit.named["page"]
    if not (given.isascii() and given.isdigit() and len(given) < 7):
        raise Malformed("desk.number", "`{value}` is not a number", hint="write it in figures", value=given[:40])
    return int(given)


def show_page(visit: Visit) -> Response:
    """Show one page of an open reading, with the way to the next; its text beside, where the rules let it leave."""
    number, reading = _number(visit), _reading(visit)
    size = visit.query.get("size", "100")
    if reading is None:
        raise OutOfOrder("room.no-reading", "this reading is not open", hint="open the item again")
    text = visit.desk.serving.room.text(reading.id, _reader(visit), number) if reading.may_have_text else ""
    return visit.show(
        "room.html", reading=reading, number=number, text=text, sizes=_SIZES,
        size=int(size) if size in map(str, _SIZES) else 100,
    )


def show_picture(visit: Visit) -> Response:
    """Give the picture of one page; it is decided again whether the reading may go on."""
    given = visit.query.get("size", "100")
    size = int(given) if given in map(str, _SIZES) else 100
    shown = visit.desk.serving.room.page(visit.named["reading"], _reader(visit), _number(visit), size)
    return Response(shown.body, 200, {"Content-Disposition": "inline"}, shown.media_type)


def close_reading(visit: Visit) -> Response:
    """Close the reading; what was shown is gone from this node's memory."""
    session, name = visit.require_session(), visit.named["reading"]
    reading = session.readings.pop(name, None)
    visit.desk.serving.room.close(name, _reader(visit))
    if not isinstance(reading, Reading):
        return visit.go("/")
    return visit.go("/drafts" if reading.is_draft else f"/items/{reading.item}")


PAGES: Final = (
    Page("/items/{item}/read", get=show_door, post=open_reading),
    Page("/room/{reading}/{page}", get=show_page),
    Page("/room/{reading}/{page}/picture", get=show_picture),
    Page("/room/{reading}/{page}/close", post=close_reading),
)

"""Inventories: begun, counted by scanner or by hand, explained, signed by two, and listed for an originator."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from starlette.responses import Response

from cordiale.doors.replies import status_of
from cordiale.doors.web import choices
from cordiale.doors.web.again import show_again
from cordiale.doors.web.faults import fault_value
from cordiale.doors.web.forms import Field, Form, Option, Params
from cordiale.doors.web.routes import Page
from cordiale.doors.web.sheets import (
    Action,
    Column,
    Row,
    Section,
    Sheet,
    asked_part,
    beside,
    following,
    rows_asked,
    show_sheet,
)
from cordiale.doors.web.visit import Values, Visit
from cordiale.errors import CordialeError, Malformed
from cordiale.limits import INVENTORY_LINES_COUNT_MAX, INVENTORY_NUMBERS_COUNT_MAX
from cordiale.model.person import Office
from cordiale.records.answer import Answer
from cordiale.records.signed_in import Asked
from cordiale.words.spoken import marked

_COUNTERS: Final = frozenset({Office.REGISTRAR, Office.DEPUTY_REGISTRAR, Office.SECURITY_OFFICER})
_VIEWERS: Final = _COUNTERS | {Office.INSPECTOR}
_TOLD_VIEWERS: Final = _VIEWERS | {Office.COMPETENT_AUTHORITY}
_SCANNED_SHOWN_MAX: Final = 12
_OUTCOMES: Final[Mapping[str, str]] = {
    "sighted": marked("sighted"), "sighted-before": marked("sighted before, by {name}"),
    "not-expected": marked("here, and not expected in this inventory"), "unknown": marked("no such number here"),
    "say-which-copy": marked("several copies bear this number: write NUMBER#COPY"),
}
_ABOUT: Final = Field("inventory", "Inventory", kind="hidden")


def _kinds(_: Visit) -> Sequence[Option]:
    return [
        ("whole", marked("all that must be there")), ("spot", marked("a share, drawn by chance")),
        ("handover", marked("a change of custodian")),
    ]


def _books(visit: Visit) -> Sequence[Option]:
    return [("own", marked("our own items")), *choices.partners(visit)]


def _explanations(_: Visit) -> Sequence[Option]:
    return [
        ("found", marked("found")), ("entry-error", marked("an error in the entries")),
        ("not-found", marked("not found")),
    ]


def _plan(_: Visit, read: Params) -> Params:
    custodians = [read.pop(name) for name in ("giver", "receiver") if name in read]
    return {**read, "custodians": custodians} if custodians else read


def _to_inventory(visit: Visit, answer: Answer, values: Values) -> str:
    return f"/inventories/{values.get('inventory')}"


def _next_page(visit: Visit, answer: Answer, values: Values) -> str:
    """Go on with the pages of what must be there, and back to the inventory after the last."""
    page = int(values.get("page")) + 1
    if page < int(answer.value["pages"]):
        return f"/do/inventory-sight-files?inventory={values.get('inventory')}&page={page}"
    return _to_inventory(visit, answer, values)


def _page_number(_: Visit, read: Params) -> Params:
    page = str(read["page"])
    if not page.isdecimal() or len(page) > 7:
        raise Malformed("desk.form", "the form could not be read", hint="go back and send it again")
    return {**read, "page": int(page)}


_FACTS: Final = (
    Column("kind", "Kind", "word"), Column("state", "State", "word"), Column("book", "Book"),
    Column("levels", "Levels"), Column("unit", "Unit"), Column("share", "Share in percent"),
    Column("expected", "Must be there"), Column("sighted", "Sighted"), Column("opened_by", "Begun by"),
    Column("opened_at", "Begun", "when"), Column("closed_by", "Counting ended by"),
    Column("closed_at", "Counting ended", "when"), Column("reason", "Reason"),
)
_DIFFERENCES: Final = (
    Column("number", "Number"), Column("finding", "Finding", "word"), Column("explanation", "Explanation", "word"),
    Column("text", "In words"), Column("explained_by", "Explained by"),
)
_SIGNED: Final = (Column("by", "Signed by"), Column("at", "Signed", "when"))
_TELLINGS: Final = (
    Column("party", "Originator"), Column("agreement", "Agreement"), Column("article", "Provision"),
    Column("due", "Due", "day"), Column("state", "State", "word"),
)
_TOLD: Final = (
    Column("direction", "Who", "word"), Column("party", "Party"), Column("agreement", "Agreement"),
    Column("article", "Provision"), Column("state", "State", "word"), Column("as_of", "As of", "when"),
    Column("present", "Sighted"), Column("left", "Left"), Column("differs", "Differences"),
)
_LINES: Final = (
    Column("number", "Number"), Column("copy", "Copy"), Column("level", "Level"), Column("form", "What it is", "word"),
    Column("unit", "Unit"), Column("place", "Place"), Column("holders", "With", "person"),
)


def _result(visit: Visit, values: Values) -> tuple[str, Mapping[str, Any]]:
    """Show the result that is signed; while it is counted there is only how far it has come."""
    found = visit.ask("view.inventory", inventory=values.get("inventory"), unsighted=1)
    return beside("", _FACTS, found, Section(found["differences"], _DIFFERENCES, empty="No difference."),
                  Section(found["signed"], _SIGNED, heading="Signatures"))


def _as_shown(visit: Visit, read: Params) -> Params:
    found = visit.ask("view.inventory", inventory=read["inventory"], unsighted=1)
    return {**read, "binding": found.get("binding", "")}


OPEN: Final = Form(
    name="inventory-open", act="inventory.open", offices=_COUNTERS,
    title="Begin an inventory", button="Begin it", done="Begun: {expected} copies must be there.",
    lead="What must be there is frozen as the books say it now. Counting may stop and go on later, by several persons.",
    fields=(
        Field("kind", "Kind", kind="choice", options=_kinds),
        Field("book", "Only this book", kind="choice", options=_books, is_required=False),
        Field("levels", "Only these levels", kind="choices", options=choices.levels, is_required=False),
        Field("unit", "Only this unit and those below it", is_required=False),
        Field("share", "Share in percent", kind="number", is_required=False, hint="For a share drawn by chance."),
        Field("giver", "Who hands over", kind="choice", options=choices.people, is_required=False,
              hint="For a change of custodian."),
        Field("receiver", "Who takes over", kind="choice", options=choices.people, is_required=False),
    ),
    params=_plan, after=lambda visit, answer, values: f"/inventories/{answer.value['inventory']}/count",
)
FILES: Final = Form(
    name="inventory-sight-files", act="inventory.sight-files", offices=_COUNTERS,
    title="Look at the sealed files", button="Look at them", done="{sighted} sealed files are there.",
    lead="The node looks whether the sealed files that must be there are there; it does not open them.",
    fields=(_ABOUT, Field("page", "Page", kind="hidden")), prefill=lambda visit, values: {"page": "0"},
    params=_page_number, after=_next_page,
)
CLOSE: Final = Form(
    name="inventory-close", act="inventory.close", offices=_COUNTERS,
    title="End the counting", button="End it",
    done="Counted. Sighted: {sighted}; missing: {missing}; there too much: {surplus}.",
    lead="What differs is drawn up. What is missing is a loss until it is found, and its report is due at once.",
    fields=(_ABOUT,), beside=_result, after=_to_inventory,
)
EXPLAIN: Final = Form(
    name="inventory-explain", act="inventory.explain", offices=_COUNTERS,
    title="Explain a difference", button="Enter it", done="{number} is explained.",
    lead="Say what became of it. The report on a loss stays due all the same.",
    fields=(
        _ABOUT, Field("number", "Number", kind="hidden"),
        Field("replaces", "The explanation it replaces", kind="hidden", is_required=False),
        Field("explanation", "What it turned out to be", kind="choice", options=_explanations),
        Field("text", "In words", kind="text"),
    ),
    beside=_result, after=_to_inventory,
)
SIGN: Final = Form(
    name="inventory-sign", act="inventory.sign", offices=_COUNTERS,
    title="Sign the result of an inventory", button="Sign it", done="The result is signed.",
    lead="Two persons sign, over exactly what is shown.", fields=(_ABOUT,), params=_as_shown, beside=_result,
    after=_to_inventory,
)
WITHDRAW: Final = Form(
    name="inventory-withdraw", act="inventory.withdraw", offices=_COUNTERS,
    title="End an inventory without a result", button="Withdraw it", done="The inventory is withdrawn.",
    lead="It ends without a result. What was sighted stays on record.",
    fields=(_ABOUT, Field("reason", "Reason")), beside=_result, after=_to_inventory,
)
TELL: Final = Form(
    name="inventory-tell", act="inventory.tell", offices=_COUNTERS,
    title="Tell the originator the result", button="Tell it", done="{party} is told.",
    lead="What crosses: which of its copies were seen and which differ; no place and no person.",
    fields=(_ABOUT, Field("agreement", "Agreement", kind="hidden"), Field("party", "Originator", kind="hidden")),
    beside=_result, after=_to_inventory,
)
EXPORT: Final = Form(
    name="inventory-export", act="inventory.export", offices=_COUNTERS,
    title="List what is held of an originator", button="Make the list", done="Listed: {listed} copies.",
    lead="Items under a caveat that national law keeps out of such lists are left out, and that is entered.",
    fields=(Field("party", "Originator", kind="choice", options=choices.partners),),
    after=lambda visit, answer, values: f"/inventories/exports/{answer.value['export']}",
)


def show_inventories(visit: Visit) -> Response:
    """Show every inventory, the newest first."""
    found, actions = visit.ask("view.inventories", **asked_part(visit)), (Action(OPEN), Action(EXPORT))
    return show_sheet(visit, Sheet(title="Inventories", actions=actions, next=following(visit, found), sections=(
        Section(found["inventories"], (
            Column("opened_at", "Begun", "when", "/inventories/{inventory}"), *_FACTS[:3], _FACTS[4],
            Column("expected", "Must be there"),
        ), empty="No inventory was taken yet."),
    )))


def show_inventory(visit: Visit) -> Response:
    """Show how far an inventory has come, and its result."""
    found = visit.ask("view.inventory", inventory=visit.named["inventory"], unsighted=min(
        rows_asked(visit, _UNSIGHTED), INVENTORY_LINES_COUNT_MAX,
    ))
    state, about = found["state"], "inventory={inventory}"
    is_open, is_counted = state == "open", state == "counted"
    differences = [
        {**one, "inventory": found["inventory"], "replaces": one.get("explained_at", "")}
        for one in found["differences"]
    ]
    return show_sheet(visit, Sheet(
        title="Inventory", about=found, facts=_FACTS, links=_way_on(visit, found),
        actions=(
            *((Action(FILES, about), Action(CLOSE, about), Action(WITHDRAW, about)) if is_open else ()),
            *((Action(SIGN, about),) if is_counted else ()),
        ),
        sections=(
            Section(differences, _DIFFERENCES, heading="Differences", empty="" if is_open else "No difference.",
                    actions=(Action(EXPLAIN, "inventory={inventory}&number={number}&replaces={replaces}",
                                    lambda row: is_counted),)),
            Section(found["signed"], _SIGNED, heading="Signatures"),
            Section(found.get("tellings", ()), _TELLINGS, heading="Whom the agreements ask to tell", actions=(
                Action(TELL, "inventory={inventory}&agreement={agreement}&party={party}", _is_to_tell),
            )),
            Section(found.get("came", ()), _SHEET, heading="What came since the inventory before"),
            Section(found.get("left", ()), _SHEET, heading="What left since the inventory before"),
            Section(found.get("registries", ()), (
                Column("registry", "Registry"), Column("sighted", "Sighted"), Column("left", "Left"),
                Column("missing", "Missing"),
            ), heading="By registry"),
            Section(found["lines"], _LINES, heading="Not sighted", empty="Everything is sighted.",
                    name=_UNSIGHTED),
        ),
    ))


def _is_to_tell(row: Row) -> bool:
    return bool(row["state"] == "to-tell")


def _way_on(visit: Visit, found: Row) -> tuple[tuple[str, str], ...]:
    if found["state"] != "open" or not visit.person.offices & _COUNTERS:
        return ()
    return ((f"/inventories/{found['inventory']}/count", marked("Go on counting")),)


_UNSIGHTED: Final = "unsighted"
_SHEET: Final = (Column("number", "Number"), Column("document", "Document"))


def show_count(visit: Visit) -> Response:
    """Show the page on which one number after another is scanned or typed."""
    return _count_page(visit, visit.query, visit.fresh_act())


def take_count(visit: Visit) -> Response:
    """Enter what was scanned or typed, and wait for the next: a second time is the same sighting."""
    name, act_id = visit.named["inventory"], visit.form.get("act_id")
    typed = [visit.form.get("number"), *visit.form.get("numbers").splitlines()]
    numbers = [one.strip() for one in typed if one.strip()]
    how = "hand" if visit.form.get("how") == "hand" else "scanner"
    try:
        if not numbers or len(numbers) > INVENTORY_NUMBERS_COUNT_MAX:
            raise Malformed("desk.missing", "something is missing: {names}",
                            hint="fill it in and send the form again; nothing is lost", names=visit.say("Number"))
        answer = visit.do(Asked("inventory.sight", act_id, {"how": how, "inventory": name, "numbers": numbers}))
    except CordialeError as error:
        values, again = visit.form, visit.fresh_act()
        return show_again(visit, values, lambda visit, fault: _count_page(visit, values, again, fault), error=error)
    _remember(visit, name, act_id, answer.value["sighted"])
    return visit.go(f"/inventories/{name}/count?how={how}")


def _remember(visit: Visit, inventory: str, act_id: str, sighted: Sequence[Mapping[str, Any]]) -> None:
    kept, key = visit.desk.sessions.kept, f"count {inventory}"
    before = kept.get(visit.person.id, key)
    if not any(one.startswith(f"{act_id} ") for one, _ in before):
        lines = [
            (f"{act_id} {one['number']}", " ".join((one["outcome"], one.get("name", one.get("which", "")))).strip())
            for one in sighted
        ]
        kept.put(visit.person.id, key, [*reversed(lines), *before][:_SCANNED_SHOWN_MAX])


def _count_page(visit: Visit, values: Values, act_id: str, error: CordialeError | None = None) -> Response:
    name = visit.named["inventory"]
    lines = [
        _said_line(visit, number.partition(" ")[2], outcome)
        for number, outcome in visit.desk.sessions.kept.get(visit.person.id, f"count {name}")
    ]
    return visit.show(
        "count.html", status=status_of(error) if error is not None else 200, act_id=act_id, lines=lines,
        how=values.get("how") or "scanner", number=values.get("number"), numbers=values.get("numbers"),
        one=visit.ask("view.inventory-count", inventory=name),
        fault=fault_value(visit, error) if error is not None else None,
    )


def _said_line(visit: Visit, number: str, outcome: str) -> tuple[str, str, str]:
    code, _, rest = outcome.partition(" ")
    said = visit.say(_OUTCOMES.get(code, code), name=rest)
    return number, f"{said}: {rest}" if code == "say-which-copy" and rest else said, code


def show_told(visit: Visit) -> Response:
    """Show every result that was told, by us or to us."""
    found = visit.ask("view.inventories-told", **asked_part(visit))
    return show_sheet(visit, Sheet(
        title="Results of inventories that were told", next=following(visit, found),
        sections=(Section(found["told"], (
            Column("told_at", "Told", "when", "/inventories/told/{told}"), *_TOLD,
        ), empty="No result of an inventory was told yet."),),
    ))


def show_one_told(visit: Visit) -> Response:
    """Show one result that was told; of a partner's, where it differs from our books."""
    found = visit.ask("view.inventory-told", told=visit.named["told"])
    return show_sheet(visit, Sheet(title="Result of an inventory", about=found, facts=_TOLD, sections=(
        Section(found["differences"], (
            Column("number", "Number"), Column("copy_number", "Copy"), Column("their_number", "Their number"),
            Column("finding", "Finding", "word"), Column("explanation", "Explanation", "word"),
        ), heading="Differences", empty="No difference."),
    )))


def show_export(visit: Visit) -> Response:
    """Show a list that was made for an originator, to be printed or handed over."""
    found = visit.ask("view.inventory-export", export=visit.named["export"])
    return show_sheet(visit, Sheet(
        title="What is held of an originator", about=found, marked=tuple(found["marked"]),
        facts=(Column("originator", "Originator"), Column("party", "Held by"), Column("title", "Registry"),
               Column("at", "As of", "when")),
        sections=(Section(found["lines"], (
            Column("number", "Number"), Column("their_number", "Their number"), Column("copy", "Copy"),
            Column("level", "Level"), Column("equivalent", "Handled here as"), Column("form", "What it is", "word"),
        ), empty="Nothing is held."),),
    ))


PAGES: Final = (
    Page("/inventories", get=show_inventories, offices=_VIEWERS, menu=marked("Inventories"), group=marked("Registry")),
    Page("/inventories/told", get=show_told, offices=_TOLD_VIEWERS, menu=marked("Inventories that were told"),
         group=marked("Registry")),
    Page("/inventories/told/{told}", get=show_one_told, offices=_TOLD_VIEWERS),
    Page("/inventories/exports/{export}", get=show_export, offices=_VIEWERS),
    Page("/inventories/{inventory}", get=show_inventory, offices=_VIEWERS),
    Page("/inventories/{inventory}/count", get=show_count, post=take_count, offices=_COUNTERS),
)
FORMS: Final = (OPEN, FILES, CLOSE, EXPLAIN, SIGN, TELL, WITHDRAW, EXPORT)

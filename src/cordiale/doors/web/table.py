"""The table of everything the desk offers: its pages, in the order of the menu, and its forms by their names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final
from urllib.parse import quote, urlencode

from cordiale.doors.control.operators import Serving
from cordiale.doors.web import signing_in
from cordiale.doors.web.app import DeskDoor
from cordiale.doors.web.deeds import DEEDS, act_name, named
from cordiale.doors.web.forms import Form, show_form, take_form
from cordiale.doors.web.help import about
from cordiale.doors.web.look import Look
from cordiale.doors.web.names import duty, member, word
from cordiale.doors.web.pages import (
    accord,
    agreements,
    carriages,
    ceremony,
    circulate,
    clearances,
    clients,
    consents,
    contracts,
    credentials,
    disposal,
    drafts,
    duties,
    emergencies,
    entrance,
    equipment,
    erasures,
    folders,
    glossary,
    house,
    incidents,
    intake,
    inventories,
    items,
    joining,
    label,
    levels,
    outage,
    people,
    plans,
    printed,
    registries,
    release,
    reproductions,
    room,
    signing,
    successions,
    today,
    trail,
    treaty,
    visits,
)
from cordiale.doors.web.routes import Page
from cordiale.doors.web.sessions import Sessions
from cordiale.doors.web.visit import Desk
from cordiale.doors.web.ways import ways_of
from cordiale.model.person import Person
from cordiale.rules.duty_kinds import kind_of
from cordiale.words.codes import act_word
from cordiale.words.spoken import marked

_MATTERS: Final = (disposal, inventories, levels, consents, reproductions, drafts, incidents, clearances)
_TOGETHER: Final = (visits, contracts, folders, emergencies, joining)
_ROADS: Final = (carriages, plans, registries, outage, equipment, erasures, accord, successions, duties)
_MODULES: Final = (
    entrance, today, items, label, release, room, intake, circulate, printed, *_MATTERS, *_TOGETHER, *_ROADS, people,
    credentials, clients, agreements, treaty, ceremony, trail, house, glossary,
)

_NAMELESS: Final[Mapping[str, str]] = {"/plans": marked("Transport plans")}
"""Pages that hints lead to and that stand in no menu."""

FORMS: Final[Mapping[str, Form]] = {
    form.name: form for module in _MODULES for form in getattr(module, "FORMS", ())
}

PAGES: Final[tuple[Page, ...]] = (
    *(page for module in _MODULES for page in module.PAGES),
    *signing_in.PAGES,
    *signing.signing_pages(FORMS),
    *(
        Page(f"/do/{form.name}", get=partial(show_form, form=form), post=partial(take_form, form=form),
             offices=form.offices)
        for form in FORMS.values()
    ),
)


PLACES: Final = {page.path: (page.menu or _NAMELESS.get(page.path, ""), page.offices) for page in PAGES}


def menu_for(person: Person) -> list[tuple[str, list[Page]]]:
    """Return the menu of a person: the pages that their offices open, by group."""
    groups: dict[str, list[Page]] = {name: [] for name in _GROUPS}
    for page in PAGES:
        if page.menu and (page.offices is None or page.offices & person.offices):
            groups.setdefault(page.group, []).append(page)
    return [(name, pages) for name, pages in groups.items() if pages]


def forms_about(person: Person, what: str) -> list[Form]:
    """Return the forms about one `what` (item, person, agreement, …) that the offices of a person open.

    What a form is about besides stands on another page: where it needs that, it is offered there and not here.
    """
    return [
        form for form in FORMS.values()
        if any(one.name == what for one in form.fields) and (form.offices is None or form.offices & person.offices)
        and not any(one.kind == "hidden" and one.is_required and one.name != what for one in form.fields)
    ]


def may_here(person: Person, item: Mapping[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Return what a person may do with an item: what the rules open, what they close and why, and further acts.

    A further act is one of the person's office of which the page does not say beforehand whether it goes.
    """
    forms = {form.act: form for form in forms_about(person, "item")}
    found: dict[str, list[dict[str, Any]]] = {"open": [], "closed": [], "further": []}
    for row in item["may"]:
        form = _BY_ACT.get(row["act"])
        title = ACT_NAMES.get(row["act"], "")
        place = _PLACES.get(row["act"], f"{form.address}?item={{subject}}" if form is not None else "")
        if title and place:
            path = place.format(subject=quote(item["item"], safe=""))
            found["open" if row["open"] else "closed"].append({"path": path, "reasons": row["reasons"], "title": title})
        forms.pop(row["act"], None)
    found["further"] = [
        {"path": f"{form.address}?item={quote(item['item'], safe='')}", "title": form.title} for form in forms.values()
    ]
    return found


def may_see_trail(person: Person) -> bool:
    """Tell whether the audit trail is open to a person, so that proofs lead there."""
    return any(page.path == "/trail" and page.offices is not None and page.offices & person.offices for page in PAGES)


def may_open(person: Person, path: str) -> bool:
    """Tell whether the page that stands at `path` in the table is open to a person."""
    return any(
        page.path == path and (page.offices is None or bool(page.offices & person.offices)) for page in PAGES
    )


def title_of(path: str) -> str:
    """Return what the form at `path` is called."""
    return next((form.title for form in _BY_ADDRESS if form.address == path.partition("?")[0]), "")


_GROUPS: Final = ("My work", "Registry", "Together", "Security", "The house")
_BY_ADDRESS: Final = (*FORMS.values(), label.LABEL)
_BY_ACT: Final = {form.act: form for form in reversed(list(FORMS.values()))}
ACT_NAMES: Final[Mapping[str, str]] = {**DEEDS, **{act: form.title for act, form in _BY_ACT.items()}}
"""What each act is called."""
_NAMED_IN_ADDRESSES: Final = frozenset({"recipient", "agreement", "party"})


def where_done(person: Person, row: Mapping[str, Any]) -> str:
    """Return the page on which what waits is done; empty where this person has none for it."""
    kind = row.get("what", "")
    is_by_hand = not row.get("act") and "duty" in row and kind_of(kind).is_settled_by_hand
    form = _BY_ACT.get("duty.settle" if is_by_hand else row.get("act", ""))
    if form is None or not form.fields or not (form.offices is None or form.offices & person.offices):
        return _PLACES.get(row.get("act", ""), "").format(subject=quote(str(row["subject"]), safe=""))
    first = form.fields[0]
    # What takes several items is begun with the one that waits, and its form names it by its number.
    name = "item" if first.name == "items" else first.name
    given = {name: str(row.get(name) or row["subject"])} if first.kind != "choice" else {}
    names = {one.name for one in form.fields} & _NAMED_IN_ADDRESSES
    given |= {name: str(row[name]) for name in sorted(names) if name in row}
    return f"{form.address}?{urlencode(given)}" if given else form.address


_PLACES: Final[Mapping[str, str]] = {
    "inventory.sight": "/inventories/{subject}/count", "read": "/items/{subject}/read",
    "reproduce.deliver": "/reproductions/{subject}/deliver",
}
"""Where an act is done that is no form."""


def happened(say: Callable[..., str], row: Mapping[str, Any]) -> str:
    """Return what a line of the story of an item says; the codes in it by their words."""
    told = row.get("said")
    if told is None:
        return word(say, str(row["act"]))
    fields = {name: word(say, code) for name, code in told["fields"].items()}
    if "act" in fields:
        fields["act"] = say(named(ACT_NAMES, told["fields"]["act"]))
    return say(told["text"], **fields)


def open_desk(serving: Serving, origin: str) -> DeskDoor:
    """Return the door over a serving node; `origin` is its own address, as browsers send it."""
    look = Look()
    look.add("menu_for", menu_for)
    look.add("forms_about", forms_about)
    look.add("where_done", where_done)
    look.add("may_here", may_here)
    look.add("may_see_trail", may_see_trail)
    look.add("may_open", may_open)
    look.add("word", word)
    look.add("act_word", act_word)
    look.add("duty", duty)
    look.add("happened", happened)
    look.add("act_name", act_name(ACT_NAMES))
    look.add("member", member)
    look.add("about", about)
    look.add("title_of", title_of)
    registry = serving.node.registry
    sessions = Sessions(registry.clock, registry.random)
    settings = serving.node.config.desk
    ways = ways_of(registry, origin, settings.provider if settings is not None else None)
    return DeskDoor(Desk(serving, sessions, look, origin, ways, PLACES, ACT_NAMES), PAGES)

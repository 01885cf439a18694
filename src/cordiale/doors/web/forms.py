"""Forms: a row of a table for each act a person does at the desk, shown, read and answered in one way.

A form shows its fields, keeps what was entered when something is wrong, and does
the act at once or, where the act is signed for by itself, shows exactly what
will be signed first.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Final, TypeAlias
from urllib.parse import urlencode

from starlette.responses import Response

from cordiale.doors.replies import status_of
from cordiale.doors.web.again import show_again
from cordiale.doors.web.faults import fault_value
from cordiale.doors.web.sessions import Pending
from cordiale.doors.web.visit import Values, Visit, fresh_token, require_found
from cordiale.errors import CordialeError, Malformed
from cordiale.limits import DESK_FORM_ROWS_COUNT_MAX
from cordiale.model.person import Office
from cordiale.records.answer import Answer
from cordiale.records.signed_in import Asked
from cordiale.rules.signing import is_strong
from cordiale.words.glossary import term_in
from cordiale.words.spoken import marked

Option: TypeAlias = tuple[str, str]
Params: TypeAlias = dict[str, Any]
_ACT_ID: Final = re.compile(r"act\.[0-9a-f]{20}\Z")


@dataclass(frozen=True, slots=True)
class Field:
    """One thing that is entered. `kind` says how it is shown and read:

    `line`, `text` (many lines), `number`, `day`, `moment`, `yes`, `choice` (one of the options), `choices`
    (any of them), `lines` (a list, one a line), `rows` (a list of what `columns` ask for) and `hidden`. `meanings`
    gives what stands under an option, by the option.
    """

    name: str
    label: str
    kind: str = "line"
    hint: str = ""
    is_required: bool = True
    options: Callable[[Visit], Sequence[Option]] | None = None
    columns: tuple[Field, ...] = ()
    meanings: Callable[[Visit], Mapping[str, str]] | None = None


@dataclass(frozen=True, slots=True)
class Form:
    """How an act is asked for. `name` is its place in the address, ``/do/{name}``, unless it has a `place` of its own.

    `params` makes what the act reads of what was entered, where it is more than the fields by their names. `beside`
    gives what is shown beside the form (a preview, the item): the template and its context. `prefill` gives what is
    known of the fields already. `after` says where to
    go once it is done; `done` is what is said then, with the members of the answer as its fields. A form that `keeps`
    can be left and gone on with by its person for some days.
    """

    name: str
    act: str
    title: str
    button: str
    done: str
    lead: str = ""
    fields: tuple[Field, ...] = ()
    offices: frozenset[Office] | None = None
    params: Callable[[Visit, Params], Params] | None = None
    beside: Callable[[Visit, Values], tuple[str, Mapping[str, Any]]] | None = None
    prefill: Callable[[Visit, Values], Mapping[str, str]] | None = None
    after: Callable[[Visit, Answer, Values], str] = field(default=lambda visit, answer, values: "/")
    grave: bool = False
    keeps: bool = False
    place: str = ""

    @property
    def address(self) -> str:
        """Where the form is shown and taken."""
        return self.place or f"/do/{self.name}"


def show_form(visit: Visit, form: Form, before: Values | None = None) -> Response:
    """Show the form, filled in with what the address names, what was entered `before`, or before it was left.

    Whoever comes back from what was to be signed (`again`) finds everything as it was.
    """
    signed_for = visit.require_session().pending.get(visit.query.get("again"))
    if before is None and signed_for is not None and signed_for.form == form.name:
        before = signed_for.values
    if before is not None:
        return _page(visit, form, before, act_id=visit.fresh_act())
    values = visit.query
    kept = visit.desk.sessions.kept.get(visit.person.id, _key(form, values)) if form.keeps else []
    if kept:
        values = Values(kept)
    hidden = [one for one in form.fields if one.kind == "hidden" and one.is_required]
    if hidden and not any(values.get(one.name) for one in form.fields if one.kind == "hidden"):
        require_found(None, visit.say(hidden[0].label))
    if form.prefill is not None:
        known = form.prefill(visit, values)
        values = Values([*((name, one) for name, one in known.items() if not values.get(name)), *values.items()])
    return _page(visit, form, values, act_id=visit.fresh_act())


def take_form(visit: Visit, form: Form) -> Response:
    """Do what the form asks, or show it again with what is wrong and all that was entered."""
    values = visit.form
    act_id = values.get("act_id")
    try:
        if not _ACT_ID.match(act_id):
            raise Malformed("desk.form", "the form could not be read", hint="go back and send it again")
        if (aside := _aside(visit, form, act_id)) is not None:
            return aside
        read = read_fields(visit, form, values)
        params = form.params(visit, read) if form.params is not None else read
        asked = Asked(form.act, act_id, params)
        if is_strong(form.act):
            return _to_sign(visit, form, asked, values)
        return finish(visit, form, visit.do(asked), values)
    except CordialeError as error:
        return _again(visit, form, act_id or visit.fresh_act(), error)


def take_question(visit: Visit, form: Form, answer: Callable[[Visit, Params], Response]) -> Response:
    """Show what `answer` makes of a form by which nothing is done, or the form again with what is wrong."""
    try:
        return _aside(visit, form, visit.fresh_act()) or answer(visit, read_fields(visit, form, visit.form))
    except CordialeError as error:
        return _again(visit, form, visit.fresh_act(), error)


def _aside(visit: Visit, form: Form, act_id: str) -> Response | None:
    """Answer the buttons of a form by which it is not sent: a further row, and going on later."""
    if form.keeps and visit.form.get("later"):
        return _leave(visit, form, visit.form)
    if visit.form.get("more"):
        return _again(visit, form, act_id)
    return None


def _again(visit: Visit, form: Form, act_id: str, error: CordialeError | None = None) -> Response:
    """Show the form again with all that was entered, and with what is wrong."""
    values = visit.form
    return show_again(
        visit, values, lambda visit, fault: _page(visit, form, values, act_id=act_id, error=fault),
        error=error, about=_about(form, values),
    )


def _about(form: Form, values: Values) -> dict[str, str]:
    return {one.name: value for one in form.fields if one.kind == "hidden" and (value := values.get(one.name))}


def _key(form: Form, values: Values) -> str:
    """Return the name under which a form about these things is kept: where it is gone on with."""
    about = _about(form, values)
    return f"{form.address}?{urlencode(about)}" if about else form.address


def _leave(visit: Visit, form: Form, values: Values) -> Response:
    """Keep what was entered, to go on with it later."""
    named = {one.name for one in form.fields}
    pairs = [(name, value) for name, value in values.items() if name.partition(".")[0] in named and value]
    if not visit.desk.sessions.kept.put(visit.person.id, _key(form, values), pairs):
        raise Malformed("desk.keep", "this is too much to be kept", hint="send the form, or enter less")
    visit.tell(marked("What you entered is kept for three days, in the memory of this node only: go on from Today."))
    return visit.go("/")


def finish(visit: Visit, form: Form, answer: Answer, values: Values) -> Response:
    """Say that it is done, with its entry in the audit trail, and go on."""
    visit.tell(form.done, **{**_plain(answer.value), "trail": answer.trail})
    visit.require_session().let_go(visit.path, form.address)
    if form.keeps:
        visit.desk.sessions.kept.put(visit.person.id, _key(form, values), [])
    return visit.go(form.after(visit, answer, values))


def _plain(value: Mapping[str, Any]) -> dict[str, Any]:
    return {name: one for name, one in value.items() if isinstance(one, str | int)}


def _to_sign(visit: Visit, form: Form, asked: Asked, values: Values) -> Response:
    """Put the act before the person, to be signed over exactly what is shown."""
    name = fresh_token(visit.registry)
    beside = form.beside(visit, values) if form.beside is not None else None
    visit.require_session().keep(name, Pending(
        asked=asked, at=visit.registry.now(), form=form.name, rows=shown_rows(visit, form, values), values=values,
        beside=beside,
    ))
    return visit.go(f"/sign/{name}")


def shown_rows(visit: Visit, form: Form, values: Values) -> tuple[tuple[str, str], ...]:
    """Return what was entered as a person is shown it: each label with what stands in its field."""
    rows = [(one.label, _shown(visit, one, values)) for one in form.fields]
    return tuple(row for row in rows if row[1])


def _shown(visit: Visit, one: Field, values: Values) -> str:
    given = values.all(one.name)
    if one.kind == "yes":
        return visit.say("yes") if given else ""
    if one.kind == "rows":
        rows = [[_shown(visit, each, values) for each in row] for row in _rows(one, values)]
        return "; ".join(", ".join(filter(None, row)) for row in rows if any(row))
    if one.options is not None:
        names = dict(one.options(visit))
        given = [visit.say(names.get(value, value)) for value in given]
    return ", ".join(given)


def read_fields(visit: Visit, form: Form, values: Values) -> Params:
    """Return what was entered, by the names of the fields; raises `Malformed` for what is missing or is none."""
    params: Params = {}
    absent: list[str] = []
    for one in form.fields:
        value = _read_rows(visit, one, values, absent) if one.kind == "rows" else _value(one, values)
        if value is None or value == "" or value == []:
            if one.is_required and one.kind != "yes":
                absent.append(one.label)
            continue
        if one.options is not None:
            _require_option(visit, one, value)
        params[one.name] = value
    if absent:
        raise missing(visit, absent)
    return params


def _rows(one: Field, values: Values, *, further: int = 0) -> list[list[Field]]:
    """Return the columns of each row of a field, under the names they are sent by, and `further` empty rows."""
    named = re.compile(rf"{re.escape(one.name)}\.(\d{{1,3}})\.")
    numbers = [int(found[1]) for name in values.names() if (found := named.match(name)) and values.all(name)]
    count = min(max(numbers, default=0) + further, DESK_FORM_ROWS_COUNT_MAX)
    return [
        [replace(each, name=f"{one.name}.{number}.{each.name}") for each in one.columns]
        for number in range(1, count + 1)
    ]


def _read_rows(visit: Visit, one: Field, values: Values, absent: list[str]) -> list[Params]:
    """Return the rows in which anything was entered; what a row lacks is added to `absent`."""
    rows: list[Params] = []
    for row in _rows(one, values):
        read = {name: value for each in row if (value := _value(each, values)) not in (None, "", [])
                for name in [each.name.rpartition(".")[2]]}
        if not read:
            continue
        absent.extend(each.label for each in one.columns if each.is_required and each.name not in read)
        for each in one.columns:
            if each.options is not None and each.name in read:
                _require_option(visit, each, read[each.name])
        rows.append(read)
    return rows


def missing(visit: Visit, labels: Sequence[str]) -> Malformed:
    """Return the error that says which fields are missing."""
    return Malformed(
        "desk.missing", "something is missing: {names}", hint="fill it in and send the form again; nothing is lost",
        names=", ".join(map(visit.say, labels)),
    )


def _value(one: Field, values: Values) -> Any:
    given = values.get(one.name)
    if one.kind == "yes":
        return True if given else None
    if one.kind == "choices":
        return values.all(one.name)
    if one.kind == "lines":
        return [line.strip() for line in given.splitlines() if line.strip()]
    if not given:
        return None
    if one.kind == "text":
        return given.replace("\r\n", "\n")
    return _READERS.get(one.kind, str)(given)


def _integer(text: str) -> int:
    try:
        return int(text) if len(text) < 16 else int("x")
    except ValueError as error:
        raise Malformed(
            "desk.number", "`{value}` is not a number", hint="write it in figures", value=text[:40]
        ) from error


def _day_of(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError as error:
        raise Malformed(
            "desk.day", "`{value}` is not a day", hint="write it as year-month-day, such as 2026-11-16", value=text[:40]
        ) from error


def _moment(text: str) -> str:
    try:
        at = datetime.fromisoformat(text.removesuffix("Z"))
    except ValueError as error:
        raise Malformed(
            "desk.moment", "`{value}` is not a day and time", hint="write it as 2026-11-16 09:30, in UTC",
            value=text[:40],
        ) from error
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


_READERS: Final[Mapping[str, Callable[[str], Any]]] = {"number": _integer, "day": _day_of, "moment": _moment}


def _require_option(visit: Visit, one: Field, value: Any) -> None:
    known = {option for option, _ in one.options(visit)} if one.options is not None else set()
    if not set(value if isinstance(value, list) else [value]) <= known:
        raise Malformed(
            "desk.option", "one of the choices is no longer offered: {name}", hint="choose again",
            name=visit.say(one.label),
        )


def _page(
    visit: Visit, form: Form, values: Values, *, act_id: str, error: CordialeError | None = None
) -> Response:
    beside = form.beside(visit, values) if form.beside is not None else None
    return show_entered(
        visit, form, values, act_id=act_id, error=error, beside=beside[0] if beside is not None else "",
        **(beside[1] if beside is not None else {}),
    )


def show_entered(
    visit: Visit, form: Form, values: Values, *, act_id: str, error: CordialeError | None = None, **more: Any
) -> Response:
    """Show a form with what was entered and what is wrong.

    `more` may hold the `address` it is sent to, where that is not the form's own; whether it `takes_file`; the page it
    leads `back` to; and what stands `beside` it with its context.
    """
    return visit.show(
        "form.html", status=status_of(error) if error is not None else 200,
        **{"act_id": act_id, "address": form.address, "form": form, "is_strong": is_strong(form.act),
           "fault": fault_value(visit, error) if error is not None else None,
           "fields": shown_fields(visit, form, values), **more},
    )


def shown_fields(visit: Visit, form: Form, values: Values) -> list[dict[str, Any]]:
    """Return the fields of a form with what was entered, for a template, but for a choice without choices."""
    shown = [_shown_field(visit, one, values) for one in form.fields]
    return [one for one in shown if one["kind"] not in ("choice", "choices") or one["options"] or one["is_required"]]


def _shown_field(visit: Visit, one: Field, values: Values) -> dict[str, Any]:
    further = 1 if values.get("more") == one.name or not _rows(one, values) else 0
    return {
        "hint": one.hint, "is_required": one.is_required, "kind": one.kind, "label": one.label, "name": one.name,
        "meanings": one.meanings(visit) if one.meanings is not None else {},
        "options": list(one.options(visit)) if one.options is not None else [],
        "rows": [[_shown_field(visit, each, values) for each in row] for row in _rows(one, values, further=further)],
        "term": term_in(one.label), "value": values.get(one.name), "values": values.all(one.name),
    }

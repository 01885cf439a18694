"""People: who they are, what they are cleared for, and how that changes by two persons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from starlette.responses import Response

from cordiale.canonical import encode_base64url
from cordiale.doors.web import choices
from cordiale.doors.web.forms import Field, Form, Option, Params
from cordiale.doors.web.routes import Page
from cordiale.doors.web.sheets import asked_part, following
from cordiale.doors.web.visit import Values, Visit
from cordiale.model.person import Office
from cordiale.words.codes import WORDS
from cordiale.words.spoken import marked

_OFFICERS: Final = frozenset({
    Office.SECURITY_OFFICER, Office.REGISTRAR, Office.DEPUTY_REGISTRAR, Office.HEAD, Office.INSPECTOR,
    Office.ADMINISTRATOR,
})
_PROPOSALS: Final = _OFFICERS - {Office.ADMINISTRATOR}
_SECURITY: Final = frozenset({Office.SECURITY_OFFICER})
_CONFIRMERS: Final = frozenset({Office.REGISTRAR, Office.HEAD, Office.SECURITY_OFFICER})


def show_people(visit: Visit) -> Response:
    """Show the people of this node, and what is proposed about them."""
    proposals = visit.ask("view.people-proposals")["proposals"] if visit.person.offices & _PROPOSALS else []
    found = visit.ask("view.people", **asked_part(visit))
    return visit.show("people.html", people=found["people"], proposals=proposals, more=following(visit, found))


def show_person(visit: Visit) -> Response:
    """Show one person: oneself, or anybody for the officers who need to know."""
    person = visit.named["person"]
    return visit.show("person.html", person=person, one=visit.ask("view.person", person=person)["person"])


def show_proposal(visit: Visit) -> Response:
    """Show exactly what a proposal would change."""
    return visit.show("people-proposal.html", shown=visit.ask("view.people-proposal", proposal=visit.named["proposal"]))


def _shown_proposal(visit: Visit, values: Values) -> tuple[str, Mapping[str, Any]]:
    return "part-people-proposal.html", {
        "shown": visit.ask("view.people-proposal", proposal=values.get("proposal"))
    }


def _with_binding(visit: Visit, read: Params) -> Params:
    shown = visit.ask("view.people-proposal", proposal=read["proposal"])
    return {**read, "binding": shown["binding"]}


def _as_bytes(_: Visit, read: Params) -> Params:
    return {"csv": encode_base64url(read["csv"].encode("utf-8"))}


def _offices(_: Visit) -> Sequence[Option]:
    return [(office.value, WORDS[office.value]) for office in Office]


def _to_people(*_: Any) -> str:
    return "/people"


_PERSON: Final = Field("person", "Person", kind="choice", options=choices.people)
_PROPOSAL: Final = Field("proposal", "Proposal", kind="hidden")

FORMS: Final = (
    Form(
        name="people-import", act="people.import", offices=_SECURITY, params=_as_bytes, after=_to_people,
        title="Enter or change people", button="Propose it",
        done="What narrows is so at once; what widens waits for a second person.",
        lead="One line a person, with the heading id,name,post,unit,represents,nationalities,offices,clearances,"
             "briefings. Keys and passkeys stay as they are.",
        fields=(Field("csv", "The list", kind="text"),),
    ),
    Form(
        name="people-confirm", act="people.confirm", offices=_CONFIRMERS, params=_with_binding, after=_to_people,
        title="Confirm a proposal about people", button="Sign the confirmation", done="It is in effect.",
        lead="You are the second person, and sign exactly what is shown.", fields=(_PROPOSAL,), beside=_shown_proposal,
    ),
    Form(
        name="people-decline", act="people.withdraw-proposal", offices=_CONFIRMERS, after=_to_people,
        title="Withdraw or decline a proposal", button="Withdraw or decline it", done="Nothing of it takes effect.",
        lead="Nothing of it takes effect. It can be proposed anew.",
        fields=(_PROPOSAL,), beside=_shown_proposal,
    ),
    Form(
        name="people-withdraw-clearance", act="people.withdraw-clearance", offices=_SECURITY, after=_to_people,
        title="Withdraw a clearance", button="Withdraw it", done="It stopped counting in every decision.", grave=True,
        lead="It stops counting in every decision from this moment. Giving it back takes two persons.",
        fields=(_PERSON, Field("level", "Level", hint="As it stands in the clearance, with its scheme.")),
    ),
    Form(
        name="people-withdraw-office", act="people.withdraw-office", offices=_SECURITY, after=_to_people,
        title="Withdraw an office", button="Withdraw it", done="It stopped counting in every decision.", grave=True,
        lead="It stops counting in every decision from this moment. Giving it back takes two persons.",
        fields=(_PERSON, Field("office", "Office", kind="choice", options=_offices)),
    ),
    Form(
        name="people-withdraw-key", act="people.withdraw-key", offices=_SECURITY, after=_to_people,
        title="Withdraw a key", button="Withdraw it", done="The key counts no more.", grave=True,
        lead="When it is lost, or may be in other hands.", fields=(_PERSON,),
    ),
    Form(
        name="people-leave", act="people.leave", offices=_SECURITY, after=_to_people,
        title="Enter that somebody has left", button="Enter it", done="From this moment they can do nothing.",
        grave=True,
        lead="From this moment they can do nothing and see nothing. What they hold is to be taken back.",
        fields=(_PERSON,),
    ),
    Form(
        name="absence-register", act="absence.register", offices=_CONFIRMERS, after=_to_people,
        title="Register an absence", button="Register it", done="The absence is registered.",
        lead="While it lasts, a deputy stands in for them, and they do not act in this office.",
        fields=(
            _PERSON, Field("office", "Office", kind="choice", options=_offices),
            Field("until", "Until", kind="day", is_required=False),
        ),
    ),
    Form(
        name="absence-end", act="absence.end", offices=_CONFIRMERS, after=_to_people,
        title="End an absence", button="End it", done="The absence is over.",
        lead="The deputy's acts stop counting as theirs at once.",
        fields=(_PERSON, Field("office", "Office", kind="choice", options=_offices)),
    ),
)

PAGES: Final = (
    Page("/people", get=show_people, offices=_OFFICERS, menu=marked("People"), group=marked("Security")),
    Page("/people/{person}", get=show_person, offices=_OFFICERS),
    Page("/people/proposals/{proposal}", get=show_proposal, offices=_PROPOSALS),
)

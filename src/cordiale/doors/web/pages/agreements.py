"""Agreements and partners: the treaty as a page to read, what the software does about it, and how far it has come."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from starlette.responses import Response

from cordiale.doors.web import choices
from cordiale.doors.web.forms import Field, Form, Option, Params
from cordiale.doors.web.routes import Page
from cordiale.doors.web.visit import Values, Visit
from cordiale.limits import DESK_ROWS_SHOWN_COUNT_MAX
from cordiale.model.person import Office
from cordiale.records.answer import Answer
from cordiale.rules.citations import name_of
from cordiale.views.agreement_page import reading_order
from cordiale.views.agreement_parts import draft_in, given, sentences_in
from cordiale.words.spoken import marked

_AUTHORITY: Final = frozenset({Office.COMPETENT_AUTHORITY})
_TRUST: Final = frozenset({Office.KEY_OFFICER, Office.SECURITY_OFFICER, Office.COMPETENT_AUTHORITY})


def show_agreements(visit: Visit) -> Response:
    """Show the agreements this node knows, and the partners."""
    return visit.show(
        "agreements.html", agreements=visit.ask("view.agreements")["agreements"], trust=visit.ask("view.partners"),
    )


def show_agreement(visit: Visit) -> Response:
    """Show one agreement: where it stands, and where its articles and its tables are read."""
    value = visit.ask("view.agreement", agreement=visit.named["agreement"])
    draft = draft_in(given(value))
    languages = reading_order(draft.text)
    return visit.show(
        "agreement.html", one=value, draft=draft, waiting=value.get("proposed"), articles=[
            (article.number, name_of(article.number), [
                (language, title) for language in languages for known, title in article.title if known == language
            ]) for article in draft.text.articles
        ],
    )


def show_comparison(visit: Visit) -> Response:
    """Show what a version that waits would change, line by line of what is said."""
    value = visit.ask("view.agreement", agreement=visit.named["agreement"])
    gone, new = list[tuple[str, str]](), list[tuple[str, str]]()
    if "proposed" in value:
        before, after = (sentences_in(given(one), visit.words.language) for one in (value, value["proposed"]))
        gone, new = ([line for line in one if line not in other] for one, other in ((before, after), (after, before)))
    first = int(asked) if (asked := visit.query.get("first")).isdecimal() and len(asked) < 10 else 0
    end = first + DESK_ROWS_SHOWN_COUNT_MAX
    return visit.show(
        "agreement-changes.html", one=value, waiting=value.get("proposed"), gone=gone[first:end], new=new[first:end],
        following=end if end < max(len(gone), len(new)) else 0,
    )


def _to_agreement(visit: Visit, answer: Answer, values: Values) -> str:
    return f"/agreements/{values.get('agreement')}"


def _stages(_: Visit) -> Sequence[Option]:
    return [
        ("in-principle", marked("agreed in principle")), ("initialled", marked("initialled")),
        ("signed", marked("signed")), ("provisional", marked("applied provisionally")),
        ("in-force", marked("in force")), ("suspended", marked("suspended")), ("terminated", marked("terminated")),
    ]


def _parties(visit: Visit) -> Sequence[Option]:
    return [*choices.partners(visit), (visit.registry.party, visit.registry.party)]


def _two_links(visit: Visit) -> Sequence[Option]:
    return [one for one in choices.links(visit) if one[0] in ("wire", "bag")]


def _flagged(visit: Visit, read: Params) -> Params:
    return {**read, "withdraw": bool(read.get("withdraw"))}


_AGREEMENT: Final = Field("agreement", "Agreement", kind="hidden")
_ARTICLE: Final = Field("article", "The article it rests on")
_ON: Final = Field("on", "The day", kind="day")
_WITHDRAW: Final = Field("withdraw", "It no longer holds", kind="yes", is_required=False)

FORMS: Final = (
    Form(
        name="agreement-stage", act="agreement.stage", offices=_AUTHORITY,
        title="Record a further stage", button="Record it", done="{agreement} is {stage}.",
        lead="What opens the agreement takes every party's word, what closes it takes one.",
        fields=(
            _AGREEMENT, Field("stage", "The stage", kind="choice", options=_stages), _ON, _ARTICLE,
            Field("reason", "Why", is_required=False),
            Field("ended_on", "The day provision stops", kind="day", is_required=False, hint="For a termination."),
        ),
        after=_to_agreement,
    ),
    Form(
        name="agreement-note", act="agreement.note", offices=_AUTHORITY,
        title="Record our diplomatic note", button="Record it, and send its particulars",
        done="The note is recorded; {agreement} is {stage}.",
        lead="Its particulars go to the other parties. Theirs and ours bring the agreement into force.",
        fields=(
            _AGREEMENT, Field("reference", "The number of the note"), _ON, _ARTICLE,
            Field("in_force_on", "The day it enters into force by it", kind="day", is_required=False),
        ),
        after=_to_agreement,
    ),
    Form(
        name="agreement-ready", act="agreement.ready", offices=_AUTHORITY, params=_flagged,
        title="Record a finding of readiness", button="Record it", done="The finding is recorded.",
        lead="We provide nothing to a party beyond the level it was found ready for.",
        fields=(
            _AGREEMENT, Field("of_party", "The party that was looked at", kind="choice", options=_parties),
            Field("level", "The highest level, in its own scheme"), _ARTICLE, _WITHDRAW,
        ),
        after=_to_agreement,
    ),
    Form(
        name="agreement-link", act="agreement.link", offices=_AUTHORITY, params=_flagged,
        title="Approve a link", button="Approve it", done="The approval is recorded.",
        lead="The other parties are told. Nothing beyond the level goes over this link.",
        fields=(
            _AGREEMENT, Field("link", "The link", kind="choice", options=_two_links),
            Field("level", "The highest level, in our own scheme", kind="choice", options=choices.own_levels),
            Field("reference", "The number of the approval"), _WITHDRAW,
        ),
        after=_to_agreement,
    ),
    Form(
        name="partner-confirm", act="partner.confirm", offices=_TRUST,
        title="Confirm a partner", button="Confirm it", done="{party} is a partner.",
        lead="You are the second person. Have the fingerprint read aloud to you over another channel, and write what "
             "you hear, not what stands here.",
        fields=(
            Field("party", "Party", kind="choice", options=choices.partners_met),
            Field("fingerprint", "The fingerprint as you heard it", kind="text"),
        ),
        after=lambda visit, answer, values: "/agreements",
    ),
)

PAGES: Final = (
    Page("/agreements", get=show_agreements, menu=marked("Agreements"), group=marked("Together")),
    Page("/agreements/{agreement}", get=show_agreement),
    Page("/agreements/{agreement}/changes", get=show_comparison),
)

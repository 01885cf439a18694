"""The treaty as pages to read: its articles part by part with what the software does about each, and its tables."""

from __future__ import annotations

from typing import Final

from starlette.responses import Response

from cordiale.doors.web.routes import Page
from cordiale.doors.web.sheets import Column, Section, Sheet, show_sheet
from cordiale.doors.web.visit import Visit, require_found
from cordiale.model.names import PartyId
from cordiale.views.agreement_parts import RULES_SHOWN_COUNT, articles_in, direction_in, draft_in, given, in_parts
from cordiale.views.agreement_trace import STATE_WORDS

_FEW_PARTIES: Final = 2


def show_articles(visit: Visit) -> Response:
    """Show some articles with what the software does about each, from the one that the address names."""
    value = visit.ask("view.agreement", agreement=visit.named["agreement"])
    articles = articles_in(given(value), visit.words.language)
    parts = in_parts(articles)
    asked = visit.query.get("from")
    places = [place for place, part in enumerate(parts) if asked in [one.row.number for one in part]]
    place = places[0] if places else 0
    return visit.show(
        "articles.html", one=value, articles=parts[place] if parts else [], rules_shown=RULES_SHOWN_COUNT,
        state_words=STATE_WORDS,
        before=parts[place - 1][0].row if place else None, after=parts[place + 1][0].row if parts[place + 1:] else None,
    )


def show_rules(visit: Visit) -> Response:
    """Show every rule that cites one article, a page at a time."""
    value = visit.ask("view.agreement", agreement=visit.named["agreement"])
    articles = {one.row.number: one.row for one in articles_in(given(value), visit.words.language)}
    article = require_found(articles.get(visit.named["article"]), visit.named["article"])
    columns = (Column("article", "Article"), Column("says", "What it says", "dated"), Column("remark", "Remarks"))
    return show_sheet(visit, Sheet(
        title="The rules that cite the article", about={"agreement": value["agreement"], "article": article.name},
        facts=(
            Column("agreement", "Agreement", link="/agreements/{agreement}"), Column("article", "Article"),
        ),
        sections=(Section(
            [{"article": where, "remark": remark, "says": says} for where, says, remark in article.rules], columns,
            empty="There is none.",
        ),),
    ))


def show_tables(visit: Visit) -> Response:
    """Show the table of equivalence and what each act needs: of two parties both ways, of more one."""
    value = visit.ask("view.agreement", agreement=visit.named["agreement"])
    agreement = given(value)
    parties = draft_in(agreement).profile.parties
    first = visit.registry.party if visit.registry.party in parties else parties[0]
    provider = _chosen(visit, "from", parties, first)
    recipient = _chosen(visit, "to", tuple(one for one in parties if one != provider), parties[parties[0] == provider])
    ways = [(provider, recipient), (recipient, provider)][: None if len(parties) == _FEW_PARTIES else 1]
    return visit.show(
        "agreement-tables.html", one=value, provider=provider, recipient=recipient,
        parties=parties if len(parties) > _FEW_PARTIES else (),
        directions=[direction_in(agreement, *way, visit.words.language) for way in ways],
    )


def _chosen(visit: Visit, name: str, parties: tuple[PartyId, ...], otherwise: PartyId) -> PartyId:
    return next((one for one in parties if one == visit.query.get(name)), otherwise)


PAGES: Final = (
    Page("/agreements/{agreement}/articles", get=show_articles),
    Page("/agreements/{agreement}/articles/{article}", get=show_rules),
    Page("/agreements/{agreement}/tables", get=show_tables),
)

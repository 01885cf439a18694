"""By when an answer is owed: the day that the layers of an agreement give, and none where they are silent."""

from __future__ import annotations

from datetime import date

from cordiale.errors import CordialeError
from cordiale.model.names import PartyId
from cordiale.records.agreements import load_index
from cordiale.records.registry import Registry
from cordiale.records.session import Books
from cordiale.rules.terms import first_day, terms_of
from cordiale.rules.workdays import holidays_of


def answer_day(registry: Registry, books: Books, agreement: str, which: tuple[str, PartyId]) -> tuple[date | None, str]:
    """Return by when the party of `which` has to answer under `agreement`, counted from today, with the articles.

    The first of `which` names the term. There is no day where no layer says it, and none where its period cannot be
    counted: such a duty stands without a day, which people see.
    """
    name, owner = which
    try:
        index = load_index(books.reads, agreement, registry.party)
        terms, profile = terms_of(index, name, party=owner), index.state.profile
        if profile is None:
            return None, ""
        day = first_day(terms, books.at.date(), holidays_of(profile, index.state.parties))
    except CordialeError:
        return None, ""
    return day, "; ".join(dict.fromkeys(term.article for term in terms))

"""What the index of the register holds of an item, and what is asked of it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FoundItem:
    """An item as the index of the register finds it.

    `entered_at` is in seconds since 1970 and `number` its running number. `words` are its own and `numbers` those of
    its copies, folded by `rules.search_words`; `facets` what it is filtered by (``state registered``), `persons` who
    sees it by its own particulars, each with why; `held` is what a holding is counted under, empty for none.
    """

    item: str
    entered_at: int
    number: int
    words: str
    numbers: str
    facets: tuple[str, ...]
    persons: tuple[tuple[str, str], ...]
    held: str


@dataclass(frozen=True, slots=True)
class PersonClause:
    """Items that a person is entered with for one of the reasons `whys`, and that have all `facets`."""

    whys: tuple[str, ...]
    facets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sight:
    """Which items a person sees, in the words of the index: all that have the facets of one of `offices`, by an office
    of theirs, and those of one of `clauses`, by their name. `form` is that of the rules the index must be made by: of
    one that is not, or that is not whole, nothing is believed.
    """

    person: str
    offices: tuple[tuple[str, ...], ...]
    clauses: tuple[PersonClause, ...]
    form: int


@dataclass(frozen=True, slots=True)
class Narrowing:
    """What is left out of a list before it is read: what is about an item that `sight` does not reach, what names
    `person` in `member`, which is one name or a list of them, and what names in `message` none that waits to be sent
    with what is attached to it.
    """

    sight: Sight | None = None
    member: str = ""
    person: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True)
class IndexQuestion:
    """What is asked of the index of the register; all of it holds together.

    `terms` are looked up as they are, `texts` must stand in the words, those of copies too where `by_copies`; of each
    tuple in `facets` one must be there, and of `without` none.
    With `person`, only items of one of `clauses`; `held_by` names who must have it in hand. `span` are seconds since
    1970, the second left out.
    """

    terms: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    by_copies: bool = False
    facets: tuple[tuple[str, ...], ...] = ()
    without: tuple[str, ...] = ()
    person: str = ""
    clauses: tuple[PersonClause, ...] = ()
    held_by: str = ""
    span: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class IndexState:
    """How far the index of the register has come: made by rules `form`, and current as of commit `batch`.

    While it is being made, `stage` is the kind of record under way, and `after` the last one that is in it.
    """

    form: int
    batch: int
    stage: str = ""
    after: str = ""

"""``visit-request``: an authority asks the host's authority to admit visitors.

It names the visitors because the treaties ask for it: nobody is admitted whom
the host does not know. Nothing else of our people crosses with them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from cordiale.canonical import Fields, Json
from cordiale.errors import Malformed
from cordiale.limits import PARTIES_COUNT_MAX, VISIT_SITES_COUNT_MAX, VISITORS_COUNT_MAX
from cordiale.message.bodies.body import BodyType, Matter, Scope
from cordiale.message.members import (
    NamedPost,
    encode_level,
    optional_day,
    optional_line,
    read_day,
    read_identifier,
    read_level,
    read_line,
    require_ascending,
    without_absent,
)
from cordiale.model.names import parse_party_id
from cordiale.model.visit import Initiative, Site, VisitKind, Visitor, VisitPlan

_RESEND: Final = "ask the partner to send it again"


@dataclass(frozen=True, slots=True)
class VisitRequest:
    """Asks for the visit `visit` as `plan` says, for `visitors`; `authority` answers for what is asserted of them."""

    visit: str
    plan: VisitPlan
    visitors: tuple[Visitor, ...]
    authority: NamedPost

    def __post_init__(self) -> None:
        plan = self.plan
        if not 1 <= len(plan.sites) <= VISIT_SITES_COUNT_MAX:
            raise Malformed(
                "visit.sites", "a visit is to 1 to {count} places", hint="ask for several visits",
                count=VISIT_SITES_COUNT_MAX,
            )
        if plan.last_day < plan.first_day:
            raise Malformed("visit.days", "the visit ends before it begins", hint="correct the days")
        if plan.renews and plan.kind is not VisitKind.RECURRING:
            raise Malformed("visit.renews", "only recurring visits are renewed", hint="ask for a new visit")
        require_visitors(self.visitors)

    def encode(self) -> dict[str, Json]:
        """Return the body as a JSON object."""
        plan = self.plan
        return without_absent((
            ("visit", self.visit),
            ("kind", plan.kind.value),
            ("first_day", plan.first_day.isoformat()),
            ("last_day", plan.last_day.isoformat()),
            ("level", encode_level(plan.level)),
            ("purpose", plan.purpose),
            ("programme", plan.programme),
            ("initiative", plan.initiative.value if plan.initiative else None),
            ("subject", plan.subject),
            ("renews", plan.renews),
            ("sites", [_encode_site(site) for site in plan.sites]),
            ("visitors", [encode_visitor(visitor) for visitor in self.visitors]),
            ("authority", self.authority.encode()),
        ))

    @classmethod
    def parse(cls, fields: Fields) -> VisitRequest:
        """Read what `encode` wrote. Raises `Malformed`."""
        return cls(
            visit=read_identifier(fields, "visit"),
            plan=VisitPlan(
                kind=fields.choice("kind", VisitKind),
                first_day=read_day(fields, "first_day"), last_day=read_day(fields, "last_day"),
                level=read_level(fields, "level"), purpose=read_line(fields, "purpose"),
                programme=optional_line(fields, "programme"),
                initiative=fields.optional_choice("initiative", Initiative),
                subject=optional_line(fields, "subject"),
                renews=read_identifier(fields, "renews") if fields.has("renews") else "",
                sites=tuple(map(_read_site, fields.objects("sites", max_count=VISIT_SITES_COUNT_MAX))),
            ),
            visitors=read_visitors(fields),
            authority=NamedPost.parse(fields.object("authority")),
        )


def require_visitors(visitors: tuple[Visitor, ...], *, besides: int = 0) -> None:
    """Raise `Malformed` unless `visitors`, and `besides` others, are some, each once, and each with a nationality."""
    if not 1 <= len(visitors) + besides <= VISITORS_COUNT_MAX:
        raise Malformed(
            "visit.visitors", "a visit is of 1 to {count} visitors",
            hint="name at least one; where there are more, ask for several visits", count=VISITORS_COUNT_MAX,
        )
    require_ascending(tuple(one.id for one in visitors), "visitors")
    for one in visitors:
        if not one.nationalities or list(one.nationalities) != sorted(set(one.nationalities)):
            raise Malformed("visit.nationality", "a visitor has no nationality, or one twice", hint=_RESEND)
        if (one.clearance is None) is not (one.cleared_until is None):
            raise Malformed(
                "visit.clearance", "a clearance is named without the day it ends, or the day without it", hint=_RESEND
            )


def read_visitors(fields: Fields) -> tuple[Visitor, ...]:
    """Read what `encode_visitor` wrote, one by one. Raises `Malformed`."""
    return tuple(map(_read_visitor, fields.objects("visitors", max_count=VISITORS_COUNT_MAX)))


def encode_visitor(visitor: Visitor) -> dict[str, Json]:
    """Return a visitor as a JSON object."""
    return without_absent((
        ("id", visitor.id),
        ("name", visitor.name),
        ("nationalities", list(visitor.nationalities)),
        ("clearance", encode_level(visitor.clearance) if visitor.clearance else None),
        ("cleared_until", visitor.cleared_until.isoformat() if visitor.cleared_until else None),
        ("born_on", visitor.born_on.isoformat() if visitor.born_on else None),
        ("born_at", visitor.born_at),
        ("document", visitor.document),
        ("post", visitor.post),
        ("employer", visitor.employer),
        ("agreed", True if visitor.is_agreed else None),
    ))


def _read_visitor(fields: Fields) -> Visitor:
    nationalities = fields.texts("nationalities", max_count=PARTIES_COUNT_MAX, max_length=12)
    visitor = Visitor(
        id=read_identifier(fields, "id"), name=read_line(fields, "name"),
        nationalities=tuple(map(parse_party_id, nationalities)),
        clearance=read_level(fields, "clearance") if fields.has("clearance") else None,
        cleared_until=optional_day(fields, "cleared_until"),
        born_on=optional_day(fields, "born_on"), born_at=optional_line(fields, "born_at"),
        document=optional_line(fields, "document"), post=optional_line(fields, "post"),
        employer=optional_line(fields, "employer"),
        is_agreed=fields.has("agreed") and fields.boolean("agreed"),
    )
    if fields.has("agreed") and not visitor.is_agreed:
        raise Malformed("visit.agreed", "what was not agreed to is left out", hint=_RESEND)
    return visitor


def _encode_site(site: Site) -> dict[str, Json]:
    return without_absent((
        ("name", site.name), ("address", site.address), ("contact", site.contact), ("phone", site.phone),
    ))


def _read_site(fields: Fields) -> Site:
    return Site(
        read_line(fields, "name"), optional_line(fields, "address"), optional_line(fields, "contact"),
        optional_line(fields, "phone"),
    )


VISITOR_MEMBERS: Final = (
    "visitors[].id", "visitors[].name", "visitors[].nationalities[]", "visitors[].clearance.scheme",
    "visitors[].clearance.name", "visitors[].cleared_until", "visitors[].born_on", "visitors[].born_at",
    "visitors[].document", "visitors[].post", "visitors[].employer", "visitors[].agreed",
)
TYPE: Final = BodyType(
    name="visit-request", cls=VisitRequest, parse=VisitRequest.parse, scope=Scope.JOURNEY,
    members=(
        "visit", "kind", "first_day", "last_day", "level.scheme", "level.name", "purpose", "programme", "initiative",
        "subject", "renews", "sites[].name", "sites[].address", "sites[].contact", "sites[].phone", *VISITOR_MEMBERS,
        "authority.name", "authority.post",
    ),
    matter=Matter("visit", "visit"),
)

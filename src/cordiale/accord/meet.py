"""First contact: installing our own statement, and taking a partner in by its fingerprint."""

from __future__ import annotations

from typing import Any

from cordiale.canonical import encode_base64url
from cordiale.crypto.certificates import der_of, pin_of
from cordiale.errors import Malformed, OutOfOrder, require_allowed
from cordiale.limits import ROOT_SIZE_BYTES_MAX
from cordiale.message.bodies.statement import StatementShown
from cordiale.message.trust.keys import wrapping_public
from cordiale.message.trust.root import fingerprint, require_fingerprint, verify_root, verify_rotation
from cordiale.message.trust.statement import verify_statement
from cordiale.model.decision import decision_of, refusal
from cordiale.model.party import NodeStatement
from cordiale.model.person import Person
from cordiale.records.absences import decide_office_now
from cordiale.records.amendments import await_authority_notice
from cordiale.records.answer import Answer
from cordiale.records.partners import OWN, OWN_ID, PARTNER, open_partner
from cordiale.records.registry import Registry, Request, commit_personal
from cordiale.records.renewal import renew, require_distinct, show_statement
from cordiale.records.session import ActSession
from cordiale.rules.offices import OfficialAct


def install_own(registry: Registry, request: Request) -> Answer:
    """Install our root and the statement it signed for this node; it must name exactly this node's keys."""
    fields = request.act.fields()
    root_data, statement_data = fields.bytes_("root"), fields.bytes_("statement")
    fields.end()
    root = verify_root(root_data, mode=registry.mode)

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        require_allowed(decide_office_now(session, actor, OfficialAct.INSTALL_STATEMENT))
        current = session.get(OWN, OWN_ID)
        known = open_partner(current, registry.mode) if current is not None else None
        if known is not None and known.root != root:
            verify_rotation(root_data, known.root)
        statement = verify_statement(
            statement_data, root, now=session.at, known=known.statement if known is not None else None
        )
        _require_ours(registry, statement, known.statement if known is not None else None)
        session.put(OWN, OWN_ID, {
            "confirmed_by": [actor.id, actor.id], "root": encode_base64url(root_data),
            "statement": encode_base64url(statement_data),
        })
        show_statement(registry, session)
        if known is not None:
            await_authority_notice(registry, session, known.statement, statement)
        is_changing = registry.keys.set_of(statement.registry_keys[0]) != registry.keys.used
        return {"fingerprint": fingerprint(root), "restart": is_changing, "version": statement.version}

    return commit_personal(registry, request, run, subject=registry.node)


def _require_ours(registry: Registry, statement: NodeStatement, known: NodeStatement | None) -> None:
    """Raise `Malformed` unless `statement` names keys of this node alone, those in use among them, and none retired.

    `known` is the statement it follows, None for the first: what that one named no more does not come back.
    """
    keys = registry.keys
    sets = [keys.set_of(pair) for pair in statement.registry_keys]
    # Whoever has former keys may not bring them back.
    stated = known.registry_keys if known is not None else ()
    is_fresh = all(
        pair in stated or (number is not None and number >= keys.used)
        for pair, number in zip(statement.registry_keys, sets, strict=True)
    )
    first = keys.sets[sets[0]] if sets and sets[0] is not None and sets[0] >= keys.used else None
    pins = {pin_of(der_of(one.transport_certificate)) for one in keys.sets}
    ours = (
        statement.party == registry.party and statement.node == registry.node
        and first is not None and statement.wrapping_key == wrapping_public(first.wrapping.public)
        and None not in sets and keys.used in sets and is_fresh
        and set(statement.transport_pins) <= pins
        and (not statement.transport_pins or pin_of(der_of(keys.transport_certificate)) in statement.transport_pins)
        and all(log.ed25519 == keys.log_ed25519.public.raw for log in statement.log_keys)
        and all(log.ml_dsa_44 == keys.log_ml_dsa_44.public.raw for log in statement.log_keys)
    )
    if not ours:
        raise Malformed(
            "own.other-keys", "this statement does not name the keys of this node",
            hint="draft it at this node with `cordiale node draft`, then have it signed",
        )


def add_partner(registry: Registry, request: Request) -> Answer:
    """Take in a partner's root and statement, with its fingerprint as the first person compared it."""
    fields = request.act.fields()
    root_data, statement_data = fields.bytes_("root"), fields.bytes_("statement")
    entered = fields.text("fingerprint")
    fields.end()
    root = require_fingerprint(verify_root(root_data, mode=registry.mode), entered)
    if root.party == registry.party:
        raise Malformed("partner.ourselves", "that is our own root", hint="give the partner's root")

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        require_allowed(decide_office_now(session, actor, OfficialAct.MEET_PARTNER))
        statement = verify_statement(statement_data, root, now=session.at)
        current = session.get(PARTNER, root.party)
        if current is not None and current["root"] != encode_base64url(root_data):
            raise OutOfOrder(
                "partner.other-root", "{party} is already known by another root",
                hint="a new root comes as a rotation signed by the old one", party=root.party,
            )
        if current is not None:
            raise OutOfOrder(
                "partner.known", "{party} is already entered", hint="a second person confirms it", party=root.party
            )
        require_distinct(registry, session, statement)
        session.put(PARTNER, root.party, {
            "confirmed_by": [actor.id], "node": statement.node, "root": encode_base64url(root_data),
            "statement": encode_base64url(statement_data),
        })
        return {"fingerprint": fingerprint(root), "party": root.party, "persons": 1}

    return commit_personal(registry, request, run, subject=root.party)


def confirm_partner(registry: Registry, request: Request) -> Answer:
    """Confirm a partner by the fingerprint that a second person compared over another channel."""
    fields = request.act.fields()
    party, entered = fields.text("party"), fields.text("fingerprint")
    fields.end()

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        require_allowed(decide_office_now(session, actor, OfficialAct.MEET_PARTNER))
        record = session.require(PARTNER, party)
        partner = open_partner(record, registry.mode)
        require_fingerprint(partner.root, entered)
        confirmed = list(record["confirmed_by"])
        reasons = [refusal(
            "contact.same-person", "the fingerprint is compared by two different persons"
        )] if actor.id in confirmed else []
        require_allowed(decision_of("partner.confirm", reasons))
        session.change(record, confirmed_by=[*confirmed, actor.id])
        return {"fingerprint": fingerprint(partner.root), "party": party, "persons": len(confirmed) + 1}

    return commit_personal(registry, request, run, subject=party)


def update_partner(registry: Registry, request: Request) -> Answer:
    """Take in a newer statement of a partner's node, signed by the root we know or one it has handed over to."""
    fields = request.act.fields()
    party, statement_data = fields.text("party"), fields.bytes_("statement")
    roots = fields.texts("roots", max_count=8, max_length=ROOT_SIZE_BYTES_MAX) if fields.has("roots") else ()
    fields.end()

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        require_allowed(decide_office_now(session, actor, OfficialAct.MEET_PARTNER))
        version = renew(registry, session, party, StatementShown(statement_data.decode("ascii", "replace"), roots))
        return {"party": party, "version": version}

    return commit_personal(registry, request, run, subject=party)

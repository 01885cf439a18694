"""The witness: each node has its log of an agreement cosigned by the partner, and cosigns the partner's.

1. a log that has grown is shown with the proof that it begins with what was cosigned last (``checkpoint``);
2. the partner's node cosigns that head and answers with it (``cosignature``); what does not continue what it cosigned
   before it refuses, keeps as evidence, and alarms its people; the refusal alarms ours;
3. where the partner had cosigned a later head than we know of, it answers with that one: if our log never was there,
   this node was rolled back, and stops.

By wire and by bag alike, at most once in `COSIGNING_PAUSE_SECONDS` for a log and a partner, and never while the last
question is still on its way.
"""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256
from typing import Any, ClassVar, Final

from cordiale.canonical import encode_base64url, parse_instant
from cordiale.errors import AllTried, CordialeError, OutOfOrder, Unverified
from cordiale.limits import COSIGNING_PAUSE_SECONDS
from cordiale.message.bodies.body import Body
from cordiale.message.bodies.checkpoint import CheckpointShown
from cordiale.message.bodies.cosignature import Cosignature
from cordiale.message.bodies.refusal import refusal_of
from cordiale.model.agreement import Stage
from cordiale.ports import Reads, StoredHead
from cordiale.records.agreements import AGREEMENT
from cordiale.records.correspondence import Arrived, Letter, body_as, own_origin, partner_origin, post
from cordiale.records.cosigning import (
    COSIGNED,
    WITNESSED,
    cosigned_id,
    cosigner,
    keep_witnessed,
    open_witnessed,
    witness_keys,
)
from cordiale.records.duties import Due, open_duty
from cordiale.records.ledger import INTERNAL, Act
from cordiale.records.log.checkpoint import parse_checkpoint, require_signed_by
from cordiale.records.log.note import parse_note
from cordiale.records.log.witness import (
    INCONSISTENT,
    Submission,
    check_submission,
    is_evidence,
    make_submission,
    not_continued,
)
from cordiale.records.logs import prove_growth
from cordiale.records.partners import log_verifier, require_partner
from cordiale.records.record import Record, shown_at
from cordiale.records.registry import Registry
from cordiale.records.releases import version_of
from cordiale.records.session import ActSession
from cordiale.work.heads import has_been, stop_behind
from cordiale.work.rounds import Rounds

_SHARED: Final = frozenset({Stage.PROVISIONAL, Stage.IN_FORCE, Stage.SUSPENDED, Stage.TERMINATED})
_PAUSE: Final = timedelta(seconds=COSIGNING_PAUSE_SECONDS)


class CosigningRounds(Rounds):
    """Has what has grown cosigned, in rounds."""

    __slots__ = ()
    pause_seconds: ClassVar[float] = 60.0

    def work(self) -> None:
        """Show what has grown."""
        show_grown_logs(self.registry)


def show_grown_logs(registry: Registry) -> int:
    """Show every partner the log of each agreement with it that has grown since it cosigned it; return how many.

    One that fails stops none of the others; the first failure is raised when all have been tried.
    """
    books, shown, tried = registry.books(), 0, AllTried()
    for agreement in books.every(AGREEMENT):
        if Stage(agreement["stage"]) not in _SHARED:
            continue
        head = registry.reads().head(agreement.id)
        for party in agreement["parties"]:
            with tried.one():
                if head is not None and party != registry.party and _is_due(registry, agreement.id, party, head):
                    shown += _show(registry, agreement, party, head)
    tried.end()
    return shown


def _is_due(registry: Registry, log: str, party: str, head: StoredHead) -> bool:
    known = registry.record(COSIGNED, cosigned_id(log, party))
    if known is None:
        return True
    asked = registry.reads().outbox(known["message"])
    is_asked = asked is not None and asked.state == "waiting"
    return (
        not is_asked and known.body.get("continues", 0) < head.size
        and registry.now() >= parse_instant(known["shown_at"]) + _PAUSE
    )


def _show(registry: Registry, agreement: Record, party: str, head: StoredHead) -> bool:
    """Show `head` to `party`; False while nothing can be sent to it."""
    try:
        partner = require_partner(registry.reads(), party, mode=registry.mode, now=registry.now())
    except CordialeError:
        return False  # What stops the exchange with this partner is told where its messages wait.
    log, id = agreement.id, cosigned_id(agreement.id, party)
    known = registry.record(COSIGNED, id)
    old_size = _old_size(registry.reads(), known)
    verifier = registry.keys.signer_of(head.origin).verifier
    asked = make_submission(old_size, prove_growth(registry.reads(), log, old_size, head.size), head.note, log=verifier)

    def run(session: ActSession) -> dict[str, Any]:
        posted = post(registry, session, Letter(
            partner=partner.statement, agreement=log, version=version_of(session, log),
            body=CheckpointShown(asked.note, asked.old_size, asked.proof),
        ))
        asked_now = {"message": posted.id, "shown_at": shown_at(session.at), "shown_size": head.size}
        record = session.get(COSIGNED, id)
        if record is None:
            session.put(COSIGNED, id, {"log": log, "party": party, **asked_now}, expect=0)
        else:
            session.change(record, **asked_now)
        return {"size": head.size}

    name = sha256(f"{id} {old_size} {head.size}".encode()).hexdigest()[:32]
    registry.ledger.commit(Act(f"cosign.{name}", "log.show", "node", INTERNAL, run, log))
    return True


def _old_size(reads: Reads, known: Record | None) -> int:
    """Return from where the log is shown: from the beginning where the partner did not take what was shown last."""
    if known is None:
        return 0
    asked = reads.outbox(known["message"])
    is_refused = asked is not None and asked.state == "refused"
    return 0 if is_refused else int(known.body.get("continues", 0))


def take_checkpoint(registry: Registry, session: ActSession, arrived: Arrived) -> Body:
    """Cosign the head that a partner shows of its log, once it continues what was cosigned before.

    Whoever asks from another size than that is answered with the head cosigned last, for its own node to judge; who
    shows a log that was written anew with a refusal, and both heads are kept. Raises `Malformed`, `Unverified`
    and `OutOfOrder` as `check_submission` for what is neither.
    """
    origin = partner_origin(arrived.partner, arrived.message.agreement)
    body, known = body_as(arrived, CheckpointShown), session.get(WITNESSED, origin)
    last = open_witnessed(known)
    shown = parse_checkpoint(parse_note(body.note).unverified_text)
    asked = Submission(body.old_size, body.proof, body.note, shown)
    try:
        head = check_submission(last, asked, log_verifier(arrived.partner, origin))
    except CordialeError as error:
        if last is None or not is_evidence(error):
            raise
        if isinstance(error, Unverified) or (shown.size == last.size and shown.root != last.root):
            doubt = not_continued(origin)  # Whatever it asked from: its people are to be alarmed as ours are.
            _keep_doubt(registry, session, arrived, (known, body.note), doubt)
            return refusal_of(doubt, message_digest=arrived.digest, message=arrived.message.id)
        head = last
    if head != last:
        session.put(WITNESSED, origin, {
            **(known.body if known is not None else {}), "log": arrived.message.agreement, **keep_witnessed(head),
            "party": arrived.partner.party,
        })
    lines = cosigner(registry).cosign(head.checkpoint, cosigned_at=session.at)
    return Cosignature(parse_note(head.note).with_signatures(lines).encode())


def _keep_doubt(
    registry: Registry, session: ActSession, arrived: Arrived, what: tuple[Record | None, bytes], error: CordialeError
) -> None:
    """Keep the head that contradicts the one cosigned before, beside that one, and let people look into it."""
    known, note = what
    if known is None:
        return
    session.change(known, doubt={"at": shown_at(session.at), "code": error.code, "note": encode_base64url(note)})
    _open_doubt(registry, session, arrived, known["log"])


def _open_doubt(registry: Registry, session: ActSession, arrived: Arrived, log: str) -> None:
    # One for a log and a partner, however often it is shown anew: nobody fills the list of duties with it, nor puts off
    # the day on which it is overdue.
    id = f"log-doubt.{cosigned_id(log, arrived.partner.party)}"
    open_duty(session, id, what="log-doubt", owner=registry.party, subject=log,
              due=Due(session.at.date(), agreement=log))


def take_cosignature(registry: Registry, session: ActSession, arrived: Arrived) -> None:
    """Keep the head of our log that a partner has cosigned; where our log never was there, this node stops.

    Raises `Unverified` for a note that the log or the witness has not signed, and `Unavailable` when the node stops.
    """
    log, party = arrived.message.agreement, arrived.partner.party
    note, keys = body_as(arrived, Cosignature).note, witness_keys(arrived.partner)
    found = registry.keys.signer_of(own_origin(registry, log)).verifier.verify_with(note, witnesses=keys)
    cosigned = (one for one in found.signatures if one.signed_at is not None)
    require_signed_by(cosigned, keys)
    head = found.checkpoint
    if not has_been(session.reads, log, head):
        raise stop_behind(registry, log, head.size, node=arrived.partner.node)
    known = session.get(COSIGNED, cosigned_id(log, party))
    if known is None:
        raise OutOfOrder(
            "witness.not-asked", "this node has not shown its log to be cosigned", hint="it was not taken", log=log
        )
    newer = {}
    if head.size >= known.body.get("size", 0):
        newer = {"cosigned_at": shown_at(session.at), "note": encode_base64url(note), "root": head.root.hex(),
                 "size": head.size}
    # From here the log is shown next: after a restore the partner may remember less than we do.
    session.change(known, continues=head.size, **newer)


def note_not_cosigned(registry: Registry, session: ActSession, arrived: Arrived, code: str) -> None:
    """Let people look into it where a partner does not find that our log only grew."""
    if code == INCONSISTENT:
        _open_doubt(registry, session, arrived, arrived.message.agreement)

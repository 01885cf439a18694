"""Each node cosigns the partner's log: what only grew, and nothing else; and a node that was put back is found by it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.world.comparing import audit
from tests.world.forging import forge, opened, tell
from tests.world.outside import MemoryAnchor
from tests.world.test_bag import carry_bag
from tests.world.test_journey import cross, label
from tests.world.world import AGREEMENT, Player, World, copy_of

from cordiale.canonical import encode_base64url, parse_base64url
from cordiale.errors import CordialeError
from cordiale.limits import COSIGNING_PAUSE_SECONDS
from cordiale.message.bodies.checkpoint import CheckpointShown
from cordiale.message.bodies.cosignature import Cosignature
from cordiale.ports import StoredHead
from cordiale.records.correspondence import own_origin
from cordiale.records.cosigning import COSIGNED, WITNESSED, cosigned_id, cosigner, witness_keys
from cordiale.records.kept_heads import require_kept
from cordiale.records.ledger import INTERNAL
from cordiale.records.log.checkpoint import Checkpoint, require_signed_by
from cordiale.records.log.note import parse_note
from cordiale.records.logs import derive_root
from cordiale.records.partners import require_partner
from cordiale.work.witness import show_grown_logs


@pytest.fixture
def world() -> World:
    return World.in_force(seed=1207)


def show(world: World, *players: Player) -> int:
    """Let time pass, let `players` (both, unless named) show their logs, and deliver all of it."""
    world.clock.advance(seconds=COSIGNING_PAUSE_SECONDS)
    shown = sum(show_grown_logs(player.registry) for player in players or (world.tokyo, world.kyiv))
    world.deliver()
    return shown


def cosigned(player: Player, partner: Player) -> dict[str, Any]:
    record = player.registry.record(COSIGNED, cosigned_id(AGREEMENT, partner.party))
    return dict(record.body) if record is not None else {}


def witnessed(player: Player, partner: Player) -> dict[str, Any]:
    record = player.registry.record(WITNESSED, own_origin(partner.registry, AGREEMENT))
    return dict(record.body) if record is not None else {}


def doubts(player: Player) -> list[str]:
    found = player.registry.find("duty", "state", "open")
    return [one["subject"] for one in found if one["what"] == "log-doubt"]


def size(player: Player, log: str = AGREEMENT) -> int:
    return player.registry.reads().log_size(log)


def asked(there: Player, here: Player, data: bytes) -> Any:
    """Return the body of what `there` answers to a message of `here`."""
    return opened(tell(here, there, data)).body


def test_what_grew_is_cosigned_by_the_other_side_and_anybody_can_verify_it(world: World) -> None:
    cross(world)
    assert show(world) == 2
    for here, there in ((world.tokyo, world.kyiv), (world.kyiv, world.tokyo)):
        kept = cosigned(here, there)
        assert kept["size"] == size(here) == witnessed(there, here)["size"]
        statement = require_partner(here.registry.reads(), there.party, mode=here.registry.mode,
                                    now=here.registry.now()).statement
        verifier = here.keys.signer_of(own_origin(here.registry, AGREEMENT)).verifier
        found = verifier.verify_with(parse_base64url(kept["note"]), witnesses=witness_keys(statement))
        require_signed_by(found.signatures, witness_keys(statement))
        assert (found.checkpoint.size, found.checkpoint.root) == (size(here), derive_root(
            here.registry.reads(), AGREEMENT, size(here)
        ))
        assert not audit(here).findings


def test_a_later_head_is_cosigned_by_the_proof_that_it_continues_the_earlier(world: World) -> None:
    cross(world)
    show(world)
    first = cosigned(world.tokyo, world.kyiv)["size"]
    cross(world)
    show(world)
    assert cosigned(world.tokyo, world.kyiv)["size"] == size(world.tokyo) > first > 0
    assert len(world.kyiv.registry.reads().versions(WITNESSED, own_origin(world.tokyo.registry, AGREEMENT))) == 2


def test_cosigning_makes_no_log_grow_that_is_cosigned(world: World) -> None:
    cross(world)
    sizes = size(world.tokyo), size(world.kyiv)
    assert show(world) == 2
    assert show(world) == 0
    assert (size(world.tokyo), size(world.kyiv)) == sizes


def test_a_log_is_shown_once_in_its_time_and_never_while_the_last_question_waits(world: World) -> None:
    cross(world)
    assert show_grown_logs(world.tokyo.registry) == 1
    label(world.tokyo)
    world.clock.advance(days=2)
    assert show_grown_logs(world.tokyo.registry) == 0, "the question is still on its way"
    world.deliver()
    cross(world)
    assert show_grown_logs(world.tokyo.registry) == 1
    world.deliver()
    cross(world)
    assert show_grown_logs(world.tokyo.registry) == 0, "it was shown a moment ago"


def test_before_an_agreement_is_in_force_no_log_is_shown() -> None:
    world = World.founded(seed=1208)
    assert show(world) == 0


def test_an_answer_that_was_lost_is_no_fork(world: World) -> None:
    """The partner remembers more than we were told: it answers with what it cosigned, and the next question follows."""
    cross(world)
    show(world)
    cross(world)
    show(world)
    known = witnessed(world.kyiv, world.tokyo)["size"]
    assert known > 0
    forged = forge(world.tokyo, world.kyiv, CheckpointShown(_own_note(world.tokyo, size(world.tokyo)), 1, ()))
    answer = asked(world.kyiv, world.tokyo, forged)
    assert isinstance(answer, Cosignature)
    assert parse_note(answer.note).unverified_text.split("\n")[1] == str(known)
    assert not doubts(world.kyiv)


def test_a_node_that_was_put_back_and_went_on_stops_when_it_is_answered(world: World) -> None:
    cross(world)
    show(world)
    old, objects = copy_of(world.tokyo.registry.store), world.tokyo.objects
    cross(world)
    show(world)
    # No message of the agreement crosses after that: nothing but the cosignature can tell.
    world.tokyo.reopen(store=old, objects=objects, anchor=MemoryAnchor(), seed=9)
    world.tokyo.registry.ledger.confirm_anchor(world.tokyo.registry.ledger.position.number)
    _grow(world.tokyo)
    with pytest.raises(CordialeError):
        show(world, world.tokyo)
        world.tokyo.registry.ledger.commit(_nothing("after"))
    stopped = world.tokyo.registry.ledger.stopped
    assert stopped is not None and stopped.code == "log.behind-partner"


def test_a_log_that_was_written_anew_is_refused_and_both_sides_are_told(world: World) -> None:
    cross(world)
    show(world)
    here, there = world.tokyo, world.kyiv
    last = witnessed(there, here)
    other = Checkpoint(own_origin(here.registry, AGREEMENT), last["size"] + 5, bytes(32))
    note = here.keys.signer_of(other.origin).sign(other)
    answer = asked(there, here, forge(here, there, CheckpointShown(note, last["size"], (bytes(32),) * 3)))
    assert answer.code == "witness.inconsistent"
    kept = witnessed(there, here)
    assert (kept["size"], kept["root"]) == (last["size"], last["root"])
    assert parse_base64url(kept["doubt"]["note"]) == note
    assert doubts(there) == [AGREEMENT]


def test_two_heads_of_one_size_are_a_fork_whatever_was_asked(world: World) -> None:
    cross(world)
    show(world)
    here, there = world.tokyo, world.kyiv
    last = witnessed(there, here)
    other = Checkpoint(own_origin(here.registry, AGREEMENT), last["size"], bytes([7]) * 32)
    note = here.keys.signer_of(other.origin).sign(other)
    for number, old_size in enumerate((last["size"], 0)):
        body = CheckpointShown(note, old_size, ())
        answer = asked(there, here, forge(here, there, body, id=f"fork-{number}", seq=800_000 + number))
        assert answer.code == "witness.inconsistent", "that alarms its people, too"
    assert doubts(there) == [AGREEMENT], "one, however often"
    before = there.registry.find("duty", "subject", AGREEMENT)
    world.clock.advance(days=3)
    asked(there, here, forge(here, there, CheckpointShown(note, 0, ()), id="fork-again", seq=800_009))
    assert there.registry.find("duty", "subject", AGREEMENT) == before, "who shows it anew does not put off the day on which it is overdue"
    assert witnessed(there, here)["root"] == last["root"]


def test_our_people_look_into_it_when_a_partner_finds_our_log_written_anew(world: World) -> None:
    cross(world)
    show(world)
    _grow(world.tokyo)
    # The partner remembers another head of our log than we ever had.
    last = witnessed(world.kyiv, world.tokyo)
    origin = own_origin(world.tokyo.registry, AGREEMENT)
    world.kyiv.registry.ledger.commit(_nothing("other", lambda session: session.put(
        WITNESSED, origin, {**last, "root": bytes([3] * 32).hex()}
    )))
    show(world, world.tokyo)
    assert doubts(world.tokyo) == [AGREEMENT]
    assert doubts(world.kyiv) == [AGREEMENT]


def test_a_cosignature_nobody_asked_for_or_of_another_key_is_not_taken(world: World) -> None:
    cross(world)
    note = _own_note(world.tokyo, size(world.tokyo))
    head = parse_note(note)
    checkpoint = Checkpoint(own_origin(world.tokyo.registry, AGREEMENT), size(world.tokyo), derive_root(
        world.tokyo.registry.reads(), AGREEMENT, size(world.tokyo)
    ))
    own = head.with_signatures(cosigner(world.tokyo.registry).cosign(checkpoint, cosigned_at=world.clock.at))
    show_grown_logs(world.tokyo.registry)
    waiting = cosigned(world.tokyo, world.kyiv)["message"]
    for number, bad in enumerate((head, own)):
        tell(world.kyiv, world.tokyo, forge(
            world.kyiv, world.tokyo, Cosignature(bad.encode()), in_reply_to=waiting, id=f"bad-{number}",
            seq=700_000 + number,
        ))
        assert "note" not in cosigned(world.tokyo, world.kyiv)


def test_logs_are_cosigned_by_bag_as_by_wire(world: World, tmp_path: Path) -> None:
    cross(world)
    show_grown_logs(world.tokyo.registry)
    carry_bag(world.tokyo, world.kyiv, tmp_path / "there", 1)
    carry_bag(world.kyiv, world.tokyo, tmp_path / "back", 1)
    assert cosigned(world.tokyo, world.kyiv)["size"] == size(world.tokyo)


def _own_note(player: Player, at: int) -> bytes:
    head: StoredHead | None = player.registry.reads().head(AGREEMENT, at)
    assert head is not None
    return head.note


def _nothing(name: str, write: Any = lambda session: None) -> Any:
    from cordiale.records.ledger import Act

    def run(session: Any) -> dict[str, Any]:
        write(session)
        return {}

    return Act(f"act.test.{name}", "exercise", "node", INTERNAL, run)


def _grow(player: Player) -> None:
    """Let the log of the agreement grow at `player` without anything that crosses."""
    from cordiale.records.ledger import Act

    player.registry.ledger.commit(Act("act.test.grow", "exercise", "node", AGREEMENT, lambda session: {}))




def test_the_audit_holds_what_a_partner_cosigned_against_the_log(world: World) -> None:
    cross(world)
    show(world)
    report = audit(world.tokyo)
    assert list(report.cosigned) == [f"{AGREEMENT}.UKR"] and not report.findings
    kept = require_kept(world.tokyo.registry.reads(), lambda log: world.tokyo.keys.signer_of(
        own_origin(world.tokyo.registry, log)
    ).verifier, report.cosigned[f"{AGREEMENT}.UKR"])
    assert kept.is_signed and kept.checkpoint.size == cosigned(world.tokyo, world.kyiv)["size"]
    other = Checkpoint(own_origin(world.tokyo.registry, AGREEMENT), 3, bytes(32))
    note = world.tokyo.keys.signer_of(other.origin).sign(other)
    record = world.tokyo.registry.record(COSIGNED, cosigned_id(AGREEMENT, "UKR"))
    assert record is not None
    world.tokyo.registry.ledger.commit(_nothing("other", lambda session: session.change(
        record, note=encode_base64url(note)
    )))
    assert [one.code for one in audit(world.tokyo).findings] == ["kept.differs"]
    record = world.tokyo.registry.record(COSIGNED, cosigned_id(AGREEMENT, "UKR"))
    assert record is not None
    broken = record
    world.tokyo.registry.ledger.commit(_nothing("broken", lambda session: session.change(broken, note="*")))
    (finding,) = audit(world.tokyo).findings
    assert finding.place == f"{AGREEMENT} UKR", "it is a finding, and the audit goes on"

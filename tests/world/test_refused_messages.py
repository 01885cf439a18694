"""Whatever a partner's node refuses of ours is due to somebody here, until it is told anew or seen to otherwise."""

from __future__ import annotations

from collections import Counter
from typing import Any

from tests.message.samples import SAMPLES
from tests.views.test_pages import view
from tests.world.comparing import bodies
from tests.world.forging import forge, opened, tell, waiting
from tests.world.reproducing import assign, cross, grant
from tests.world.test_level_change import AJISAI, change
from tests.world.test_not_taken import place_under
from tests.world.world import AGREEMENT, Player, World

from cordiale.message.bodies import BODY_TYPES
from cordiale.message.bodies.body import Body, Reply
from cordiale.message.bodies.refusal import Family, Refusal
from cordiale.message.form import message_digest
from cordiale.model.names import MessageId
from cordiale.records.correspondence import BODY_TYPES_BY_CLASS, Letter, post
from cordiale.records.ledger import Act
from cordiale.records.partners import require_partner
from cordiale.records.refused_messages import duty_if_unanswered
from cordiale.records.releases import version_of
from cordiale.rules.duty_kinds import kind_of
from cordiale.rules.offices import OFFICES_FOR, OfficialAct
from cordiale.rules.refused_messages import ONLY_ANSWERS, SEEN_TO
from cordiale.work.chaser import chase_due

PERSONS = {"competent-authority": "authority", "security-officer": "security"}


def write(player: Player, *bodies: Body) -> list[str]:
    """Let a node write to Tokyo in one act, whatever its books say of it; return the messages."""
    registry = player.registry

    def letter(session: Any, body: Body) -> Letter:
        row = BODY_TYPES_BY_CLASS[type(body)]
        agreement = AGREEMENT if row.needs_agreement else ""
        return Letter(
            partner=require_partner(session.reads, "JPN", mode=registry.mode, now=session.at).statement, body=body,
            agreement=agreement, in_reply_to="message-9" if row.reply is Reply.MUST else "",
            version=version_of(session, agreement) if agreement else 0,
        )

    def perform(session: Any) -> dict[str, Any]:
        return {"messages": [post(registry, session, letter(session, body)).id for body in bodies]}

    id = f"x.write.{registry.reads().log_size(AGREEMENT)}"
    return list(registry.ledger.commit(Act(id, "test", "node", AGREEMENT, perform)).value["messages"])


def refuse(world: World, *messages: str) -> None:
    """Let Tokyo sign that it refuses messages of Kyiv's."""
    for message in messages:
        row = world.kyiv.registry.reads().outbox(message)
        assert row is not None
        tell(world.tokyo, world.kyiv, forge(world.tokyo, world.kyiv, Refusal(
            message_digest(row.message, world.kyiv.registry.mode), Family.REFUSED, "exercise.refused",
            "the rules of the receiving party do not allow this", MessageId(message),
        ), seq=900_000 + row.seq, id=f"refusal.{message}", in_reply_to=message))


def due(player: Player) -> dict[str, dict[str, Any]]:
    """Return what is open because a message was refused, by the identifiers of the duties."""
    return {
        id: one for id, one in bodies(player, "duty").items()
        if (one["what"], one["state"]) == ("refused-by-partner", "open")
    }


def types_due(player: Player) -> Counter[str]:
    return Counter(one["noted"].removesuffix(" exercise.refused") for one in due(player).values())


def test_every_type_of_message_says_what_is_due_when_it_is_refused_or_only_answers() -> None:
    assert sorted([*SEEN_TO, *ONLY_ANSWERS]) == sorted(BODY_TYPES)
    assert all(not row.about or row.about in BODY_TYPES[name].members for name, row in SEEN_TO.items())


def test_whatever_is_refused_is_due_until_it_is_told_anew_or_settled_by_a_person() -> None:
    world = World.in_force(seed=912)
    kyiv, today = world.kyiv, world.clock.at.date().isoformat()
    refuse(world, *write(kyiv, *(SAMPLES[name] for name in BODY_TYPES)))
    assert types_due(kyiv) == Counter(SEEN_TO.keys())
    for one in due(kyiv).values():
        name = one["noted"].split()[0]
        row = SEEN_TO[name]
        assert (one["falls_to"], one["owner"], one["due"]) == ([row.office.value], "UKR", today)
        assert not row.about or one["subject"] == getattr(SAMPLES[name], row.about)
    again = dict(zip(SEEN_TO, write(kyiv, *(SAMPLES[name] for name in SEEN_TO)), strict=True))
    left = [name for name, row in SEEN_TO.items() if not row.is_replaced]
    assert types_due(kyiv) == Counter(left)
    refuse(world, again["emergency-notice"], again["visit-ended"])
    assert types_due(kyiv) == Counter([*left, "emergency-notice", "visit-ended"])
    for id, one in due(kyiv).items():
        if one["noted"].split()[0] in ("emergency-notice", "visit-ended"):
            kyiv.act(PERSONS[one["falls_to"][0]], "duty.settle", {"duty": id, "proof": "told by letter"})
    assert types_due(kyiv) == Counter(set(left) - {"visit-ended"})


def test_every_office_that_a_refusal_falls_to_may_settle_it() -> None:
    assert {row.office for row in SEEN_TO.values()} <= OFFICES_FOR[OfficialAct.KEEP_DUTIES]
    assert kind_of("refused-by-partner").is_settled_by_hand


def test_a_report_of_copies_that_is_refused_is_seen_by_the_registrar_with_its_item_and_the_code() -> None:
    world = World.in_force(seed=913)
    item = cross(world, form="paper")
    grant(world, item, "reader")
    task = assign(world.kyiv, item)
    place_under(world, item, "another")
    world.kyiv.act("reader", "reproduce.finish", {"pages": 3, "task": task})
    assert [opened(row.message).type for row in waiting(world.kyiv)] == ["copy-report"]
    world.deliver()
    rows = view(world.kyiv, "registrar", "view.duties")["duties"]
    assert [(one["what"], one["owner"]) for one in rows if one["what"] in ("copy-report", "refused-by-partner")] == [
        ("refused-by-partner", "UKR"),
    ]
    (row,) = (one for one in rows if one["what"] == "refused-by-partner")
    number = bodies(world.kyiv, "item")[item]["reference"]
    assert row["about"] == f"{number}: copy-report copy-report.other-agreement"


def test_an_order_that_is_not_answered_for_a_day_is_told_otherwise_and_its_answer_ends_that() -> None:
    world = World.in_force(seed=914)
    kyiv = world.kyiv
    ended, cancelled, _ = write(kyiv, SAMPLES["visit-ended"], SAMPLES["freeze"], SAMPLES["visit-notice"])

    def told() -> list[tuple[str, str, list[str]]]:
        found = [one for one in bodies(kyiv, "duty").values() if one["what"] == "order-unanswered"]
        return sorted((one["noted"], one["state"], one["falls_to"]) for one in found)

    world.clock.advance(hours=23)
    chase_due(kyiv.registry)
    assert told() == []
    world.clock.advance(hours=2)
    for _ in range(2):
        chase_due(kyiv.registry)
    assert told() == [(name, "open", ["security-officer"]) for name in ("freeze", "visit-ended")]
    kyiv.act("security", "duty.settle", {"duty": duty_if_unanswered(ended), "proof": "told by telephone"})
    chase_due(kyiv.registry)
    refuse(world, cancelled)
    assert {(name, state) for name, state, _ in told()} == {("freeze", "done"), ("visit-ended", "done")}
    assert [one["noted"] for one in due(kyiv).values()] == ["freeze exercise.refused"]


def test_who_has_taken_a_message_owes_what_follows_from_it_though_its_node_refuses_it_later() -> None:
    world = World.in_force(seed=915)
    change(world.tokyo, cross(world, form="paper"), AJISAI)
    world.deliver()
    (owed,) = (one for one in bodies(world.tokyo, "duty").values() if one["what"] == "level-change-done")
    row = world.tokyo.registry.reads().outbox(owed["message"])
    assert row is not None and row.state == "answered"
    tell(world.kyiv, world.tokyo, forge(world.kyiv, world.tokyo, Refusal(
        message_digest(row.message, world.tokyo.registry.mode), Family.REFUSED, "exercise.refused", "not any more",
        MessageId(row.id),
    ), in_reply_to=row.id))
    assert [one["noted"] for one in due(world.tokyo).values()] == ["level-change exercise.refused"]
    (owed,) = (one for one in bodies(world.tokyo, "duty").values() if one["what"] == "level-change-done")
    assert owed["state"] == "open"

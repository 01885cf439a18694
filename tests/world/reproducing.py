"""What the tests of reproduction share: an agreement open to its highest level, and an item that has crossed."""

from __future__ import annotations

from typing import Any

from tests.world.comparing import list_differences
from tests.world.people import HEADER, row
from tests.world.sending import SignedDeposit
from tests.world.test_journey import PURPOSE, dispatch, grant, label, release
from tests.world.world import AGREEMENT, Player, World

from cordiale.message.personal import PersonalAct
from cordiale.operate.keyfiles import OpenKey
from cordiale.records.answer import Answer
from cordiale.records.items import COPY
from cordiale.records.record import Record

TOP = "EX-JPN:EXERCISE FUJI"


def open_to_the_top(world: World) -> World:
    """Let both find each other ready for the highest level, and approve the wire for it."""
    for player, level in ((world.tokyo, TOP), (world.kyiv, "EX-UKR:EXERCISE SONIASHNYK")):
        player.act("authority", "agreement.link", {
            "agreement": AGREEMENT, "level": level, "link": "wire", "reference": "approval 2",
        })
        for party, of in (("JPN", TOP), ("UKR", "EX-UKR:EXERCISE SONIASHNYK")):
            player.act("authority", "agreement.ready", {
                "agreement": AGREEMENT, "article": "Art. 3(2)", "level": of, "of_party": party,
            })
    world.deliver()
    world.kyiv.enter_people(
        HEADER.strip() + ",briefings\n" + "".join(
            row(id, f"Desk Officer {id}", "UKR", "registrar reader", "SONIASHNYK").strip()
            + f",{AGREEMENT}|2026-01-01|2029-12-31\n" for id in ("deskone", "desktwo")
        )
    )
    return world


def cross(
    world: World, *, level: str = "EX-JPN:EXERCISE SAKURA", form: str = "file", link: str = "wire", **more: Any
) -> str:
    """Let one item cross and be registered; return it."""
    item = label(world.tokyo, level=level, form=form, **more)
    release(world.tokyo, item)
    consignment = dispatch(world, [item], link)
    world.deliver()
    world.kyiv.act("registrar", "register", {"consignment": consignment, "counted": 1})
    world.deliver()
    return item


def cross_at_the_top(world: World) -> str:
    """Let a paper of the highest level be carried across; return it."""
    return cross(world, level=TOP, form="paper", link="carry")


def assign(player: Player, item: str, *, act: str = "copy", maker: str = "reader", **more: Any) -> str:
    """Assign a reproduction to `maker`; return the task. What comes out as paper is made on a device for every level."""
    if more.get("form") == "paper":
        more.setdefault("device", printer(player))
    more = {name: value for name, value in more.items() if value is not None}
    answer = player.act("registrar", "reproduce.assign", {
        "act": act, "item": item, "maker": maker, "purpose": PURPOSE, **more,
    })
    return str(answer.value["task"])


def printer(player: Player, level: str = "") -> str:
    """Return a device that is set aside for `level`, or for the highest level of the player's scheme."""
    level = level or {"JPN": TOP, "UKR": "EX-UKR:EXERCISE SONIASHNYK"}[player.party]
    id = f"printer-{level.rpartition(' ')[2].lower()}"
    if player.registry.record("device", id) is None:
        player.act("security", "device.register", {"device": id, "kind": "printer", "level": level})
    return id


def copy_it(world: World, item: str, *, maker: str = "reader", **more: Any) -> list[str]:
    """Let `maker`, who is granted the need-to-know, copy the item at Kyiv; return the copies."""
    grant(world, item, maker)
    task = assign(world.kyiv, item, maker=maker, **more)
    return list(world.kyiv.act(maker, "reproduce.finish", {"task": task, "pages": 3}).value["copies"])


def consent(world: World, item: str, *, act: str = "copy", number: int = 1) -> str:
    """Let Kyiv ask Tokyo for consent to `act` and Tokyo grant it; return the consent."""
    asked = world.kyiv.act("registrar", "consent.ask", {
        "act": act, "item": item, "number": number, "purpose": PURPOSE,
    })
    world.deliver()
    answer = world.tokyo.act("authority", "consent.answer", {
        "outcome": "granted", "request": asked.value["request"],
    })
    world.deliver()
    return str(answer.value["consent"])


def held(player: Player, copy: str) -> Record:
    """Return a copy as the books of `player` have it."""
    found = player.registry.record(COPY, copy)
    assert found is not None
    return found


def deliver(player: Player, task: str, **more: Any) -> Answer:
    """Let the maker deliver a translation or an extract that is a file."""
    return sign_delivery(player, task, **more).send(player.registry)


def sign_delivery(
    player: Player, task: str, *, maker: str = "reader", content: bytes = b"translated", **more: Any
) -> SignedDeposit:
    """Return what `maker` signs and sends to deliver a translation or an extract."""
    player.count += 1
    at = player.clock.at.replace(microsecond=0)
    act = PersonalAct("reproduce.deliver", f"act.{player.party.lower()}.{player.count}", player.registry.node, at,
                      {"task": task, **more}, b"")
    made = OpenKey(player.people[maker], player.registry.mode).begin_deposit(act)
    made.add(content)
    return SignedDeposit(made.opening, made.salt, content, made.close(at))


def audited(world: World) -> None:
    """Let everything be delivered, then hold the books of both nodes against their trails and against each other."""
    world.deliver()
    assert list_differences(world) == []

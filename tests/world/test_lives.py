"""Random lives of two nodes with a hostile courier, failing disks and crashes: they end in agreement.

Whatever was done, and however it was carried, at the end the audit of each
node finds nothing, the registers of both tell one story, no act is lost or
doubled, nobody has read what the rules refuse, and no name, title or content
has crossed in clear.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test
from tests.world.comparing import bodies
from tests.world.courier import MAIMING, TRICKS
from tests.world.living import PURPOSES, REGISTRIES, Life
from tests.world.world import AGREEMENT, Player

sides = st.sampled_from((0, 1))
places = st.integers(0, 11)
purposes = st.sampled_from((PURPOSES[0], PURPOSES[0], PURPOSES[0], PURPOSES[1]))
readers = st.sampled_from(("reader", "reader", "reader", "originator", "junior", "colleague", "foreigner"))
levels = st.sampled_from((1, 1, 1, 0, 2, 3))
LEVELS = (
    ("EX-JPN:EXERCISE AJISAI", "EX-JPN:EXERCISE SAKURA", "EX-JPN:EXERCISE FUJI", "EX-JPN:EXERCISE MATSU"),
    ("EX-UKR:EXERCISE KALYNA", "EX-UKR:EXERCISE BARVINOK", "EX-UKR:EXERCISE SONIASHNYK", "EX-UKR:EXERCISE BARVINOK"),
)
WRITES = ("put_record", "put_outbox", "put_inbox", "put_act", "put_entries", "put_head", "take_number", "commit")


class Lives(RuleBasedStateMachine):
    """Two registries and what may happen to them."""

    @initialize(seed=st.integers(0, 2**32), maims=st.booleans())
    def begin(self, seed: int, maims: bool) -> None:
        tricks = dict(TRICKS) | (dict.fromkeys(MAIMING, 1) if maims else {})
        self.life = Life.begun(seed % 1_000, tricks)
        self.items: list[tuple[int, str]] = [
            (side, id) for side, player in enumerate(self.life.world.players)
            for id, body in bodies(player, "item").items() if body["origin_party"] == player.party
        ]
        self.steps = 0

    def player(self, side: int) -> Player:
        self.steps += 1
        return self.life.world.players[side]

    def item(self, place: int) -> tuple[int, str]:
        """Return an item, of which the newer ones are met more often."""
        return self.items[-1 - place % len(self.items)]

    # -- at the originator -------------------------------------------------------------------------------

    @rule(side=sides, level=levels, file=st.booleans(), kept=st.sampled_from((False, False, False, True)))
    def label(self, side: int, level: int, file: bool, kept: bool) -> None:
        player, number = self.player(side), len(self.items)
        title, text = f"Zitadelle {number} Kirschbaum", f"Plaintext {number} that nobody outside reads. " * 3
        self.life.secrets |= {title, text[:40]}
        params: dict[str, Any] = {
            "form": "file" if file else "paper", "level": LEVELS[side][level], "title": title,
            "release_to": [] if kept else ["JPN", "UKR"],
        }
        if kept:
            params["readers"] = ["originator"]
        answer = self.life.attempt(player, "originator", "label", params, text.encode() if file else None)
        if answer:
            self.items.append((side, str(answer["item"])))

    @precondition(lambda self: self.items)
    @rule(place=places, purpose=purposes, link=st.sampled_from(("wire", "wire", "bag")))
    def release_and_dispatch(self, place: int, purpose: str, link: str) -> None:
        side, item = self.item(place)
        player = self.player(side)
        self.life.approve(player, item, "originator", "release.propose", purpose)
        self.life.approve(player, item, "authority", "release.approve", purpose)
        self.send(player, [item], purpose, link)

    @rule(side=sides, level=levels, file=st.booleans(), rounds=st.integers(1, 4))
    def whole_journey(self, side: int, level: int, file: bool, rounds: int) -> None:
        self.label(side, level, file, False)
        self.release_and_dispatch(0, PURPOSES[0], "wire")
        for _ in range(rounds):
            self.send_waiting(side, 60)
        self.register(1 - side, 0, 0)
        for _ in range(rounds):
            self.send_waiting(1 - side, 60)
        self.need(1 - side, 0, "reader", PURPOSES[0])
        self.read(1 - side, 0, "reader", PURPOSES[0])

    @precondition(lambda self: self.items)
    @rule(place=places, purpose=purposes, person=st.sampled_from(("originator", "authority", "registrar")),
          kind=st.sampled_from(("release.propose", "release.approve")))
    def approve(self, place: int, purpose: str, person: str, kind: str) -> None:
        side, item = self.item(place)
        self.life.approve(self.player(side), item, person, kind, purpose)

    @precondition(lambda self: self.items)
    @rule(place=places, person=st.sampled_from(("originator", "authority")))
    def withdraw_approval(self, place: int, person: str) -> None:
        side, item = self.item(place)
        self.life.attempt(self.player(side), person, "release.withdraw", {"item": item})

    @precondition(lambda self: self.items)
    @rule(chosen=st.sets(places, min_size=1, max_size=3), purpose=purposes, link=st.sampled_from(("wire", "bag")))
    def dispatch(self, chosen: set[int], purpose: str, link: str) -> None:
        items = [self.item(place) for place in sorted(chosen)]
        side = items[0][0]
        self.send(self.player(side), sorted({item for one, item in items if one == side}), purpose, link)

    def send(self, player: Player, items: list[str], purpose: str, link: str) -> None:
        other = self.life.world.other(player)
        self.life.attempt(player, "registrar", "dispatch", {
            "agreement": AGREEMENT, "items": items, "link": link, "purpose": purpose, "recipient": other.party,
            "registry": REGISTRIES[other.party],
        })

    @rule(side=sides, place=places, person=st.sampled_from(("registrar", "registrar", "reader")),
          by_word=st.sampled_from((False, False, True)))
    def withdraw(self, side: int, place: int, person: str, by_word: bool) -> None:
        player = self.player(side)
        sent = [id for id, body in bodies(player, "consignment").items() if body["direction"] == "out"]
        if sent:
            id = sent[-1 - place % len(sent)]
            self.life.attempt(player, self.known(side, person) if person == "reader" else person, "dispatch.withdraw", {
                "consignment": id,
            })
            if by_word:
                self.life.attempt(player, "head", "dispatch.not-there", {"consignment": id, "reference": "by telephone"})

    @precondition(lambda self: self.items)
    @rule(place=places)
    def void(self, place: int) -> None:
        side, item = self.item(place)
        self.life.attempt(self.player(side), "registrar", "entry.void", {"item": item, "reason": "entered twice"})

    # -- on the way --------------------------------------------------------------------------------------

    @rule(side=sides, seconds=st.integers(1, 90))
    def send_waiting(self, side: int, seconds: int) -> None:
        self.player(side).outbox.send_waiting()
        self.life.world.clock.advance(seconds=seconds)

    @rule(side=sides, again=st.booleans())
    def pack(self, side: int, again: bool) -> None:
        self.life.pack(self.player(side), again=again)

    @rule(place=places, maim=st.sampled_from((-1, -1, -1, 0, 1, 2, 3)))
    def unpack(self, place: int, maim: int) -> None:
        self.life.unpack(place, maim=maim)

    # -- at the recipient --------------------------------------------------------------------------------

    @rule(side=sides, place=places, miscounted=st.sampled_from((0, 0, 0, 1)))
    def register(self, side: int, place: int, miscounted: int) -> None:
        player = self.player(side)
        held = [id for id, body in bodies(player, "consignment").items() if body["state"] == "held"]
        if held:
            id = held[place % len(held)]
            count = len(bodies(player, "consignment")[id]["items"]) + miscounted
            self.life.attempt(player, "registrar", "register", {"consignment": id, "counted": count})

    @precondition(lambda self: self.items)
    @rule(side=sides, place=places, person=readers, purpose=st.one_of(purposes, purposes, st.none()))
    def need(self, side: int, place: int, person: str, purpose: str | None) -> None:
        _, item = self.item(place)
        self.life.set_need(self.player(side), item, self.known(side, person), purpose)

    @precondition(lambda self: self.items)
    @rule(side=sides, place=places, person=readers, purpose=purposes)
    def read(self, side: int, place: int, person: str, purpose: str) -> None:
        _, item = self.item(place)
        self.life.read(self.player(side), self.known(side, person), item, purpose)

    def known(self, side: int, person: str) -> str:
        return person if side == 1 else "originator"

    @precondition(lambda self: self.items)
    @rule(side=sides, place=places, person=readers,
          kind=st.sampled_from(("circulate", "circulate.confirm", "circulate.back")))
    def circulate(self, side: int, place: int, person: str, kind: str) -> None:
        _, item = self.item(place)
        params = {"item": item, "person": self.known(side, person)} if kind == "circulate" else {"item": item}
        actor = "registrar" if kind == "circulate" else self.known(side, person)
        self.life.attempt(self.player(side), actor, kind, params)

    @precondition(lambda self: self.items)
    @rule(place=places)
    def give_back(self, place: int) -> None:
        side, item = self.item(place)
        self.life.attempt(self.player(1 - side), "registrar", "return", {"item": item})

    @precondition(lambda self: self.items)
    @rule(place=places, witness=st.sampled_from(("security", "head", "registrar", "reader")))
    def destroy(self, place: int, witness: str) -> None:
        side, item = self.item(place)
        player = self.player(1 - side)
        answer = self.life.attempt(player, "registrar", "destroy.propose", {"item": item, "method": "erased"})
        if answer and (witness != "reader" or side == 0):
            self.life.attempt(player, witness, "destroy.witness", {"proposal": answer["proposal"]})

    @precondition(lambda self: self.items)
    @rule(place=places, purpose=purposes, act=st.sampled_from(("pass-on", "copy", "read")))
    def ask_consent(self, place: int, purpose: str, act: str) -> None:
        side, item = self.item(place)
        params = {"act": act, "item": item, "purpose": purpose}
        if act == "pass-on":
            params["recipient"] = "POL"
        self.life.attempt(self.player(1 - side), "registrar", "consent.ask", params)

    @rule(side=sides, outcome=st.sampled_from(("granted", "declined")))
    def answer_consent(self, side: int, outcome: str) -> None:
        player = self.player(side)
        for id, body in bodies(player, "consent-request").items():
            if body["direction"] == "in" and body["state"] == "asked":
                self.life.attempt(player, "authority", "consent.answer", {"outcome": outcome, "request": id})
                return

    @precondition(lambda self: self.items)
    @rule(place=places, purpose=purposes)
    def pass_on(self, place: int, purpose: str) -> None:
        side, item = self.item(place)
        self.life.attempt(self.player(1 - side), "registrar", "pass-on", {
            "item": item, "purpose": purpose, "recipient": "POL",
        })

    # -- what happens ------------------------------------------------------------------------------------

    @rule(person=st.sampled_from(("reader", "colleague")), withdrawn=st.booleans())
    def clearance(self, person: str, withdrawn: bool) -> None:
        self.life.set_clearance(self.player(1), person, withdrawn=withdrawn)

    @rule(hours=st.sampled_from((1, 7, 26, 26, 24 * 20)))
    def time_passes(self, hours: int) -> None:
        self.life.world.clock.advance(hours=hours)

    @rule(side=sides)
    def crash(self, side: int) -> None:
        self.life.crash(self.player(side))

    @rule(side=sides, write=st.sampled_from(WRITES), count=st.integers(1, 2))
    def disk_fails(self, side: int, write: str, count: int) -> None:
        self.life.disks[self.player(side).party].fail(write, count)

    @precondition(lambda self: self.steps > 18)
    @rule(side=sides, chance=st.integers(0, 3))
    def suspend(self, side: int, chance: int) -> None:
        if chance == 0:
            self.life.attempt(self.player(side), "authority", "agreement.stage", {
                "agreement": AGREEMENT, "article": "Art. 16(2)", "on": "2026-09-01", "stage": "suspended",
            })

    def teardown(self) -> None:
        if hasattr(self, "life"):
            self.life.come_to_rest()
            faults = self.life.list_faults()
            assert not faults, "\n".join(faults)


def live(examples: int, steps: int, *, shortened: bool = True) -> None:
    """Live so many lives of so many steps each; a life that fails is `shortened` before it is shown."""
    phases = [Phase.explicit, Phase.reuse, Phase.generate] + ([Phase.shrink] if shortened else [])
    run_state_machine_as_test(Lives, settings=settings(
        max_examples=examples, stateful_step_count=steps, deadline=None, phases=phases,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
    ))


def test_random_lives_end_with_registers_and_logs_in_agreement() -> None:
    live(examples=12, steps=35)


@pytest.mark.slow
def test_many_long_random_lives_end_in_agreement() -> None:
    live(examples=400, steps=70)

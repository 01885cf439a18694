"""What waits comes a part at a time: each thing once, the longest waiting first, and nothing of what is hidden."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from tests.attack.test_accord import set_stage
from tests.views.test_looks import rows_read
from tests.views.test_pages import view
from tests.world.world import AGREEMENT, Player, World

from cordiale.adapters.sqlite_reads import SqliteReads
from cordiale.errors import Malformed
from cordiale.limits import TODAY_ROWS_COUNT
from cordiale.ports import OutboxRow
from cordiale.records.ledger import INTERNAL, Act
from cordiale.records.registry import identify
from cordiale.records.session import PAGE_LENGTH, ActSession
from cordiale.views.waiting import list_waits
from cordiale.views.waiting_rows import Looking

COUNT = 90
SIZES = (300, 700)
KALYNA = "EX-UKR:EXERCISE KALYNA"
_PERSONS = ("registrar", "security", "head", "reader", "authority", "originator")


def _paper(player: Player) -> str:
    return str(player.act("originator", "label", {"form": "paper", "level": KALYNA, "title": "Paper"}).value["item"])


def _at(number: int) -> str:
    return f"2026-09-01T{number // 3600 % 24:02}:{number // 60 % 60:02}:{number % 60:02}Z"


def grow(player: Player, items: tuple[str, str], start: int, end: int) -> None:
    """Let there wait more of each kind, about an item that the reader sees and one that they do not, by turns.

    The later one of them began to wait, the earlier is its name.
    """
    def perform(session: ActSession) -> dict[str, Any]:
        for number in range(start, end):
            id, at, item = f"{99_999 - number:05}", _at(number), items[number % 2]
            entered = ("security", "registrar", "head")[number % 3]
            session.put("destruction", f"destruction.{id}", {
                "copies": [f"{item}.0"], "item": item, "method": "burned", "persons": [entered], "proposed_at": at,
                "state": "proposed",
            })
            session.put("crisis", f"crisis.{id}", {
                "copies": [f"{item}.0"], "done_by": [entered], "entered_at": at, "entered_by": entered,
                "state": "entered",
            })
            session.put("level-proposal", f"level.{id}", {
                "item": item, "proposed_at": at, "proposed_by": "originator", "state": "proposed",
            })
            session.put("level-change", f"change.{id}", {
                "change": f"change.{id}", "effective_at": at, "item": item, "state": "pending",
            })
            session.put("reproduction", f"task.{id}", {
                "act": "copy", "assigned_at": at, "item": item, "maker": "colleague", "purpose": "x",
                "state": "assigned", "witnesses": [],
            })
            session.put("custody", f"{item}/holder.{id}", {
                "charged_at": at, "holder": f"holder.{id}", "item": item,
                "state": "offered" if number % 3 == 1 else "charged-out",
            })
            session.put("emergency", f"emergency.{id}", {"at": at, "item": item, "state": "told"})
            session.put("folder-part", f"folder.{id}/{item}.0", {
                "copy": f"{item}.0", "folder": item, "item": item, "state": "in",
            })
        return {}

    player.registry.ledger.commit(Act(f"grow.{start}", "grow", "node", INTERNAL, perform))


@pytest.fixture(scope="module")
def made() -> tuple[Player, tuple[str, str]]:
    kyiv = World.in_force(seed=919).kyiv
    items = _paper(kyiv), _paper(kyiv)

    def needed(session: ActSession) -> dict[str, Any]:
        session.put("need", f"{items[0]}/reader", {
            "granted_at": _at(0), "granted_by": "head", "item": items[0], "person": "reader", "purpose": "x",
        })
        return {}

    kyiv.registry.ledger.commit(Act("needed", "needed", "node", INTERNAL, needed))
    grow(kyiv, items, 0, COUNT)
    return kyiv, items


@pytest.fixture(scope="module")
def player(made: tuple[Player, tuple[str, str]]) -> Player:
    return made[0]


def parts(player: Player, person: str, count: int, **asked: Any) -> list[dict[str, Any]]:
    found = [view(player, person, "view.duties", count=count, **asked)]
    while found[-1]["next"]:
        found.append(view(player, person, "view.duties", after=found[-1]["next"], count=count, **asked))
    return found


@pytest.mark.parametrize("person", _PERSONS)
def test_parts_together_are_all_that_waits_and_none_is_longer_than_asked(player: Player, person: str) -> None:
    whole = [row for part in parts(player, person, 500) for row in part["duties"]]
    for count in (7, 40):
        some = parts(player, person, count)
        assert [row for part in some for row in part["duties"]] == whole
        assert [len(part["duties"]) for part in some[:-1]] == [count] * (len(some) - 1)
    assert len({(row["what"], row["subject"], row["owner"], row["since"]) for row in whole}) == len(whole) > 0


def test_duties_with_their_days_come_first_and_of_each_kind_the_longest_waiting(player: Player) -> None:
    for number in range(9):
        player.act("security", "duty.add", {
            "about": f"drill {number}", "due": f"2027-01-{9 - number:02}", "office": "security-officer",
        })
    rows = [row for part in parts(player, "security", 4) for row in part["duties"]]
    assert [row["due"] for row in rows[:9]] == [f"2027-01-{number:02}" for number in range(1, 10)]
    waiting = [row for row in rows if "duty" not in row]
    assert rows[-len(waiting):] == waiting and len(waiting) >= 4 * COUNT // 3
    for what in ("witness-destruction", "confirm-crisis", "copy", "confirm-custody"):
        since = [row["since"] for row in waiting if row["what"] == what]
        assert since == sorted(since) and len(since) >= COUNT // 3, what


def test_a_part_that_ends_with_the_last_duty_leads_on_to_what_only_waits(player: Player) -> None:
    duties = [row for part in parts(player, "security", 500) for row in part["duties"] if "duty" in row]
    first, *rest = parts(player, "security", len(duties))
    assert all("duty" in row for row in first["duties"]) and first["next"]
    assert rest and all("duty" not in row for part in rest for row in part["duties"])


def test_nobody_is_the_second_person_of_what_they_entered(player: Player) -> None:
    for person, entered in (("security", 0), ("registrar", 1)):
        rows = [row for part in parts(player, person, 500) for row in part["duties"]]
        mine = {f"crisis.{99_999 - number:05}" for number in range(COUNT) if number % 3 == entered}
        shown = {row["subject"] for row in rows if row["what"] == "confirm-crisis"}
        assert len(shown) == COUNT - len(mine) and not shown & mine, person


def test_what_is_hidden_is_in_no_row_and_no_end_of_a_part(made: tuple[Player, tuple[str, str]]) -> None:
    player, (_, hidden) = made
    number = str(player.registry.record("item", hidden)["reference"])  # type: ignore[index]
    for kind, table in (("view.duties", "duties"), ("view.destructions", "destructions"), ("view.levels", "proposals")):
        after: dict[str, str] = {}
        found: list[dict[str, Any]] = []
        while True:
            part = view(player, "reader", kind, count=5, **after)
            assert hidden not in str(part) and number not in str(part), kind
            found += part[table]
            if not part["next"]:
                break
            named = part["next"].rpartition("/")[2].rpartition(".")[2]
            assert int(named) % 2 == 1, (kind, "it ends with what the reader sees")
            after = {"after": part["next"]}
        assert len(found) == COUNT // 2, kind


@pytest.mark.parametrize("person", _PERSONS)
def test_the_same_is_listed_while_the_index_is_being_made(player: Player, person: str) -> None:
    kinds = {"view.duties": "duties"}
    if person in ("reader", "head", "security", "registrar"):
        kinds |= {"view.destructions": "destructions", "view.levels": "changes"}
    before = {kind: view(player, person, kind)[table] for kind, table in kinds.items()}
    writer = player.registry.store._writer  # type: ignore[attr-defined]
    ((form,),) = writer.execute("SELECT form FROM index_state").fetchall()
    writer.execute("UPDATE index_state SET form = 0")
    try:
        assert {kind: view(player, person, kind)[table] for kind, table in kinds.items()} == before
    finally:
        writer.execute("UPDATE index_state SET form = ?", (form,))


def test_nothing_that_arrived_is_forgotten_however_much_waits_to_be_registered() -> None:
    kyiv = World.in_force(seed=922).kyiv

    def came(session: ActSession) -> dict[str, Any]:
        for number in range(PAGE_LENGTH + 20):
            session.put("consignment", f"ukr.c.{number:05}", {
                "agreement": AGREEMENT, "direction": "in", "message": f"m.{number}", "party": "JPN",
                "received_at": _at(number), "state": "held",
            })
        return {}

    kyiv.registry.ledger.commit(Act("came", "came", "node", INTERNAL, came))
    rows = [row for part in parts(kyiv, "registrar", 500) for row in part["duties"] if row["what"] == "register"]
    assert sorted(row["subject"] for row in rows) == [f"ukr.c.{number:05}" for number in range(PAGE_LENGTH + 20)]


def test_today_shows_the_first_of_very_many(player: Player) -> None:
    kinds = {one["kind"]: one for one in view(player, "authority", "view.today")["kinds"]}
    whole = [row for part in parts(player, "authority", 500) for row in part["duties"] if row["what"] == "confirm-level"]
    shown = [row["since"] for row in kinds["approve"]["rows"] if row["what"] == "confirm-level"]
    assert kinds["approve"]["more"] and shown == [row["since"] for row in whole[: len(shown)]]
    assert len(shown) == TODAY_ROWS_COUNT and shown[0] == _at(0)


def test_no_other_end_of_a_part_is_taken(player: Player) -> None:
    for after in ("crisis", "crisis.state.entered", "elsewhere 2026", "2026-09-01"):
        with pytest.raises(Malformed):
            view(player, "security", "view.duties", after=after)


def test_every_source_of_what_waits_has_a_name_of_its_own(player: Player) -> None:
    for person in _PERSONS:
        request = identify(player.registry, player.request(person, "view.duties", {}))
        someone = Looking(player.registry, player.registry.books(), request.person)
        for others in (True, False):
            names = [one.source.name for one in list_waits(someone, others=others)]
            assert len(set(names)) == len(names)


def test_a_page_reads_no_more_where_more_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    kyiv = World.in_force(seed=920).kyiv
    items = _paper(kyiv), _paper(kyiv)
    looks: list[dict[tuple[str, str], int]] = []
    asked = [
        (person, kind, given) for person, of in (
            ("security", ("view.duties", "view.today", "view.destructions", "view.levels", "view.folders")),
            ("reader", ("view.duties", "view.today", "view.destructions", "view.levels")),
            ("head", ("view.duties", "view.today", "view.emergencies")), ("authority", ("view.emergencies",)),
        ) for kind in of for given in [{"count": 40} if kind != "view.today" else {}]
    ]
    start = 0
    for size in SIZES:
        grow(kyiv, items, start, size)
        start = size
        counts = {}
        for person, kind, given in asked:
            kyiv.registry.store._kept._empty()  # type: ignore[attr-defined]
            counts[person, kind] = rows_read(monkeypatch, partial(view, kyiv, person, kind, **given))
        looks.append(counts)
    grown = {name: (looks[0][name], looks[1][name]) for name in looks[0] if looks[1][name] > looks[0][name]}
    assert not grown and all(looks[0].values())


def test_what_does_not_leave_is_told_in_few_looks_however_much_of_it_there_is(monkeypatch: pytest.MonkeyPatch) -> None:
    tokyo = World.in_force(seed=921).tokyo
    set_stage(tokyo, "suspended")

    def left(session: ActSession) -> dict[str, Any]:
        for number in range(COUNT):
            session.put("consignment", f"jpn.c.{number:03}", {
                "agreement": AGREEMENT, "direction": "out", "dispatched_at": _at(number), "message": f"m.{number}",
                "number": f"JPN-OUT-UKR-2026-{number:04}", "party": "UKR", "state": "dispatched",
            })
            session.queue(OutboxRow(
                f"m.{number}", "kyiv.ukr", AGREEMENT, number + 1, "bulk", b"{}", ("envelope",) if number % 2 else (), "any",
                ("waiting", "answered")[number % 3 == 0], session.at,
            ))
        return {}

    tokyo.registry.ledger.commit(Act("left", "left", "node", INTERNAL, left))
    rows = [row for part in parts(tokyo, "registrar", 7) for row in part["duties"] if row["what"] == "held-back"]
    held = [number for number in range(COUNT) if number % 2 and number % 3]
    assert [row["subject"] for row in rows] == [f"jpn.c.{number:03}" for number in held]
    asked = _looks(monkeypatch)
    for kind in ("view.duties", "view.today"):
        tokyo.registry.store._kept._empty()  # type: ignore[attr-defined]
        asked.clear()
        assert f"jpn.c.{held[0]:03}" in str(view(tokyo, "registrar", kind)) and 0 < asked["all"] <= 10, kind


def _looks(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Return how often it is looked into the books, counted from now on."""
    asked = Counter[str]()

    def counting(read: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*given: Any) -> Any:
            asked["all"] += 1
            return read(*given)

        return counted

    for name in ("_rows", "_row"):
        monkeypatch.setattr(SqliteReads, name, counting(getattr(SqliteReads, name)))
    return asked


@pytest.mark.parametrize("person", _PERSONS)
def test_every_part_is_read_in_few_looks_wherever_it_begins(
    player: Player, person: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, after, count = _looks(monkeypatch), dict[str, str](), 0
    while True:
        player.registry.store._kept._empty()  # type: ignore[attr-defined]
        asked.clear()
        part = view(player, person, "view.duties", count=40, **after)
        assert asked["all"] <= 8, (person, after, asked)
        count += 1
        if not part["next"]:
            break
        after = {"after": part["next"]}
    assert count > 1 or person in ("head", "originator")

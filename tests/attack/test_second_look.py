"""A second look at what was closed, and at ways around it."""

from __future__ import annotations

import contextlib
import os
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from tests.attack.test_accord import claim, set_stage, signed_world
from tests.world.comparing import bodies
from tests.world.forging import forge, refusal_in, tell, waiting
from tests.world.test_journey import PURPOSE, cross, label, release
from tests.world.world import AGREEMENT, World, make_acquainted, make_trust

from cordiale.adapters.folder import FolderObjects
from cordiale.adapters.medium import FolderMedium
from cordiale.canonical import encode_base64url
from cordiale.errors import CordialeError, Malformed, OutOfOrder, Refused, Undecidable
from cordiale.message.bodies.acknowledgement import Acknowledgement
from cordiale.message.bodies.agreement_signature import AgreementSignature
from cordiale.message.bodies.consent_request import ConsentRequest, ConsentTerms
from cordiale.message.bodies.notes_exchanged import NotesExchanged
from cordiale.message.bodies.readiness_found import ReadinessFound
from cordiale.message.bodies.stage_changed import StageChanged
from cordiale.message.members import NamedPost
from cordiale.message.trust.root import read_unverified_root, sign_root
from cordiale.model.agreement import Act, Stage
from cordiale.model.label import LevelRef
from cordiale.records.agreements import load_index


@pytest.fixture
def world() -> World:
    return World.in_force(seed=309)


def test_a_stranger_to_an_agreement_learns_not_even_that_it_exists(world: World) -> None:
    """The code of the refusal must not tell an agreement of ours with others from one that nobody has."""
    warsaw = world.add_stranger()
    for player in world.players:
        make_acquainted(player, warsaw)
        make_acquainted(warsaw, player)
    told = set()
    number = 0
    now = world.clock.at
    bodies_: list[Any] = [
        ConsentRequest(ConsentTerms("x", Act.COPY, PURPOSE)),  # type: ignore[arg-type]
        StageChanged(Stage.IN_FORCE, date(2026, 9, 1), "Art. 16"),
        ReadinessFound("JPN", LevelRef("EX-JPN", "EXERCISE SAKURA"), "Art. 3", now),  # type: ignore[arg-type]
        AgreementSignature(bytes(48), NamedPost("n", "p"), "x"),
        Acknowledgement(bytes(48), now, None),
    ]
    for body in bodies_:
        answers = set()
        for agreement in (AGREEMENT, "an-agreement-that-nobody-has", "internal"):
            number += 1
            reply = "m1" if isinstance(body, Acknowledgement) else ""
            data = forge(warsaw, world.kyiv, body, agreement=agreement, id=f"p{number}", seq=number, in_reply_to=reply)
            try:
                refused = refusal_in(tell(warsaw, world.kyiv, data))
                answers.add((refused.family, refused.code, refused.text, refused.article))
            except CordialeError as error:
                answers.add((type(error), error.code, str(error), ""))
        told.add(len(answers))
    assert told == {1}


def test_a_note_without_a_day_does_not_leave_the_day_to_the_partner() -> None:
    """Ours says that a further stage brings it into force; the partner's names a day that is long past."""
    world = signed_world()
    world.tokyo.act("authority", "agreement.note", {
        "agreement": AGREEMENT, "article": "Art. 16(1)", "on": "2026-09-01", "reference": "note 1",
    })
    claim(world.kyiv, world.tokyo, NotesExchanged("note 2", date(2026, 9, 1), "Art. 16(1)", date(2026, 8, 1)))
    state = load_index(world.tokyo.registry.reads(), AGREEMENT, "JPN").state
    assert state.stage is not Stage.IN_FORCE


def test_an_agreement_that_is_applied_provisionally_can_be_suspended(world: World) -> None:
    world = signed_world()
    for player in world.players:
        set_stage(player, "provisional")
        world.deliver()
    set_stage(world.tokyo, "suspended")
    item = label(world.tokyo)
    with pytest.raises((Refused, Undecidable)):
        release(world.tokyo, item)
        world.tokyo.act("registrar", "dispatch", {
            "agreement": AGREEMENT, "items": [item], "link": "wire", "purpose": PURPOSE, "recipient": "UKR",
            "registry": "registry-kyiv",
        })
    assert load_index(world.tokyo.registry.reads(), AGREEMENT, "JPN").state.stage is Stage.SUSPENDED


@pytest.mark.parametrize("form", ["paper", "file"])
def test_only_a_thing_is_carried(world: World, form: str) -> None:
    """`carry` asks for no approved link: a content must not leave by it, and a paper must be able to."""
    item = label(world.tokyo, form=form)
    release(world.tokyo, item)
    params = {
        "agreement": AGREEMENT, "items": [item], "link": "carry", "purpose": PURPOSE, "recipient": "UKR",
        "registry": "registry-kyiv",
    }
    if form == "file":
        with pytest.raises((Refused, Undecidable, Malformed)):
            world.tokyo.act("registrar", "dispatch", params)
        assert waiting(world.tokyo) == []
    else:
        world.tokyo.act("registrar", "dispatch", params)
        world.deliver()
        assert len(bodies(world.kyiv, "consignment")) == 1


def test_after_our_root_was_rotated_a_partner_can_follow_by_what_our_node_shows(world: World) -> None:
    """The statement that is shown rests on a root the partner has not seen: the rotation must come with it."""
    known = read_unverified_root(world.tokyo.root)
    from dataclasses import replace

    second = sign_root(replace(known, version=2, keys=known.keys[::-1]), world.tokyo.root_keys)
    make_trust(world.tokyo, version=2)
    from cordiale.message.trust.statement import add_signature, read_unverified_statement, sign_statement

    statement, root = read_unverified_statement(world.tokyo.statement), read_unverified_root(second)
    signed = add_signature(
        sign_statement(statement, root, world.tokyo.root_keys[0]), root, world.tokyo.root_keys[1]
    )
    world.tokyo.act("registrar", "node.install", {
        "root": encode_base64url(second), "statement": encode_base64url(signed),
    })
    world.deliver()
    record = world.kyiv.registry.record("partner", "JPN")
    assert record is not None and record["root"] == encode_base64url(second)


def test_a_partner_that_missed_a_rotation_follows_by_what_lies_on_the_next_bag(world: World) -> None:
    """Two rotations, of which no message arrives: the bag brings both, oldest first."""
    from dataclasses import replace

    from tests.world.outside import MemoryMedium

    from cordiale.message.trust.statement import add_signature, read_unverified_statement, sign_statement
    from cordiale.work.bag import pack, unpack

    for version in (2, 3):
        known = read_unverified_root(world.tokyo.root)
        root = sign_root(replace(known, version=version, keys=known.keys[::-1]), world.tokyo.root_keys)
        make_trust(world.tokyo, version=version)
        read, newest = read_unverified_statement(world.tokyo.statement), read_unverified_root(root)
        signed = add_signature(
            sign_statement(read, newest, world.tokyo.root_keys[0]), newest, world.tokyo.root_keys[1]
        )
        world.tokyo.act("registrar", "node.install", {
            "root": encode_base64url(root), "statement": encode_base64url(signed),
        })
    medium = MemoryMedium()
    pack(world.tokyo.registry, "UKR", medium, "pack.1")
    unpack(world.kyiv.registry, medium)
    record = world.kyiv.registry.record("partner", "JPN")
    assert record is not None and record["root"] == encode_base64url(root)


# -- media and folders --------------------------------------------------------------------------------------


def test_nothing_is_written_through_a_link_on_a_medium(tmp_path: Path) -> None:
    """A stick with a link `5-messages` looks empty; what is packed would be written wherever the link leads."""
    medium, elsewhere = tmp_path / "medium", tmp_path / "elsewhere"
    medium.mkdir()
    elsewhere.mkdir()
    (medium / "5-messages").symlink_to(elsewhere)
    with pytest.raises(CordialeError):
        target = FolderMedium(medium)
        if target.listing():
            raise OutOfOrder("bag.not-empty", "not empty", hint="")
        target.write("5-messages/00001-m.jws", [b"x"])
    assert list(elsewhere.iterdir()) == []


def test_nothing_is_read_through_a_link_on_a_medium(tmp_path: Path) -> None:
    medium, elsewhere = tmp_path / "medium", tmp_path / "elsewhere"
    medium.mkdir()
    elsewhere.mkdir()
    (elsewhere / "00001-m.jws").write_bytes(b"secret")
    (medium / "5-messages").symlink_to(elsewhere)
    with pytest.raises(CordialeError):
        FolderMedium(medium).read("5-messages/00001-m.jws", 100)


def test_no_envelope_is_written_or_read_through_a_link_in_their_folder(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (tmp_path / "objects").mkdir()
    for number in range(256):
        (tmp_path / "objects" / f"{number:02x}").symlink_to(elsewhere)
    objects = FolderObjects(tmp_path / "objects")
    for take in (objects.create, objects.open, objects.size, lambda name: objects.partial(name).append(0, [b"x"])):
        with pytest.raises(CordialeError):
            take("in.1")
    assert list(objects.found()) == []
    assert list(elsewhere.iterdir()) == []


def test_an_envelope_that_is_a_link_is_none(tmp_path: Path) -> None:
    objects = FolderObjects(tmp_path / "objects")
    writer = objects.create("in.1")
    writer.commit()
    (file,) = (path for path in tmp_path.glob("objects/*/in.1"))
    file.rename(tmp_path / "secret")
    file.symlink_to(tmp_path / "secret")
    for take in (objects.open, objects.size):
        with pytest.raises(CordialeError):
            take("in.1")


def test_a_pipe_on_a_medium_does_not_hold_the_node_up(tmp_path: Path) -> None:
    medium = tmp_path / "medium"
    medium.mkdir()
    os.mkfifo(medium / "manifest.jws")
    assert FolderMedium(medium).listing() == {}
    descriptor = os.open(medium / "manifest.jws", os.O_RDWR | os.O_NONBLOCK)
    try:
        with pytest.raises(CordialeError):
            os.write(descriptor, b"x" * 101)
            FolderMedium(medium).read("manifest.jws", 100)
    finally:
        os.close(descriptor)


@pytest.mark.parametrize("name", ["../x", "a/../../x", "/etc/x", "x.part", "", "A", "a\0b", "a..b", "-a", ".a"])
def test_no_name_leads_out_of_the_folder_of_envelopes(tmp_path: Path, name: str) -> None:
    with pytest.raises(CordialeError):
        FolderObjects(tmp_path / "objects").size(name)


# -- ends of a life -----------------------------------------------------------------------------------------


def test_every_ended_copy_is_swept_not_only_the_first_thousand(world: World) -> None:
    """A look-up gives a thousand rows unless it is asked for more."""
    from cordiale.records.ledger import INTERNAL
    from cordiale.records.ledger import Act as LedgerAct
    from cordiale.records.sweeping import sweep_envelopes

    def ended(start: int) -> Any:
        def write(session: Any) -> dict[str, Any]:
            for number in range(start, start + 500):
                session.put("copy", f"old.c{number:05d}", {
                    "item": "old", "object": f"in.old.{number:05d}", "state": "destroyed", "copy_number": 1,
                    "party": "UKR",
                }, expect=0)
            return {}

        return write

    for number in range(3):
        world.kyiv.registry.ledger.commit(
            LedgerAct(f"act.ended.{number}", "ended", "node", INTERNAL, ended(number * 500))
        )
    world.kyiv.objects.contents["in.old.01499"] = b"sealed"
    sweep_envelopes(world.kyiv.registry)
    assert "in.old.01499" not in world.kyiv.objects.contents


def test_a_returned_copy_is_not_certified_as_proved_while_its_envelope_is_still_here(world: World) -> None:
    """The certificate is queued with the act, and the envelope is removed after it: what if that fails?"""
    _, (item,) = cross(world)

    def refuse(_: str) -> None:
        raise CordialeError("stop", "the disk does not remove it")

    world.kyiv.objects.remove = refuse
    with contextlib.suppress(CordialeError):
        world.kyiv.act("registrar", "return", {"item": item})
    world.deliver()
    (name,) = [body["object"] for body in bodies(world.kyiv, "copy").values()]
    certified = [body for body in bodies(world.tokyo, "certificate").values() if body["proof"] == "proved"]
    assert name not in world.kyiv.objects.contents or not certified


@pytest.mark.parametrize("ending", ["return", "destroy"])
def test_an_end_whose_envelope_would_not_go_is_certified_once_it_has_gone(
    world: World, ending: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk does not remove it; the node dies; it starts again on a disk that does. One certificate, no more."""
    from cordiale.records.endings import certify_all
    from cordiale.records.sweeping import sweep_envelopes

    def refuse(_: str) -> None:
        raise CordialeError("stop", "the disk does not remove it")

    _, (item,) = cross(world)
    with monkeypatch.context() as disk:
        disk.setattr(world.kyiv.objects, "remove", refuse)
        with contextlib.suppress(CordialeError):
            if ending == "return":
                world.kyiv.act("registrar", "return", {"item": item})
            else:
                proposal = world.kyiv.act("registrar", "destroy.propose", {"item": item, "method": "erased"})
                world.kyiv.act("security", "destroy.witness", {"proposal": proposal.value["proposal"]})
        with pytest.raises(CordialeError):
            certify_all(world.kyiv.registry)
        due = [body["state"] for body in bodies(world.kyiv, "duty").values() if body["what"] == "certificate"]
        assert due == ["open"] and waiting(world.kyiv) == []
    world.kyiv.reopen()
    for _ in range(2):
        sweep_envelopes(world.kyiv.registry)
        certify_all(world.kyiv.registry)
        world.deliver()
    (certificate,) = bodies(world.tokyo, "certificate").values()
    assert certificate["proof"] == "proved"
    (kept,) = bodies(world.kyiv, "certificate").values()
    assert kept["proof"] == "proved" and kept["number"] == certificate["number"]


# -- what an inspector is given -----------------------------------------------------------------------------


def copied_books(world: World, path: Path) -> Path:
    """A copy of the books as an inspector brings it: one file, nobody has it open."""
    from tests.world.world import copy_of

    store = copy_of(world.tokyo.registry.store, str(path))
    store._writer.execute("PRAGMA journal_mode = DELETE")
    store.close()
    return path


def test_the_audit_of_a_copy_leaves_the_copy_as_it_was(world: World, tmp_path: Path) -> None:
    """It is evidence: whoever looks at it must not change a byte of it, and leave nothing beside it."""
    from cordiale.operate.auditing import audit_copy

    path = copied_books(world, tmp_path / "copy.db")
    before = path.read_bytes()
    audit_copy(world.tokyo.registry, path)
    assert path.read_bytes() == before
    assert [one.name for one in tmp_path.iterdir()] == ["copy.db"]


def test_the_audit_of_a_copy_that_is_not_there_makes_none(world: World, tmp_path: Path) -> None:
    from cordiale.operate.auditing import audit_copy

    with pytest.raises(CordialeError):
        audit_copy(world.tokyo.registry, tmp_path / "none.db")
    assert list(tmp_path.iterdir()) == []

"""The nine scenes, as two registries would live them. Offices, level words and articles are invented."""

from __future__ import annotations

import hashlib
import mimetypes
import shutil
import sqlite3
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from cordiale.canonical import encode_base64url
from cordiale.model.mode import Mode
from cordiale.records.agreements import text_digest_of
from cordiale.wire.agreement_json import agreement_text_to_json, national_profile_to_json
from cordiale.wire.agreement_toml import load_template
from cordiale.wire.profile_json import encode_profile, encode_text_digest, profile_to_json
from demo.stage import Actor, Pace, settle, wait_until

AGREEMENT = "exercise-jpn-ukr"
PURPOSE = "exercise high-level dialogue"
MIDDLE = {"JPN": "EX-JPN:EXERCISE SAKURA", "UKR": "EX-UKR:EXERCISE BARVINOK"}
EVENT = "the visit is announced"
READERS = ["hana", "minato", "ren", "sora"]


@dataclass
class Play:
    """What the scenes hand on to each other."""

    tokyo: Actor
    kyiv: Actor
    pace: Pace
    document: Path
    folder: Path
    programme: str = ""
    paper: str = ""
    note: str = ""
    annex: str = ""
    reference: str = ""

    @property
    def actors(self) -> tuple[Actor, Actor]:
        """Both parties."""
        return self.tokyo, self.kyiv


def first_contact(play: Play) -> None:
    """Two nodes that know nothing of each other get to know each other by fingerprint."""
    play.pace.scene("Before the story: two nodes, their roots, and first contact")
    for actor, authority, officer in ((play.tokyo, "minato", "ren"), (play.kyiv, "taras", "olena")):
        actor.vouch(authority)
        params = {"root": _b64(actor.root), "statement": _b64(actor.statement)}
        actor.act(officer, "node.install", "installs the statement that two of three root keys signed", **params)
    play.tokyo.introduce(play.kyiv, "aoi", "minato")
    play.kyiv.introduce(play.tokyo, "iryna", "taras")
    play.pace.line(f"fingerprint of Tokyo, read out over the telephone: {play.tokyo.fingerprint[:44]}…")


def bring_into_force(play: Play) -> None:
    """Let both parties agree, sign, give their notes and open their links, and nothing besides."""
    for step in (_agree, _sign, _give_notes, _make_ready):
        step(play)


def scene_1(play: Play) -> None:
    """September: agreed in principle."""
    play.pace.scene("1. September: agreed in principle; there is no legal effect")
    _agree(play)
    labelled = play.tokyo.act(
        "hana", "label", "labels a paper {level}, entered as {reference}", title="Exercise talking points",
        form="paper", level=MIDDLE["JPN"], release_to=["UKR"], sheets=2,
    )
    play.note = labelled.answer["item"]
    _refused_dispatch(play, [play.note], "dispatch to Kyiv")


def _agree(play: Play) -> None:
    draft = load_template("exercise")
    profile = replace(draft.profile, text_digest=encode_text_digest(text_digest_of(draft.text, Mode.EXERCISE)))
    play.tokyo.act(
        "minato", "agreement.enter", "enters the text and implementing profile {agreement}, version {version}",
        profile=profile_to_json(profile), text=agreement_text_to_json(draft.text),
    )
    for national in draft.nationals:
        actor, authority = (play.tokyo, "minato") if national.party == "JPN" else (play.kyiv, "taras")
        actor.act(authority, "agreement.national", "enters what national law adds, for this node only",
                  profile=national_profile_to_json(national))
    settle(play.actors)


def scene_2(play: Play) -> None:
    """The programme of an unannounced visit is held nationally."""
    play.pace.scene("2. The programme of an unannounced visit, held nationally for four named readers")
    labelled = play.tokyo.label(
        "hana", "labels the programme {level} for four named readers, entered as {reference}", play.document,
        title="Exercise programme", form="file", level=MIDDLE["JPN"], readers=READERS,
        trigger={"event": EVENT, "kind": "event"}, file_name=play.document.name, media_type=_media_type(play.document),
    )
    play.programme = labelled.answer["item"]
    purpose = "exercise preparation of the visit"
    for reader in ("ren", "yuki"):
        play.tokyo.act("sora", "need.grant", "grants {person} need-to-know", item=play.programme, person=reader,
                       purpose=purpose)
    play.tokyo.read("ren", play.programme, purpose)
    play.tokyo.refused("yuki", "read", "a fifth asks to read it", item=play.programme, purpose=purpose)
    _refused_dispatch(play, [play.programme], "nothing of it crosses")


def scene_3(play: Play) -> None:
    """Kyiv, 16 November: from signature to an open link."""
    play.pace.scene("3. Kyiv, 16 November: signed, and yet still closed; then open")
    _sign(play)
    _release(play, play.note)
    _refused_dispatch(play, [play.note], "dispatch to Kyiv, signed only")
    _give_notes(play)
    _refused_dispatch(play, [play.note], "dispatch to Kyiv, in force but not ready")
    _make_ready(play)
    proposed = play.tokyo.act("hana", "level.propose", "the announcement proposes to declassify the programme",
                   item=play.programme, event=EVENT)
    play.tokyo.act("minato", "level.confirm", "the originator's authority confirms: it is declassified",
                   item=play.programme, proposal=proposed.answer["proposal"])


def _sign(play: Play) -> None:
    draft = load_template("exercise")
    profile = replace(draft.profile, text_digest=encode_text_digest(text_digest_of(draft.text, Mode.EXERCISE)))
    for actor, authority in ((play.tokyo, "minato"), (play.kyiv, "taras")):
        signed = actor.keys[authority].sign_profile(encode_profile(profile))
        actor.act(authority, "agreement.sign", "signs the implementing profile", agreement=AGREEMENT, signed=signed)
    settle(play.actors)
    play.tokyo.act("minato", "agreement.stage", "records: the agreement is {stage}", agreement=AGREEMENT,
                   article="Art. 16(1)", on="2024-11-16", stage="signed", reason="signed in Kyiv")
    settle(play.actors)


def _give_notes(play: Play) -> None:
    for actor, authority, number in ((play.tokyo, "minato", "J-1"), (play.kyiv, "taras", "U-1")):
        actor.act(authority, "agreement.note", "gives the note; the agreement is {stage}", agreement=AGREEMENT,
                  article="Art. 16(1)", on="2024-11-16", in_force_on="2024-11-16", reference=f"exercise note {number}")
        settle(play.actors)


def _make_ready(play: Play) -> None:
    for actor, authority in ((play.tokyo, "minato"), (play.kyiv, "taras")):
        for party, level in MIDDLE.items():
            actor.act(authority, "agreement.ready", f"finds {party} ready to protect {level}", agreement=AGREEMENT,
                      article="Art. 2(2)", level=level, of_party=party)
        for link in ("wire", "bag"):
            actor.act(authority, "agreement.link", f"approves the {link} up to {MIDDLE[actor.party]}",
                      agreement=AGREEMENT, link=link, level=MIDDLE[actor.party], reference=f"exercise approval {link}")
    settle(play.actors)


def scene_4(play: Play) -> None:
    """One real item crosses by wire."""
    play.pace.scene("4. A paper for the high-level dialogue crosses by wire, with a second item on paper only")
    labelled = play.tokyo.label(
        "hana", "labels " + play.document.name + " {level}, entered as {reference}", play.document,
        title="Exercise paper for the dialogue", form="file", level=MIDDLE["JPN"], release_to=["UKR"],
        file_name=play.document.name, media_type=_media_type(play.document),
        portions=[{"level": "EXERCISE SAKURA", "reference": "1"}, {"level": "EXERCISE AJISAI", "reference": "2"}],
    )
    play.paper, play.reference = labelled.answer["item"], labelled.answer["reference"]
    seen = _preview(play, play.paper)
    play.pace.line("as Kyiv will see it:  " + seen["banner_theirs"][1] + f"  ({seen['article']})")
    for duty in seen["duties"][:4]:
        within = f", within {_spans(duty['within'])}" if duty["within"] else ""
        play.pace.line(f"      duty there: {duty['act']}: {duty['ruling']}{within} ({'; '.join(duty['articles'])})")
    _release(play, play.paper)
    # Where only the agreement was brought into force, there is no note from before.
    items = [play.paper, play.note] if play.note else [play.paper]
    consignment = _dispatch(play, items, "wire")
    settle(play.actors)
    sent = _consignment(play.tokyo, "ren", consignment)
    play.pace.line(f"Tokyo: Kyiv's node holds it, delivery notice of {sent['delivered_at']}")
    _register(play, consignment, len(items))


def scene_5(play: Play) -> None:
    """Reading, and everybody who may not."""
    play.pace.scene("5. Who reads it, and who does not")
    kyiv, paper = play.kyiv, play.paper
    for person in ("daryna", "lesia", "pavlo"):
        kyiv.act("bohdan", "need.grant", "grants {person} need-to-know", item=paper, person=person, purpose=PURPOSE)
    kyiv.act("olena", "circulate", "charges it out to {person}", item=paper, person="daryna")
    kyiv.act("daryna", "circulate.confirm", "confirms", item=paper)
    read = kyiv.read("daryna", paper, PURPOSE)
    with play.document.open("rb") as sent:
        if read != hashlib.file_digest(sent, "sha256").digest():
            raise SystemExit("the story is broken: what was read is not what was sent")
    kyiv.refused("maksym", "read", "a colleague without need-to-know", item=paper, purpose=PURPOSE)
    kyiv.refused("lesia", "read", "one with too low a clearance", item=paper, purpose=PURPOSE)
    kyiv.refused("pavlo", "read", "one whose other nationality is outside the release set", item=paper, purpose=PURPOSE)
    labelled = play.tokyo.label(
        "hana", "labels an annex {level}, entered as {reference}", play.document,
        title="Exercise annex", form="file", level=MIDDLE["JPN"], release_to=["UKR"],
        file_name="annex" + play.document.suffix, media_type=_media_type(play.document),
    )
    play.annex = labelled.answer["item"]
    terms = _terms(play, play.annex)
    play.tokyo.act("hana", "release.propose", "proposes to release it to {recipient}", **terms)
    play.tokyo.refused("hana", "release.approve", "the same person tries to release it alone", **terms)


def scene_6(play: Play) -> None:
    """A third party."""
    play.pace.scene("6. Passing it to a third party, without consent")
    play.kyiv.refused("olena", "pass-on", "pass it on to POL", item=play.paper, purpose=PURPOSE, recipient="POL")


def scene_7(play: Play) -> None:
    """The same road by bag, with no network between the nodes."""
    play.pace.scene("7. The same road by bag: a folder on a medium, and no network")
    play.tokyo.act("minato", "release.approve", "authorises the release of the annex", **_terms(play, play.annex))
    consignment = _dispatch(play, [play.annex, play.paper], "bag", is_another=True)
    for actor in play.actors:
        actor.restart(wired=False)
    play.pace.line("both nodes are restarted without the wire")
    there, back = play.folder / "bag-to-kyiv", play.folder / "bag-to-tokyo"
    packed = play.tokyo.operate("bag-pack", partner="UKR", folder=str(there))
    play.pace.line(f"Tokyo packs a bag of {packed['files']} files")
    for name in ("once", "a second time, and nothing is done twice"):
        taken = play.kyiv.operate("bag-unpack", folder=str(there))
        play.pace.line(f"Kyiv unpacks it {name}: {taken['taken']} taken, {taken['before']} known before", mark="+")
        if taken["problems"]:
            raise SystemExit(f"the story is broken: {taken['problems']}")
    _register(play, consignment, 2, waits=False)
    play.kyiv.operate("bag-pack", partner="JPN", folder=str(back))
    taken = play.tokyo.operate("bag-unpack", folder=str(back))
    play.pace.line(f"Tokyo unpacks the answering bag: {taken['taken']} taken", mark="+")
    for actor in play.actors:
        actor.restart(wired=True)
    settle(play.actors)


def scene_8(play: Play) -> None:
    """The end of a life."""
    play.pace.scene("8. One item is returned, one destroyed by two persons; the originator holds both certificates")
    kyiv = play.kyiv
    kyiv.act("olena", "return", "returns the paper; certificate {certificates}", item=play.note)
    proposed = kyiv.act("olena", "destroy.propose", "proposes to destroy the annex, and cannot do it alone",
                        item=play.annex, method="key and envelope erased")
    kyiv.refused("olena", "destroy.witness", "the same person as witness", proposal=proposed.answer["proposal"])
    kyiv.act("iryna", "destroy.witness", "witnesses; destroyed by {persons}, certificate {certificates}",
             proposal=proposed.answer["proposal"])
    settle(play.actors)
    for item in (play.note, play.annex):
        where = play.tokyo.view("ren", "view.where", item=item)
        for copy in where["copies"]:
            if "certificate" in copy:
                held = copy["certificate"]
                play.pace.line(f"Tokyo holds: {held['number']}, copy {copy['copy_number']} of {where['reference']} "
                               f"{held['ending']} ({held['legal_basis']}; {held['proof']})")


def scene_9(play: Play) -> None:
    """The inspector."""
    play.pace.scene("9. An inspector asks: where is copy 2, who has read it?")
    page = play.kyiv.view("yevhen", "view.where", item=play.paper, copy=2, **{"as": "html"})
    path = play.folder / "where.html"
    path.write_text(page["html"], encoding="utf-8")
    copy = page["copies"][0]
    readers = ", ".join(reading["person"] for reading in page["readings"])
    play.pace.line(f"Kyiv: copy {copy['copy_number']} is {copy['state']} at {copy['party']} as {copy['reference']}, "
                   f"theirs {copy['their_reference']}; read by {readers}")
    play.pace.line(f"the whole page: {path}")
    for actor in play.actors:
        report = actor.operate("verify")
        if report["findings"]:
            raise SystemExit(f"the story is broken: {report['findings']}")
        play.pace.line(f"{actor.name}: audit trail verified, {report['acts']} acts, {report['records']} records, "
                       f"logs {', '.join(f'{log} {size}' for log, size in report['logs'].items())}", mark="+")
    _alter_a_copy(play)


def _alter_a_copy(play: Play) -> None:
    """Alter one row in a copy of Kyiv's books, and have it found."""
    backup = play.folder / "backup-kyiv"
    play.kyiv.operate("backup", folder=str(backup))
    altered = play.folder / "altered.db"
    shutil.copy(backup / "books.db", altered)
    connection = sqlite3.connect(altered)
    connection.executescript("DROP TRIGGER record_kept;")
    changed = connection.execute(
        "UPDATE record SET body = CAST(replace(CAST(body AS TEXT), 'daryna', 'maksym') AS BLOB) WHERE kind = 'grant'"
    ).rowcount
    connection.commit()
    connection.close()
    report = play.kyiv.operate("verify", books=str(altered))
    if not report["findings"]:
        raise SystemExit("the story is broken: the altered row was not found")
    play.pace.line(f"in a copy of the books {changed} row is altered: FOUND, {report['findings'][0]['text']}", mark="x")


def _preview(play: Play, item: str) -> dict[str, Any]:
    return dict(play.tokyo.view(
        "hana", "view.preview", item=item, recipient="UKR", purpose=PURPOSE, agreement=AGREEMENT,
        registry="registry-kyiv", link="wire",
    ))


def _terms(play: Play, item: str) -> dict[str, Any]:
    binding = _preview(play, item)["binding"]
    return {"agreement": AGREEMENT, "binding": binding, "item": item, "purpose": PURPOSE, "recipient": "UKR"}


def _release(play: Play, item: str) -> None:
    terms = _terms(play, item)
    play.tokyo.act("hana", "release.propose", "proposes to release it to {recipient}", **terms)
    play.tokyo.act("minato", "release.approve", "authorises the release, over exactly this content", **terms)


def _spans(spans: list[dict[str, Any]]) -> str:
    return " and ".join(f"{one['count']} {one['days']} days" for one in spans)


def _media_type(document: Path) -> str:
    return mimetypes.guess_type(document.name)[0] or "application/octet-stream"


def _order(items: list[str], link: str) -> dict[str, Any]:
    return {
        "agreement": AGREEMENT, "items": items, "link": link, "purpose": PURPOSE, "recipient": "UKR",
        "registry": "registry-kyiv",
    }


def _refused_dispatch(play: Play, items: list[str], say: str) -> None:
    play.tokyo.refused("ren", "dispatch", say, **_order(items, "wire"))


def _dispatch(play: Play, items: list[str], link: str, *, is_another: bool = False) -> str:
    order = {**_order(items, link), **({"another_copy": True} if is_another else {})}
    reply = play.tokyo.act("ren", "dispatch", "dispatches {number} by {link}, receipt due {receipt_due}", **order)
    return str(reply.answer["consignment"])


def _consignment(actor: Actor, person: str, consignment: str) -> dict[str, Any]:
    rows = actor.view(person, "view.consignments")["consignments"]
    return next(row for row in rows if row["consignment"] == consignment)


def _register(play: Play, consignment: str, count: int, *, waits: bool = True) -> None:
    wait_until(lambda: any(
        row["consignment"] == consignment for row in play.kyiv.view("olena", "view.inbox")["consignments"]
    ), "arrival in Kyiv", play.pace.patience)
    counting = play.kyiv.view("olena", "view.consignment", consignment=consignment)
    play.pace.line(f"Kyiv finds {counting['their_number']} on the slip, and {len(counting['items'])} items on its list")
    play.kyiv.act(
        "olena", "register", f"counts {count}, registers under both markings as {{numbers}}, signs the receipt",
        consignment=consignment, counted=count,
    )
    if waits:
        settle(play.actors)
        sent = _consignment(play.tokyo, "ren", consignment)
        play.pace.line(f"Tokyo: receipt of Kyiv's registrar entered, state {sent['state']}")


def _b64(data: bytes) -> str:
    return encode_base64url(data)


SCENES = (first_contact, scene_1, scene_2, scene_3, scene_4, scene_5, scene_6, scene_7, scene_8, scene_9)

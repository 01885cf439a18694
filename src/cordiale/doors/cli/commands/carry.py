"""cordiale carry: what a courier takes along, from the sealing to the certificate that is handed back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from cordiale.doors.cli import show
from cordiale.doors.cli.caller import Caller
from cordiale.doors.cli.declare import declare, group
from cordiale.doors.cli.options import DAY, html_option, part_options, pdf_option
from cordiale.doors.cli.page import form_of, write_form, write_page
from cordiale.words import say

_KEY = "--key keys/registrar.key.json"
_NUMBER = "JPN-OUT-UKR-2026-0001"
_seal = click.option("--seal", "seals", multiple=True, required=True, metavar="NUMBER", help=say(
    "the number of a seal on an outer cover; once for each"
))
_packages = click.option("--packages", type=int, default=1, show_default=True, help=say("how many packages there are"))


@declare(
    "pack", say("enter how a consignment was packed and sealed"), acts=True,
    details=say("Two covers: the inner one bears the level, the outer one bears neither level nor subject."),
    examples=[f"cordiale carry pack {_NUMBER} --seal 4711 --inner-seal 0815 {_KEY}"],
)
@click.argument("consignment")
@_packages
@_seal
@click.option(
    "--inner-seal", "inner", multiple=True, metavar="NUMBER", help=say("the number of a seal on an inner cover")
)
@click.option("--departs", "departs_on", metavar="DAY", help=say("when the courier departs"))
def pack(caller: Caller, consignment: str, seals: tuple[str, ...], inner: tuple[str, ...], **given: Any) -> None:
    """Enter it."""
    reply = caller.act("carry.pack", {
        "consignment": caller.consignment_id(consignment), "inner_seals": list(inner), "seals": list(seals), **given,
    })
    caller.told(reply, say("{consignment} is packed; seals: {seals}", consignment=consignment, seals=", ".join(seals)))


@declare(
    "witness", say("sign that you were there when it was sealed"), acts=True,
    examples=[f"cordiale carry witness {_NUMBER} --seal 4711 --key keys/head.key.json"],
)
@click.argument("consignment")
@_packages
@_seal
def witness(caller: Caller, consignment: str, packages: int, seals: tuple[str, ...]) -> None:
    """Sign for what was seen."""
    reply = caller.act("carry.witness", {
        "consignment": caller.consignment_id(consignment), "packages": packages, "seals": list(seals),
    })
    caller.told(reply, say("signed; {count} persons were there when it was sealed", count=reply.answer["sealed_by"]))


@declare(
    "hand-over", say("hand a packed consignment to a courier, and announce the courier"), acts=True,
    details=say("The courier is a person of this registry, cleared to everything carried. Times are in UTC."),
    examples=[
        f"cordiale carry hand-over {_NUMBER} --courier courier --departs 2026-12-01T08:00:00Z"
        f" --expected 2026-12-02T09:00:00Z --overdue-hours 8 {_KEY}",
    ],
)
@click.argument("consignment")
@click.option("--courier", required=True, metavar="PERSON", help=say("who carries it"))
@click.option("--departs", "departs_at", required=True, metavar="TIME", help=say("when the courier departs"))
@click.option("--expected", "expected_at", required=True, metavar="TIME", help=say("when the courier is expected"))
@click.option("--overdue-hours", type=int, metavar="HOURS", help=say("after how many hours the delay is alarming"))
@click.option("--route", metavar="TEXT", help=say("the route; it stays in our own books"))
def hand_over(caller: Caller, consignment: str, **given: Any) -> None:
    """Hand it over."""
    reply = caller.act("carry.hand-over", {"consignment": caller.consignment_id(consignment), **given})
    caller.told(reply, say(
        "certificate {certificate}; the courier is overdue from {overdue_at} on, and both sides will say so",
        **reply.answer,
    ))


@declare(
    "withdraw", say("take back a consignment that has not left"), acts=True,
    details=say(
        "The partner's node is told, and looks: what it has stays out, and everything else is yours again. Where it"
        " does not answer, another person gives the word of its registry with --reference."
    ),
    examples=[f"cordiale carry withdraw {_NUMBER} {_KEY}"],
)
@click.argument("consignment")
@click.option("--reference", metavar="TEXT", help=say("how the partner's registry said that it does not have it"))
def withdraw(caller: Caller, consignment: str, reference: str | None) -> None:
    """Take it back."""
    about = {"consignment": caller.consignment_id(consignment)}
    if reference:
        reply = caller.act("dispatch.not-there", {**about, "reference": reference})
        caller.told(reply, say("it is taken back; its releases are open again"))
        return
    reply = caller.act("dispatch.withdraw", about)
    caller.told(reply, say("the partner's node is asked; it is taken back when that does not have it"))


@declare(
    "met", say("enter what a courier brought, as it was found"), acts=True,
    details=say("Before anything is opened. The sender is told at once, whatever was found."),
    examples=[
        "cordiale carry met JPN-OUT-UKR-2026-0001 --seal 4711 --key keys/registrar.key.json",
        "cordiale carry met JPN-OUT-UKR-2026-0001 --seal 4711 --disturbed --remarks 'cover torn' "
        "--key keys/registrar.key.json",
    ],
)
@click.argument("consignment")
@_packages
@_seal
@click.option("--disturbed", is_flag=True, help=say("there is a trace of tampering"))
@click.option("--remarks", metavar="TEXT", help=say("what was seen"))
def met(caller: Caller, consignment: str, disturbed: bool, seals: tuple[str, ...], **given: Any) -> None:
    """Enter it."""
    reply = caller.act("carry.met", {
        "consignment": caller.consignment_id(consignment), "seals": list(seals),
        "state": "disturbed" if disturbed else "intact", **given,
    })
    if reply.answer["differs"]:
        caller.told(reply, say(
            "this differs from what was announced: {differs}; report it as an incident before anything is opened",
            differs=", ".join(reply.answer["differs"]),
        ))
        return
    caller.told(reply, say("everything is as it was announced; the sender is told"))


@declare(
    "opened", say("enter that officials opened packages on the way"), acts=True,
    examples=[f"cordiale carry opened {_NUMBER} --place 'border post' --officials customs {_KEY}"],
)
@click.argument("consignment")
@click.option("--place", required=True, metavar="TEXT", help=say("where"))
@click.option("--officials", required=True, metavar="TEXT", help=say("who insisted on it"))
@click.option("--confirmation", metavar="TEXT", help=say("what they confirmed in writing"))
@click.option("--seal", "seals", multiple=True, metavar="NUMBER", help=say("the number of a seal set afterwards"))
def opened(caller: Caller, consignment: str, seals: tuple[str, ...], **given: Any) -> None:
    """Enter it."""
    reply = caller.act("carry.opened", {
        "consignment": caller.consignment_id(consignment), "seals": list(seals), **given,
    })
    caller.told(reply, say("entered; tell the authority of that country, and report it as an incident"))


@declare(
    "certificate", say("take back the courier's certificate after the journey"), acts=True,
    examples=[f"cordiale carry certificate {_NUMBER} --declaration 'never left alone' {_KEY}"],
)
@click.argument("consignment")
@click.option("--declaration", required=True, metavar="TEXT", help=say("what the courier declares of the journey"))
def certificate(caller: Caller, consignment: str, declaration: str) -> None:
    """Take it back."""
    reply = caller.act("carry.certificate", {
        "consignment": caller.consignment_id(consignment), "declaration": declaration,
    })
    caller.told(reply, say("certificate {certificate} is back", **reply.answer))


@declare(
    "list", say("list what is packed, under way or overdue"), for_person=True,
    examples=["cordiale carry list --key keys/registrar.key.json"],
)
@part_options
def list_(caller: Caller, **part: Any) -> None:
    """List them."""
    answer = caller.view("view.carriages", part)
    caller.show_part("cordiale carry list", answer, lambda: show.table(answer["carriages"], [
        ("consignment", say("consignment")), ("direction", say("direction")), ("party", say("party")),
        ("state", say("state")), ("courier_name", say("courier")), ("expected_at", say("expected")),
        ("overdue_at", say("overdue from")),
    ], empty=say("no courier is under way")))


@declare(
    "show", say("show one carriage, or print its covers, list and slip"), for_person=True,
    examples=[
        f"cordiale carry show {_NUMBER} {_KEY}",
        f"cordiale carry show {_NUMBER} --html papers.html {_KEY}",
        f"cordiale carry show {_NUMBER} --pdf slip.pdf {_KEY}",
    ],
)
@click.argument("consignment")
@html_option
@pdf_option
def show_(caller: Caller, consignment: str, html: Path | None, pdf: Path | None) -> None:
    """Show it."""
    answer: dict[str, Any] = caller.view("view.carriage", {
        "consignment": caller.consignment_id(consignment), "as": form_of(html, pdf),
    })
    if pdf is not None:
        write_form(caller, answer, pdf)
        return
    if html is not None:
        write_page(caller, answer, html)
        return
    caller.show(answer, lambda: show.any_value(answer))


@declare(
    "post", say("hand a packed consignment to the post, tracked, and announce it"), acts=True,
    details=say("Only what was dispatched by post, and only where the agreement lets its level go so."),
    examples=[
        f"cordiale carry post {_NUMBER} --tracking RR123456789JP --expected 2026-12-04T12:00:00Z"
        f" --overdue-hours 24 {_KEY}",
    ],
)
@click.argument("consignment")
@click.option("--tracking", required=True, metavar="NUMBER", help=say("the number by which the post tracks it"))
@click.option("--expected", "expected_at", required=True, metavar="TIME", help=say("when it is expected"))
@click.option("--overdue-hours", type=int, metavar="HOURS", help=say("after how many hours the delay is alarming"))
def post(caller: Caller, consignment: str, **given: Any) -> None:
    """Hand it over."""
    reply = caller.act("carry.post", {"consignment": caller.consignment_id(consignment), **given})
    caller.told(reply, say("posted as {tracking}; overdue from {overdue_at} on", **reply.answer))


@declare(
    "plan", say("put a plan for freight to the authority of the other party"), acts=True,
    details=say("It holds once that authority has agreed. Freight leaves under a plan that stands, and not otherwise."),
    examples=[
        "cordiale carry plan exercise-jpn-ukr --to UKR --description 'two vehicles' --route 'Yokohama, Odesa' \\",
        "    --escorts 'four of the escort desk' --contingency 'back to the port' --first 2026-12-01 \\",
        "    --last 2026-12-31 --consignments 2 --key keys/authority.key.json",
    ],
)
@click.argument("agreement")
@click.option("--to", "party", required=True, metavar="PARTY", help=say("the other party"))
@click.option("--description", required=True, metavar="TEXT", help=say("what goes, without level or subject"))
@click.option("--route", required=True, metavar="TEXT", help=say("which way, and where it is handed over"))
@click.option("--escorts", required=True, metavar="TEXT", help=say("who escorts it and represents each party"))
@click.option("--contingency", required=True, metavar="TEXT", help=say("what is done when it cannot go on"))
@click.option("--first", "first_day", required=True, metavar=DAY, help=say("the first day"))
@click.option("--last", "last_day", required=True, metavar=DAY, help=say("the last day"))
@click.option("--consignments", type=click.IntRange(1), default=1, show_default=True,
              help=say("for how many consignments"))
def plan(caller: Caller, **given: Any) -> None:
    """Put it."""
    reply = caller.act("plan.propose", given)
    caller.told(reply, say("{plan} waits for the authority of the other party", **reply.answer))


@declare(
    "answer-plan", say("agree to a plan for freight, decline it, or withdraw from it"), acts=True,
    examples=["cordiale carry answer-plan jpn.plan.act.0a1b --as agreed --key keys/authority.key.json"],
)
@click.argument("plan")
@click.option("--as", "outcome", required=True, type=click.Choice(["agreed", "declined", "withdrawn"]),
              help=say("what the authority says of it"))
def answer_plan(caller: Caller, plan: str, outcome: str) -> None:
    """Answer it."""
    reply = caller.act("plan.answer", {"outcome": outcome, "plan": plan})
    caller.told(reply, say("{plan} is {outcome}", **reply.answer))


@declare(
    "plans", say("list the plans for freight"), for_person=True,
    examples=["cordiale carry plans --key keys/authority.key.json"],
)
@part_options
def plans(caller: Caller, **part: Any) -> None:
    """List them."""
    answer = caller.view("view.plans", part)
    caller.show_part("cordiale carry plans", answer, lambda: show.table(answer["plans"], [
        ("plan", say("plan")), ("party", say("party")), ("state", say("state")), ("description", say("what goes")),
        ("route", say("route")), ("escorts", say("escorts")), ("contingency", say("contingency")),
        ("first_day", say("first day")), ("last_day", say("last day")), ("consignments", say("consignments")),
        ("used", say("used")),
    ], empty=say("there is no plan")))


command = group("carry", say("seal, hand to a courier, meet a courier"), {
    "pack": pack, "witness": witness, "hand-over": hand_over, "post": post, "withdraw": withdraw,
    "plan": plan, "answer-plan": answer_plan, "plans": plans, "met": met, "opened": opened,
    "certificate": certificate, "list": list_, "show": show_,
})

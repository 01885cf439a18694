"""cordiale duties: what is due and not done, and what waits for the person who asks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import click

from cordiale.doors.cli import show
from cordiale.doors.cli.caller import Caller
from cordiale.doors.cli.declare import declare
from cordiale.limits import DUTIES_SHOWN_COUNT_MAX
from cordiale.words import say

_COMMANDS: Final[Mapping[str, str]] = {
    "answer-visit": "visit show {subject}",
    "answer-contract": "contract show {subject}",
    "answer-facility": "contract list",
    "contract-item": "return {subject}",
    "copy-contract": "duty settle {duty} --proof TEXT",
    "tell-suspended": "duty settle {duty} --proof TEXT",
    "brief-site": "visit show {subject}",
    "stop-access": "visit show {subject}",
    "agreement-lapse": "duty settle {duty} --proof TEXT",
    "agreement-end": "duty settle {duty} --proof TEXT",
    "agreement-review": "duty settle {duty} --proof TEXT",
    "amendment-answer": "accord show {subject}",
    "not-rehomed": "accord show {subject}",
    "tell-authority": "accord tell {subject} authority-changed TEXT --on DAY --article ARTICLE",
    "tell-law-change": "accord tell {subject} law-changed TEXT --on DAY --article ARTICLE",
    "answer-consent": "consent answer {subject}",
    "copy": "reproduce finish {subject}",
    "extract": "reproduce deliver {subject}",
    "translate": "reproduce deliver {subject}",
    "acknowledge-incident": "incident show {subject}",
    "acknowledge-briefing": "clearance list",
    "answer-clearance": "clearance list",
    "answer-freeze": "incident list",
    "answer-part-in-inquiry": "incident show {subject}",
    "approve-release": "release approve {about} --to {recipient} --agreement {agreement} --purpose '{purpose}'",
    "consent-answer": "consent list",
    "consent-silence": "consent silence {subject}",
    "tell-compelled": "consent ask {subject} --act disclose",
    "confirm-succession": "succession confirm {subject}",
    "answer-rehoming": "accord show {subject}",
    "confirm-crisis": "crisis confirm {subject}",
    "confirm-people": "person proposal {subject}",
    "hand-over": "carry hand-over {about}",
    "held-back": "carry withdraw {about}",
    "refused-by-partner": "duty settle {duty} --proof TEXT",
    "order-unanswered": "duty settle {duty} --proof TEXT",
    "courier-authority": "duty settle {duty} --proof TEXT",
    "in-succession": "succession list",
    "tell-originator": "duty settle {duty} --proof TEXT",
    "crisis-drill": "duty settle {duty} --proof TEXT",
    "crisis-list": "duty settle {duty} --proof TEXT",
    "crisis-report": "crisis confirm {subject}",
    "register-central": "duty settle {duty} --proof TEXT",
    "confirm-custody": "circulate confirm {about}",
    "confirm-level": "level confirm {about}",
    "confirm-partner": "partner confirm {about}",
    "erase": "erase list",
    "missing-message": "duty settle {duty} --proof TEXT",
    "answer-plan": "carry answer-plan {subject} --as agreed",
    "receive-transfer": "registry receive {subject} --place PLACE",
    "tell-registry": "registry notice",
    "remember": "duty settle {duty} --proof TEXT",
    "count-inventory": "inventory count {subject}",
    "dispatch": "dispatch {about} --to {recipient} --agreement {agreement} --purpose '{purpose}'",
    "mark-level": "level mark {about}",
    "note-level": "level note {about}",
    "close-incident": "incident show {subject}",
    "judge-incident": "incident show {subject}",
    "register": "inbox {about}",
    "sign-inventory": "inventory sign {subject}",
    "tell-incident": "incident show {subject}",
    "witness-destruction": "destroy witness {subject}",
}
"""What to type next, by what is to be done; the rest of the line is in the help of the command."""


@declare(
    "duties", say("list what is due, and what waits for you"), for_person=True,
    details=say(
        "Keepers of the register and the competent authority see what the parties owe each other; everybody sees "
        "what waits for them: releases and destructions to join, requests to answer, items to confirm. What falls to "
        "their office is theirs."
    ),
    examples=[
        "cordiale duties --key keys/registrar.key.json",
        "cordiale duties --only overdue --key keys/registrar.key.json",
        "cordiale duties --subject JPN-OUT-UKR-2026-0001 --key keys/registrar.key.json",
    ],
)
@click.option("--only", type=click.Choice(["mine", "overdue", "today"]), help=say("leave out the others"))
@click.option("--subject", help=say("all about one thing, also what is done"))
@click.option("--after", help=say("the end of the page before"))
@click.option("--count", type=click.IntRange(1, DUTIES_SHOWN_COUNT_MAX), help=say("how many"))
def command(caller: Caller, **given: Any) -> None:
    """List what stands in the books, the earliest first, and behind it what only waits."""
    answer = caller.view("view.duties", {name: value for name, value in given.items() if value is not None})
    typed = "cordiale duties" + (f" --only {given['only']}" if given["only"] else "")
    caller.show_part(typed, answer, lambda: _write(answer["duties"]))


def _write(duties: list[dict[str, Any]]) -> None:
    show.table([duty | {"due": duty.get("due_at", duty.get("due"))} for duty in duties], [
        ("due", say("due")), ("overdue", say("overdue")), ("what", say("what")), ("owner", say("owed by")),
        ("about", say("about")), ("since", say("since")), ("reminded", say("reminded")), ("proof", say("proof")),
    ], empty=say("nothing is due"))
    waiting = [duty for duty in duties if duty["what"] in _COMMANDS and duty.get("state") != "done"]
    for line in dict.fromkeys(_next(duty) for duty in waiting):
        click.echo(say("next: {command}", command=line))


def _next(duty: Mapping[str, Any]) -> str:
    return "cordiale " + _COMMANDS[duty["what"]].format(**duty)

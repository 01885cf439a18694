"""cordiale desk: by what the desk in the browser knows people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from cordiale.doors.cli import show
from cordiale.doors.cli.ask import confirm
from cordiale.doors.cli.caller import Caller
from cordiale.doors.cli.declare import declare, group
from cordiale.doors.cli.options import yes_option
from cordiale.words import say


@declare(
    "invite", say("invite somebody to enrol a passkey, a card or an account at the desk"), acts=True,
    details=say(
        "An act of the security officer. The code is shown once and opens the page of enrolment for a day; hand it "
        "to the person yourself. What they enrol counts when a second person has confirmed it."
    ),
    examples=["cordiale desk invite originator --key keys/security.key.json"],
)
@click.argument("person")
def invite(caller: Caller, person: str) -> None:
    """Make a code, and have the node keep its digest."""
    _give_code(caller, "desk.invite", {"person": person})


@declare(
    "enrol", say("enrol a passkey, a card or an account of your own at the desk"), acts=True,
    details=say(
        "Your key file vouches for you. The code is shown once and opens the page of enrolment for a day. What you "
        "enrol counts when a second person has confirmed it."
    ),
    examples=["cordiale desk enrol --key keys/registrar.key.json"],
)
def enrol(caller: Caller) -> None:
    """Make a code for oneself."""
    _give_code(caller, "desk.enrol", {})


def _give_code(caller: Caller, kind: str, params: Mapping[str, Any]) -> None:
    from cordiale.operate.invitation_code import make_invitation_code

    code, digest = make_invitation_code(caller.client.mode)
    reply = caller.act(kind, {**params, "digest": digest})
    answer = {**reply.answer, "code": code}
    caller.show(answer, lambda: _write_code(caller, answer))


def _write_code(caller: Caller, answer: Mapping[str, Any]) -> None:
    caller.tell(say("the code for {person}, shown only now: {code}", **answer))
    caller.tell(say("it opens the page /enrol of the desk until {until}", until=answer["expires_at"]))


@declare(
    "credentials", say("list passkeys, cards and accounts: your own, a person's, or those that wait"), for_person=True,
    examples=["cordiale desk credentials --waiting --key keys/head.key.json"],
)
@click.argument("person", required=False)
@click.option("--waiting", is_flag=True, help=say("those of everybody that wait for a second person"))
def list_credentials(caller: Caller, person: str | None, waiting: bool) -> None:
    """List them."""
    answer = caller.view("view.credentials", {"person": person, "waiting": waiting or None})
    caller.show(answer, lambda: show.table(answer["credentials"], [
        ("credential", say("credential")), ("person", say("person")), ("means", say("means")),
        ("state", say("state")), ("offered_at", say("offered")), ("confirmed_by", say("confirmed by")),
    ], empty=say("there is none")))


@declare(
    "confirm", say("confirm somebody's passkey, card or account, as the second person"), acts=True,
    details=say(
        "Compare the fingerprint with the one on the person's own screen, face to face or by telephone. A registrar, "
        "a head or another security officer confirms, never who invited or whom it is about."
    ),
    examples=["cordiale desk confirm jpn.credential.0a1b --key keys/head.key.json"],
)
@click.argument("known_by", metavar="CREDENTIAL")
@yes_option
def confirm_credential(caller: Caller, known_by: str, yes: bool) -> None:
    """Sign as the second person."""
    shown = caller.view("view.credential", {"credential": known_by})
    if not caller.settings.is_json:
        show.lines([
            (say("person"), shown["person"]), (say("means"), shown["means"]),
            (say("vouched for by"), shown["vouched_by"]), (say("fingerprint"), shown["fingerprint"]),
        ])
    confirm(say("is this the fingerprint on the person's screen?"), yes=yes)
    reply = caller.act("desk.confirm", {"credential": known_by, "fingerprint": shown["fingerprint"]})
    caller.told(reply, say("from now on the desk knows {person} by it", **reply.answer))


@declare(
    "withdraw", say("withdraw a passkey, a card or an account, at once: it was lost, or is in other hands"), acts=True,
    details=say("Your own, or anybody else's as security officer. What was begun with it at the desk ends with it."),
    examples=["cordiale desk withdraw jpn.credential.0a1b --key keys/security.key.json"],
)
@click.argument("known_by", metavar="CREDENTIAL")
def withdraw(caller: Caller, known_by: str) -> None:
    """Withdraw it."""
    reply = caller.act("desk.withdraw", {"credential": known_by})
    caller.told(reply, say("{credential} of {person} counts no longer", **reply.answer))


command = group("desk", say("by what the desk in the browser knows people"), {
    "invite": invite,
    "enrol": enrol,
    "credentials": list_credentials,
    "confirm": confirm_credential,
    "withdraw": withdraw,
})

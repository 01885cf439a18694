"""cordiale clock: time in the books never runs backwards."""

from __future__ import annotations

from cordiale.doors.cli.caller import Caller
from cordiale.doors.cli.declare import declare, group
from cordiale.words import say


@declare(
    "confirm", say("confirm that the clock of this machine is right after it has jumped"),
    details=say("Until then nothing that depends on time is decided. Look at the clock first."),
    examples=["cordiale clock confirm --home /srv/tokyo"],
)
def confirm(caller: Caller) -> None:
    """Confirm it."""
    answer = caller.operate("clock-confirm", {})
    caller.show(answer, lambda: caller.tell(say("the clock is confirmed: {now}", now=answer["now"])))


command = group("clock", say("confirm the clock after it has jumped"), {"confirm": confirm})

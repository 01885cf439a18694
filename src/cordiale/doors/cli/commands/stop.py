"""cordiale stop: end the serving node in good order."""

from __future__ import annotations

from cordiale.doors.cli.caller import Caller
from cordiale.doors.cli.declare import declare
from cordiale.words import say


@declare(
    "stop", say("stop the serving node"), details=say("What is under way ends first; nothing acknowledged is lost."),
    examples=["cordiale stop --home /srv/tokyo"],
)
def command(caller: Caller) -> None:
    """Ask the node to stop."""
    answer = caller.operate("stop", {})
    caller.show(answer, lambda: caller.tell(say("{node} is stopping", node=answer["node"])))

"""The demonstration: Tokyo and Kyiv as two processes on loopback, in exercise mode.

    python -m demo.play [--document FILE] [--pace slow] [--once]
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from cordiale.errors import CordialeError
from demo.opened import PAPER, set_up, start
from demo.scenes import SCENES, Play
from demo.stage import HERE, Pace, clear

_SLOW_SECONDS = 1.2


def perform(document: Path, folder: Path, pace: Pace, *, once: bool) -> None:
    """Play the whole story in `folder`, and leave both nodes running unless `once`."""
    started = time.monotonic()
    clear(folder)
    play = set_up(folder, pace, document)
    print("EXERCISE EXERCISE EXERCISE: offices, level words and articles are invented.")
    try:
        start(play)
        for scene in SCENES:
            scene(play)
        print(f"\nThe story took {time.monotonic() - started:.1f} seconds.")
    except BaseException:
        for actor in play.actors:
            actor.stop()
        raise
    if once:
        for actor in play.actors:
            actor.stop()
        return
    _leave_running(play)


def _leave_running(play: Play) -> None:
    home, keys = play.tokyo.home, play.tokyo.home.parent / "tokyo-keys"
    print(f"""
Both nodes keep running. Their desks, in a browser (one click to be somebody):

{_desks(play)}

At the terminal (the passphrase of every key is: exercise):

  .venv/bin/cordiale --home {home} status
  .venv/bin/cordiale --home {home} --key {keys}/ren.key book own
  .venv/bin/cordiale --home {home} --key {keys}/tsubasa.key where {play.reference}
  .venv/bin/cordiale --home {home} audit verify
  .venv/bin/cordiale --home {play.kyiv.home} doctor

Stop them with:

  .venv/bin/cordiale --home {home} stop
  .venv/bin/cordiale --home {play.kyiv.home} stop""")


def _desks(play: Play) -> str:
    lines = []
    for actor in play.actors:
        lines.append(f"  {actor.name}: {actor.desk}/")
        lines += [f"    {name}: {actor.desk}/sign-in?as={id}" for id, name in actor.names.items()]
    return "\n".join(lines)


def main() -> int:
    """Parse the command line and perform."""
    parser = argparse.ArgumentParser(prog="demo", description="Play the demonstration of Cordiale.")
    parser.add_argument("--document", type=Path, default=PAPER, help="the paper that crosses")
    parser.add_argument("--folder", type=Path, default=HERE.parent / ".demo", help="where the homes are made")
    parser.add_argument("--pace", choices=("fast", "slow"), default="fast", help="slow: pause after each line")
    parser.add_argument("--once", action="store_true", help="stop both nodes at the end")
    arguments = parser.parse_args()
    if not arguments.document.is_file():
        print(f"there is no file {arguments.document}", file=sys.stderr)
        return 2
    pace = Pace(_SLOW_SECONDS if arguments.pace == "slow" else 0.0)
    pace.allow(arguments.document.stat().st_size)
    try:
        perform(arguments.document.absolute(), arguments.folder.absolute(), pace, once=arguments.once)
    except CordialeError as error:
        print(f"{error}\n{error.hint}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

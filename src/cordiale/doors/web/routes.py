"""What stands at an address of the desk: who may come, and what answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from starlette.responses import Response

from cordiale.doors.web.upload import Upload
from cordiale.doors.web.visit import Visit
from cordiale.model.person import Office

Handler: TypeAlias = Callable[[Visit], Response]
UploadHandler: TypeAlias = Callable[[Visit, Upload], Response]


class Who(StrEnum):
    """Who may come to a page, before offices are looked at."""

    ANYBODY = "anybody"
    SIGNED_IN = "signed-in"


@dataclass(frozen=True, slots=True)
class Page:
    """An address with its handlers. `offices` None lets in everybody who is signed in.

    A page that takes forms takes those of the session only; the check of their token comes before anything else.
    `upload` takes a form with one file behind its fields. A page that is `for_servers` is sent to by another server and
    by no browser. `menu` is the word of the page in the menu, under `group`.
    """

    path: str
    get: Handler | None = None
    post: Handler | None = None
    upload: UploadHandler | None = None
    who: Who = Who.SIGNED_IN
    for_servers: bool = False
    offices: frozenset[Office] | None = None
    menu: str = ""
    group: str = ""

    @property
    def methods(self) -> list[str]:
        """The methods that are answered."""
        takes = self.post is not None or self.upload is not None
        return [name for name, is_answered in (("GET", self.get is not None), ("POST", takes)) if is_answered]

    @property
    def names(self) -> tuple[str, ...]:
        """What the words in braces of the address stand for, in order."""
        return tuple(part[1:-1] for part in self.path.split("/") if part.startswith("{"))

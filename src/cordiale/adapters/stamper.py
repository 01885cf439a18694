"""Stamping, from the node's side: a process is started for each content, and what it says is never more than a PDF."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Final

from cordiale.errors import CordialeError, Malformed, Unavailable
from cordiale.limits import STAMP_SECONDS_MAX
from cordiale.ports.pages import Stamp

_COMMAND: Final = (sys.executable, "-I", "-m", "cordiale.adapters.stamp_child")
_WAIT_SECONDS: Final = STAMP_SECONDS_MAX + 5


class PdfStamper:
    """Stamps PDF contents, each in a process of its own under limits."""

    def stamp(self, content: bytes, stamp: Stamp) -> bytes:
        """Return the stamped rendition of `content`.

        Raises `Malformed` for a content that cannot be stamped within the limits, and `Unavailable` when no process
        can be started.
        """
        order = json.dumps({"bottom": stamp.bottom, "foot": stamp.foot, "top": stamp.top}).encode()
        try:
            # Neither the markings nor the content are among its arguments, where others on the machine could read them.
            child = subprocess.Popen(  # noqa: S603 - our own interpreter and module, and nothing else
                _COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={}, cwd="/",
            )
        except OSError as error:
            raise Unavailable(
                "stamp.unavailable", "the content cannot be stamped now: {detail}",
                hint="read it without --stamped, or try again", detail=os.strerror(error.errno or 0),
            ) from error
        try:
            stamped, _ = child.communicate(len(order).to_bytes(4, "big") + order + content, timeout=_WAIT_SECONDS)
        except subprocess.TimeoutExpired:
            child.kill()
            child.communicate()
            raise _refusal(-1) from None
        if child.returncode != 0 or not stamped.startswith(b"%PDF-"):
            raise _refusal(child.returncode)
        return stamped


def _refusal(status: int) -> CordialeError:
    if status == 3:
        return Malformed("stamp.encrypted", "the content is encrypted by itself and cannot be stamped",
                         hint="read it without --stamped")
    if status == 4:
        return Malformed("stamp.pages", "the content has no pages, or more than can be stamped",
                         hint="read it without --stamped")
    if status == 5:
        return Malformed("stamp.character", "the marking has a character that the stamp cannot print",
                         hint="read it without --stamped, and tell who runs the node")
    if status == 6:
        return Malformed("stamp.page-size", "a page is too small or too large to be stamped",
                         hint="read it without --stamped")
    return Malformed("stamp.unreadable", "the content is damaged, or takes more to stamp than is allowed",
                     hint="read it without --stamped, and take care: it may have been made to do harm")

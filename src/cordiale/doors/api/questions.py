"""The questions that were asked, kept as long as their time is accepted, so that each is answered once."""

from __future__ import annotations

import threading
from collections import defaultdict
from datetime import datetime, timedelta

from cordiale.errors import OutOfOrder, Unavailable, Unverified
from cordiale.limits import API_QUESTIONS_COUNT_MAX, REQUEST_SKEW_SECONDS_MAX
from cordiale.records.registry import Request


class Questions:
    """What each person and each client has asked lately, in memory.

    `since` is when remembering began; None, where the clock was in doubt, is when the first question comes.
    """

    def __init__(self, since: datetime | None) -> None:
        self._since = since
        self._asked: defaultdict[str, dict[str, datetime]] = defaultdict(dict)
        self._lock = threading.Lock()

    def require_first(self, request: Request, now: datetime) -> Request:
        """Return `request` once, as one that was not asked before.

        Raises `OutOfOrder` for a repeat, `Unverified` for one that was signed before remembering began, and
        `Unavailable` when its asker has asked `API_QUESTIONS_COUNT_MAX` questions whose time is still accepted.
        """
        with self._lock:
            self._since = self._since or now
            if request.act.at < self._since:
                raise Unverified(
                    "question.before-start", "this question was signed before the node was started",
                    hint="sign it anew",
                )
            asked = self._asked[request.client or request.person.id]
            if request.act.id in asked:
                raise OutOfOrder(
                    "question.repeated", "this question was asked before", hint="sign it anew, under another id"
                )
            if len(asked) >= API_QUESTIONS_COUNT_MAX:
                self._forget(asked, now)
            if len(asked) >= API_QUESTIONS_COUNT_MAX:
                raise Unavailable(
                    "question.too-many", "too many questions were asked in a short time",
                    hint="ask again in a few minutes",
                )
            asked[request.act.id] = request.act.at
        return request

    @staticmethod
    def _forget(asked: dict[str, datetime], now: datetime) -> None:
        last = now - timedelta(seconds=REQUEST_SKEW_SECONDS_MAX)
        for id in [id for id, at in asked.items() if at < last]:
            del asked[id]

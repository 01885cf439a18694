"""The anchor: how far the books had come, kept outside of them and authenticated with a key of the vault.

It is written after each commit, in place and without a flush of its own. So a
crash leaves it behind the books, or torn, and never ahead of them: books that
end before their anchor were cut, or are an older copy.

    {"at":"2026-11-16T09:00:00Z","chain":"…","code":"…","number":134,"v":1}
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from cordiale.canonical import INTEGER_MAX, Fields, encode_base64url, encode_canonical, encode_instant, parse_canonical
from cordiale.crypto.digests import authenticate, verify_digest
from cordiale.crypto.domains import Purpose, domain
from cordiale.errors import CordialeError, OutOfOrder, Unavailable, Undecidable, Unverified
from cordiale.limits import ANCHOR_SIZE_BYTES
from cordiale.model.mode import Mode
from cordiale.ports import AnchorPlace, Reads
from cordiale.records.batches import CHAIN_SIZE_BYTES, Position, position_of

_VERSION: Final = 1
_LOOK: Final = (
    "find out why before anything else: look at `cordiale anchor show`, compare with a partner or with heads kept "
    "elsewhere; then an administrator confirms the books with `cordiale anchor confirm`"
)


@dataclass(frozen=True, slots=True)
class Anchored:
    """What an anchor says: the books had come to `position`, by a batch at `at`."""

    position: Position
    at: datetime


@dataclass(frozen=True, slots=True)
class _Still:
    """Implements `cordiale.ports.AnchorPlace` by what was read once."""

    content: bytes | None

    def read(self) -> bytes | None:
        return self.content

    def write(self, content: bytes, *, is_new: bool = False) -> None:
        raise Unavailable("anchor.unavailable", "this is only what the anchor was", hint="report this as a defect")


@dataclass(frozen=True, slots=True)
class Anchor:
    """The anchor of a node: where it lies, and the 32-byte key of the vault that authenticates it."""

    place: AnchorPlace
    key: bytes = field(repr=False)
    mode: Mode

    def put(self, position: Position, at: datetime, *, is_new: bool = False) -> None:
        """Remember that the books have come to `position`; raises `Unavailable` when it cannot be written.

        An anchor that was there and is gone is made again only where it `is_new`.
        """
        body = {
            "at": encode_instant(at.replace(microsecond=0)), "chain": encode_base64url(position.chain),
            "number": position.number, "v": _VERSION,
        }
        content = encode_canonical({**body, "code": encode_base64url(self._code(encode_canonical(body)))})
        # Always of one length: it is written over what was there, and nothing of that may be left behind it.
        self.place.write(content.ljust(ANCHOR_SIZE_BYTES - 1) + b"\n", is_new=is_new)

    def get(self) -> Anchored | None:
        """Return what is remembered, None when there is no anchor.

        Raises `Undecidable` when it is torn or was not written with this node's key.
        """
        content = self.place.read()
        if content is None:
            return None
        try:
            fields = Fields(parse_canonical(content.rstrip(b" \n"), size_max=ANCHOR_SIZE_BYTES), where="anchor")
            code, chain = fields.bytes_("code"), fields.bytes_("chain", length=CHAIN_SIZE_BYTES)
            number, at = fields.integer("number", 1, INTEGER_MAX), fields.instant("at")
            fields.constant("v", _VERSION)
            fields.end()
            body = {"at": encode_instant(at), "chain": encode_base64url(chain), "number": number, "v": _VERSION}
            verify_digest(code, self._code(encode_canonical(body)))
        except CordialeError as error:
            raise Undecidable(
                "anchor.damaged", "the anchor of the books is damaged, so how far they had come cannot be told",
                hint=_LOOK,
            ) from error
        return Anchored(Position(number, chain), at)

    def doubt(self, reads: Reads) -> CordialeError | None:
        """Return why the end of the books behind `reads` is in doubt, None when it is not."""
        try:
            self.require_reached(reads)
        except CordialeError as error:
            return error
        return None

    def as_it_is(self) -> Anchor:
        """Return the anchor as it stands now, which no later commit changes; raises `Unavailable`."""
        return replace(self, place=_Still(self.place.read()))

    def _code(self, content: bytes) -> bytes:
        return authenticate(self.key, content, domain(Purpose.ANCHOR, self.mode))

    def require_reached(self, reads: Reads) -> Anchored | None:
        """Return what the anchor says once the books behind `reads` have come at least as far; None for new books.

        Raises `Undecidable` when there is no anchor or it is damaged, `OutOfOrder` when the books end before it, and
        `Unverified` when they have another history than it.
        """
        anchored, found = self.get(), position_of(reads)
        if anchored is None:
            if _are_new(reads):
                return None
            raise Undecidable(
                "anchor.missing", "there is no anchor of the books, so whether their end was taken away cannot be told",
                hint=_LOOK,
            )
        number = anchored.position.number
        if number > found.number:
            raise OutOfOrder(
                "anchor.behind",
                "the books end at commit {found}, and they had come to commit {anchored} at {at}: their end was taken "
                "away, or an older copy was put in their place",
                hint=_LOOK, found=found.number, anchored=number, at=encode_instant(anchored.at),
            )
        batch = reads.batch(number)
        if batch is None or batch.chain != anchored.position.chain:
            raise Unverified(
                "anchor.other-history", "the books have another history than their anchor of commit {anchored}",
                hint=_LOOK, anchored=number,
            )
        return anchored


def _are_new(reads: Reads) -> bool:
    """Tell whether nothing was ever written; whoever takes the anchor away may have taken the commits as well."""
    return position_of(reads).number == 0 and not reads.logs() and next(iter(reads.every_version()), None) is None

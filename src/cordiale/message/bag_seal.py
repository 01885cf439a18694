"""The seal on the files of a bag: what a lost medium shows of the messages on it is how many there are and how long.

Each bag has a key of its own, wrapped for the node it is packed for and named
in the manifest, which its sender signs. From it each file has a key that
encrypts this one file and nothing else, so the same bag can be written again to
the last byte. Envelopes are sealed already, and statements are made to be shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from cordiale.canonical import Fields, Json, encode_base64url
from cordiale.crypto.aead import TAG_SIZE_BYTES, decrypt_once, derive, encrypt_once, generate_key
from cordiale.crypto.domains import Purpose, domain
from cordiale.crypto.wrapping import WRAPPED_SHARE_SIZE_BYTES, WrappingKey, WrappingPublicKey, unwrap, wrap
from cordiale.errors import Malformed, Undecidable, Unverified
from cordiale.model.mode import Mode

SEAL_SIZE_BYTES: Final = TAG_SIZE_BYTES
_KID_LENGTH: Final = 43


@dataclass(frozen=True, slots=True)
class WrappedBagKey:
    """The key of a bag, wrapped for the wrapping key `kid`. Raises `Malformed` when it has another size."""

    kid: str
    wrapped: bytes

    def __post_init__(self) -> None:
        if len(self.wrapped) != WRAPPED_SHARE_SIZE_BYTES or len(self.kid) != _KID_LENGTH:
            raise Malformed(
                "bag.key", "the key of the bag is not wrapped as was agreed", hint="ask the partner for the bag again"
            )

    def encode(self) -> dict[str, Json]:
        """Return it as a JSON object."""
        return {"kid": self.kid, "wrapped": encode_base64url(self.wrapped)}

    @classmethod
    def parse(cls, fields: Fields) -> WrappedBagKey:
        """Read what `encode` wrote. Raises `Malformed`."""
        return cls(fields.text("kid", max_length=_KID_LENGTH), fields.bytes_("wrapped"))


class BagSeal:
    """Seals and opens the files of one bag under its key of 32 bytes, which it never shows."""

    __slots__ = ("_domain", "_key")

    def __init__(self, key: bytes, mode: Mode) -> None:
        self._key = key
        self._domain = domain(Purpose.BAG, mode)

    @classmethod
    def fresh(cls, mode: Mode) -> BagSeal:
        """Return the seal of a new bag."""
        return cls(generate_key(), mode)

    def wrap_for(self, recipient: WrappingPublicKey) -> WrappedBagKey:
        """Return the key of the bag, wrapped for `recipient`; each time other bytes."""
        return WrappedBagKey(recipient.kid, wrap(recipient, self._key))

    def seal(self, path: str, data: bytes) -> bytes:
        """Return the file `path` of the bag as it lies on the medium; a path is sealed with one content only."""
        return encrypt_once(self._file_key(path), data, associated=self._bound_to(path))

    def open(self, path: str, sealed: bytes) -> bytes:
        """Return what `seal` was given. Raises `Unverified` for another file, another bag or changed bytes."""
        try:
            return decrypt_once(self._file_key(path), sealed, associated=self._bound_to(path))
        except Unverified as error:
            raise Unverified(
                "bag.seal", "`{path}` does not fit the key of the bag: it was changed, or is of another bag",
                hint="copy the file again from the medium; if it fails again, ask the partner for the bag again",
                path=path,
            ) from error

    def _file_key(self, path: str) -> bytes:
        return derive(self._key, self._bound_to(path))

    def _bound_to(self, path: str) -> bytes:
        return self._domain + b"\0" + path.encode("ascii")


def open_seal(key: WrappedBagKey, own: WrappingKey, mode: Mode) -> BagSeal:
    """Return the seal of the bag whose wrapped key is `key`.

    Raises `Undecidable` when it is wrapped for another key than `own`, and `Unverified` when it cannot be unwrapped.
    """
    if key.kid != own.public.kid:
        raise Undecidable(
            "bag.no-key-for", "the bag is sealed for another key than this node's",
            hint="send the partner this node's newest statement and ask for the bag again",
        )
    return BagSeal(unwrap(own, key.wrapped), mode)

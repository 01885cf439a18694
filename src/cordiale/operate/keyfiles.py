"""Key files: the private keys of people and of the key officers of a root, each under its own passphrase.

A key is opened, signs, and is gone: doors hold an `OpenKey` and never see what
is inside. Beside `NAME.key.json`, which stays with its owner, lies
`NAME.pub.json`, which is handed to whoever enrols the key.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from cordiale.adapters.durable import write_durably
from cordiale.canonical import Json, encode_canonical, parse_canonical
from cordiale.crypto.domains import Purpose, object_type
from cordiale.crypto.jws import parse_object, sign_object
from cordiale.crypto.passphrase import Cost
from cordiale.crypto.signatures import SigningPair, VerifyingPair
from cordiale.errors import Malformed, Unavailable, Unverified
from cordiale.limits import ROOT_SIZE_BYTES_MAX, STATEMENT_SIZE_BYTES_MAX
from cordiale.message.personal import (
    PersonalAct,
    deposit_salt,
    key_fingerprint,
    open_person_key,
    seal_person_key,
    sign_act,
)
from cordiale.message.trust.keys import public_pair, verifying_pair
from cordiale.message.trust.root import add_root_signature, read_unverified_root, require_following, sign_root
from cordiale.message.trust.statement import (
    add_signature,
    count_unverified_signatures,
    read_unverified_statement,
)
from cordiale.model.mode import Mode
from cordiale.model.party import NodeStatement, PartyRoot, PublicPair
from cordiale.operate.depositing import Deposit

KEY_SUFFIX: Final = ".key.json"
PUBLIC_SUFFIX: Final = ".pub.json"


class OpenKey:
    """A key that its owner has opened, for one mode."""

    __slots__ = ("_mode", "_pair")

    def __init__(self, pair: SigningPair, mode: Mode) -> None:
        self._pair = pair
        self._mode = mode

    @property
    def public(self) -> Json:
        """The public keys, as they are enrolled."""
        return self._pair.public.encode()

    @property
    def fingerprint(self) -> str:
        """The fingerprint of the public keys, for its owner to read to whoever confirms them."""
        return key_fingerprint(self._pair.public, self._mode)

    @property
    def root_key(self) -> PublicPair:
        """The public keys, as a root names them."""
        return public_pair(self._pair.public)

    def sign_act(self, act: PersonalAct) -> bytes:
        """Return `act` signed by the owner of this key."""
        return sign_act(act, self._pair, self._mode)

    def begin_deposit(self, act: PersonalAct) -> Deposit:
        """Return the deposit that `act`, a label without its content, opens."""
        salt = deposit_salt(self._pair, act.id, node=act.node, mode=self._mode)
        return Deposit(act, salt, sign=self.sign_act, mode=self._mode)

    def sign_profile(self, payload: bytes) -> str:
        """Return the canonical bytes of an implementing profile, signed by the owner of this key, as a JWS."""
        return sign_object(payload, object_type(Purpose.AGREEMENT_PROFILE, self._mode), [self._pair]).decode("ascii")

    def sign_statement(self, content: bytes, root: bytes) -> bytes:
        """Return the statement `content`, a draft or one that others have signed, with the owner's signature added.

        Raises `Unverified` when the owner's key is none of the keys of `root`, or when the statement is of
        another party or mode, and `Malformed` when it is no statement.
        """
        known = read_unverified_root(root)
        signed = content
        if not is_signed(content):
            signed = sign_object(content, object_type(Purpose.NODE_STATEMENT, self._mode), [self._pair])
        return add_signature(signed, known, self._pair)

    def sign_rotation(self, content: bytes, root: bytes) -> bytes:
        """Return the next root `content` with the owner's signature added, a holder of a key of it or of `root`.

        Raises `Unverified` when the owner's key is in neither, or when `content` does not follow `root`.
        """
        known = read_unverified_root(root)
        following = require_following(read_unverified_root(content), known)
        if self.root_key not in (*known.keys, *following.keys):
            raise Unverified(
                "trust.signer", "this key is none of the keys of the root", hint="sign with a key that the root names"
            )
        return add_root_signature(content, self._pair)


def is_signed(content: bytes) -> bool:
    """Tell whether `content` is a signed object; a draft is not. Raises `Malformed` when it is not of either form."""
    value = parse_canonical(content, size_max=STATEMENT_SIZE_BYTES_MAX)
    return isinstance(value, dict) and "signatures" in value


def make_key(path: Path, passphrase: str, mode: Mode, *, cost: Cost | None = None) -> OpenKey:
    """Make a new key in the file `path`, under `passphrase`; an existing file is never overwritten.

    Raises `OutOfOrder` when the file exists, `Malformed` for the passphrase and `Unavailable` for the disk.
    """
    pair = SigningPair.generate()
    write_durably(path, seal_person_key(pair, passphrase, mode, cost), exclusive=True)
    return OpenKey(pair, mode)


def open_key(path: Path, passphrase: str, mode: Mode) -> OpenKey:
    """Open the key in the file `path`.

    Raises `Unverified` for a wrong passphrase or the other mode, `Malformed` for another file and
    `Unavailable` when it cannot be read.
    """
    content = read_file(path, STATEMENT_SIZE_BYTES_MAX)
    if not _holds(content, "encrypted"):
        raise Malformed(
            "file.not-a-key", "`{name}` is not a key file", hint="name your own file that ends in .key.json",
            name=path.name,
        )
    return OpenKey(open_person_key(content, passphrase, mode), mode)


def write_public(path: Path, key: OpenKey) -> None:
    """Write the public keys of `key` to the new file `path`; raises as `make_key`."""
    write_durably(path, encode_canonical(key.public), exclusive=True)


def read_public(path: Path) -> Json:
    """Return the public keys in the file `path`; raises `Malformed` when they are not a pair."""
    return public_in(read_file(path, STATEMENT_SIZE_BYTES_MAX), path.name)


def public_in(content: bytes, name: str) -> Json:
    """Return the public keys in `content`, which came as `name`; raises `Malformed` when they are not a pair."""
    if not _holds(content, "Ed25519"):
        raise Malformed(
            "file.not-public-keys", "`{name}` does not hold public keys",
            hint="name the file that ends in .pub.json; a key file stays with its owner", name=name,
        )
    return VerifyingPair.parse(parse_canonical(content, size_max=16_384)).encode()


def fingerprint_of(path: Path, mode: Mode) -> str:
    """Return the fingerprint of the public keys in the file `path`; raises as `read_public`."""
    return key_fingerprint(VerifyingPair.parse(read_public(path)), mode)


def _holds(content: bytes, member: str) -> bool:
    try:
        value = parse_canonical(content, size_max=STATEMENT_SIZE_BYTES_MAX)
    except Malformed:
        return False
    return isinstance(value, dict) and member in value


def read_root(path: Path) -> bytes:
    """Return the root in the file `path`, not yet verified; raises `Malformed` when it is none, naming the file."""
    content = read_file(path, ROOT_SIZE_BYTES_MAX)
    try:
        read_unverified_root(content)
    except Malformed as error:
        raise Malformed(
            "file.not-a-root", "`{name}` is not the root of a party", hint="name its root.json, or ask for it again",
            name=path.name,
        ) from error
    return content


def read_statement(path: Path) -> bytes:
    """Return the statement in the file `path`, not yet verified; raises `Malformed` when none is, naming the file."""
    content = read_file(path, STATEMENT_SIZE_BYTES_MAX)
    try:
        read_unverified_statement(content)
    except Malformed as error:
        raise Malformed(
            "file.not-a-statement", "`{name}` is not a statement that key officers have signed",
            hint="have a draft signed with `cordiale root sign`, or ask for the statement again", name=path.name,
        ) from error
    return content


def read_draft(content: bytes) -> NodeStatement:
    """Return what a statement says, signed or still a draft, for a person to read before signing.

    Nothing is verified. Raises `Malformed` when it is no statement.
    """
    if is_signed(content):
        return read_unverified_statement(content)
    # A statement is read out of a signed object only; this signature is made to be thrown away.
    mode = Mode.EXERCISE
    signed = sign_object(content, object_type(Purpose.NODE_STATEMENT, mode), [SigningPair.generate()])
    return read_unverified_statement(signed)


def count_signatures(content: bytes, root: bytes) -> tuple[int, int]:
    """Return how many keys of `root` seem to have signed the statement `content`, and how many must."""
    known = read_unverified_root(root)
    return count_unverified_signatures(content, known) if is_signed(content) else 0, known.threshold


def make_root(root: PartyRoot, keys: Sequence[OpenKey]) -> bytes:
    """Return `root` signed by `keys`: all its keys for a first version, its new ones for a later one.

    Raises `Unverified` for a key that a first version does not name.
    """
    return sign_root(root, [key._pair for key in keys])


def is_root(content: bytes) -> bool:
    """Tell whether `content` is a root, signed by whomever."""
    try:
        read_unverified_root(content)
    except Malformed:
        return False
    return True


def count_rotation(content: bytes, root: bytes) -> tuple[int, int]:
    """Return how many signatures the next root `content` seems to have and how many it must, by itself and `root`."""
    known, following = read_unverified_root(root), read_unverified_root(content)
    kids = set(parse_object(content, size_max=ROOT_SIZE_BYTES_MAX).kids)
    have = need = 0
    for version in (known, following):
        need += version.threshold
        signed = sum(kids.issuperset(verifying_pair(pair).kids) for pair in version.keys)
        have += min(signed, version.threshold)
    return have, need


def read_file(path: Path, size_max: int) -> bytes:
    """Return the content of a small file; raises `Unavailable`, or `Malformed` beyond `size_max` bytes."""
    try:
        with path.open("rb") as file:
            content = file.read(size_max + 1)
    except OSError as error:
        raise Unavailable(
            "file.unavailable", "`{name}` cannot be read: {detail}", hint="check the name and your rights to it",
            name=path.name, detail=os.strerror(error.errno or 0),
        ) from error
    if len(content) > size_max:
        raise Malformed(
            "file.too-large", "`{name}` is larger than such a file can be", hint="check that it is the right file",
            name=path.name,
        )
    return content


def write_file(path: Path, content: bytes, *, exclusive: bool) -> None:
    """Write a small file whole or not at all, for its owner only; raises `OutOfOrder` when `exclusive` and there."""
    write_durably(path, content, exclusive=exclusive)

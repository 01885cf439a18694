"""Party roots: made once by all their keys, compared by two people, and rotated by both generations.

The first version of a root bears a signature of every key it names, so that
none can be listed by mistake. A later version bears a threshold of its own keys
and a threshold of the version before. The fingerprint is of the payload: who
has signed it so far does not change it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, NoReturn

from cordiale.canonical import Fields, encode_canonical, encode_instant, parse_canonical
from cordiale.crypto.digests import in_groups, sha384
from cordiale.crypto.domains import Purpose, domain, object_type
from cordiale.crypto.jws import cosign_object, parse_object, sign_object, verify_object, verify_threshold
from cordiale.crypto.signatures import SigningPair
from cordiale.errors import Malformed, Undecidable, Unverified
from cordiale.limits import ROOT_KEYS_COUNT_MAX, ROOT_ROTATIONS_COUNT_MAX, ROOT_SIZE_BYTES_MAX
from cordiale.message.members import read_line, read_party, read_version
from cordiale.message.trust.keys import encode_pair, parse_pair, public_pair, verifying_pair
from cordiale.model.mode import Mode
from cordiale.model.party import PartyRoot

FORM: Final = 1
_FINGERPRINT: Final = re.compile(r"[0-9a-f]{96}\Z", re.ASCII)
_CAUTION: Final = "do not use it; speak to the other party over a channel you trust"


def encode_root(root: PartyRoot) -> bytes:
    """Return the payload of `root`: canonical JSON."""
    return encode_canonical({
        "form": FORM, "party": root.party, "mode": root.mode.value, "version": root.version,
        "threshold": root.threshold, "keys": [encode_pair(pair) for pair in root.keys],
        "created_at": encode_instant(root.created_at), "title": root.title,
    })


def _parse_root(payload: bytes) -> PartyRoot:
    fields = Fields(parse_canonical(payload, size_max=ROOT_SIZE_BYTES_MAX), where="party root")
    fields.constant("form", FORM)
    root = PartyRoot(
        party=read_party(fields, "party"),
        mode=fields.choice("mode", Mode),
        version=read_version(fields, "version"),
        threshold=fields.integer("threshold", 1, ROOT_KEYS_COUNT_MAX),
        keys=tuple(map(parse_pair, fields.objects("keys", max_count=ROOT_KEYS_COUNT_MAX))),
        created_at=fields.instant("created_at"),
        title=read_line(fields, "title"),
    )
    fields.end()
    return root


def sign_root(root: PartyRoot, signers: Sequence[SigningPair]) -> bytes:
    """Sign `root` with `signers`: all its keys for a first version, or those at hand, others to add theirs.

    Raises `Unverified` for a signer that the root does not name, unless it is a rotation (version 2 on), where
    holders of the version before sign as well.
    """
    own = {verifying_pair(pair) for pair in root.keys}
    if root.version == 1 and any(signer.public not in own for signer in signers):
        _refuse_signer()
    return sign_object(encode_root(root), object_type(Purpose.PARTY_ROOT, root.mode), signers)


def add_root_signature(data: bytes, signer: SigningPair) -> bytes:
    """Add the signature of one more key officer to a root that waits for it.

    The officer must have read it first (`read_unverified_root`). Raises `Malformed`, and `Unverified` for a
    signer that a first version does not name.
    """
    root = read_unverified_root(data)
    if root.version == 1 and public_pair(signer.public) not in root.keys:
        _refuse_signer()
    return cosign_object(data, object_type(Purpose.PARTY_ROOT, root.mode), [signer])


def read_unverified_root(data: bytes) -> PartyRoot:
    """Return what `data` says, for a person to read before signing or comparing. Raises `Malformed`."""
    return _parse_root(parse_object(data, size_max=ROOT_SIZE_BYTES_MAX).unverified_payload)


def verify_root(data: bytes, *, mode: Mode) -> PartyRoot:
    """Return the root that `data` is, signed by its own keys, for a node of `mode`.

    That it is the party's root, only the fingerprint says (`require_fingerprint`). Checks, in this order:
    form (`Malformed`); type of the mode (`Unverified`); content (`Malformed`); mode in the content
    (`Unverified`); signatures of all its keys, or of its threshold from version 2 on (`Unverified`).
    """
    root = read_unverified_root(data)
    typ = object_type(Purpose.PARTY_ROOT, mode)
    if root.mode is not mode:
        raise Unverified(
            "trust.root-mode", "this root belongs to a node that is {found}, and this node is {expected}",
            hint="exercise and real never meet; ask for the right root", found=root.mode.value, expected=mode.value,
        )
    own = [verifying_pair(pair) for pair in root.keys]
    if root.version == 1:
        verify_object(data, typ, own)
    else:
        verify_threshold(data, typ, own, threshold=root.threshold)
    return root


def verify_rotation(data: bytes, known: PartyRoot) -> PartyRoot:
    """Return the next version of the root `known`.

    Checks, in this order: form (`Malformed`); the root by itself as `verify_root`; party (`Unverified`); version:
    an older or equal one is a rollback (`Unverified`), one further on misses a link (`Undecidable`); a threshold
    of the keys of `known` (`Unverified`); time not before `known` (`Unverified`).
    """
    root = require_following(verify_root(data, mode=known.mode), known)
    verify_threshold(
        data, object_type(Purpose.PARTY_ROOT, known.mode), [verifying_pair(pair) for pair in known.keys],
        threshold=known.threshold,
    )
    if root.created_at < known.created_at:
        raise Unverified("trust.root-time", "this root says it was made before the one it follows", hint=_CAUTION)
    return root


def require_following(root: PartyRoot, known: PartyRoot) -> PartyRoot:
    """Return `root` when it says that it is the version after `known`; who has signed it is not looked at.

    Raises `Unverified` for another party or mode, or an older or equal version, and `Undecidable` when a version
    in between is missing.
    """
    if root.party != known.party:
        raise Unverified("trust.root-party", "this is a root of {found} and not of {expected}",
                         hint=_CAUTION, found=root.party, expected=known.party)
    if root.version <= known.version:
        raise Unverified(
            "trust.root-rollback", "this is version {found} of the root of {party}, and version {known} is known",
            hint=_CAUTION, found=root.version, known=known.version, party=known.party,
        )
    if root.version > known.version + 1:
        raise Undecidable(
            "trust.root-gap", "version {found} of the root of {party} cannot be told without the one before it",
            hint="ask the other party for every version since {known}",
            found=root.version, known=known.version, party=known.party,
        )
    return root


def follow_rotations(known: PartyRoot, roots: Sequence[bytes]) -> PartyRoot:
    """Return the newest root that `roots`, oldest first, lead to from `known`; versions already known are skipped.

    Raises as `verify_rotation` does, and `Malformed` when there are too many.
    """
    if len(roots) > ROOT_ROTATIONS_COUNT_MAX:
        raise Malformed("trust.root-count", "more than {count} roots came at once",
                        hint="ask for fewer at a time", count=ROOT_ROTATIONS_COUNT_MAX)
    newest = known
    for data in roots:
        if read_unverified_root(data).version > known.version:
            newest = verify_rotation(data, newest)
    return newest


def fingerprint(root: PartyRoot) -> str:
    """Return the fingerprint of `root`: SHA-384 in its own domain, as 24 groups of four hexadecimal digits."""
    return in_groups(sha384(domain(Purpose.ROOT_FINGERPRINT, root.mode), encode_root(root)))


def require_fingerprint(root: PartyRoot, entered: str) -> PartyRoot:
    """Return `root` when `entered` is its fingerprint, spaces and case aside and nothing else.

    Raises `Malformed` when what was entered is no fingerprint (a group is missing), and `Unverified` when it is
    the fingerprint of something else.
    """
    digits = "".join(entered.split()).lower()
    if not _FINGERPRINT.match(digits):
        raise Malformed(
            "trust.fingerprint-form", "a fingerprint has 24 groups of four of the characters 0 to 9 and a to f",
            hint="enter it again, group by group",
        )
    if digits != fingerprint(root).replace(" ", ""):
        raise Unverified(
            "trust.fingerprint-other", "this is not the fingerprint of the root of {party} that lies here",
            hint="do not go on; check who gave you the root, and compare again over another channel",
            party=root.party,
        )
    return root


def _refuse_signer() -> NoReturn:
    raise Unverified(
        "trust.signer", "this key is none of the keys of the root", hint="sign with a key that the root names"
    )

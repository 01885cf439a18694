"""Opening and sealing envelopes with the keys of this node."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from typing import TypeVar

from cordiale.crypto.aead import is_equal
from cordiale.crypto.digests import sha384
from cordiale.crypto.domains import Purpose, domain
from cordiale.crypto.jws import sign_written
from cordiale.crypto.signatures import VerifyingPair
from cordiale.crypto.wrapping import Unwrapping, WrappingKey
from cordiale.envelope.keyaccess import find_wrapped_key
from cordiale.envelope.manifest import parse_manifest
from cordiale.envelope.payload import PlacedPayload, verify_sealed
from cordiale.envelope.record import Carriage, ConsignmentRecord, Enclosure, Endpoint
from cordiale.envelope.seal import Sign
from cordiale.envelope.streams import SeekableSource
from cordiale.envelope.unseal import (
    Expected,
    InspectedEnvelope,
    VerifiedEnvelope,
    inspect_envelope,
    verify_envelope,
)
from cordiale.envelope.zipform import parse_container, read_manifest
from cordiale.errors import CordialeError, Undecidable, Unverified
from cordiale.model.mode import Mode
from cordiale.ports import Objects
from cordiale.records.keyring import NodeKeys
from cordiale.records.registry import Registry

Envelope = TypeVar("Envelope", bound=InspectedEnvelope)


def label_digest(xml: bytes, mode: Mode) -> bytes:
    """Return the digest by which the particulars name the label."""
    return sha384(domain(Purpose.DEPOSIT_DIGEST, mode), xml)


def own_end(registry: Registry) -> Endpoint:
    """Return this node as an end of the way."""
    return Endpoint(registry.party, registry.node)


def expected_own(registry: Registry) -> tuple[Expected, ...]:
    """Return what an item sealed at deposit by this node must be: signed by the keys in use, or by former ones."""
    end = own_end(registry)
    pairs = dict.fromkeys([registry.keys.registry.public, *(one.registry.public for one in registry.keys.sets)])
    return tuple(Expected(registry.mode, end, end, pair, None) for pair in pairs)


def verify_one_of(source: SeekableSource, expected: Sequence[Expected]) -> VerifiedEnvelope:
    """Return the envelope in `source` when it is one of `expected`, which differ by who signed it.

    Raises what the first of them raises, as `verify_envelope` does, and `Undecidable` when it is not known who signs.
    """
    return _one_of(lambda one: verify_envelope(source, one), expected)


def inspect_one_of(source: SeekableSource, expected: Sequence[Expected]) -> InspectedEnvelope:
    """Return the envelope in `source` as `verify_one_of` does, its payload not looked at yet.

    For whoever reads the payload to its end anyway, and releases nothing before it was verified there.
    """
    return _one_of(lambda one: inspect_envelope(source, one), expected)


def _one_of(look: Callable[[Expected], Envelope], expected: Sequence[Expected]) -> Envelope:
    errors: list[CordialeError] = []
    for one in expected:
        try:
            return look(one)
        except Unverified as error:
            errors.append(error)
    raise errors[0] if errors else Undecidable(
        "envelope.no-signer", "the sender names no key that signs its records", hint="ask for its statement"
    )


def expected_from(registry: Registry, provider: Endpoint, signer: VerifyingPair, carriage: Carriage) -> Expected:
    """Return what an item sealed by a partner for this node must be."""
    return Expected(registry.mode, provider, own_end(registry), signer, carriage)


class Grants:
    """The keys of this node, as one act uses them: what a partner agreed on once for several items is worked out once.

    Each is a grant: whoever asks for one has decided that the key may be used, and has it on record.
    """

    def __init__(self, keys: NodeKeys) -> None:
        self._keys = keys
        self._unwrapping: dict[str, Unwrapping] = {}

    def content_key(self, enclosure: Enclosure) -> bytes:
        """Return the content key that `enclosure` carries for this node. Raises `Unverified` when it carries none."""
        wrapping = self._keys.wrapping_for({access.kid for access in enclosure.key_access})
        return self._of(wrapping).unwrap(find_wrapped_key(enclosure.key_access, wrapping.public.kid))

    def key_by_any(self, wrapped: bytes) -> bytes:
        """Return the key in a share that does not say for which of this node's wrapping keys it is, the newest first.

        Raises `Unverified` when it is for none of them.
        """
        *others, last = [one.wrapping for one in reversed(self._keys.sets)]
        for one in others:
            with suppress(Unverified):
                return self._of(one).unwrap(wrapped)
        return self._of(last).unwrap(wrapped)

    def _of(self, wrapping: WrappingKey) -> Unwrapping:
        return self._unwrapping.setdefault(wrapping.public.kid, Unwrapping(wrapping))


def grant_key(keys: NodeKeys, enclosure: Enclosure) -> bytes:
    """Return the content key that `enclosure` carries for this node, as `Grants.content_key` does."""
    return Grants(keys).content_key(enclosure)


def require_entered(record: ConsignmentRecord, *, item: str, digest: bytes) -> None:
    """Raise `Unverified` unless `record` is of `item` and of the ciphertext that was entered for it in the books.

    What is whole and truly sealed may still be the envelope of another item, put in this one's place.
    """
    if record.routing.item != item or record.payload is None or not is_equal(record.payload.digest, digest):
        raise Unverified(
            "envelope.other-item", "the sealed envelope in the store is not the one that was entered for this item",
            hint="report this as an incident: somebody has access to the store",
        )


def signer_of(registry: Registry) -> Sign:
    """Return the function that signs consignment records with the registry's keys."""
    return lambda payload, typ: sign_written(payload, typ, [registry.keys.registry])


def ciphertext_verifier(objects: Objects, mode: Mode) -> Callable[[str, bytes], bytes]:
    """Return a function that reads the envelope `name` and returns the digest given when its ciphertext has it.

    It raises `Malformed` or `Unverified` otherwise; no key is needed.
    """

    def verify(name: str, digest: bytes) -> bytes:
        with closing(objects.open(name)) as source:
            container = parse_container(source)
            table = parse_manifest(read_manifest(source, container)).segments
            return verify_sealed(source, PlacedPayload(mode, container.payload, table, digest)).digest

    return verify

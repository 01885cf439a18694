"""Two invented nodes, one invented item, and the shortest ways to seal and to expect it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import cache
from io import BytesIO

from cordiale.crypto.jws import sign_object
from cordiale.crypto.signatures import SigningPair
from cordiale.crypto.wrapping import WrappingKey, unwrap
from cordiale.envelope.assertions import LabelStatement
from cordiale.envelope.keyaccess import KeyRecipient, find_wrapped_key
from cordiale.envelope.manifest import KeyAccess
from cordiale.envelope.particulars import Particulars
from cordiale.envelope.record import Carriage, Endpoint, Routing
from cordiale.envelope.seal import SealedEnvelope, SealRequest, seal_stream
from cordiale.envelope.unseal import Expected
from cordiale.model.addressee import Addressee
from cordiale.model.description import Description
from cordiale.model.label import LevelRef
from cordiale.model.mode import Mode
from cordiale.model.names import AgreementId, ConsignmentId, CopyId, ItemId, NodeId, PartyId

SEGMENT = 64
CARRIAGE = Carriage(AgreementId("exercise-accord"), 1, ConsignmentId("consignment-7"))
TITLE = "Outline of the exercise in the harbour"


@dataclass(frozen=True)
class Node:
    """A node with its keys."""

    endpoint: Endpoint
    signing: SigningPair
    wrapping: WrappingKey

    @property
    def recipient(self) -> KeyRecipient:
        return KeyRecipient(
            self.endpoint.node, f"https://{self.endpoint.node}.example/kas", self.wrapping.public
        )

    def unwrap(self, key_access: tuple[KeyAccess, ...]) -> bytes:
        return unwrap(self.wrapping, find_wrapped_key(key_access, self.wrapping.public.kid))


@cache
def node(party: str) -> Node:
    name = NodeId(f"{party.lower()}-registry")
    return Node(Endpoint(PartyId(party), name), SigningPair.generate(), WrappingKey.generate())


def sakura() -> Node:
    return node("SAKURA")


def kalyna() -> Node:
    return node("KALYNA")


def label(name: str = "label-1", *, scope: str = "tdo") -> LabelStatement:
    return LabelStatement(
        id=name, scope=scope, format="xml-string", schema="urn:nato:stanag:4774:confidentialitymetadatalabel:1:0",
        value="<label>\n  EXERCISE LANTERN\n</label>",
    )


def particulars(**changes: object) -> Particulars:
    members: dict[str, object] = {
        "register_number": "S-2026-000042", "copy_number": 2, "kind": "file",
        "level": LevelRef("EX-SAKURA", "EXERCISE LANTERN"), "marking": "EXERCISE LANTERN // REL SAKURA, KALYNA",
        "label_digest": bytes(range(48)), "title": TITLE, "purpose": "preparation of the exercise",
        "approvals": ("approval one", "approval two"), "description": Description("report", "Head of the exercise", 2, date(2026, 11, 16), "police"),
        "file_name": "outline.pdf", "media_type": "application/pdf",
        "addressee": Addressee("Head of the exercise", alone=True),
    }
    return Particulars(**(members | changes))  # type: ignore[arg-type]


def request(
    provider: Node, recipient: Node, *, carriage: Carriage | None = CARRIAGE, mode: Mode = Mode.EXERCISE
) -> SealRequest:
    routing = Routing(
        mode=mode, originator=provider.endpoint.party, provider=provider.endpoint, recipient=recipient.endpoint,
        item=ItemId("item-12"), copy=CopyId("copy-12-2"),
        sealed_at=datetime(2026, 11, 16, 9, tzinfo=UTC), carriage=carriage,
    )
    return SealRequest(
        routing=routing, recipient=recipient.recipient, labels=(label(), label("label-2", scope="payload")),
        particulars=particulars(),
        sign=lambda payload, typ: sign_object(payload, typ, [provider.signing]),
    )


def with_label_inside(wanted: SealRequest) -> SealRequest:
    """Return the request as a node of ours makes it: no label in clear."""
    return replace(wanted, labels=(), particulars=replace(wanted.particulars, label=label().value.encode()))


def expected(
    provider: Node, recipient: Node, *, carriage: Carriage | None = CARRIAGE, mode: Mode = Mode.EXERCISE
) -> Expected:
    return Expected(mode, provider.endpoint, recipient.endpoint, provider.signing.public, carriage)


def seal(content: bytes, *, segment: int = SEGMENT) -> tuple[bytes, SealedEnvelope]:
    target = BytesIO()
    envelope = seal_stream(
        BytesIO(content), target, request(sakura(), kalyna()), segment_size_bytes=segment
    )
    return target.getvalue(), envelope

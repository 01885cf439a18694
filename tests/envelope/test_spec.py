"""The page of the specification says what the code does, and its vector opens."""

from __future__ import annotations

import hashlib
import json
import re
from base64 import b64decode
from io import BytesIO
from pathlib import Path

from tests.envelope.vector import VECTOR, make

from cordiale.canonical import parse_base64url
from cordiale.crypto.signatures import VerifyingPair
from cordiale.crypto.wrapping import WrappingKey, unwrap
from cordiale.envelope.keyaccess import find_wrapped_key
from cordiale.envelope.payload import ContentCommitment, PayloadDigest
from cordiale.envelope.record import Carriage, Endpoint, commit_to_key
from cordiale.envelope.unseal import Expected, read_particulars, unseal_stream, verify_envelope, verify_sheet
from cordiale.model.mode import Mode
from cordiale.model.names import AgreementId, ConsignmentId, NodeId, PartyId

REPOSITORY = Path(__file__).parents[2]
PAGE = (REPOSITORY / "docs" / "spec" / "envelope.md").read_text(encoding="utf-8")
KNOWN = json.loads(VECTOR.read_text(encoding="utf-8"))
COUNTING = bytes(range(32))


def known_expected() -> Expected:
    carriage = KNOWN["carriage"]
    return Expected(
        mode=Mode(KNOWN["mode"]),
        provider=Endpoint(PartyId(KNOWN["provider"]["party"]), NodeId(KNOWN["provider"]["node"])),
        recipient=Endpoint(PartyId(KNOWN["recipient"]["party"]), NodeId(KNOWN["recipient"]["node"])),
        signer=VerifyingPair.parse(KNOWN["provider_keys"]),
        carriage=Carriage(
            AgreementId(carriage["agreement"]), carriage["version"], ConsignmentId(carriage["consignment"])
        ),
    )


def known_wrapping_key() -> WrappingKey:
    return WrappingKey.parse_secret(parse_base64url(KNOWN["recipient_wrapping_key"]))


def test_the_envelope_of_the_vector_opens() -> None:
    sealed = BytesIO(b64decode(KNOWN["envelope"]))
    verified = verify_envelope(sealed, known_expected())
    assert verified.record.encode().decode() == KNOWN["record"]
    key = known_wrapping_key()
    content_key = unwrap(key, find_wrapped_key(verified.sealed.enclosure.key_access, key.public.kid))
    assert content_key.hex() == KNOWN["content_key"]
    parts: list[bytes] = []
    _, particulars = unseal_stream(
        sealed, lambda piece: parts.append(bytes(piece)), content_key=content_key, expected=known_expected()
    )
    assert b"".join(parts).decode() == KNOWN["plaintext"]
    assert particulars.content is not None
    assert (particulars.content.salt.hex(), particulars.content.commitment.hex()) == (
        KNOWN["salt"], KNOWN["commitment"]
    )


def test_the_sheet_of_the_vector_opens() -> None:
    verified = verify_sheet(KNOWN["sheet"].encode(), known_expected())
    key = known_wrapping_key()
    content_key = unwrap(key, find_wrapped_key(verified.enclosure.key_access, key.public.kid))
    assert read_particulars(verified, content_key).content is None


def test_a_vector_made_today_has_the_same_members() -> None:
    assert list(make()) == list(KNOWN)


def test_the_example_of_the_page_is_the_record_of_the_vector() -> None:
    example = re.search(r"```json\n(.*?)```", PAGE, re.S)
    assert example is not None
    assert json.loads(example[1]) == json.loads(KNOWN["record"])


def test_the_values_of_the_page_are_right() -> None:
    payload = PayloadDigest(Mode.REAL)
    for segment in (b"\x00" * 92, b"\x01" * 30):
        payload.add(hashlib.sha256(segment).digest(), size_bytes=len(segment))
    content = ContentCommitment(Mode.REAL)
    content.add(hashlib.sha256(b"lantern").digest(), size_bytes=7)
    found = re.findall(r"^\| .* \| `([0-9a-f]{96})` \|$", PAGE, re.M)
    assert found == [
        commit_to_key(COUNTING, Mode.REAL).hex(), payload.digest().hex(), content.commit(COUNTING).hex()
    ]


def test_every_error_of_the_code_is_on_the_page() -> None:
    raised: set[str] = set()
    for path in (REPOSITORY / "src" / "cordiale" / "envelope").glob("*.py"):
        text = path.read_text(encoding="utf-8")
        raised |= set(re.findall(r"\"((?:envelope|record|payload|particulars|assertion|label)\.[a-z-]+)\"", text))
    listed = re.findall(r"`([a-z.-]+\*?)`", PAGE)
    exact = {code for code in listed if not code.endswith("*")}
    families = tuple(code[:-1] for code in listed if code.endswith("*"))
    local = {"envelope.content-size", "envelope.stream-not-ready"}
    missing = {code for code in raised - exact - local if not code.startswith(families)}
    assert not missing

"""Makes the vector of the envelope's page; run once per change of the form: `python -m tests.envelope.vector`.

A new run gives other keys, salts and signatures, so the vector is kept and only
read by tests. Its private keys were made for it and serve nothing else.
"""

from __future__ import annotations

import json
from io import BytesIO
from pathlib import Path

from tests.envelope.samples import CARRIAGE, SEGMENT, expected, kalyna, request, sakura, with_label_inside

from cordiale.canonical import encode_base64url
from cordiale.envelope.plainjson import encode_base64
from cordiale.envelope.seal import make_record_only, seal_stream
from cordiale.envelope.unseal import verify_envelope

VECTOR = Path(__file__).parents[2] / "docs" / "spec" / "vectors" / "envelope.json"
PLAINTEXT = "Outline of the exercise in the harbour, in two segments: one whole, one not.\n"


def make() -> dict[str, object]:
    """Seal a text for an invented node and return all that is needed to open it."""
    wanted, target = with_label_inside(request(sakura(), kalyna())), BytesIO()
    envelope = seal_stream(BytesIO(PLAINTEXT.encode()), target, wanted, segment_size_bytes=SEGMENT)
    verified = verify_envelope(target, expected(sakura(), kalyna()))
    return {
        "mode": "exercise",
        "provider": sakura().endpoint.encode(),
        "provider_keys": sakura().signing.public.encode(),
        "recipient": kalyna().endpoint.encode(),
        "recipient_wrapping_key": encode_base64url(kalyna().wrapping.encode_secret()),
        "carriage": {
            "agreement": CARRIAGE.agreement, "version": CARRIAGE.version, "consignment": CARRIAGE.consignment,
        },
        "plaintext": PLAINTEXT,
        "content_key": kalyna().unwrap(verified.sealed.enclosure.key_access).hex(),
        "salt": envelope.content.salt.hex(),
        "commitment": envelope.content.commitment.hex(),
        "record": envelope.record.encode().decode(),
        "envelope": encode_base64(target.getvalue()),
        "sheet": make_record_only(wanted).sheet.decode(),
    }


if __name__ == "__main__":
    VECTOR.write_text(json.dumps(make(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")

"""Unmodified OpenTDF clients open what we seal.

Each client needs an environment of its own, because both are called
`otdf_python`. Where they are is said by environment variables:

    python -m venv py && py/bin/pip install otdf-python==0.11.0
    python -m venv go && go/bin/pip install otdf-python==0.2.20    (the Go SDK 0.7.0, compiled)
    OTDF_PYTHON=py/bin/python OTDF_GO=go/bin/python pytest -m slow tests/foreign/test_opentdf_clients.py
"""

from __future__ import annotations

import os
import subprocess
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from tests.envelope.samples import kalyna, request, sakura, with_label_inside
from tests.envelope.tampering import with_manifest, with_payload
from tests.foreign.tiny_kas import TinyKas, serving

from cordiale.envelope.seal import seal_stream

pytestmark = pytest.mark.slow

CLIENTS = {"otdf-python 0.11.0": ("OTDF_PYTHON", "open_with_python.py"), "Go SDK 0.7.0": ("OTDF_GO", "open_with_go.py")}
SEGMENT = 2 * 1024 * 1024
SIZES = {"empty": 0, "one segment": 70_000, "segments exactly": 2 * SEGMENT, "segments and more": 2 * SEGMENT + 5}


def sealed_at(kas: TinyKas, content: bytes, *, label_inside: bool = False) -> bytes:
    wanted = request(sakura(), kalyna())
    wanted = with_label_inside(wanted) if label_inside else wanted
    target = BytesIO()
    seal_stream(
        BytesIO(content), target, replace(wanted, recipient=replace(wanted.recipient, url=f"{kas.url}/kas"))
    )
    return target.getvalue()


def open_with(client: str, kas: TinyKas, sealed: bytes, folder: Path) -> bytes | None:
    variable, script = CLIENTS[client]
    if variable not in os.environ:
        pytest.skip(f"{variable} does not say where {client} is")
    (folder / "sealed.tdf").write_bytes(sealed)
    opened = folder / "opened"
    ran = subprocess.run(
        [os.environ[variable], str(Path(__file__).parent / "opentdf" / script), kas.url,
         str(folder / "sealed.tdf"), str(opened)],
        capture_output=True, text=True, timeout=60, check=False,
    )
    print(ran.stdout, ran.stderr, kas.paths)
    return opened.read_bytes() if ran.returncode == 0 and opened.exists() else None


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
@pytest.mark.parametrize("client", CLIENTS)
def test_an_unmodified_client_opens_what_we_seal(client: str, size: int, tmp_path: Path) -> None:
    content = os.urandom(size)
    with serving(kalyna().wrapping) as kas:
        assert open_with(client, kas, sealed_at(kas, content), tmp_path) == content
        assert "/kas.AccessService/Rewrap" in kas.paths


@pytest.mark.parametrize("client", CLIENTS)
def test_a_client_opens_what_has_its_label_inside(client: str, tmp_path: Path) -> None:
    with serving(kalyna().wrapping) as kas:
        assert open_with(client, kas, sealed_at(kas, b"x" * 1_000, label_inside=True), tmp_path) == b"x" * 1_000


@pytest.mark.parametrize("client", CLIENTS)
def test_a_client_sees_a_changed_payload_too(client: str, tmp_path: Path) -> None:
    with serving(kalyna().wrapping) as kas:
        sealed = sealed_at(kas, b"x" * 1_000)
        changed = with_payload(sealed, lambda payload: payload[:50] + b"!" + payload[51:])
        assert open_with(client, kas, changed, tmp_path) != b"x" * 1_000


@pytest.mark.parametrize("client", CLIENTS)
def test_a_client_does_not_see_that_the_label_is_gone(client: str, tmp_path: Path) -> None:
    # Why the consignment record exists: this is what TDF leaves open.
    with serving(kalyna().wrapping) as kas:
        stripped = with_manifest(sealed_at(kas, b"x"), lambda manifest: manifest["assertions"].pop(0))
        assert open_with(client, kas, stripped, tmp_path) == b"x"

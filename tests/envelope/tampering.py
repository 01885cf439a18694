"""Takes a sealed envelope apart and puts it together again, changed but of the right form."""

from __future__ import annotations

import json
from collections.abc import Callable
from io import BytesIO
from typing import Any

from cordiale.envelope.plainjson import encode_plain_json
from cordiale.envelope.zipform import ContainerWriter, parse_container, read_manifest


def take_apart(sealed: bytes) -> tuple[bytes, Any]:
    """Return the payload and the manifest as a value."""
    source = BytesIO(sealed)
    container = parse_container(source)
    payload = sealed[container.payload.offset :][: container.payload.size_bytes]
    return payload, json.loads(read_manifest(source, container))


def put_together(payload: bytes, manifest: Any, *, checksum_error: int = 0) -> bytes:
    """Write a container around both, as our writer does, or with a payload checksum that is off."""
    target = BytesIO()
    writer = ContainerWriter(target)
    writer.begin()
    writer.write_payload(memoryview(payload))
    writer._crc32 ^= checksum_error
    writer.finish(encode_plain_json(manifest))
    return target.getvalue()


def with_manifest(sealed: bytes, change: Callable[[Any], Any]) -> bytes:
    """Return the envelope with its manifest changed in place by `change`."""
    payload, manifest = take_apart(sealed)
    change(manifest)
    return put_together(payload, manifest)


def with_payload(sealed: bytes, change: Callable[[bytes], bytes]) -> bytes:
    """Return the envelope with another payload."""
    payload, manifest = take_apart(sealed)
    return put_together(change(payload), manifest)


def integrity(manifest: Any) -> Any:
    """Return the part of a manifest that lists the segments."""
    return manifest["encryptionInformation"]["integrityInformation"]


def key_access(manifest: Any) -> Any:
    """Return the list of wrapped keys."""
    return manifest["encryptionInformation"]["keyAccess"]


def assertion(manifest: Any, name: str) -> Any:
    """Return the assertion `name`."""
    return next(each for each in manifest["assertions"] if each["id"] == name)

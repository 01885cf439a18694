"""A file on its way from a browser into its envelope: what it is called, and the request that names its content."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from cordiale.canonical import encode_base64url
from cordiale.doors.web.upload import Upload
from cordiale.doors.web.visit import Visit
from cordiale.records.registry import Registry, Request
from cordiale.records.signed_in import Asked, session_request

_TYPES_BY_END: Final = {
    "pdf": "application/pdf", "txt": "text/plain", "png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "odt": "application/vnd.oasis.opendocument.text",
}


def named_file(upload: Upload) -> Mapping[str, str]:
    """Return the name of a file and its type, which its ending says: what a browser calls it proves nothing."""
    end = upload.file_name.rpartition(".")[2].lower()
    return {"file_name": upload.file_name, "media_type": _TYPES_BY_END.get(end, "application/octet-stream")}


class ArrivingFile:
    """A content on its way from a browser: what is asked for is the commitment to what the node received."""

    def __init__(self, upload: Upload, visit: Visit, asked: Asked) -> None:
        self._visit = visit
        self._asked = asked
        self.salt = visit.require_session().salt_of(asked.id)
        self.readinto: Callable[[memoryview], int] = upload.readinto

    def closing(self, _: Registry, commitment: bytes) -> Request:
        """Return the request that names the content."""
        params = {**self._asked.params, "content": encode_base64url(commitment)}
        signed_in = self._visit.require_session().signed_in
        return session_request(self._visit.registry, signed_in, replace(self._asked, params=params))

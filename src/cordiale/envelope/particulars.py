"""The particulars: what only the recipient may know of an item, encrypted inside its envelope.

Register number, title, purpose and approvals tell as much as the content does.
They are canonical JSON, filled up to a multiple of 1 KiB so that the length of
a title does not show, and encrypted with AES-256-GCM under a key derived from
the content key. Whoever is granted the content key can read them; before that,
nobody can.

The plaintext is committed to under a salt that stands here: whoever has both
can show that two copies are of the same content, and nobody else can guess.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from cordiale.canonical import Fields, Json, encode_base64url, encode_canonical, parse_canonical
from cordiale.crypto.aead import decrypt, derive, encrypt
from cordiale.crypto.digests import SALT_SIZE_BYTES, SHA384_SIZE_BYTES
from cordiale.envelope.parts import Part, part_domain
from cordiale.errors import Malformed
from cordiale.limits import (
    APPROVAL_LENGTH_MAX,
    APPROVALS_COUNT_MAX,
    CONTENT_SIZE_BYTES_MAX,
    COPIES_COUNT_MAX,
    IDENTIFIER_LENGTH_MAX,
    LABEL_SIZE_BYTES_MAX,
    PARTICULARS_SIZE_BYTES_MAX,
    PARTS_COUNT_MAX,
    SHEETS_COUNT_MAX,
    SHORT_TEXT_LENGTH_MAX,
)
from cordiale.model.addressee import Addressee
from cordiale.model.description import UNDESCRIBED, Description
from cordiale.model.label import LevelRef
from cordiale.model.mode import Mode
from cordiale.model.names import parse_identifier
from cordiale.model.spelling import is_line

PARTICULARS_FORM: Final = "cordiale-particulars-1"
_FILL_SIZE_BYTES: Final = 1024
_LENGTH_SIZE_BYTES: Final = 4
_RESEND: Final = "ask the sender to send it again"


@dataclass(frozen=True, slots=True)
class ContentFacts:
    """What the particulars say of the plaintext: its size, and a commitment to it under `salt`."""

    size_bytes: int
    salt: bytes
    commitment: bytes

    def encode(self) -> dict[str, Json]:
        """Return it as a JSON object."""
        return {
            "size_bytes": self.size_bytes,
            "salt": encode_base64url(self.salt),
            "commitment": encode_base64url(self.commitment),
        }


@dataclass(frozen=True, slots=True, repr=False)
class Particulars:
    """The particulars of one copy of one item, as the provider's register has them.

    `kind` is that of the item: a file, paper, a medium. `marking` is the
    original marking as it stands on the item, `label_digest` the SHA-384 digest
    of the label's XML, `approvals` the signed approvals of the release as
    texts. `content` is None for a register-only item, and while it is not yet
    sealed.
    `description` is what the recipient's register asks besides.
    `addressee` is the office behind the registry that the provider names, None where it names none.
    `label` is the originator's label as ADatP-4774 XML: inside, because the level of an
    item does not stand on the outside of what carries it (FR-1300 Art. 56; EE-262 § 88).
    """

    register_number: str
    copy_number: int
    kind: str
    level: LevelRef
    marking: str
    label_digest: bytes
    title: str
    purpose: str
    approvals: tuple[str, ...] = ()
    reference: str = ""
    description: Description = UNDESCRIBED
    sheets: int | None = None
    file_name: str = ""
    media_type: str = ""
    content: ContentFacts | None = None
    label: bytes = b""
    addressee: Addressee | None = None

    def __repr__(self) -> str:
        return "Particulars(…)"

    def encode(self) -> bytes:
        """Write the particulars as canonical JSON. Raises `Malformed` when they are too large."""
        members: dict[str, Json] = {
            "form": PARTICULARS_FORM,
            "register_number": self.register_number,
            "copy_number": self.copy_number,
            "kind": self.kind,
            "level": {"scheme": self.level.scheme, "name": self.level.name},
            "marking": self.marking,
            "label_digest": encode_base64url(self.label_digest),
            "title": self.title,
            "purpose": self.purpose,
            "approvals": list(self.approvals),
        }
        for name, text in (
            ("reference", self.reference), ("file_name", self.file_name), ("media_type", self.media_type)
        ):
            if text:
                members[name] = text
        members |= self._described()
        if self.sheets is not None:
            members["sheets"] = self.sheets
        if self.addressee is not None:
            members["addressee"] = {"office": self.addressee.office, "alone": self.addressee.alone}
        if self.content is not None:
            members["content"] = self.content.encode()
        if self.label:
            members["label"] = encode_base64url(self.label)
        content = encode_canonical(members)
        # Read back, so that what we write is exactly what a recipient accepts.
        Particulars.parse(content)
        return content

    def _described(self) -> dict[str, Json]:
        said = self.description
        members: dict[str, Json] = {
            "document": said.document, "signatory": said.signatory, "parts": said.parts,
            "dated": said.dated.isoformat() if said.dated else None, "channel": said.channel,
        }
        return {name: value for name, value in members.items() if value}

    @classmethod
    def parse(cls, content: bytes) -> Particulars:
        """Read what `encode` wrote. Raises `Malformed` for anything else."""
        fields = Fields(parse_canonical(content, size_max=PARTICULARS_SIZE_BYTES_MAX), where="particulars")
        fields.constant("form", PARTICULARS_FORM)
        level = fields.object("level")
        particulars = cls(
            register_number=fields.text("register_number", max_length=IDENTIFIER_LENGTH_MAX),
            copy_number=fields.integer("copy_number", 1, COPIES_COUNT_MAX),
            kind=fields.text("kind", max_length=IDENTIFIER_LENGTH_MAX),
            level=LevelRef(
                level.text("scheme", max_length=IDENTIFIER_LENGTH_MAX),
                level.text("name", max_length=IDENTIFIER_LENGTH_MAX),
            ),
            marking=fields.text("marking"),
            label_digest=fields.bytes_("label_digest", length=SHA384_SIZE_BYTES),
            title=fields.text("title", max_length=SHORT_TEXT_LENGTH_MAX),
            purpose=fields.text("purpose", max_length=SHORT_TEXT_LENGTH_MAX),
            approvals=fields.texts(
                "approvals", max_count=APPROVALS_COUNT_MAX, max_length=APPROVAL_LENGTH_MAX
            ),
            reference=fields.optional_text("reference") or "",
            description=_parse_description(fields),
            sheets=fields.optional_integer("sheets", 1, SHEETS_COUNT_MAX),
            file_name=fields.optional_text("file_name") or "",
            media_type=fields.optional_text("media_type") or "",
            content=_parse_content(fields.optional_object("content")),
            label=fields.optional_bytes("label") or b"",
            addressee=_parse_addressee(fields.optional_object("addressee")),
        )
        fields.end()
        _require_lines(particulars)
        if len(particulars.label) > LABEL_SIZE_BYTES_MAX:
            raise Malformed("particulars.label", "the label of the item is too large", hint="label it more briefly")
        return particulars


def seal_particulars(particulars: Particulars, *, content_key: bytes, mode: Mode) -> bytes:
    """Encrypt `particulars` under a key derived from `content_key`. Raises `Malformed` when too large."""
    content = particulars.encode()
    filled = len(content).to_bytes(_LENGTH_SIZE_BYTES, "big") + content
    filled += bytes(-len(filled) % _FILL_SIZE_BYTES)
    return encrypt(derive(content_key, part_domain(Part.PARTICULARS, mode)), filled)


def unseal_particulars(encrypted: bytes, *, content_key: bytes, mode: Mode) -> Particulars:
    """Undo `seal_particulars`. Raises `Unverified` for another key, `Malformed` for another form."""
    filled = decrypt(derive(content_key, part_domain(Part.PARTICULARS, mode)), encrypted)
    size = int.from_bytes(filled[:_LENGTH_SIZE_BYTES], "big")
    content, filling = filled[_LENGTH_SIZE_BYTES:][:size], filled[_LENGTH_SIZE_BYTES + size:]
    if not size or len(content) != size or len(filling) >= _FILL_SIZE_BYTES or any(filling):
        raise Malformed("particulars.form", "the particulars of the item are not of the form", hint=_RESEND)
    return Particulars.parse(content)


def _require_lines(particulars: Particulars) -> None:
    """Refuse texts that could look like something else where people read them. Raises `Malformed`."""
    shown = (
        particulars.register_number, particulars.kind, particulars.level.scheme, particulars.level.name,
        particulars.marking, particulars.title, particulars.purpose, particulars.reference, particulars.file_name,
        particulars.media_type, particulars.addressee.office if particulars.addressee else "",
        particulars.description.document, particulars.description.signatory,
    )
    if not all(is_line(text.strip(" ")) for text in shown):
        raise Malformed("particulars.line", "a text of the item is not one plain line", hint=_RESEND)


def _parse_description(fields: Fields) -> Description:
    channel = fields.optional_text("channel", max_length=IDENTIFIER_LENGTH_MAX)
    return Description(
        document=fields.optional_text("document") or "",
        signatory=fields.optional_text("signatory") or "",
        parts=fields.optional_integer("parts", 1, PARTS_COUNT_MAX),
        dated=_parse_day(fields.optional_text("dated", max_length=10)),
        channel="" if channel is None else parse_identifier(channel, "channel"),
    )


def _parse_day(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = None
    if day is None or day.isoformat() != text:
        raise Malformed("particulars.date", "the date of the item is not of the form", hint=_RESEND)
    return day


def _parse_addressee(fields: Fields | None) -> Addressee | None:
    if fields is None:
        return None
    return Addressee(fields.text("office"), fields.boolean("alone"))


def _parse_content(fields: Fields | None) -> ContentFacts | None:
    if fields is None:
        return None
    return ContentFacts(
        size_bytes=fields.integer("size_bytes", 0, CONTENT_SIZE_BYTES_MAX),
        salt=fields.bytes_("salt", length=SALT_SIZE_BYTES),
        commitment=fields.bytes_("commitment", length=SHA384_SIZE_BYTES),
    )

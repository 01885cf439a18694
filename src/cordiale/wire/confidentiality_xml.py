"""The XML of ADatP-4774, read strictly: the parts that every kind of label is made of.

No document type, no entities, no comments, no processing instructions and no
text between elements: each is a way to show one thing to a person and another
to a machine. Elements are read in the order of the schema, and what nobody read
is refused. The schema's checks are made here; the prose of the standard, which
the schema does not know, is checked by the readers of each kind.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final, NoReturn

from lxml import etree

from cordiale.canonical import encode_instant
from cordiale.errors import Malformed
from cordiale.limits import LABEL_SIZE_BYTES_MAX
from cordiale.model.spelling import is_line

NAMESPACE: Final = "urn:nato:stanag:4774:confidentialitymetadatalabel:1:0"
PREFIX: Final = "s4774"

_TEXT_LENGTH_MAX: Final = 8_192
_CATEGORIES_COUNT_MAX: Final = 128
_VALUES_COUNT_MAX: Final = 512
_OID_URN: Final = re.compile(r"urn:oid:[0-2](?:\.(?:0|[1-9][0-9]*))+\Z", re.ASCII)
_DECLARED_ENCODING: Final = re.compile(r"""<\?xml[^>]*\sencoding\s*=\s*["']([^"']*)["']""")
_INSTANT: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.0+)?(?:Z|[+-][0-9]{2}:[0-9]{2})\Z", re.ASCII
)


class CategoryType(StrEnum):
    """What a category does to access; the standard spells the types in capitals."""

    RESTRICTIVE = "RESTRICTIVE"
    PERMISSIVE = "PERMISSIVE"
    INFORMATIVE = "INFORMATIVE"


@dataclass(frozen=True, slots=True)
class Category:
    """One category: its type, the name of its tag, and its values in order."""

    type: CategoryType
    tag: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ConfidentialityInformation:
    """The policy, the classification and the categories of one label, as written."""

    policy: str
    policy_uri: str | None
    classification: str
    categories: tuple[Category, ...]


def refuse_xml(code: str, text: str, /, **fields: str) -> NoReturn:
    """Raise `Malformed` for a label that is not of the form."""
    raise Malformed(code, text, hint="ask the sender to write the label again", **fields)


class Reader:
    """Reads the children and attributes of one element in order; `end` refuses what nobody read."""

    __slots__ = ("_attributes", "_children", "_element", "_next")

    def __init__(self, element: etree._Element) -> None:
        self._element = element
        self._attributes = {str(name): str(value) for name, value in element.attrib.items()}
        self._children = list(element)
        self._next = 0

    @property
    def name(self) -> str:
        """The element's name, for the messages of errors."""
        return _local_name(self._element)

    def attribute(self, name: str) -> str:
        """Read the attribute `name`; raises `Malformed` when it is missing or no plain line."""
        value = self.optional_attribute(name)
        if value is None:
            refuse_xml("label-xml.attribute-missing", "`{name}` is missing on `{on}`", name=name, on=self.name)
        return value

    def optional_attribute(self, name: str) -> str | None:
        """Read the attribute `name`, or None when it is absent."""
        value = self._attributes.pop(name, None)
        if value is None:
            return None
        return _require_text(value, name)

    def child(self, name: str) -> Reader:
        """Read the next child, which must be `name`."""
        reader = self.optional_child(name)
        if reader is None:
            refuse_xml(
                "label-xml.element-missing", "`{name}` is missing in `{within}`, or not in its place",
                name=name, within=self.name,
            )
        return reader

    def optional_child(self, name: str) -> Reader | None:
        """Read the next child if it is `name`."""
        if self._next == len(self._children) or self._children[self._next].tag != _qualified(name):
            return None
        self._next += 1
        return Reader(self._children[self._next - 1])

    def children(self, name: str, *, max_count: int) -> tuple[Reader, ...]:
        """Read all following children that are `name`."""
        readers: list[Reader] = []
        while (reader := self.optional_child(name)) is not None:
            if len(readers) == max_count:
                refuse_xml("label-xml.count", "`{name}` occurs too often in `{within}`", name=name, within=self.name)
            readers.append(reader)
        return tuple(readers)

    def text(self) -> str:
        """Return the text of an element that holds text only, and end it."""
        self._require_end()
        return _require_text(self._element.text or "", self.name)

    def end(self) -> None:
        """Refuse attributes and children nobody read, and text beside the children."""
        self._require_end()
        for text in (self._element.text, *(child.tail for child in self._children)):
            if text is not None and text.strip(" \t\r\n"):
                refuse_xml("label-xml.text", "`{name}` has text beside its elements", name=self.name)

    def _require_end(self) -> None:
        if self._attributes:
            unknown = etree.QName(min(self._attributes)).localname
            refuse_xml(
                "label-xml.attribute-unknown", "`{on}` has an attribute `{name}` that is not known there",
                on=self.name, name=unknown[:40],
            )
        if self._next < len(self._children):
            refuse_xml(
                "label-xml.element-unknown", "`{name}` is not known in `{within}`, or not in its place",
                name=_local_name(self._children[self._next])[:40], within=self.name,
            )


def parse_root(data: bytes, name: str) -> Reader:
    """Read `data`, at most `LABEL_SIZE_BYTES_MAX` bytes of UTF-8, as an XML document with the root `name`.

    Raises `Malformed` for anything the module docstring forbids and for any other root.
    """
    if len(data) > LABEL_SIZE_BYTES_MAX:
        refuse_xml("label-xml.size", "the label is larger than {size_max} bytes", size_max=str(LABEL_SIZE_BYTES_MAX))
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Malformed("label-xml.encoding", "the label is not UTF-8", hint="ask the sender for it again") from error
    declared = _DECLARED_ENCODING.match(text)
    if declared is not None and declared[1].lower() != "utf-8":
        refuse_xml("label-xml.encoding", "the label declares another encoding than UTF-8")
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        refuse_xml("label-xml.doctype", "the label declares a document type")
    # The encoding is forced: nothing may make the parser read other characters than were checked.
    parser = etree.XMLParser(
        encoding="utf-8", resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False,
        remove_comments=False, remove_pis=False,
    )
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise Malformed("label-xml.form", "the label is not XML", hint="ask the sender for it again") from error
    tree = root.getroottree()
    outside = (*root.itersiblings(preceding=True), *root.itersiblings())
    if tree.docinfo.internalDTD is not None or outside or any(not isinstance(e.tag, str) for e in root.iter()):
        refuse_xml("label-xml.markup", "the label contains a comment, an instruction or an entity")
    if root.tag != _qualified(name):
        refuse_xml("label-xml.root", "the document is not a `{name}` of ADatP-4774", name=name)
    return Reader(root)


def read_information(root: Reader) -> ConfidentialityInformation:
    """Read `ConfidentialityInformation`; raises `Malformed` for what schema or prose forbid in it."""
    information = root.child("ConfidentialityInformation")
    policy = information.child("PolicyIdentifier")
    uri = policy.optional_attribute("URI")
    policy_text = policy.text()
    classification = information.child("Classification")
    if classification.optional_attribute("URI") is not None:
        refuse_xml("label-xml.classification-uri", "`Classification` has an attribute `URI`, which the prose forbids")
    classification_text = classification.text()
    if information.optional_child("PrivacyMark") is not None:
        refuse_xml("label-xml.privacy-mark", "the label has a privacy mark, which cannot be carried here")
    categories = tuple(_read_category(c) for c in information.children("Category", max_count=_CATEGORIES_COUNT_MAX))
    information.end()
    if len({category.tag.casefold() for category in categories}) != len(categories):
        refuse_xml("label-xml.category-twice", "two categories of the label have the same name")
    return ConfidentialityInformation(policy_text, uri, classification_text, categories)


def _read_category(reader: Reader) -> Category:
    spelt = reader.attribute("Type")
    if spelt not in CategoryType.__members__:
        refuse_xml("label-xml.category-type", "`Type` of a category is not a type in capitals")
    tag = reader.attribute("TagName")
    uri = reader.optional_attribute("URI")
    if uri is not None and not _OID_URN.match(uri):
        refuse_xml("label-xml.category-uri", "the `URI` of a category is not an object identifier")
    values = tuple(value.text() for value in reader.children("GenericValue", max_count=_VALUES_COUNT_MAX))
    for forbidden in ("IntegerValue", "BitStringValue"):
        if reader.optional_child(forbidden) is not None:
            refuse_xml("label-xml.binary-value", "a category has a `{name}`, which the prose forbids", name=forbidden)
    reader.end()
    if not values or len(set(values)) != len(values):
        refuse_xml("label-xml.category-values", "a category has no value, or one value twice")
    return Category(CategoryType(spelt), tag, values)


def read_instant(text: str) -> datetime:
    """Read a date and time with its zone, in whole seconds, as UTC. Raises `Malformed` for any other form."""
    try:
        at = datetime.fromisoformat(text).astimezone(UTC) if _INSTANT.match(text) else None
    except (ValueError, OverflowError):
        at = None
    if at is None:
        refuse_xml("label-xml.instant", "a time of the label is not a date and time with a zone in whole seconds")
    return at.replace(microsecond=0)


def new_element(name: str) -> etree._Element:
    """Return a root element `name` of ADatP-4774."""
    return etree.Element(_qualified(name), nsmap={PREFIX: NAMESPACE})


def add_element(parent: etree._Element, name: str, text: str | None = None, /, **attributes: str) -> etree._Element:
    """Add an element `name` with `text` to `parent` and return it."""
    element = etree.SubElement(parent, _qualified(name), dict(attributes))
    element.text = text
    return element


def add_information(parent: etree._Element, information: ConfidentialityInformation) -> None:
    """Add `ConfidentialityInformation` to `parent`."""
    element = add_element(parent, "ConfidentialityInformation")
    uri = {} if information.policy_uri is None else {"URI": information.policy_uri}
    add_element(element, "PolicyIdentifier", information.policy, **uri)
    add_element(element, "Classification", information.classification)
    for category in information.categories:
        child = add_element(element, "Category", Type=category.type.value, TagName=category.tag)
        for value in category.values:
            add_element(child, "GenericValue", value)


def add_origin(parent: etree._Element, originator: str, created_at: datetime) -> None:
    """Add `OriginatorID`, a directory name, and `CreationDateTime` to `parent`."""
    add_element(parent, "OriginatorID", originator, IDType="directoryName")
    add_element(parent, "CreationDateTime", encode_instant(created_at))


def encode_root(root: etree._Element) -> bytes:
    """Write the document in UTF-8, indented. Raises `Malformed` when it is larger than a label may be."""
    data: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    if len(data) > LABEL_SIZE_BYTES_MAX:
        raise Malformed(
            "label-xml.size", "the label is larger than {size_max} bytes", hint="mark larger parts of the document",
            size_max=LABEL_SIZE_BYTES_MAX,
        )
    return data


def category_of(categories: Iterable[Category], type_: CategoryType, tag: str) -> Category | None:
    """Return the category `tag`, case aside, or None. Raises `Malformed` when it stands there with another type."""
    for category in categories:
        if category.tag.casefold() == tag.casefold():
            if category.type is not type_:
                refuse_xml("label-xml.category-type", "the category `{tag}` is not {type}", tag=tag, type=type_.value)
            return category
    return None


def informative_value(categories: Iterable[Category], tag: str) -> str:
    """Return the one value of the informative category `tag`, empty when it is absent. Raises `Malformed`."""
    category = category_of(categories, CategoryType.INFORMATIVE, tag)
    if category is None:
        return ""
    if len(category.values) > 1:
        refuse_xml("label-xml.category-values", "the category `{tag}` has more than one value", tag=tag)
    return category.values[0]


def _qualified(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"


def _local_name(element: etree._Element) -> str:
    return etree.QName(element).localname


def _require_text(text: str, name: str) -> str:
    if not 1 <= len(text) <= _TEXT_LENGTH_MAX or not is_line(text):
        refuse_xml(
            "label-xml.value", "`{name}` is not one plain line of 1 to {length_max} characters",
            name=name, length_max=str(_TEXT_LENGTH_MAX),
        )
    return text

"""Whatever is changed in the structure of a label's XML, it is refused; whatever its bytes, only our errors come."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from tests.wire.label_samples import SCHEMES, labels, unhurried

from cordiale.errors import CordialeError, Malformed
from cordiale.model.label import Label
from cordiale.wire.confidentiality_xml import NAMESPACE
from cordiale.wire.label_xml import encode_label_xml, parse_label_xml


def _rename(element: etree._Element) -> None:
    element.tag = f"{element.tag}x"


def _move_to_no_namespace(element: etree._Element) -> None:
    element.tag = etree.QName(element).localname


def _add_attribute(element: etree._Element) -> None:
    element.set("colour", "red")


def _add_child(element: etree._Element) -> None:
    etree.SubElement(element, f"{{{NAMESPACE}}}Colour")


def _add_comment(element: etree._Element) -> None:
    element.append(etree.Comment("x"))


def _add_text(element: etree._Element) -> None:
    element.text = f"{element.text or ''}\u200b"


def _repeat(element: etree._Element) -> None:
    element.addnext(etree.fromstring(etree.tostring(element)))


_MUTATIONS: tuple[Callable[[etree._Element], None], ...] = (
    _rename, _move_to_no_namespace, _add_attribute, _add_child, _add_comment, _add_text, _repeat,
)


@unhurried
@given(labels(), st.sampled_from(_MUTATIONS), st.integers(min_value=0))
def test_every_structural_mutation_is_refused(
    label: Label, mutate: Callable[[etree._Element], None], place: int
) -> None:
    root = etree.fromstring(encode_label_xml(label, SCHEMES))
    elements = list(root.iter())
    # A repeated root is no document; all other elements can be repeated.
    first = 1 if mutate is _repeat else 0
    mutate(elements[first + place % (len(elements) - first)])
    with pytest.raises(CordialeError):
        parse_label_xml(etree.tostring(root), SCHEMES)


@unhurried
@given(labels(), st.integers(min_value=0), st.binary(min_size=0, max_size=3))
def test_damaged_bytes_never_raise_anything_but_our_errors(label: Label, place: int, patch: bytes) -> None:
    data = encode_label_xml(label, SCHEMES)
    place %= len(data)
    try:
        parse_label_xml(data[:place] + patch + data[place + len(patch) + 1:], SCHEMES)
    except CordialeError as error:
        assert str(error)


@unhurried
@given(labels(), st.integers(min_value=1))
def test_a_truncated_label_is_refused(label: Label, count: int) -> None:
    data = encode_label_xml(label, SCHEMES).rstrip()
    with pytest.raises(Malformed):
        parse_label_xml(data[: len(data) - 1 - count % (len(data) - 1)], SCHEMES)

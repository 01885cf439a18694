"""A thing that travels otherwise has a record like any other, without a payload."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.envelope.refusal import refused
from tests.envelope.samples import TITLE, expected, kalyna, particulars, request, sakura, seal

from cordiale.crypto.aead import generate_key
from cordiale.envelope.plainjson import encode_plain_json
from cordiale.envelope.seal import SealedSheet, make_record_only
from cordiale.envelope.sheet import encode_sheet
from cordiale.envelope.unseal import read_particulars, verify_envelope, verify_sheet
from cordiale.errors import CordialeError


def made() -> SealedSheet:
    wanted = replace(
        request(sakura(), kalyna()),
        particulars=particulars(kind="paper", sheets=12, file_name="", media_type=""),
    )
    return make_record_only(wanted)


SHEET = made()


def test_the_recipient_reads_what_the_provider_wrote() -> None:
    verified = verify_sheet(SHEET.sheet, expected(sakura(), kalyna()))
    assert verified.record == SHEET.record and verified.record.payload is None
    found = read_particulars(verified, kalyna().unwrap(verified.enclosure.key_access))
    assert found == particulars(kind="paper", sheets=12, file_name="", media_type="")
    assert verified.statements.labels == request(sakura(), kalyna()).labels


def test_nothing_in_clear_says_what_the_thing_is() -> None:
    assert TITLE.encode() not in SHEET.sheet


def test_another_key_reads_nothing() -> None:
    verified = verify_sheet(SHEET.sheet, expected(sakura(), kalyna()))
    with refused("record.content-key"):
        read_particulars(verified, generate_key())


@pytest.mark.parametrize(("change", "code"), [
    (lambda sheet: sheet.update(more=1), "field.unknown"),
    (lambda sheet: sheet.update(form="cordiale-record-sheet-2"), "field.constant"),
    (lambda sheet: sheet.pop("record"), "field.missing"),
    (lambda sheet: sheet.update(keyAccess=[]), "sheet.form"),
    (lambda sheet: sheet.update(policy="ї"), "sheet.form"),
    (lambda sheet: sheet.update(record="ї"), "sheet.form"),
    (lambda sheet: sheet["statements"].pop(0), "record.enclosure"),
    (lambda sheet: sheet["statements"][0].update(scope="payload"), "record.enclosure"),
    (lambda sheet: sheet["keyAccess"][0].update(kid="other"), "record.enclosure"),
    (lambda sheet: sheet["keyAccess"][0].pop("sid"), "sheet.form"),
    (lambda sheet: sheet["statements"][0].update(binding={}), "field.unknown"),
])
def test_a_changed_sheet_is_refused(change: Callable[[Any], Any], code: str) -> None:
    sheet = json.loads(SHEET.sheet)
    change(sheet)
    with refused(code):
        verify_sheet(encode_plain_json(sheet), expected(sakura(), kalyna()))


def test_another_spelling_of_a_sheet_is_refused() -> None:
    with refused("sheet.form"):
        verify_sheet(json.dumps(json.loads(SHEET.sheet)).encode(), expected(sakura(), kalyna()))


def test_the_record_of_a_file_does_not_pass_without_the_file() -> None:
    sealed, envelope = seal(b"x")
    verified = verify_envelope(BytesIO(sealed), expected(sakura(), kalyna()))
    sheet = encode_sheet(verified.sealed.enclosure, envelope.signed_record)
    with refused("envelope.payload-missing"):
        verify_sheet(sheet, expected(sakura(), kalyna()))


def test_a_sheet_for_somebody_else_is_refused() -> None:
    with refused("record.routing"):
        verify_sheet(SHEET.sheet, replace(expected(sakura(), kalyna()), recipient=sakura().endpoint))


@given(data=st.data())
def test_no_byte_can_be_changed_unnoticed(data: st.DataObject) -> None:
    sheet = SHEET.sheet
    url = b"https://kalyna-registry.example/kas"
    free = range(sheet.index(url), sheet.index(url) + len(url))
    at = data.draw(st.sampled_from([each for each in range(len(sheet)) if each not in free]))
    changed = bytearray(sheet)
    changed[at] ^= data.draw(st.integers(1, 255))
    with pytest.raises(CordialeError):
        verify_sheet(bytes(changed), expected(sakura(), kalyna()))

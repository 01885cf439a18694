"""The JSON form of labels and markings: one spelling per value, everything else refused."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from tests.wire.label_samples import FULL, MARKING, labels, plain, unhurried

from cordiale.canonical import Json, encode_canonical, parse_canonical
from cordiale.errors import Malformed
from cordiale.limits import LABEL_SIZE_BYTES_MAX
from cordiale.model.label import Label, Marking
from cordiale.model.names import AgreementId
from cordiale.wire.label_json import label_from_json, label_to_json, marking_from_json, marking_to_json


@unhurried
@given(labels())
def test_a_label_reads_back_as_written(label: Label) -> None:
    data = encode_canonical(label_to_json(label))
    assert label_from_json(parse_canonical(data, size_max=LABEL_SIZE_BYTES_MAX)) == label


@unhurried
@given(labels())
def test_equal_labels_are_the_same_bytes(label: Label) -> None:
    shuffled = replace(
        label, caveats=frozenset(sorted(label.caveats, reverse=True)), release_to=frozenset(sorted(label.release_to))
    )
    assert encode_canonical(label_to_json(shuffled)) == encode_canonical(label_to_json(label))


def test_what_a_label_does_not_say_is_left_out() -> None:
    assert set(label_to_json(plain())) == {"form", "originator", "scheme", "level", "release_to", "created_at"}


def test_a_marking_reads_back_as_written() -> None:
    for marking in (MARKING, replace(MARKING, note="")):
        assert marking_from_json(marking_to_json(marking)) == marking


def test_no_marking_is_read_as_a_label_nor_the_reverse() -> None:
    with pytest.raises(Malformed):
        label_from_json(marking_to_json(MARKING))
    with pytest.raises(Malformed):
        marking_from_json(label_to_json(FULL))


@pytest.mark.parametrize("member", sorted(label_to_json(plain())))
def test_no_member_of_a_plain_label_may_be_missing(member: str) -> None:
    value = label_to_json(plain())
    del value[member]
    with pytest.raises(Malformed) as raised:
        label_from_json(value)
    assert raised.value.code == "field.missing"


_CHANGES: dict[str, tuple[dict[str, Json], str]] = {
    "unknown member": ({"colour": "red"}, "field.unknown"),
    "other form": ({"form": "cordiale-label-2"}, "field"),
    "level of another type": ({"level": 3}, "field"),
    "originator not released to": ({"release_to": ["UKR"]}, "label.release-without-originator"),
    "empty release set": ({"release_to": []}, "label.release-without-originator"),
    "unsorted release set": ({"release_to": ["UKR", "JPN"]}, "label.order"),
    "party twice": ({"release_to": ["JPN", "JPN"]}, "label.order"),
    "party in small letters": ({"release_to": ["JPN", "ukr"]}, "name.party"),
    "null for absent": ({"office": None}, "field"),
    "empty office": ({"office": ""}, "field"),
    "office of two lines": ({"office": "Exercise\u2028Office"}, "label.text"),
    "office that runs backwards": ({"office": "Exercise \u202eeciffO"}, "label.text"),
    "office with a trailing space": ({"office": "Office "}, "label.text"),
    "empty caveats": ({"caveats": []}, "label.empty-list"),
    "caveat of mixed scripts": ({"caveats": [{"tag": "Handling", "value": "АLPHА"}]}, "label.mixed-scripts"),
    "caveats unsorted": (
        {"caveats": [{"tag": "B", "value": "1"}, {"tag": "A", "value": "1"}]}, "label.order",
    ),
    "empty portions": ({"portions": []}, "label.empty-list"),
    "portion twice": ({"portions": [{"reference": "1"}, {"reference": "1"}]}, "label.portion-twice"),
    "portion not released to the originator": (
        {"portions": [{"reference": "1", "release_to": ["UKR"]}]}, "label.release-without-originator",
    ),
    "portion with an unknown member": ({"portions": [{"reference": "1", "note": "x"}]}, "field.unknown"),
    "trigger with date and event": ({"trigger": {"kind": "date", "on": "2031-04-01", "event": "x"}}, "field.unknown"),
    "event without event": ({"trigger": {"kind": "event"}}, "field.missing"),
    "day in another form": ({"trigger": {"kind": "review", "on": "20310401"}}, "label.day"),
    "day that does not exist": ({"trigger": {"kind": "review", "on": "2031-02-30"}}, "label.day"),
    "year for no date": ({"trigger": {"kind": "review", "on": "9999-01-01"}}, "label.trigger-date"),
    "time with an offset": ({"created_at": "2026-11-16T18:00:00+09:00"}, "field"),
    "scheme with a colon": ({"scheme": "EX:JPN"}, "label.scheme-id"),
}


@pytest.mark.parametrize("name", sorted(_CHANGES))
def test_every_other_spelling_is_refused(name: str) -> None:
    change, code = _CHANGES[name]
    with pytest.raises(Malformed) as raised:
        label_from_json(label_to_json(plain()) | change)
    assert raised.value.code == code or raised.value.code.startswith(f"{code}.")


def test_a_time_that_cannot_be_written_is_refused_when_written() -> None:
    label = plain()
    with pytest.raises(Malformed) as raised:
        label_to_json(replace(label, created_at=label.created_at.replace(microsecond=1)))
    assert raised.value.code == "instant.not-utc-seconds"


def test_an_agreement_id_of_another_form_is_not_written() -> None:
    marking: Marking = replace(MARKING, agreement=AgreementId("EX JPN"))
    with pytest.raises(Malformed):
        marking_to_json(marking)


def test_handling_named_in_another_scheme_is_refused() -> None:
    with pytest.raises(Malformed) as raised:
        replace(FULL, handle_as=MARKING.level)
    assert raised.value.code == "label.handle-as-scheme"

"""Devices and media: held against the level by rank in one scheme, by a second way of deciding too."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from cordiale.model.label import LevelRef, Scheme
from cordiale.model.names import PartyId
from cordiale.rules.devices import Device, highest, list_device_reasons
from cordiale.rules.national import NationalRules

SCHEMES = tuple(
    Scheme(id, PartyId(party), "exercise", ("LOW", "MIDDLE", "HIGH"), "exercise")
    for id, party in (("A", "JPN"), ("B", "UKR"))
)
RULES = NationalRules(PartyId("JPN"), None, SCHEMES)
levels = st.builds(LevelRef, st.sampled_from(["A", "B", "C"]), st.sampled_from(["LOW", "MIDDLE", "HIGH", "OTHER"]))


@given(device=levels, item=st.none() | levels, in_use=st.booleans())
def test_a_device_takes_what_is_not_above_it_in_its_own_scheme(
    device: LevelRef, item: LevelRef | None, in_use: bool
) -> None:
    codes = {one.code for one in list_device_reasons(Device("d", device, in_use), item, RULES)}
    expected = set() if in_use else {"device.withdrawn"}
    order = ["LOW", "MIDDLE", "HIGH"]
    if item is None or device.scheme != item.scheme or device.scheme == "C" or not {device.name, item.name} <= {*order}:
        expected |= {"device.unranked"}
    elif order.index(device.name) < order.index(item.name):
        expected |= {"device.below"}
    assert codes == expected


@given(st.lists(levels, max_size=8), st.lists(levels, max_size=8))
def test_what_a_medium_held_is_never_lowered(before: list[LevelRef], more: list[LevelRef]) -> None:
    after = highest((*highest(before, SCHEMES), *more), SCHEMES)
    expected = set()
    for one in (*before, *more):
        rivals = ["LOW", "MIDDLE", "HIGH"][["LOW", "MIDDLE", "HIGH", "OTHER"].index(one.name) + 1:]
        is_ranked = one.scheme != "C" and one.name != "OTHER"
        if not is_ranked or not any(LevelRef(one.scheme, name) in (*before, *more) for name in rivals):
            expected.add(one)
    assert set(after) == expected and len(after) == len(expected)


def test_without_a_device_nothing_is_made() -> None:
    assert {one.code for one in list_device_reasons(None, LevelRef("A", "LOW"), RULES)} == {"device.missing"}

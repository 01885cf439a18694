from __future__ import annotations

from pathlib import Path

import pytest
from tests.agreement import vector_objects

from cordiale.wire.agreement_json import (
    parse_agreement_text,
    parse_link_approval,
    parse_national_profile,
    parse_readiness,
)
from cordiale.wire.profile_json import parse_profile

VECTORS = Path(__file__).parents[2] / "docs" / "spec" / "vectors"
PARSERS = {
    "agreement-text.json": (parse_agreement_text, vector_objects.TEXT),
    "agreement-profile.json": (parse_profile, vector_objects.PROFILE),
    "agreement-national-profile.json": (parse_national_profile, vector_objects.NATIONAL),
    "agreement-link-approval.json": (parse_link_approval, vector_objects.APPROVAL),
    "agreement-readiness.json": (parse_readiness, vector_objects.READINESS),
}


@pytest.mark.parametrize("name", PARSERS)
def test_the_vectors_are_what_the_code_writes_and_reads(name):
    data = (VECTORS / name).read_bytes()
    assert data == vector_objects.vectors()[name]
    parse, value = PARSERS[name]
    assert parse(data) == value

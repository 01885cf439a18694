"""The table of domains: nothing made for one purpose or mode passes for another."""

from __future__ import annotations

from itertools import permutations

from cordiale.crypto.domains import Purpose, domain, object_type
from cordiale.model.mode import Mode

DOMAINS = [domain(purpose, mode) for purpose in Purpose for mode in Mode]
TYPES = [object_type(purpose, mode) for purpose in Purpose for mode in Mode]


def test_no_two_domains_are_the_same_and_none_begins_another() -> None:
    assert len(set(DOMAINS)) == len(DOMAINS) == 2 * len(Purpose)
    assert not any(other.startswith(one) for one, other in permutations(DOMAINS, 2))


def test_no_two_object_types_are_the_same_and_none_begins_another() -> None:
    assert len(set(TYPES)) == len(TYPES) == 2 * len(Purpose)
    assert not any(other.startswith(one) for one, other in permutations(TYPES, 2))


def test_no_domain_contains_the_byte_that_ends_it() -> None:
    assert not any(b"\0" in one for one in DOMAINS)


def test_the_mode_is_in_every_domain_and_type() -> None:
    assert domain(Purpose.VAULT, Mode.REAL) == b"cordiale-real.vault/1"
    assert object_type(Purpose.MESSAGE, Mode.EXERCISE) == "cordiale-exercise.message+jws"


def test_purposes_once_written_stay_as_they_are() -> None:
    # Old signatures carry these words: add to the list, never change it.
    assert [purpose.value for purpose in Purpose] == [
        "party-root", "node-statement", "agreement-text", "agreement-profile", "message", "act", "approval",
        "consignment-record", "request", "root-fingerprint", "content-commitment", "record-commitment",
        "deposit-digest", "key-fingerprint", "people-proposal", "inventory", "reproduction",
        "label-proposal", "record-list",
        "batch-chain", "batch-commitment", "passkey-act", "passkey-user", "provider-act", "invitation-code",
        "credential-fingerprint", "anchor", "deposit-salt", "key-wrap", "vault", "passphrase", "bag", "bag-file",
    ]

"""Roots, node statements and fingerprints: who must sign, what is refused, in which family."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.message.samples import KYIV, NOW, pair, root_keys, root_of, statement_of, tree_keys
from tests.message.wrapping import WRAPPING_PUBLIC

from cordiale.canonical import Json, encode_canonical, parse_canonical
from cordiale.crypto.domains import Purpose, object_type
from cordiale.crypto.jws import sign_object
from cordiale.errors import Malformed, Undecidable, Unverified
from cordiale.message.members import NamedPost
from cordiale.message.trust import (
    add_root_signature,
    add_signature,
    authority_key_of,
    count_unverified_signatures,
    encode_root,
    encode_statement,
    fingerprint,
    follow_rotations,
    log_keys_of,
    public_pair,
    read_unverified_root,
    read_unverified_statement,
    registry_keys_of,
    require_fingerprint,
    sign_root,
    sign_statement,
    verify_root,
    verify_rotation,
    verify_statement,
    wrapping_key_of,
)
from cordiale.model.mode import Mode
from cordiale.model.party import LogKeys, NodeStatement, PartyRoot


def signed_statement(
    statement: NodeStatement | None = None, root: PartyRoot | None = None, *, signers: int = 2
) -> bytes:
    statement, root = statement or statement_of(), root or root_of()
    keys = root_keys(root.party, len(root.keys))
    data = sign_statement(statement, root, keys[0])
    for key in keys[1:signers]:
        data = add_signature(data, root, key)
    return data


def rotated(root: PartyRoot, *, names: list[str], threshold: int = 2) -> PartyRoot:
    keys = tuple(public_pair(pair(name).public) for name in names)
    return replace(root, version=root.version + 1, keys=keys, threshold=threshold, created_at=NOW)


OLD_NAMES = [f"UKR root {number}" for number in range(3)]
NEW_NAMES = ["UKR root 2", "UKR new 0", "UKR new 1"]


class TestRoot:
    def test_a_root_comes_back_as_it_was_signed(self) -> None:
        root = root_of()
        assert verify_root(sign_root(root, root_keys("UKR", 3)), mode=Mode.EXERCISE) == root

    def test_a_first_root_needs_every_key_it_names(self) -> None:
        data = sign_root(root_of(), root_keys("UKR", 2))
        with pytest.raises(Unverified, match="missing"):
            verify_root(data, mode=Mode.EXERCISE)
        assert verify_root(add_root_signature(data, pair("UKR root 2")), mode=Mode.EXERCISE) == root_of()

    def test_only_its_own_keys_sign_a_first_root(self) -> None:
        with pytest.raises(Unverified) as told:
            sign_root(root_of(), [pair("stranger")])
        assert told.value.code == "trust.signer"
        with pytest.raises(Unverified):
            add_root_signature(sign_root(root_of(), root_keys("UKR", 1)), pair("stranger"))

    @pytest.mark.parametrize("mode", Mode)
    def test_exercise_and_real_roots_never_verify_each_other(self, mode: Mode) -> None:
        other = Mode.REAL if mode is Mode.EXERCISE else Mode.EXERCISE
        data = sign_root(root_of(mode=mode), root_keys("UKR", 3))
        with pytest.raises(Unverified) as told:
            verify_root(data, mode=other)
        assert told.value.code == "trust.root-mode"

    def test_a_root_signed_as_the_other_mode_is_refused_whatever_it_says(self) -> None:
        data = sign_object(
            encode_root(root_of(mode=Mode.REAL)), object_type(Purpose.PARTY_ROOT, Mode.EXERCISE), root_keys("UKR", 3)
        )
        for mode in Mode:
            with pytest.raises(Unverified):
                verify_root(data, mode=mode)

    @pytest.mark.parametrize("change", [
        {"threshold": 0}, {"threshold": 4}, {"version": 0}, {"title": ""}, {"keys": ()},
        {"created_at": NOW.replace(microsecond=1)}, {"created_at": NOW.replace(tzinfo=None)}, {"party": "ukr"},
        {"keys": (public_pair(pair("one").public),) * 2, "threshold": 1},
    ])
    def test_a_root_that_cannot_be_kept_is_malformed(self, change: dict[str, object]) -> None:
        with pytest.raises(Malformed):
            replace(root_of(), **change)  # type: ignore[arg-type]  # the wrong types are the point

    def test_what_an_officer_reads_is_what_verifies(self) -> None:
        data = sign_root(root_of(), root_keys("UKR", 1))
        assert read_unverified_root(data) == root_of()


class TestRotation:
    @pytest.mark.parametrize("old_count", range(4))
    @pytest.mark.parametrize("new_count", range(4))
    def test_a_rotation_needs_a_threshold_of_both_generations(self, old_count: int, new_count: int) -> None:
        old = root_of()
        new = rotated(old, names=["UKR new 0", "UKR new 1", "UKR new 2"])
        signers = [pair(name) for name in OLD_NAMES[:old_count]]
        signers += [pair(f"UKR new {number}") for number in range(new_count)]
        if not signers:
            return
        data = sign_root(new, signers)
        if old_count >= 2 and new_count >= 2:
            assert verify_rotation(data, old) == new
        else:
            with pytest.raises(Unverified, match="must"):
                verify_rotation(data, old)

    def test_a_key_that_stays_counts_for_both(self) -> None:
        old = root_of()
        new = rotated(old, names=NEW_NAMES)
        data = sign_root(new, [pair("UKR root 1"), pair("UKR root 2"), pair("UKR new 0")])
        assert verify_rotation(data, old) == new

    def test_the_version_goes_up_by_one(self) -> None:
        old = root_of()
        signers = [pair(name) for name in (*OLD_NAMES, *NEW_NAMES[1:])]
        with pytest.raises(Unverified) as told:
            verify_rotation(sign_root(old, root_keys("UKR", 3)), old)
        assert told.value.code == "trust.root-rollback"
        skipped = replace(rotated(old, names=NEW_NAMES), version=3)
        with pytest.raises(Undecidable) as missing:
            verify_rotation(sign_root(skipped, signers), old)
        assert missing.value.code == "trust.root-gap"

    def test_a_root_of_another_party_does_not_follow(self) -> None:
        old = root_of()
        other = replace(rotated(old, names=NEW_NAMES), party="POL")  # type: ignore[arg-type]  # a bare text will do
        with pytest.raises(Unverified) as told:
            verify_rotation(sign_root(other, [pair(name) for name in (*OLD_NAMES, *NEW_NAMES)]), old)
        assert told.value.code == "trust.root-party"

    def test_a_root_older_than_the_one_it_follows_is_refused(self) -> None:
        old = root_of()
        early = replace(rotated(old, names=NEW_NAMES), created_at=old.created_at - timedelta(seconds=1))
        with pytest.raises(Unverified) as told:
            verify_rotation(sign_root(early, [pair(name) for name in (*OLD_NAMES, *NEW_NAMES)]), old)
        assert told.value.code == "trust.root-time"

    def test_a_chain_leads_from_any_known_version(self) -> None:
        first = root_of()
        second = rotated(first, names=NEW_NAMES)
        third = rotated(second, names=["UKR new 0", "UKR new 1"])
        everyone = [pair(name) for name in (*OLD_NAMES, *NEW_NAMES[1:])]
        chain = [sign_root(first, root_keys("UKR", 3)), sign_root(second, everyone), sign_root(third, everyone)]
        assert follow_rotations(first, chain) == third
        assert follow_rotations(second, chain) == third
        assert follow_rotations(third, chain) == third
        with pytest.raises(Undecidable):
            follow_rotations(first, [chain[2]])
        with pytest.raises(Malformed):
            follow_rotations(first, chain * 30)


class TestFingerprint:
    def test_it_is_24_groups_of_four(self) -> None:
        groups = fingerprint(root_of()).split(" ")
        assert len(groups) == 24
        assert all(len(group) == 4 for group in groups)

    @given(st.lists(st.sampled_from([" ", "\n", "\t", "\u00a0"]), min_size=96, max_size=96), st.booleans())
    def test_spaces_and_case_do_not_matter(self, spaces: list[str], upper: bool) -> None:
        digits = fingerprint(root_of()).replace(" ", "")
        entered = "".join(digit + space for digit, space in zip(digits, spaces, strict=True))
        assert require_fingerprint(root_of(), entered.upper() if upper else entered) == root_of()

    @given(st.integers(0, 95), st.sampled_from("0123456789abcdef"))
    def test_any_other_digit_matters(self, place: int, digit: str) -> None:
        digits = fingerprint(root_of()).replace(" ", "")
        if digits[place] == digit:
            return
        with pytest.raises(Unverified) as told:
            require_fingerprint(root_of(), digits[:place] + digit + digits[place + 1 :])
        assert told.value.code == "trust.fingerprint-other"

    @pytest.mark.parametrize("spoil", [
        lambda text: text[:-5], lambda text: text + " 0000", lambda text: "", lambda text: text.replace(" ", "-"),
        lambda text: "０" + text[1:], lambda text: "g" + text[1:],
    ])
    def test_what_is_no_fingerprint_is_malformed(self, spoil: object) -> None:
        with pytest.raises(Malformed):
            require_fingerprint(root_of(), spoil(fingerprint(root_of())))  # type: ignore[operator]  # a lambda

    def test_every_member_of_a_root_changes_it(self) -> None:
        root = root_of()
        others = [
            root_of("JPN"), root_of(mode=Mode.REAL), replace(root, version=2), replace(root, threshold=1),
            replace(root, keys=root.keys[::-1]), replace(root, created_at=NOW), replace(root, title="Other"),
        ]
        assert len({fingerprint(one) for one in (root, *others)}) == len(others) + 1

    def test_it_does_not_depend_on_who_has_signed(self) -> None:
        few, all_ = sign_root(root_of(), root_keys("UKR", 1)), sign_root(root_of(), root_keys("UKR", 3))
        assert fingerprint(read_unverified_root(few)) == fingerprint(read_unverified_root(all_))


class TestStatement:
    @pytest.mark.parametrize("count", [1, 2, 3])
    def test_threshold_arithmetic(self, count: int) -> None:
        keys = root_keys("UKR", count)
        for threshold in range(1, count + 1):
            root = root_of(count=count, threshold=threshold)
            for signed in range(1, count + 1):
                for chosen in combinations(keys, signed):
                    data = sign_statement(statement_of(), root, chosen[0])
                    for key in chosen[1:]:
                        data = add_signature(data, root, key)
                    assert count_unverified_signatures(data, root) == signed
                    if signed >= threshold:
                        assert verify_statement(data, root, now=NOW) == statement_of()
                    else:
                        with pytest.raises(Unverified) as told:
                            verify_statement(data, root, now=NOW)
                        assert told.value.code == "object.threshold-missed"

    def test_one_officer_signing_twice_counts_once(self) -> None:
        root = root_of()
        data = signed_statement(signers=1)
        again = add_signature(add_signature(data, root, pair("UKR root 0")), root, pair("UKR root 0"))
        with pytest.raises(Unverified):
            verify_statement(again, root, now=NOW)

    def test_the_order_of_the_officers_does_not_matter(self) -> None:
        root = root_of()
        data = add_signature(sign_statement(statement_of(), root, pair("UKR root 2")), root, pair("UKR root 0"))
        assert verify_statement(data, root, now=NOW) == statement_of()

    def test_a_stranger_cannot_add_a_signature(self) -> None:
        with pytest.raises(Unverified) as told:
            sign_statement(statement_of(), root_of(), pair("stranger"))
        assert told.value.code == "trust.signer"
        with pytest.raises(Unverified) as told:
            add_signature(signed_statement(), root_of(), pair("stranger"))
        assert told.value.code == "trust.signer"

    def test_signatures_of_strangers_count_for_nothing(self) -> None:
        data = sign_object(
            encode_statement(statement_of()), object_type(Purpose.NODE_STATEMENT, Mode.EXERCISE),
            [pair("stranger"), pair("another"), pair("UKR root 0")],
        )
        with pytest.raises(Unverified):
            verify_statement(data, root_of(), now=NOW)

    def test_it_is_of_the_party_of_the_root(self) -> None:
        payload = encode_statement(statement_of(replace(KYIV, party="POL")))  # type: ignore[arg-type]  # a bare text
        data = sign_object(payload, object_type(Purpose.NODE_STATEMENT, Mode.EXERCISE), root_keys("UKR", 3))
        with pytest.raises(Unverified) as told:
            verify_statement(data, root_of(), now=NOW)
        assert told.value.code == "trust.statement-party"

    @pytest.mark.parametrize("mode", Mode)
    def test_exercise_and_real_never_meet(self, mode: Mode) -> None:
        other = Mode.REAL if mode is Mode.EXERCISE else Mode.EXERCISE
        data = signed_statement(statement_of(mode=mode), root_of(mode=mode))
        with pytest.raises(Unverified):
            verify_statement(data, root_of(mode=other), now=NOW)
        crossed = sign_object(
            encode_statement(statement_of(mode=other)), object_type(Purpose.NODE_STATEMENT, mode), root_keys("UKR", 3)
        )
        with pytest.raises(Unverified) as told:
            verify_statement(crossed, root_of(mode=mode), now=NOW)
        assert told.value.code == "trust.statement-mode"

    def test_an_older_version_than_the_known_one_is_a_rollback(self) -> None:
        known = statement_of(version=4)
        with pytest.raises(Unverified) as told:
            verify_statement(signed_statement(), root_of(), now=NOW, known=known)
        assert told.value.code == "trust.statement-rollback"

    def test_the_same_version_again_is_harmless_and_another_of_that_version_is_not(self) -> None:
        data = signed_statement()
        assert verify_statement(data, root_of(), now=NOW, known=statement_of()) == statement_of()
        fork = statement_of(endpoints=("https://elsewhere.example/peer",))
        with pytest.raises(Unverified) as told:
            verify_statement(data, root_of(), now=NOW, known=fork)
        assert told.value.code == "trust.statement-fork"

    def test_a_statement_of_another_node_does_not_follow(self) -> None:
        known = statement_of(node="odesa.ukr", version=2)
        with pytest.raises(Unverified) as told:
            verify_statement(signed_statement(), root_of(), now=NOW, known=known)
        assert told.value.code == "trust.statement-node"

    def test_a_rollback_is_told_before_the_expiry(self) -> None:
        with pytest.raises(Unverified):
            verify_statement(
                signed_statement(), root_of(), now=NOW + timedelta(days=400), known=statement_of(version=4)
            )

    def test_it_is_valid_between_its_two_times(self) -> None:
        statement, data = statement_of(), signed_statement()
        for now in (
            statement.issued_at - timedelta(seconds=300), statement.issued_at,
            statement.expires_at - timedelta(seconds=1),
        ):
            assert verify_statement(data, root_of(), now=now) == statement
        for now in (statement.issued_at - timedelta(seconds=301), statement.expires_at):
            with pytest.raises(Undecidable):
                verify_statement(data, root_of(), now=now)

    def test_what_an_officer_reads_is_what_verifies(self) -> None:
        assert read_unverified_statement(signed_statement(signers=1)) == statement_of()

    def test_every_member_is_needed_known_and_of_its_form(self) -> None:
        payload = parse_canonical(encode_statement(statement_of()), size_max=10**6)
        assert isinstance(payload, dict)
        root = root_of(count=1, threshold=1)
        typ = object_type(Purpose.NODE_STATEMENT, Mode.EXERCISE)
        wrongs: list[Json] = [None, {}, [None], -1, True, "\u202e"]
        for name in payload:
            spoilt = [{key: value for key, value in payload.items() if key != name}]
            spoilt += [{**payload, name: wrong} for wrong in wrongs]
            for members in spoilt:
                data = sign_object(encode_canonical(members), typ, root_keys("UKR", 1))
                with pytest.raises(Malformed):
                    verify_statement(data, root, now=NOW)
        data = sign_object(encode_canonical({**payload, "more": 1}), typ, root_keys("UKR", 1))
        with pytest.raises(Malformed, match="more"):
            verify_statement(data, root, now=NOW)

    @pytest.mark.parametrize("change", [
        {"version": 0}, {"protocols": ()}, {"protocols": (2, 1)}, {"protocols": (0, 1)}, {"suites": ()},
        {"suites": ("2", "1")}, {"suites": ("A b",)}, {"transport_pins": ()}, {"transport_pins": (bytes(31),)},
        {"transport_pins": (bytes(32),) * 2}, {"transport_pins": tuple(bytes([n]) * 32 for n in range(3))},
        {"endpoints": ("http://kyiv.example/peer",)}, {"endpoints": ("https://a/",) * 2},
        {"endpoints": ("https://kyiv.example/peer?x=1",)}, {"endpoints": ("https://user@kyiv.example/",)},
        {"registry_keys": ()}, {"log_keys": ()}, {"expires_at": NOW - timedelta(days=10)},
        {"expires_at": NOW + timedelta(days=391)}, {"node": "Kyiv"}, {"issued_at": NOW.replace(microsecond=5)},
        {"log_keys": (LogKeys("kyiv.example/log", *tree_keys("x")),)},
        {"log_keys": (LogKeys("kyiv.example//exercise", *tree_keys("x")),)},
        {"log_keys": (LogKeys("Kyiv.example/exercise", *tree_keys("x")),)},
        {"log_keys": (LogKeys("a/exercise", *tree_keys("kyiv.ukr witness")),)},
        {"registry_keys": (public_pair(pair("kyiv.ukr authority").public),)},
    ])
    def test_a_statement_that_cannot_be_is_malformed(self, change: dict[str, Any]) -> None:
        with pytest.raises(Malformed):
            statement_of(**change)

    def test_a_wrapping_key_is_called_by_its_own_name(self) -> None:
        other = replace(statement_of().wrapping_key, kid=WRAPPING_PUBLIC["tokyo.jpn"].kid)
        with pytest.raises(Malformed) as told:
            verify_statement(signed_statement(statement_of(wrapping_key=other)), root_of(), now=NOW)
        assert told.value.code == "trust.wrapping-kid"

    def test_a_node_without_address_needs_no_transport_key(self) -> None:
        bag_only = statement_of(endpoints=(), transport_pins=())
        assert verify_statement(signed_statement(bag_only), root_of(), now=NOW) == bag_only

    def test_an_origin_says_whether_it_is_of_an_exercise(self) -> None:
        assert statement_of(mode=Mode.REAL).log_keys[0].origin_prefix == "kyiv.ukr.example/log"
        with pytest.raises(Malformed, match="exercise"):
            statement_of(mode=Mode.REAL, log_keys=statement_of().log_keys)


class TestKeys:
    def test_the_statement_gives_its_keys(self) -> None:
        statement = statement_of()
        assert registry_keys_of(statement) == (pair("kyiv.ukr registry").public,)
        assert wrapping_key_of(statement) == WRAPPING_PUBLIC["kyiv.ukr"]
        assert authority_key_of(statement, NamedPost("Exercise Authority", "Director")) == pair(
            "kyiv.ukr authority"
        ).public

    def test_an_authority_that_is_not_named_cannot_be_told(self) -> None:
        for who in (NamedPost("Exercise Authority", "Deputy"), NamedPost("Somebody", "Director")):
            with pytest.raises(Undecidable):
                authority_key_of(statement_of(), who)

    def test_the_longest_prefix_of_an_origin_decides(self) -> None:
        wide = LogKeys("kyiv.example/exercise/log", *tree_keys("wide"))
        narrow = LogKeys("kyiv.example/exercise/log/ex-1", *tree_keys("narrow"))
        statement = statement_of(log_keys=(wide, narrow))
        assert log_keys_of(statement, "kyiv.example/exercise/log/ex-1") == narrow
        assert log_keys_of(statement, "kyiv.example/exercise/log/ex-1/2027") == narrow
        assert log_keys_of(statement, "kyiv.example/exercise/log/ex-12") == wide
        with pytest.raises(Undecidable):
            log_keys_of(statement, "kyiv.example/exercise/logbook")

"""A trust policy accepts what its quorum says and nothing else, and has one reading."""

from __future__ import annotations

import pytest
from tests.records.log.example import AT, CHECKPOINT, COSIGNER, LOG, key_of

from cordiale.crypto.signatures import Algorithm
from cordiale.errors import Malformed, Unverified
from cordiale.records.log.checkpoint import Cosigner, LogSigner
from cordiale.records.log.note import NoteKey, NoteSignature, SignedNote, parse_note
from cordiale.records.log.trust_policy import Group, encode_two_party, parse_trust_policy

THIRD = Cosigner("witness.example/w", key_of(Algorithm.ED25519, 5), key_of(Algorithm.ML_DSA_44, 6))
NOTE = parse_note(LOG.sign(CHECKPOINT, signed_at=AT)).with_signatures(
    (*COSIGNER.cosign(CHECKPOINT, cosigned_at=AT), *THIRD.cosign(CHECKPOINT, cosigned_at=AT))
)
L_ED, L_PQ = LOG.verifier.keys
B_ED, B_PQ = COSIGNER.keys
T_ED, T_PQ = THIRD.keys
POLICY = f"""\
# the log of A, for long-term verification
log {L_PQ.encode()} https://node-a.example/log/

witness b-ed {B_ED.encode()}
 witness\tb-pq {B_PQ.encode()} https://node-b.example/
witness t {T_PQ.encode()}
group b all b-ed b-pq
group both 2 b t
quorum both
"""


def signed_by(*keys: NoteKey) -> bytes:
    return NOTE.only_by(keys).encode()


def test_a_policy_reads_as_written() -> None:
    policy = parse_trust_policy(POLICY.encode())
    assert policy.logs == (L_PQ,)
    assert policy.witnesses == {b"b-ed": B_ED, b"b-pq": B_PQ, b"t": T_PQ}
    assert policy.groups == {b"b": Group(2, (b"b-ed", b"b-pq")), b"both": Group(2, (b"b", b"t"))}
    assert policy.quorum == b"both"


def test_the_whole_quorum_passes() -> None:
    verified = parse_trust_policy(POLICY.encode()).verify(NOTE.encode())
    assert verified.checkpoint == CHECKPOINT
    assert {one.key for one in verified.signatures} == {L_PQ, B_ED, B_PQ, T_PQ}


@pytest.mark.parametrize(
    "keys",
    [(L_PQ,), (L_PQ, B_ED, B_PQ), (L_PQ, B_ED, T_PQ), (L_PQ, T_PQ), (L_ED, B_ED, B_PQ, T_PQ), (B_ED, B_PQ, T_PQ)],
)
def test_less_than_the_quorum_does_not_pass(keys: tuple[NoteKey, ...]) -> None:
    with pytest.raises(Unverified):
        parse_trust_policy(POLICY.encode()).verify(signed_by(*keys))


def test_one_wrong_cosignature_condemns_the_note_even_beyond_the_quorum() -> None:
    policy = parse_trust_policy(POLICY.replace("quorum both", "quorum b").encode())
    assert policy.verify(signed_by(L_PQ, B_ED, B_PQ))
    broken = tuple(
        one if one.key_id != T_PQ.key_id else type(one)(one.name, one.key_id, one.signature[:-1] + b"\x00")
        for one in NOTE.signatures
    )
    with pytest.raises(Unverified):
        policy.verify(SignedNote(NOTE.unverified_text, broken).encode())


@pytest.mark.parametrize(
    ("rule", "keys", "passes"),
    [
        ("any", (B_ED,), True), ("any", (), False), ("1", (T_PQ,), True), ("2", (B_ED, T_PQ), True),
        ("2", (B_ED,), False), ("3", (B_ED, B_PQ, T_PQ), True), ("all", (B_ED, B_PQ), False),
    ],
)
def test_thresholds_count_members(rule: str, keys: tuple[NoteKey, ...], passes: bool) -> None:
    lines = POLICY.split("group b all")[0] + f"group g {rule} b-ed b-pq t\nquorum g\n"
    policy = parse_trust_policy(lines.encode())
    note = signed_by(L_PQ, *keys)
    if passes:
        assert policy.verify(note).checkpoint == CHECKPOINT
    else:
        with pytest.raises(Unverified):
            policy.verify(note)


def test_listed_logs_are_alternatives() -> None:
    policy = parse_trust_policy(f"log {L_ED.encode()}\nlog {L_PQ.encode()}\nquorum none\n".encode())
    for key in (L_ED, L_PQ):
        assert policy.verify(signed_by(key)).checkpoint == CHECKPOINT


def test_a_log_of_another_origin_does_not_count() -> None:
    other = LogSigner("node-c.example/log", LOG.ed25519, LOG.ml_dsa_44).verifier.keys[0]
    policy = parse_trust_policy(f"log {other.encode()}\nquorum none\n".encode())
    signed = NoteSignature(other.name, other.key_id, LOG.ed25519.sign(CHECKPOINT.text.encode()))
    for note in (NOTE, SignedNote(CHECKPOINT.text, (signed,))):
        with pytest.raises(Unverified) as caught:
            policy.verify(note.encode())
        assert caught.value.code == "log.trust-log"


def test_a_two_party_policy_demands_all() -> None:
    policy = parse_trust_policy(encode_two_party(L_PQ, COSIGNER.keys))
    assert policy.verify(signed_by(L_PQ, B_ED, B_PQ)).checkpoint == CHECKPOINT
    for keys in ((L_PQ, B_ED), (L_PQ, B_PQ), (L_ED, B_ED, B_PQ)):
        with pytest.raises(Unverified):
            policy.verify(signed_by(*keys))
    alone = parse_trust_policy(encode_two_party(L_PQ, ()))
    assert alone.quorum is None
    assert alone.verify(signed_by(L_PQ)).checkpoint == CHECKPOINT


def test_names_are_opaque_octets() -> None:
    raw = b"witness \xff\xfe " + B_ED.encode().encode() + b"\nquorum \xff\xfe\n"
    assert parse_trust_policy(raw).quorum == b"\xff\xfe"


_W = f"witness w {B_ED.encode()}\n"


@pytest.mark.parametrize(
    "text",
    [
        "", "\n", "quorum none", "quorum none\nquorum none\n", "quorum\n", "quorum a b\n", "quorum w\n",
        f"quorum w\n{_W}", f"{_W}", f"{_W}{_W}quorum w\n", f"{_W}witness v {B_ED.encode()}\nquorum w\n",
        f"{_W}witness w {B_PQ.encode()}\nquorum w\n", f"witness none {B_ED.encode()}\nquorum none\n",
        f"witness w {L_ED.encode()}\nquorum w\n", f"log {B_ED.encode()}\nquorum none\n", "log\nquorum none\n",
        f"log {L_ED.encode()} url more\nquorum none\n", f"log {L_ED.encode()}\nlog {L_ED.encode()}\nquorum none\n",
        f"log {L_ED.encode()[:-1]}\nquorum none\n", f"{_W}group g all\nquorum g\n", f"{_W}group g 0 w\nquorum g\n",
        f"{_W}group g 2 w\nquorum g\n", f"{_W}group g 01 w\nquorum g\n", f"{_W}group g +1 w\nquorum g\n",
        f"{_W}group g some w\nquorum g\n", f"{_W}group g any w w\nquorum g\n", f"{_W}group g any none\nquorum g\n",
        f"{_W}group g any w\ngroup h any w\nquorum g\n", f"{_W}group g any g\nquorum g\n",
        f"{_W}group w any w\nquorum w\n", f"group g any w\n{_W}quorum g\n", f"{_W}mirror m\nquorum w\n",
        f"{_W}quorum w # all\n", f"{_W}quorum w\r\n", f"{_W}quorum w\x0b\n", f"{_W}quorum w\x00\n",
        f"{_W}Quorum w\n", f"{_W}quorum\u00a0w\n", "#" * 600_000 + "\nquorum none\n",
        "".join(f"group g{n} any g{n - 1}\n" if n else _W + "group g0 any w\n" for n in range(300)) + "quorum none\n",
    ],
)
def test_no_other_form_of_a_policy_is_read(text: str) -> None:
    with pytest.raises(Malformed):
        parse_trust_policy(text.encode())


def test_a_key_with_an_unreadable_name_is_refused() -> None:
    with pytest.raises(Malformed):
        parse_trust_policy(b"log \xff+00000000+AAAA\nquorum none\n")

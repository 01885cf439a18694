"""The audit of acts: every proof that was kept is verified again, against what counted when the act was done.

1. what was signed is the act: its kind, its id, its node, and what it asked;
2. a key file's signature verifies under keys that the person had then;
3. of somebody signed in, the session had begun and not ended, and rests on a credential that was active then;
4. what is signed for by itself was signed, by a passkey or the provider, over exactly that act;
5. what signed people in verifies as well.

It reads only, stops at nothing, and names each finding. What was erased is counted, and proves nothing any more.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

from cordiale.canonical import Fields, encode_canonical, parse_base64url, parse_canonical
from cordiale.crypto.digests import sha384
from cordiale.crypto.domains import Purpose, domain, object_type
from cordiale.crypto.id_token import Expected, ProviderKey, act_nonce, verify_kept_token
from cordiale.crypto.jws import verify_object
from cordiale.crypto.passkey import Assertion, act_challenge, verify_kept_assertion
from cordiale.crypto.signatures import VerifyingPair
from cordiale.errors import CordialeError, Unverified
from cordiale.limits import CONTROL_BODY_SIZE_BYTES_MAX
from cordiale.model.mode import Mode
from cordiale.ports import Reads, StoredAct
from cordiale.records.audit import Finding
from cordiale.records.client_standing import CLIENT, CLIENT_ACT, decide_client_body
from cordiale.records.credentials import known_by_provider
from cordiale.records.erasing import is_erased
from cordiale.records.proofs import DeskProof, KeyProof, PasskeySigned, Signed, parse_proof
from cordiale.records.proved import ACTIVE, CREDENTIAL, SIGN_IN
from cordiale.records.record import RECORD_SIZE_BYTES_MAX, Record, open_record
from cordiale.rules.signing import Means, is_strong

BY_NODE: Final = frozenset({"desk.sign-in", "desk.sign-out", "desk.offer"})
"""What the node enters of a person without a request of theirs; the proofs of signing in lie in its records."""

_PAGE: Final = 1_000
_KEPT_HISTORIES_MAX: Final = 4_096


@dataclass(slots=True)
class ActsReport:
    """What was looked at, by how it is proved, and what was found; `findings` empty means that every proof verifies."""

    proved: Counter[str] = field(default_factory=Counter)
    findings: list[Finding] = field(default_factory=list)

    def note(self, place: str, text: str) -> None:
        """Add a finding."""
        self.findings.append(Finding("audit.act-unproved", place, text))


def audit_acts(reads: Reads, mode: Mode, node: str) -> ActsReport:
    """Verify the proof of every act behind `reads` and return the report. Never raises for what it finds."""
    report, audit = ActsReport(), _Audit(reads, mode, node)
    for log in reads.logs():
        for act in _acts(reads, log):
            if act.actor == "node" or act.actor.startswith("partner:") or act.kind in BY_NODE or _is_refusal(act):
                continue
            try:
                report.proved[audit.verify(act)] += 1
            except CordialeError as error:
                report.note(f"{act.log} {act.index}", str(error))
    for record in _every(reads, SIGN_IN):
        try:
            report.proved[audit.verify_sign_in(record)] += 1
        except CordialeError as error:
            report.note(f"{SIGN_IN} {record.id}", str(error))
    return report


def _acts(reads: Reads, log: str) -> Iterator[StoredAct]:
    for start in range(0, reads.log_size(log), _PAGE):
        yield from reads.acts(log, start, start + _PAGE)


def _every(reads: Reads, kind: str) -> Iterator[Record]:
    after = ""
    while page := reads.every(kind, after=after, limit=_PAGE):
        yield from map(open_record, page)
        after = page[-1].id


def _kept(act: StoredAct) -> Mapping[str, Any]:
    value = parse_canonical(act.answer, size_max=RECORD_SIZE_BYTES_MAX)
    return value if isinstance(value, dict) else {}


def _is_refusal(act: StoredAct) -> bool:
    # What was refused changed nothing, and keeps no proof: it is on record as what somebody tried.
    return "refused" in _kept(act)


@dataclass(frozen=True, slots=True)
class _Version:
    """One version of a record, by which act it came and by which it went; `body` None was erased."""

    body: Mapping[str, Any] | None
    since: StoredAct
    until: StoredAct | None

    def stood_at(self, act: StoredAct) -> bool:
        """Tell whether it stood when `act` was done."""
        return self.body is None or (
            _is_no_later(self.since, act) and (self.until is None or _is_no_later(act, self.until))
        )


def _is_no_later(one: StoredAct, other: StoredAct) -> bool:
    """Tell whether `one` was no later than `other`: by their order within a log, by their times between two."""
    return one.index <= other.index if one.log == other.log else one.at <= other.at


class _Audit:
    """The proofs of one node's books."""

    def __init__(self, reads: Reads, mode: Mode, node: str) -> None:
        self._reads = reads
        self._mode = mode
        self._node = node
        self._history = lru_cache(maxsize=_KEPT_HISTORIES_MAX)(self._read_history)

    def verify(self, act: StoredAct) -> str:
        """Return by what an act is proved; raises what is wrong with its proof."""
        stored = self._reads.record("signed-act", act.id)
        if stored is None:
            raise _unproved("nothing is kept that proves this act")
        body = open_record(stored).body
        if (body.get("act"), body.get("person")) != (act.kind, act.actor):
            raise _unproved("what is kept is the proof of another act")
        if "signed" not in body:
            return "erased"
        proof = parse_proof(str(body["signed"]))
        if isinstance(proof, DeskProof):
            return self._verify_desk(act, proof, self._require_same(act, proof.payload))
        return self._verify_key(act, str(body["signed"]).encode(), proof)

    def _verify_key(self, act: StoredAct, data: bytes, proof: KeyProof) -> str:
        stored = self._reads.record(CLIENT_ACT, act.id)
        if stored is not None:
            return self._verify_client(act, data, str(open_record(stored).body["client"]))
        versions = self._standing("person", act.actor, act)
        for version in versions:
            keys = version.body.get("keys") if version.body is not None else None
            if keys and proof.kid in (pair := VerifyingPair.parse(keys)).kids:
                self._require_same(act, verify_object(data, object_type(Purpose.ACT, self._mode), [pair]))
                return "key"
        if any(version.body is None for version in versions):
            return "erased"
        raise _unproved("it was signed with a key that was not the person's then")

    def _verify_client(self, act: StoredAct, data: bytes, client: str) -> str:
        for version in self._standing(CLIENT, client, act):
            body = version.body
            if body is not None and decide_client_body(body, (act.actor, act.kind), act.at).is_allowed:
                pair = VerifyingPair.parse(body["keys"])
                self._require_same(act, verify_object(data, object_type(Purpose.ACT, self._mode), [pair]))
                return "key of a client"
        raise _unproved("it was signed by a client that did not count for it then")

    def _require_same(self, act: StoredAct, payload: bytes) -> datetime:
        """Return when `act` was shown, once `payload` is its canonical text, with exactly what it asked."""
        fields = Fields(parse_canonical(payload, size_max=CONTROL_BODY_SIZE_BYTES_MAX), where="request")
        fields.constant("v", 1)
        named = (fields.text("act"), fields.text("id"), fields.text("node"))
        shown_at = fields.instant("at")
        asked = encode_canonical([named[0], fields.value("params")])
        fields.end()
        if named != (act.kind, act.id, self._node):
            raise _unproved("what was signed is another act")
        if sha384(domain(Purpose.REQUEST, self._mode), asked).hex() != _kept(act).get("asked"):
            raise _unproved("what was signed asks something else than was done")
        return shown_at

    def _verify_desk(self, act: StoredAct, proof: DeskProof, shown_at: datetime) -> str:
        means = proof.session.means
        if means is Means.PERSONA:
            if self._mode is not Mode.EXERCISE:
                raise _unproved("it was done by name alone, which only an exercise allows")
        else:
            self._require_session(act, proof)
        if proof.signed is not None:
            return self._verify_signed(act, proof.signed, (proof.payload, shown_at))
        if is_strong(act.kind) and means is not Means.PERSONA:
            raise _unproved("it is an act that is signed for by itself, and was not")
        return means.value

    def _require_session(self, act: StoredAct, proof: DeskProof) -> None:
        session = proof.session
        for version in self._standing(SIGN_IN, session.session, act):
            body = version.body or {}
            found = (body.get("person"), body.get("means"), body.get("at"))
            is_same = found == (act.actor, session.means.value, session.signed_in_at)
            if is_same and "ended_at" not in body and self._active(str(body.get("credential")), act):
                return
        raise _unproved("the session it was done under was not this person's, or not open, then")

    def _active(self, credential: str, act: StoredAct) -> Mapping[str, Any] | None:
        for version in self._standing(CREDENTIAL, credential, act):
            body = version.body or {}
            if body.get("state") == ACTIVE and body.get("person") == act.actor:
                return body
        return None

    def _verify_signed(self, act: StoredAct, signed: Signed, shown: tuple[bytes, datetime]) -> str:
        payload, shown_at = shown
        credential = self._active(signed.credential, act)
        if credential is None:
            raise _unproved("it was signed with what was not this person's, or did not count, then")
        if isinstance(signed, PasskeySigned):
            verify_kept_assertion(
                signed.assertion, credential["rp_id"], act_challenge(payload, self._mode),
                parse_base64url(credential["public_key"]),
            )
            return "signed by passkey"
        self._verify_token((signed.id_token, signed.key), credential, act_nonce(payload, self._mode), shown_at)
        return "signed by provider"

    def _verify_token(
        self, kept: tuple[str, str], credential: Mapping[str, Any], nonce: str, since: datetime | None,
    ) -> None:
        """Raise `Unverified` unless a kept token says that the account of `credential` signed in with `nonce`."""
        text, thumbprint = kept
        stored = self._reads.record("provider-key", thumbprint)
        key = ProviderKey("", open_record(stored).body["jwk"] if stored is not None else "")
        if stored is None or key.thumbprint != thumbprint:
            raise _unproved("the key that the provider signed it with was not kept")
        issuer = str(credential["known_by"]).split(" ")[1]
        subject = verify_kept_token(text, key, Expected(issuer, credential["client"], nonce, since=since))
        if credential["known_by"] != known_by_provider(issuer, subject):
            raise _unproved("the provider signed in somebody else")

    def verify_sign_in(self, record: Record) -> str:
        """Return by what somebody was signed in; raises what is wrong with its proof."""
        means = record["means"]
        if means in (Means.PASSKEY.value, Means.PROVIDER.value):
            (act,) = self._reads.acts(record.log, record.index, record.index + 1)
            stored = self._reads.record(CREDENTIAL, record["credential"])
            credential = open_record(stored).body if stored is not None else {}
            if credential.get("person") != record["person"] or act.actor != record["person"]:
                raise _unproved("it was signed with what was not this person's, or did not count, then")
            self._verify_came(record["proof"], credential)
        return f"sign-in by {means}"

    def _verify_came(self, proof: Mapping[str, Any], credential: Mapping[str, Any]) -> None:
        if credential["means"] == Means.PROVIDER.value:
            self._verify_token((str(proof["id_token"]), str(proof["key"])), credential, str(proof["nonce"]), None)
            return
        names = ("passkey", "client_data", "authenticator_data", "signature")
        verify_kept_assertion(
            Assertion(*(parse_base64url(str(proof[name])) for name in names)), credential["rp_id"],
            parse_base64url(proof["challenge"]), parse_base64url(credential["public_key"]),
        )

    def _standing(self, kind: str, id: str, act: StoredAct) -> list[_Version]:
        """Return the versions of a record that stood when `act` was done."""
        return [one for one in self._history(kind, id) if one.stood_at(act)]

    def _read_history(self, kind: str, id: str) -> tuple[_Version, ...]:
        found: list[_Version] = []
        for stored in reversed(self._reads.versions(kind, id)):
            acts = self._reads.acts(stored.log, stored.index, stored.index + 1)
            if not acts:
                continue
            body = None if is_erased(stored) else open_record(stored).body
            found.append(_Version(body, acts[0], found[-1].since if found else None))
        return tuple(reversed(found))


def _unproved(why: str) -> Unverified:
    return Unverified("audit.act-unproved", why, hint="look at the act, and report it as an incident")

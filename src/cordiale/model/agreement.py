"""An agreement as data, in layers: the text, the implementing profile, the national profiles.

The text is what was signed and is kept article by article in its authentic
languages. The profile is what the competent authorities of both parties sign:
every rule in it cites its article. A national profile says what the text leaves
to national law. What no layer says is undecidable: there are no defaults here,
and no figure of one treaty is a default of another.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from cordiale.model.agreement_rows import ChannelRule, DestructionMethods
from cordiale.model.label import LevelRef, Scheme
from cordiale.model.mode import Mode
from cordiale.model.names import AgreementId, PartyId


class Stage(StrEnum):
    """How far an agreement has come; each stage is kept apart from the others."""

    IN_PRINCIPLE = "in-principle"
    INITIALLED = "initialled"
    SIGNED = "signed"
    NOTES_EXCHANGED = "notes-exchanged"
    PROVISIONAL = "provisional"
    IN_FORCE = "in-force"
    SUSPENDED = "suspended"
    TERMINATED = "terminated"


class Act(StrEnum):
    """Acts that an agreement can speak of, per level and direction."""

    PROVIDE = "provide"
    RECEIVE = "receive"
    READ = "read"
    COPY = "copy"
    TRANSLATE = "translate"
    EXTRACT = "extract"
    DESTROY = "destroy"
    RETURN = "return"
    RECALL = "recall"
    RECEIPT = "receipt"
    REGISTER = "register"
    CARRY = "carry"
    POST = "post"
    WIRE = "wire"
    BAG = "bag"
    PASS_ON = "pass-on"  # noqa: S105 - an act, not a secret
    CHANGE_LEVEL = "change-level"
    CRISIS_DESTROY = "crisis-destroy"
    REPORT_LOSS = "report-loss"
    USE_ABROAD = "use-abroad"
    ARCHIVE = "archive"
    PUBLISH = "publish"
    DISCLOSE = "disclose"


CONSENT_UNLESS_SAID = frozenset({Act.USE_ABROAD, Act.ARCHIVE, Act.PUBLISH, Act.DISCLOSE})
"""Acts that need the originator's consent where no layer speaks of them: silence on these is no open question."""


class Ruling(StrEnum):
    """What a rule says of an act."""

    ALLOWED = "allowed"
    REQUIRED = "required"
    WITH_CONSENT = "with-consent"
    WITH_NOTICE = "with-notice"
    FORBIDDEN = "forbidden"


class DayKind(StrEnum):
    """How a deadline counts its days."""

    CALENDAR = "calendar"
    WORKING = "working"


@dataclass(frozen=True, slots=True)
class Deadline:
    """Within `count` days of `kind`; zero means at once."""

    count: int
    kind: DayKind


@dataclass(frozen=True, slots=True)
class ActRule:
    """One rule of a layer: what `act` needs for `level` when information goes from `provider` to `recipient`.

    `level` is a level of the provider's scheme. None for `provider`, `recipient` or `level` means every one.
    `persons` is the number of distinct persons who must act together (1 when the layer does not ask for more).
    `left_to_national` marks a rule of the agreement that leaves the rest to national law: without a national
    rule on the same act nothing is decided. `overrides_agreement` marks a national rule that prevails. `from_state`
    is the state of the agreement from which the rule holds, None for every one: a right that its end gives.
    """

    act: Act
    ruling: Ruling
    article: str
    provider: PartyId | None = None
    recipient: PartyId | None = None
    level: LevelRef | None = None
    persons: int = 1
    deadline: Deadline | None = None
    overrides_agreement: bool = False
    note: str = ""
    left_to_national: bool = False
    from_state: Stage | None = None


class EquivalenceKind(StrEnum):
    """What the table says of one level in one direction."""

    EQUIVALENT = "equivalent"
    UPWARD = "upward"
    SPECIAL_ARRANGEMENT = "special-arrangement"
    OTHER_RULES = "other-rules"
    NOT_EXCHANGED = "not-exchanged"
    TO_BE_ENTERED = "to-be-entered"


@dataclass(frozen=True, slots=True)
class Equivalence:
    """One directed, dated row of the table. `target` is None where the kind gives no equivalent level.

    The row holds from `valid_from` to `valid_until`, both included; None leaves that side open.
    """

    source: LevelRef
    recipient: PartyId
    kind: EquivalenceKind
    article: str
    target: LevelRef | None = None
    valid_from: date | None = None
    valid_until: date | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class ClearanceEquivalence:
    """What a clearance of one party is worth at another, apart from what markings are worth; directed and dated.

    A holder of a clearance up to `source` counts at `recipient` as cleared up to `target`, of its scheme; where
    `on_request` is set, only once `recipient` was asked and has said so. The row holds from `valid_from` to
    `valid_until`, both included; None leaves that side open. (Switzerland-Czech Republic Art. 8(3).)
    """

    source: LevelRef
    recipient: PartyId
    target: LevelRef
    article: str
    on_request: bool = False
    valid_from: date | None = None
    valid_until: date | None = None


class Need(StrEnum):
    """A condition that a person must meet to be given access to a level."""

    CLEARANCE = "clearance"
    BRIEFING = "briefing"
    NATIONALITY = "nationality"
    FUNCTION = "function"


@dataclass(frozen=True, slots=True)
class AccessRule:
    """What a person of `party` needs, besides need-to-know, for access to `level` of that party's own scheme.

    `needs` are all required. Where `function_in_place_of_clearance` is set, holding one of `functions` stands
    for the clearance. `nationalities` is looked at when `Need.NATIONALITY` is among the needs.
    `left_to_national` marks a rule of the agreement that decides nothing until national law adds its own.
    """

    party: PartyId
    level: LevelRef
    needs: frozenset[Need]
    article: str
    nationalities: frozenset[PartyId] = frozenset()
    functions: frozenset[str] = frozenset()
    function_in_place_of_clearance: bool = False
    left_to_national: bool = False
    note: str = ""


class TermUnit(StrEnum):
    """What a term counts: lengths of time, or plain numbers."""

    HOURS = "hours"
    CALENDAR_DAYS = "calendar-days"
    WORKING_DAYS = "working-days"
    WEEKS = "weeks"
    MONTHS = "months"
    YEARS = "years"
    COUNT = "count"
    PERCENT = "percent"


@dataclass(frozen=True, slots=True)
class Term:
    """A figure that a layer names: `count` of `unit` for what is called `name` (`cordiale.model.term_names`).

    `party` is whose duty or whose territory it is, None for every one; `level` is a level of any party's scheme,
    None for every one. No time at all means at once; a plain number of zero means none.
    """

    name: str
    article: str
    count: int
    unit: TermUnit
    party: PartyId | None = None
    level: LevelRef | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class RegistryEntry:
    """A registry that may receive, and which levels of its own party's scheme."""

    id: str
    party: PartyId
    title: str
    levels: frozenset[LevelRef]
    article: str
    opened_on: date | None = None
    closed_on: date | None = None


@dataclass(frozen=True, slots=True)
class Article:
    """One article of the text: its number (``"7"``) and its words in each language, paragraphs on lines."""

    number: str
    title: tuple[tuple[str, str], ...]
    text: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class AgreementText:
    """The text as signed. `prevails` is the language that prevails on divergence, empty where none does.

    `authentic` lists the languages that bind. The words held here may be in fewer of them, or in another: what
    is missing is a question to the parties. `closing` is what stands after the last article, signatures apart.
    """

    title: tuple[tuple[str, str], ...]
    authentic: tuple[str, ...]
    prevails: str
    articles: tuple[Article, ...]
    signed_on: date | None = None
    place: str = ""
    source: str = ""
    preamble: tuple[tuple[str, str], ...] = ()
    closing: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Profile:
    """The implementing profile: version `version` of the signed rules of agreement `agreement`.

    `text_digest` is the digest of the text in base64url, empty until the two are bound together.
    `marks_equivalent` is the party role that adds the equivalent marking, ``recipient`` or ``originator``, empty
    where nobody has said. `caps` is the highest level exchanged per providing party, with its article.
    `caveats` are (tag, value, meaning). `termination_days` or `termination_months` is the notice of termination;
    at its end provision stops and every duty goes on. `holidays` and `weekends` (0 is Monday) are what a count
    of working days leaves out. `scheme_of` may name several schemes for one party. `terms` are the figures and
    periods that are no rule on an act (`cordiale.rules.terms`). `clearance_equivalences` say what clearances are
    worth at the other party; of what no row names nothing is known. `channels` say which of them are covered.
    """

    agreement: AgreementId
    version: int
    mode: Mode
    title: str
    parties: tuple[PartyId, ...]
    text_digest: str
    language: str
    schemes: tuple[Scheme, ...]
    scheme_of: tuple[tuple[PartyId, str], ...]
    equivalences: tuple[Equivalence, ...]
    acts: tuple[ActRule, ...]
    access: tuple[AccessRule, ...]
    registries: tuple[RegistryEntry, ...]
    caps: tuple[tuple[PartyId, LevelRef, str], ...]
    marks_equivalent: str
    marks_article: str
    caveats: tuple[tuple[str, str, str], ...] = ()
    entry_requires_notes: bool = True
    termination_days: int | None = None
    termination_article: str = ""
    holidays: tuple[tuple[PartyId, tuple[date, ...]], ...] = ()
    open_questions: tuple[str, ...] = ()
    termination_months: int | None = None
    entry_article: str = ""
    weekends: tuple[tuple[PartyId, frozenset[int]], ...] = ()
    terms: tuple[Term, ...] = ()
    clearance_equivalences: tuple[ClearanceEquivalence, ...] = ()
    channels: tuple[ChannelRule, ...] = ()


@dataclass(frozen=True, slots=True)
class NationalProfile:
    """What one party's own law says where the agreement leaves it to national law.

    Articles here cite national provisions. `release_persons` is how many persons must act in a release, the
    proposer among them; 0 where it is not said. `terms` are the figures of that law, of this party alone.
    `unlisted_caveats` (tag, value, article) are those whose items stand in no list that another party is given.
    """

    party: PartyId
    version: int
    title: str
    acts: tuple[ActRule, ...]
    access: tuple[AccessRule, ...]
    release_persons: int
    release_article: str
    source: tuple[str, ...] = ()
    terms: tuple[Term, ...] = ()
    unlisted_caveats: tuple[tuple[str, str, str], ...] = ()
    destruction_methods: tuple[DestructionMethods, ...] = ()


@dataclass(frozen=True, slots=True)
class AgreementDraft:
    """The three layers together, as written by people and before anybody has signed them."""

    text: AgreementText
    profile: Profile
    nationals: tuple[NationalProfile, ...] = ()


@dataclass(frozen=True, slots=True)
class LinkApproval:
    """One party's approval of a link (``wire`` or ``bag``) up to a level of its own scheme."""

    link: str
    party: PartyId
    level: LevelRef
    reference: str
    approved_at: datetime
    withdrawn_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Readiness:
    """One party's finding that `of_party` can protect information up to `level` of `of_party`'s scheme."""

    by_party: PartyId
    of_party: PartyId
    level: LevelRef
    found_at: datetime
    withdrawn_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class AgreementState:
    """Everything true of an agreement at one moment, as one node knows it.

    `signed_by` and `notes_from` are the parties that have done so, or had left before it was signed; `ended_on` is the
    day a notice of termination takes effect. `profile` is the version both parties have signed, None before that.
    `suspension_article` is the provision that whoever suspends it, or levels of it, has named.
    """

    id: AgreementId
    parties: tuple[PartyId, ...]
    mode: Mode
    stage: Stage
    profile: Profile | None
    nationals: tuple[NationalProfile, ...] = ()
    readiness: tuple[Readiness, ...] = ()
    links: tuple[LinkApproval, ...] = ()
    signed_by: frozenset[PartyId] = frozenset()
    notes_from: frozenset[PartyId] = frozenset()
    in_force_on: date | None = None
    ended_on: date | None = None
    suspended_levels: frozenset[LevelRef] = frozenset()
    suspension_article: str = ""

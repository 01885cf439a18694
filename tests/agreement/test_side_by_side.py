"""The same event under eight treaties: each differs from the others exactly as its text does.

What is expected is written by hand from the texts; what is found is decided by the rules. ``-`` is what a text does
not say: it is decided by nobody until a national profile does.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache

import pytest

from cordiale.model.agreement import Act, AgreementState, Need, Profile, Stage
from cordiale.model.label import Label, LevelRef
from cordiale.model.names import PartyId
from cordiale.rules.clearance import list_worth
from cordiale.rules.equivalence import decide_equivalence
from cordiale.rules.layers import Gap, Scope, levels_of
from cordiale.rules.rule_index import RuleIndex, build_rule_index
from cordiale.rules.terms import counted_from, first_day, last_day, strictest, terms_of
from cordiale.rules.workdays import add_months, ends_on, holidays_of
from cordiale.wire.agreement_toml import load_template

NAMES = (
    "ch-cz-2011", "ch-dk-2012", "ch-fr-2006", "ch-kr-2022", "ch-lu-2024", "ch-pl-2022", "nl-de-2001",
    "eu-member-states-2011",
)
TODAY = date(2026, 11, 26)
# Who provides and who receives, and the provider's levels: top, secret, confidential, restricted.
CASES = {
    "ch-cz-2011": ("CZE", "CHE", "Přísně tajné", "Tajné", "Důvěrné", "Vyhrazené"),
    "ch-dk-2012": ("DNK", "CHE", "YDERST HEMMELIGT", "HEMMELIGT", "FORTROLIGT", "TIL TJENESTEBRUG"),
    "ch-fr-2006": (
        "FRA", "CHE", "TRÈS SECRET DÉFENSE", "SECRET DÉFENSE", "CONFIDENTIEL DÉFENSE", "DIFFUSION RESTREINTE",
    ),
    "ch-kr-2022": ("KOR", "CHE", "군사Ⅰ급비밀", "군사Ⅱ급비밀", "군사Ⅲ급비밀", "군사 대외비"),
    "ch-lu-2024": ("LUX", "CHE", "Très Secret Lux", "Secret Lux", "Confidentiel Lux", "Restreint Lux"),
    "ch-pl-2022": ("POL", "CHE", "ŚCIŚLE TAJNE", "TAJNE", "POUFNE", "ZASTRZEŻONE"),
    "nl-de-2001": ("DEU", "NLD", "STRENG GEHEIM", "GEHEIM", "VS-VERTRAULICH", "VS-NUR FÜR DEN DIENSTGEBRAUCH"),
    "eu-member-states-2011": (
        "ROU", "POL", "Strict secret de importanță deosebită", "Strict secret", "Secret", "Secret de serviciu",
    ),
}
TOP, SECRET, CONFIDENTIAL, RESTRICTED = range(4)
# Entered by the parties, not by the text: what counts as no working day over the turn of the year.
FREE_DAYS = {
    "ch-dk-2012": (
        (PartyId("CHE"), (date(2026, 12, 25), date(2027, 1, 1))),
        (PartyId("DNK"), (date(2026, 12, 24), date(2026, 12, 25), date(2026, 12, 31), date(2027, 1, 1))),
    ),
}
VISIT = date(2027, 1, 4)


@cache
def index_of(name: str) -> RuleIndex:
    profile = load_template(name).profile
    free = FREE_DAYS.get(name, ())
    weekend = frozenset({5, 6})
    profile = replace(profile, holidays=free, weekends=tuple((party, weekend) for party, _ in free))
    return build_rule_index(AgreementState(profile.agreement, profile.parties, profile.mode, Stage.IN_FORCE, profile))


def profile_of(name: str) -> Profile:
    profile = index_of(name).state.profile
    assert profile is not None
    return profile


def parties(name: str) -> tuple[PartyId, PartyId]:
    provider, recipient, *_ = CASES[name]
    return PartyId(provider), PartyId(recipient)


def level(name: str, rank: int) -> LevelRef:
    words = CASES[name][2 + rank]
    (found,) = (one for one in levels_of(profile_of(name), parties(name)[0]) if one.name == words)
    return found


# Events


def act(what: Act, rank: int, *, is_ended: bool = False) -> Callable[[str], str]:
    """What the recipient may do with an item of `rank` that it received; `is_ended` once the agreement has ended."""
    def found(name: str) -> str:
        provider, recipient = parties(name)
        index = build_rule_index(replace(index_of(name).state, ended_on=TODAY)) if is_ended else index_of(name)
        scope = Scope(provider, recipient, level(name, rank), recipient)
        outcome = index.outcome(what, scope, on=TODAY)
        if outcome.gap is Gap.SILENT:
            return "-"
        ruling = "national law" if outcome.ruling is None else outcome.ruling.value
        duty = " required" if outcome.is_duty and ruling != "required" else ""
        at_once = " at once" if outcome.deadlines else ""
        return f"{ruling}{duty}{at_once}: {', '.join(outcome.articles)}"

    return found


def equivalent(rank: int) -> Callable[[str], str]:
    def found(name: str) -> str:
        provider, recipient = parties(name)
        label = Label(provider, level(name, rank), frozenset({provider, recipient}), datetime(2026, 11, 1, tzinfo=UTC))
        decision, marking = decide_equivalence(label, recipient, index=index_of(name), on=TODAY)
        if marking is None:
            assert not decision.is_allowed
            row = index_of(name).equivalence(label.level, recipient=recipient, on=TODAY)
            return f"{row.kind}: {row.article}" if row else "-"
        return f"{marking.level.name}: {marking.article}"

    return found


def access(rank: int) -> Callable[[str], str]:
    """What a person of the recipient needs, besides need-to-know, for the equivalent of `rank`."""
    def found(name: str) -> str:
        _, recipient = parties(name)
        row = index_of(name).equivalence(level(name, rank), recipient=recipient, on=TODAY)
        if row is None or row.target is None:
            return "-"
        (rule,) = (one for one in profile_of(name).access if (one.party, one.level) == (recipient, row.target))
        # What is left to national law decides nothing, and nobody is let in on it.
        assert bool(index_of(name).access(recipient, row.target)) is not rule.left_to_national
        needs = ["clearance or function" if one is Need.CLEARANCE and rule.function_in_place_of_clearance else one.value
                 for one in Need if one in rule.needs]
        return f"{', '.join(needs) or 'nothing more'}{' and national law' * rule.left_to_national}: {rule.article}"

    return found


def clearance(rank: int) -> Callable[[str], str]:
    """What a clearance of the recipient is worth at the provider."""
    def found(name: str) -> str:
        provider, recipient = parties(name)
        row = index_of(name).equivalence(level(name, rank), recipient=recipient, on=TODAY)
        if row is None or row.target is None:
            return "-"
        worth = list_worth(profile_of(name), row.target, at=provider, on=TODAY)
        return "; ".join(f"{one.target.name}{' on request' * one.on_request}" for one in worth) or "-"

    return found


def filed(term: str, *, into_recipient: bool) -> Callable[[str], str]:
    """The last day on which a visit from VISIT on may be asked for."""
    def found(name: str) -> str:
        provider, recipient = parties(name)
        host = recipient if into_recipient else provider
        terms = terms_of(index_of(name), term, party=host, level=level(name, SECRET))
        day = last_day(terms, VISIT, holidays_of(profile_of(name), [host]))
        return f"{day} ({terms[0].article})" if day else "-"

    return found


def figure(term: str) -> Callable[[str], str]:
    def found(name: str) -> str:
        one = strictest(terms_of(index_of(name), term))
        return f"{one.count} {one.unit}: {one.article}" if one else "-"

    return found


def takes_effect(name: str) -> str:
    """When a change of level that is filed today takes effect at the earliest."""
    terms = terms_of(index_of(name), "level.notice")
    day = first_day(terms, TODAY, holidays_of(profile_of(name), []))
    return f"{day} ({terms[0].article})" if day else "-"


def ends(name: str) -> str:
    """The end of the agreement where notice is received on the last day of August."""
    profile = profile_of(name)
    day = ends_on(profile, date(2026, 8, 31))
    if day:
        return f"{day} ({profile.termination_article})"
    duration = strictest(terms_of(index_of(name), "agreement.duration"))
    return f"its term of {duration.count} {duration.unit} ({duration.article})" if duration else "-"


def marks(name: str) -> str:
    profile = profile_of(name)
    return f"{profile.marks_equivalent}: {profile.marks_article}" if profile.marks_equivalent else "-"


def begins(name: str) -> str:
    profile = profile_of(name)
    return f"{'after notes' if profile.entry_requires_notes else 'on signature'}: {profile.entry_article}"


SWISS_S, SWISS_C, SWISS_R = (
    "GEHEIM / SECRET / SEGRETO", "VERTRAULICH / CONFIDENTIEL / CONFIDENZIALE", "INTERN / INTERNE / AD USO INTERNO",
)
SILENT = ("-",) * 8

# event: what is expected of CZ, DK, FR, KR, LU, PL, NL-DE, EU
EVENTS: dict[str, tuple[Callable[[str], str], tuple[str, ...]]] = {
    "the equivalent of the highest level": (equivalent(TOP), (
        f"{SWISS_S}: Art. 4, Art. 7(2)", "not-exchanged: Art. 1(2)", "-", "not-exchanged: Art. 3(6)",
        "special-arrangement: Art. 3(3)", "special-arrangement: Art. 2(5)", "Stg. ZEER GEHEIM: Art. 1(2)",
        "ŚCIŚLE TAJNE: Annex",
    )),
    "the equivalent of secret": (equivalent(SECRET), (
        f"{SWISS_S}: Art. 4", f"{SWISS_S}: Art. 1(2)", f"{SWISS_S}: Art. 5(1)", f"{SWISS_S}: Art. 3(1)",
        f"{SWISS_S}: Art. 3(1)", f"{SWISS_S}: Art. 2(4)", "Stg. GEHEIM: Art. 1(2)", "TAJNE: Annex",
    )),
    "the equivalent of confidential": (equivalent(CONFIDENTIAL), (
        f"{SWISS_C}: Art. 4", f"{SWISS_C}: Art. 1(2)", f"{SWISS_C}: Art. 5(1)", f"{SWISS_C}: Art. 3(1)",
        f"{SWISS_C}: Art. 3(1)", f"{SWISS_C}: Art. 2(4)", "Stg. CONFIDENTIEEL: Art. 1(2)", "POUFNE: Annex",
    )),
    "the equivalent of restricted": (equivalent(RESTRICTED), (
        f"{SWISS_R}: Art. 4", f"{SWISS_R}: Art. 1(2)", "other-rules: Art. 5(3)", f"{SWISS_R}: Art. 3(1)",
        f"{SWISS_R}: Art. 3(1)", f"{SWISS_R}: Art. 2(4)", "other-rules: Art. 1(2)", "ZASTRZEŻONE: Annex",
    )),
    "who adds the equivalent marking": (marks, (
        "recipient: Art. 7(2)", "recipient: Art. 4(2)", "recipient: Art. 4(2)", "recipient: Art. 3(2)",
        "recipient: Art. 5(9)", "recipient: Art. 2(1)", "recipient: Art. 5(1)", "-",
    )),
    "destroy secret": (act(Act.DESTROY, SECRET), (
        "forbidden: Art. 11(4)", "-", "allowed: Art. 8(3)", "-", "with-consent: Art. 8(2)", "forbidden: Art. 8(1)", "-",
        "-",
    )),
    "destroy confidential": (act(Act.DESTROY, CONFIDENTIAL), (
        "national law: Art. 11(5)", "-", "allowed: Art. 8(3)", "-", "allowed: Art. 8(1)", "national law: Art. 8(2)", "-",
        "-",
    )),
    "return secret": (act(Act.RETURN, SECRET), (
        "required: Art. 11(4)", "-", "-", "-", "allowed: Art. 8(2)", "required: Art. 8(1)", "-", "-",
    )),
    "order secret back": (act(Act.RECALL, SECRET), SILENT),
    "order secret back after the end": (act(Act.RECALL, SECRET, is_ended=True), (
        "-", "-", "-", "-", "required: Art. 15(4)", "-", "-", "-",
    )),
    "order restricted back after the end": (act(Act.RECALL, RESTRICTED, is_ended=True), (
        "-", "-", "-", "-", "required: Art. 15(4)", "-", "-", "-",
    )),
    "destroy in a crisis": (act(Act.CRISIS_DESTROY, SECRET), (
        "-", "-", "-", "-", "with-notice required at once: Art. 8(3)", "-", "-", "-",
    )),
    "copy secret": (act(Act.COPY, SECRET), (
        "with-consent: Art. 11(3)", "-", "with-consent: Art. 8(2)", "allowed: Art. 3(3)", "with-consent: Art. 7(1)",
        "with-consent: Art. 7(2)", "allowed: Art. 5(2)", "-",
    )),
    "copy confidential": (act(Act.COPY, CONFIDENTIAL), (
        "allowed: Art. 11(1)", "-", "allowed: Art. 8(1)", "allowed: Art. 3(3)", "allowed: Art. 7(2), Art. 7(3)",
        "allowed: Art. 7(1)", "allowed: Art. 5(2)", "-",
    )),
    "translate secret": (act(Act.TRANSLATE, SECRET), (
        "with-consent: Art. 11(3)", "-", "with-consent: Art. 8(2)", "-", "with-consent: Art. 7(1)",
        "with-consent: Art. 7(2)", "-", "-",
    )),
    "take an extract": (act(Act.EXTRACT, SECRET), ("-", "-", "-", "allowed: Art. 3(3)", "-", "-", "-", "-")),
    "receipt for secret": (act(Act.RECEIPT, SECRET), (
        "-", "-", "required at once: Art. 9(3)", "-", "required: Art. 6(4)", "required: Art. 6(4)",
        "required: Art. 6(1)", "-",
    )),
    "receipt for restricted": (act(Act.RECEIPT, RESTRICTED), (
        "-", "-", "national law: Art. 5(3)", "-", "allowed: Art. 6(4)", "required: Art. 6(4)", "required: Art. 6(1)", "-",
    )),
    "register confidential": (act(Act.REGISTER, CONFIDENTIAL), (
        "-", "-", "-", "-", "required: Art. 6(2)", "-", "-", "-",
    )),
    "send electronically": (act(Act.WIRE, SECRET), (
        "allowed: Art. 10(2)", "allowed: Art. 6(1)", "allowed: Art. 9(5)", "allowed: Art. 7(2)", "allowed: Art. 6(3)",
        "national law: Art. 6(3)", "-", "national law: Art. 7",
    )),
    "carry restricted": (act(Act.CARRY, RESTRICTED), (
        "allowed: Art. 10(1)", "allowed: Art. 6(1)", "national law: Art. 5(3)", "allowed: Art. 7(1)",
        "allowed: Art. 6(1)", "allowed: Art. 6(1)", "allowed: Art. 6(5)", "national law: Art. 6",
    )),
    "pass on to a third party": (act(Act.PASS_ON, SECRET), (
        "with-consent: Art. 6(1)", "with-consent: Art. 3(2)", "with-consent: Art. 7(1)", "with-consent: Art. 6(3)",
        "with-consent: Art. 5(9)", "with-consent: Art. 4(4)", "with-consent: Art. 2(2)", "with-consent: Art. 4(1)",
    )),
    "change the level of what was received": (act(Act.CHANGE_LEVEL, SECRET), (
        "with-consent: Art. 7(2)", "with-consent: Art. 4(2)", "with-consent: Art. 4(4)", "with-consent: Art. 3(4)",
        "with-consent: Art. 5(9)", "forbidden: Art. 2(3)", "forbidden: Art. 5(4)", "with-consent: Art. 4(1)",
    )),
    "report a loss": (act(Act.REPORT_LOSS, SECRET), (
        "required at once: Art. 13(1)", "required at once: Art. 10(1)", "required at once: Art. 13(1)",
        "required at once: Art. 11", "required at once: Art. 12(1)", "required at once: Art. 10(2)",
        "required at once: Art. 8(1)", "required at once: Art. 9(2)",
    )),
    "access to confidential, and whether nationality bars it": (access(CONFIDENTIAL), (
        "nothing more and national law: Art. 5", "clearance: Art. 5", "clearance, nationality: Art. 4(3), Art. 6(1)",
        "clearance, briefing: Art. 5(1)", "clearance or function, briefing: Art. 5(3), Art. 5(4)",
        "clearance: Art. 1(10), Art. 4(5)", "clearance: Art. 2(3)",
        "clearance or function, briefing: Art. 5(2), Art. 5(3)",
    )),
    "access to restricted: where a clearance begins": (access(RESTRICTED), (
        "nothing more and national law: Art. 5", "nothing more and national law: Art. 5", "-",
        "clearance, briefing: Art. 5(1)", "clearance or function, briefing: Art. 5(3), Art. 5(4)",
        "nothing more and national law: Art. 4(5)", "-", "briefing: Art. 5(3)",
    )),
    "what a clearance to secret is worth at the other party": (clearance(SECRET), (
        "Tajné; Přísně tajné on request", "-", "SECRET DÉFENSE", "-", "Secret Lux", "TAJNE", "-", "-",
    )),
    "ask for a visit to the recipient": (filed("visit.lead", into_recipient=True), (
        "2026-12-15 (Art. 12(2))", "2026-12-17 (Art. 7(4))", "2026-12-14 (Art. 11(4))", "2026-12-15 (Art. 9(3))",
        "2026-12-14 (Art. 10(3))", "2026-12-15 (Art. 9(2))", "-", "-",
    )),
    "ask for a visit to the provider": (filed("visit.lead", into_recipient=False), (
        "2026-12-15 (Art. 12(2))", "2026-12-18 (Art. 7(4))", "2026-12-14 (Art. 11(4))", "2026-12-15 (Art. 9(3))",
        "2026-12-14 (Art. 10(3))", "2026-12-15 (Art. 9(2))", "-", "-",
    )),
    "ask for an urgent visit": (filed("visit.lead-urgent", into_recipient=True), (
        "-", "-", "-", "2026-12-30 (Art. 9(5))", "2027-01-01 (Art. 10(4))", "-", "-", "-",
    )),
    "authorities that agree to a visitor from a third state": (figure("visit.third-state"), (
        "-", "-", "2 count: Art. 11(2)", "-", "-", "-", "-", "-",
    )),
    "how long visits recur": (figure("visit.recurring"), (
        "-", "12 months: Art. 7(5)", "12 months: Art. 11(5), Art. 12(1)", "12 months: Art. 9(6)", "-", "-", "-", "-",
    )),
    "how long one renewal of them lasts": (figure("visit.renewal"), (
        "-", "12 months: Art. 7(5)", "12 months: Art. 12(1)", "-", "-", "-", "-", "-",
    )),
    "how often they are renewed": (figure("visit.renewals"), ("-", "1 count: Art. 7(5)", *("-",) * 6)),
    "a change of level filed today takes effect": (takes_effect, (*("-",) * 6, "2027-01-07 (Art. 5(4))", "-")),
    "answer a proposal to amend": (figure("amendment.answer"), (
        "-", "-", "-", "30 calendar-days: Art. 14(2)", "-", "-", "-", "-",
    )),
    "review the agreement": (figure("agreement.review"), ("-", "10 years: Art. 14(2)", *("-",) * 6)),
    "copies of a contract's security part": (figure("contract.copies"), ("-", "2 count: Art. 8(3)", *("-",) * 6)),
    "tell of a withdrawn clearance": (figure("clearance.notify"), (
        "0 calendar-days: Art. 8(4)", "-", "-", "-", "0 calendar-days: Art. 5(8)", "0 calendar-days: Art. 13(2)", "-",
        "-",
    )),
    "silence as consent": (figure("consent.silence"), SILENT),
    "notice of termination": (ends, (
        "2027-02-28 (Art. 16(3))", "2027-02-28 (Art. 14(1))", "2027-02-28 (Art. 16(6))", "its term of 5 years (Art. 15(2))",
        "2027-02-28 (Art. 15(3))", "2027-02-28 (Art. 15(3))", "2027-02-28 (Art. 13(5))", "-",
    )),
    "entry into force": (begins, (
        "after notes: Art. 16(1)", "on signature: Art. 14(1)", "after notes: Art. 16(2)", "after notes: Art. 15(1)",
        "after notes: Art. 15(1)", "after notes: Art. 15(1), Art. 15(2)", "after notes: Art. 13(1)",
        "after notes: Art. 13(1), Art. 13(2)",
    )),
}


@pytest.mark.parametrize("event", EVENTS)
def test_the_same_event_differs_exactly_as_the_texts_do(event):
    found, expected = EVENTS[event]
    assert [found(name) for name in NAMES] == list(expected)


@pytest.mark.parametrize("what", [one for one in Act if one is not Act.PROVIDE])
def test_the_index_of_the_rules_says_of_every_act_what_the_profile_says_line_by_line(what):
    """A second, plain reading: the outcome cites only rules of that act, and one that applies to the level."""
    for name in NAMES:
        provider, recipient = parties(name)
        for rank in (SECRET, CONFIDENTIAL, RESTRICTED):
            mine = level(name, rank)
            outcome = index_of(name).outcome(what, Scope(provider, recipient, mine, recipient))
            while_it_stands = [one for one in profile_of(name).acts if one.from_state is None]
            rules = [one for one in while_it_stands if one.act is what and one.level in (None, mine)]
            named = [one for one in rules if one.level == mine] or rules
            assert set(outcome.articles) <= {one.article for one in named}
            assert (outcome.gap is Gap.SILENT) is (not named)


def test_no_two_treaties_agree_on_everything():
    columns = [tuple(found(name) for found, _ in EVENTS.values()) for name in NAMES]
    assert len(set(columns)) == len(NAMES)


def test_a_visit_across_the_turn_of_the_year_is_asked_for_on_two_different_days_by_direction():
    """Scenario S12: Denmark asks ten working days into Switzerland and seven the other way round."""
    lead = {
        host: last_day(terms_of(index_of("ch-dk-2012"), "visit.lead", party=PartyId(host)), VISIT,
                       holidays_of(profile_of("ch-dk-2012"), [PartyId(host)]))
        for host in ("CHE", "DNK")
    }
    assert lead == {"CHE": date(2026, 12, 17), "DNK": date(2026, 12, 18)}
    # Without the holidays of either the days would be later, and too late.
    bare = [terms_of(index_of("ch-dk-2012"), "visit.lead", party=PartyId(host))[0].count for host in ("CHE", "DNK")]
    assert bare == [10, 7]


def test_a_change_of_level_between_the_netherlands_and_germany_waits_six_weeks():
    """Scenario S3."""
    (term,) = terms_of(index_of("nl-de-2001"), "level.notice")
    assert counted_from(term, TODAY, holidays_of(profile_of("nl-de-2001"), [])) == date(2027, 1, 7)


def test_the_korean_agreement_ends_with_its_term_unless_it_is_extended():
    index = index_of("ch-kr-2022")
    (duration,), (extension,) = terms_of(index, "agreement.duration"), terms_of(index, "agreement.extension")
    (notice,) = terms_of(index, "agreement.lapse-notice")
    end = add_months(date(2023, 2, 2), duration.count * 12)
    assert end == date(2028, 2, 2) and add_months(end, extension.count * 12) == date(2029, 2, 2)
    assert last_day([notice], end, holidays_of(profile_of("ch-kr-2022"), [])) == date(2027, 8, 2)

"""Who may ask for what: an office or offices for every kind of act and view. A kind without a row fails the tests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, TypeAlias

from cordiale.model.person import Office as O
from cordiale.records.sight import KEEPERS
from cordiale.rules.offices import OFFICES_FOR
from cordiale.rules.offices import OfficialAct as A

Rule: TypeAlias = A | frozenset[O] | None
"""The official act that a kind is, or the offices that it is open to; None where no office is asked."""

_OFFICERS: Final = frozenset({O.SECURITY_OFFICER, O.REGISTRAR, O.DEPUTY_REGISTRAR, O.HEAD, O.INSPECTOR})
_WITH_AUTHORITY: Final = KEEPERS | {O.COMPETENT_AUTHORITY}
_WITH_HEAD: Final = KEEPERS | {O.HEAD}
_RELEASES: Final = frozenset({O.ORIGINATOR, O.RELEASING_AUTHORITY})
_ACCORD: Final = frozenset({
    O.COMPETENT_AUTHORITY, O.RELEASING_AUTHORITY, O.REGISTRAR, O.SECURITY_OFFICER, O.HEAD, O.INSPECTOR,
})
_ERASERS: Final = frozenset({O.REGISTRAR, O.SECURITY_OFFICER, O.COMPETENT_AUTHORITY, O.INSPECTOR})

ACTS_OF: Final[Mapping[A, str]] = {
    A.PROPOSE_PEOPLE: "people.import people.enrol-key desk.invite client.add",
    A.CONFIRM_PEOPLE: "people.confirm people.withdraw-proposal desk.confirm client.confirm",
    A.RESTRICT_PEOPLE: "people.withdraw-clearance people.withdraw-office people.withdraw-key people.leave "
                       "desk.withdraw client.withdraw",
    A.REGISTER_ABSENCE: "absence.register absence.end",
    A.PROPOSE_ERASURE: "erase.propose erase.withdraw", A.CONFIRM_ERASURE: "erase.confirm",
    A.KEEP_DUTIES: "duty.add duty.settle",
    A.INSTALL_STATEMENT: "node.install", A.MEET_PARTNER: "partner.add partner.confirm partner.update "
    "succession.confirm succession.end",
    A.SIGN_PROFILE: "agreement.enter agreement.national agreement.sign agreement.stage agreement.note accord.notice "
                    "accord.close accord.rehome succession.enter",
    A.NOTIFY_REGISTRY: "agreement.registry", A.FIND_READINESS: "agreement.ready", A.APPROVE_LINK: "agreement.link",
    A.LABEL: "label label.propose draft.enter", A.PROPOSE_RELEASE: "release.propose",
    A.AUTHORISE_RELEASE: "release.approve release.decline",
    A.DISPATCH: "dispatch dispatch.withdraw carry.hand-over carry.post carry.opened carry.certificate pass-on level.told",
    A.SEAL_PACKAGES: "carry.pack", A.WITNESS_SEALING: "carry.witness dispatch.not-there", A.MEET_COURIER: "carry.met",
    A.AGREE_PLAN: "plan.propose plan.answer",
    A.REGISTER: "register entry.correct entry.void level.mark contract.file",
    A.REFUSE_CONSIGNMENT: "consignment.refuse",
    A.GRANT_NEED_TO_KNOW: "need.grant need.withdraw", A.END_PURPOSE: "purpose.end purpose.resume",
    A.CIRCULATE: "circulate circulate.unopened place",
    A.KEEP_REGISTRIES: "registry.open registry.staff registry.close",
    A.APPROVE_TRANSFER: "transfer.approve", A.TRANSFER: "transfer.send",
    A.RECEIVE_TRANSFER: "transfer.receive transfer.decline",
    A.KEEP_FOLDERS: "folder.add folder.take-out",
    A.COUNT_INVENTORY: "inventory.open inventory.sight inventory.sight-files inventory.export inventory.withdraw "
                       "inventory.close inventory.explain",
    A.SIGN_INVENTORY: "inventory.sign inventory.tell",
    A.ENTER_OUTAGE: "outage.enter", A.CONFIRM_OUTAGE: "outage.confirm",
    A.REPRODUCE: "reproduce.decline reproduce.assign reproduce.withdraw",
    A.KEEP_EQUIPMENT: "device.register device.withdraw medium.register medium.end",
    A.PROPOSE_CONSENT: "consent.ask consent.compelled rights",
    A.GIVE_CONSENT: "consent.answer consent.silence consent.withdraw use",
    A.DISCLOSE_IN_EMERGENCY: "emergency.disclose emergency.report",
    A.CONFIRM_CLEARANCE: "clearance.ask clearance.answer clearance.assure", A.BRIEF: "briefing.give",
    A.HANDLE_INCIDENT: "incident.add incident.reopen freeze freeze.answer",
    A.NOTIFY_INCIDENT: "incident.tell incident.reply incident.final",
    A.CLOSE_INCIDENT: "incident.conclude freeze.lift freeze.order",
    A.GIVE_BACK: "return return.answer transfer.away", A.ASK_RETURN: "return.ask",
    A.ENTER_CRISIS: "crisis.enter crisis.confirm",
    A.WITNESS_DESTRUCTION: "destroy.propose destroy.witness", A.DESTROY: "destroy.withdraw",
    A.PROPOSE_LEVEL: "level.propose", A.CONFIRM_LEVEL: "level.confirm level.answer",
    A.ASSURE_FACILITY: "facility.ask facility.answer facility.withdraw",
    A.KEEP_CONTRACT: "contract.tell contract.change contract.end", A.ACKNOWLEDGE_CONTRACT: "contract.answer",
    A.ASK_VISIT: "visit.request visit.amend holder.check", A.ANSWER_VISIT: "visit.answer",
    A.END_VISIT: "visit.end visit.brief visit.inspection",
    A.ADMIT_VISITOR: "visit.announce visit.admit visit.leave", A.DISCLOSE: "visit.disclose visit.confirm",
}
"""The kinds that are done by virtue of an office."""

OWN_TOO: Final = frozenset({"client.withdraw", "desk.withdraw", "destroy.withdraw", "reproduce.withdraw"})
"""What anybody does about what is their own, and somebody by virtue of an office about everything."""

SEEN_FIRST: Final = frozenset({"emergency.disclose", "release.approve", "release.propose", "transfer.away"})
"""Acts on an item that tell whoever keeps the register what is wrong with it, before their office is asked."""

OF_ANYBODY: Final = (
    "desk.enrol search.save search.forget incident.report briefing.acknowledge release.withdraw draft.destroy "
    "draft.revise draft.share "
    "view.items view.today view.search view.export-register view.duties view.levels view.visit-file-by "
    "view.clearances view.drafts view.reproductions view.reproduction view.incident view.credentials view.clients "
    "view.partners view.agreements view.agreement view.ceremony "
    # What an item's holder, maker or reader does: it is asked whose the copy or the task is, and who may see the item.
    "circulate.confirm circulate.back circulate.decline circulate.hand-over level.note level.challenge reproduce.ask "
    "reproduce.witness reproduce.finish reproduce.deliver view.item view.item-page view.preview "
    # Who joins a reading is asked what every reader is.
    "join"
)
"""What everybody does and sees for themselves, whatever their office."""

VIEWS_OF: Final[tuple[tuple[str, frozenset[O]], ...]] = (
    ("view.pictures view.inbox view.consignments view.carriages view.carriage view.receipt view.certificate "
     "view.equipment view.stamp view.register view.crisis-list view.inventories view.inventory-export "
     "view.inventory-count view.inventory view.folders view.folder view.folder-floor view.purpose view.where", KEEPERS),
    ("view.consignment", frozenset({O.REGISTRAR, O.DEPUTY_REGISTRAR})),
    ("view.plans view.inspection view.contracts view.contract view.visits view.visit view.completeness "
     "view.inventories-told view.inventory-told view.trail view.logs", _WITH_AUTHORITY),
    ("view.release view.releases", KEEPERS | _RELEASES), ("view.label-preview", frozenset({O.ORIGINATOR})),
    ("view.erasures view.retention", _ERASERS), ("view.consents", _WITH_AUTHORITY | _RELEASES),
    ("view.emergencies view.registries view.incidents", _WITH_AUTHORITY | _WITH_HEAD), ("view.outages", _WITH_HEAD),
    ("view.challenges view.returns", _WITH_AUTHORITY | {O.RELEASING_AUTHORITY}),
    ("view.roster", frozenset({O.HEAD, O.SECURITY_OFFICER, O.COMPETENT_AUTHORITY, O.INSPECTOR})),
    ("view.destructions view.destruction", _WITH_HEAD | {O.READER}),
    ("view.crises view.crisis", OFFICES_FOR[A.ENTER_CRISIS]),
    ("view.people view.person", _OFFICERS | {O.ADMINISTRATOR}),
    ("view.credential view.people-proposals view.people-proposal", _OFFICERS),
    ("view.accord", _ACCORD), ("view.successions", _ACCORD | {O.KEY_OFFICER}),
)

WHO_MAY: Final[Mapping[str, Rule]] = {
    **{kind: act for act, kinds in ACTS_OF.items() for kind in kinds.split()},
    **{kind: offices for kinds, offices in VIEWS_OF for kind in kinds.split()},
    **dict.fromkeys(OF_ANYBODY.split()),
}


def offices_for(kind: str) -> frozenset[O] | None:
    """Return the offices that come to `kind`; None where none is asked."""
    rule = WHO_MAY[kind]
    return OFFICES_FOR[rule] if isinstance(rule, A) else rule

"""What a request asks for, and the step that does it: four visible tables, a row each.

The kinds and what they read are listed in docs/spec/acts.md, which is made from these tables.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias, TypeVar

from cordiale.accord import amend, enter_into_force, meet, notify_registry, propose, succeed
from cordiale.accord import tell as accord_tell
from cordiale.contract import assure as facility
from cordiale.contract import keep, tell
from cordiale.errors import Malformed
from cordiale.journey import (
    ask_reproduction,
    assurance,
    brief,
    carry,
    challenge,
    circulate,
    clearance,
    consent,
    correct,
    crisis,
    deliver,
    destroy,
    dispatch,
    draft,
    emergency,
    equipment,
    folder,
    freeze,
    give_back,
    incident,
    incident_letters,
    inventory,
    inventory_export,
    inventory_result,
    label,
    level,
    level_take,
    meet_courier,
    organise,
    outage,
    pass_on,
    pass_unopened,
    read,
    recall,
    refuse_held,
    register,
    release,
    reproduce,
    transfer,
    use,
)
from cordiale.records import absences, duties_by_hand, enrolling, erasures, people, people_proposals
from cordiale.records.answer import Answer
from cordiale.records.deposits import Arriving
from cordiale.records.registry import Registry, Request
from cordiale.views import (
    accord_time,
    carriages,
    consignments,
    credentials,
    drafts,
    duties,
    emergencies,
    folders,
    incidents,
    items,
    levels,
    parties,
    personal,
    receipts,
    registries,
    roster,
    search,
    stamps,
)
from cordiale.views import completeness as completeness_pages
from cordiale.views import contracts as contract_pages
from cordiale.views import crisis as crisis_pages
from cordiale.views import equipment as equipment_pages
from cordiale.views import inspections as inspection_pages
from cordiale.views import inventories as inventory_pages
from cordiale.views import people as people_pages
from cordiale.views import register as register_pages
from cordiale.views import returns as return_pages
from cordiale.views import visits as visit_pages
from cordiale.visit import admit, announce, answer, ask, disclose, end, inspect

Step: TypeAlias = Callable[[Registry, Request], Answer]
View: TypeAlias = Callable[[Registry, Request], Mapping[str, Any]]
ContentStep: TypeAlias = Callable[[Registry, Request, Arriving], Answer]
ContentView: TypeAlias = Callable[[Registry, Request], read.OpenedContent]
Entry = TypeVar("Entry")

ACTS: Final[Mapping[str, Step]] = {
    "people.import": people_proposals.import_people,
    "people.enrol-key": people_proposals.enrol_key,
    "people.confirm": people_proposals.confirm_people,
    "people.withdraw-proposal": people_proposals.withdraw_proposal,
    "people.withdraw-clearance": people.withdraw_clearance,
    "people.withdraw-office": people.withdraw_office,
    "people.withdraw-key": people.withdraw_key,
    "people.leave": people.leave,
    "desk.invite": enrolling.invite,
    "desk.enrol": enrolling.enrol,
    "desk.confirm": enrolling.confirm,
    "desk.withdraw": enrolling.withdraw,
    "absence.register": absences.register_absence,
    "absence.end": absences.end_absence,
    "erase.propose": erasures.propose_erasure,
    "erase.confirm": erasures.confirm_erasure,
    "erase.withdraw": erasures.withdraw_erasure,
    "duty.add": duties_by_hand.remember,
    "duty.settle": duties_by_hand.settle,
    "node.install": meet.install_own,
    "partner.add": meet.add_partner,
    "partner.confirm": meet.confirm_partner,
    "partner.update": meet.update_partner,
    "agreement.enter": propose.enter_agreement,
    "agreement.national": propose.enter_national,
    "agreement.sign": propose.sign_profile,
    "agreement.registry": notify_registry.notify_registry,
    "agreement.stage": enter_into_force.change_stage,
    "agreement.note": enter_into_force.give_note,
    "agreement.ready": enter_into_force.find_readiness,
    "agreement.link": enter_into_force.approve_link,
    "accord.notice": accord_tell.give_notice,
    "accord.close": amend.close,
    "accord.rehome": succeed.rehome,
    "label": label.label_item,
    "release.propose": release.propose_release,
    "release.approve": release.approve_release,
    "release.withdraw": release.withdraw_approval,
    "dispatch": dispatch.dispatch,
    "carry.pack": carry.pack,
    "carry.witness": carry.witness_sealing,
    "carry.hand-over": carry.hand_over,
    "carry.opened": carry.note_opening,
    "carry.certificate": carry.take_back_certificate,
    "carry.met": meet_courier.meet_courier,
    "register": register.register,
    "need.grant": circulate.grant_need,
    "need.withdraw": circulate.withdraw_need,
    "circulate": circulate.charge_out,
    "circulate.unopened": pass_unopened.pass_unopened,
    "circulate.confirm": circulate.confirm_custody,
    "circulate.back": circulate.hand_back,
    "circulate.decline": circulate.decline_custody,
    "circulate.hand-over": circulate.hand_over,
    "place": circulate.put_in_place,
    "registry.open": organise.open_registry,
    "registry.staff": organise.staff_registry,
    "registry.close": organise.close_registry,
    "transfer.approve": transfer.approve_transfer,
    "transfer.send": transfer.send_copy,
    "transfer.receive": transfer.receive_copy,
    "transfer.decline": transfer.decline_copy,
    "folder.add": folder.put_in,
    "folder.take-out": folder.take_out,
    "inventory.open": inventory.open_inventory,
    "inventory.sight": inventory.sight,
    "inventory.sight-files": inventory.sight_files,
    "inventory.export": inventory_export.export_inventory,
    "inventory.withdraw": inventory.withdraw_inventory,
    "inventory.close": inventory_result.close_inventory,
    "inventory.explain": inventory_result.explain_difference,
    "inventory.sign": inventory_result.sign_inventory,
    "outage.enter": outage.enter_outage,
    "outage.confirm": outage.confirm_outage,
    "entry.correct": correct.correct_entry,
    "entry.void": correct.void_number,
    "reproduce.ask": ask_reproduction.ask,
    "reproduce.decline": ask_reproduction.decline,
    "reproduce.assign": reproduce.assign,
    "reproduce.witness": reproduce.witness,
    "reproduce.finish": reproduce.finish,
    "reproduce.deliver": deliver.deliver,
    "reproduce.withdraw": reproduce.withdraw,
    "draft.enter": draft.enter,
    "draft.destroy": draft.destroy,
    "device.register": equipment.register_device,
    "device.withdraw": equipment.withdraw_device,
    "medium.register": equipment.register_medium,
    "medium.end": equipment.end_medium,
    "pass-on": pass_on.pass_on,
    "consent.ask": consent.ask_consent,
    "consent.answer": consent.answer_consent,
    "use": use.use_item,
    "emergency.disclose": emergency.disclose_in_emergency,
    "emergency.report": emergency.report_emergency,
    "rights": use.flag_rights,
    "consent.withdraw": consent.withdraw_consent,
    "clearance.ask": clearance.ask_clearance,
    "clearance.answer": clearance.answer_clearance,
    "clearance.assure": assurance.give_assurance,
    "briefing.give": brief.give_briefing,
    "briefing.acknowledge": brief.acknowledge_briefing,
    "incident.report": incident.report_incident,
    "incident.add": incident.add_to_incident,
    "incident.tell": incident_letters.tell_incident,
    "incident.reply": incident_letters.reply_incident,
    "incident.conclude": incident.conclude_incident,
    "incident.final": incident_letters.send_final,
    "incident.reopen": incident.reopen_incident,
    "freeze": freeze.freeze_item,
    "freeze.lift": freeze.lift_freeze,
    "freeze.order": freeze.order_freeze,
    "freeze.answer": freeze.answer_freeze,
    "return": give_back.give_back,
    "return.ask": recall.ask_return,
    "return.answer": recall.answer_return,
    "consignment.refuse": refuse_held.refuse_held,
    "crisis.enter": crisis.enter_crisis,
    "crisis.confirm": crisis.confirm_crisis,
    "destroy.propose": destroy.propose_destruction,
    "destroy.witness": destroy.witness_destruction,
    "destroy.withdraw": destroy.withdraw_destruction,
    "level.propose": level.propose_change,
    "level.confirm": level.confirm_change,
    "level.challenge": challenge.challenge,
    "level.answer": challenge.answer_challenge,
    "level.mark": level_take.mark_copies,
    "level.note": level_take.note_level,
    "level.told": level_take.told_third_party,
    "facility.ask": facility.ask_facility,
    "facility.answer": facility.answer_facility,
    "contract.tell": tell.tell_contract,
    "contract.change": tell.change_list,
    "contract.answer": tell.answer_contract,
    "contract.file": keep.file_item,
    "contract.end": keep.end_contract,
    "visit.request": ask.request_visit,
    "visit.amend": ask.amend_visit,
    "visit.answer": answer.answer_visit,
    "visit.end": end.end,
    "visit.announce": announce.announce,
    "visit.admit": admit.admit,
    "visit.leave": admit.leave,
    "visit.brief": admit.brief_site,
    "visit.disclose": disclose.disclose,
    "visit.confirm": disclose.confirm,
    "visit.inspection": inspect.prepare_inspection,
    "holder.check": inspect.enter_check,
}

VIEWS: Final[Mapping[str, View]] = {
    "view.items": search.list_items,
    "view.search": search.search_register,
    "view.item": items.show_item,
    "view.preview": items.preview,
    "view.inbox": consignments.list_inbox,
    "view.consignments": consignments.list_consignments,
    "view.consignment": consignments.show_consignment,
    "view.duties": duties.list_duties,
    "view.erasures": personal.list_erasures,
    "view.retention": personal.show_retention,
    "view.consents": items.list_consents,
    "view.emergencies": emergencies.list_emergencies,
    "view.carriages": carriages.list_carriages,
    "view.carriage": carriages.show_carriage,
    "view.levels": levels.list_levels,
    "view.inspection": inspection_pages.show_inspection,
    "view.contracts": contract_pages.list_contracts,
    "view.contract": contract_pages.show_contract,
    "view.visits": visit_pages.list_visits,
    "view.visit": visit_pages.show_visit,
    "view.visit-file-by": visit_pages.show_last_day,
    "view.roster": roster.show_roster,
    "view.clearances": roster.list_clearances,
    "view.incidents": incidents.list_incidents,
    "view.incident": incidents.show_incident,
    "view.receipt": receipts.show_receipt,
    "view.drafts": drafts.list_drafts,
    "view.equipment": equipment_pages.list_equipment,
    "view.stamp": stamps.show_stamps,
    "view.registries": registries.list_registries,
    "view.register": register_pages.show_register,
    "view.completeness": completeness_pages.show_completeness,
    "view.crisis-list": crisis_pages.list_for_crisis,
    "view.returns": return_pages.list_returns,
    "view.inventories": inventory_pages.list_inventories,
    "view.inventory-export": inventory_pages.show_export,
    "view.inventory": inventory_pages.show_inventory,
    "view.folder": folders.show_folder,
    "view.folder-floor": folders.show_floor,
    "view.where": register_pages.where_is,
    "view.trail": register_pages.show_trail,
    "view.logs": register_pages.list_logs,
    "view.people": parties.list_people,
    "view.person": parties.show_person,
    "view.credentials": credentials.list_credentials,
    "view.credential": credentials.show_credential,
    "view.people-proposals": people_pages.list_proposals,
    "view.people-proposal": people_pages.show_proposal,
    "view.partners": parties.list_partners,
    "view.agreements": parties.list_agreements,
    "view.agreement": parties.show_agreement,
    "view.accord": accord_time.show_accord,
}

CONTENT_ACTS: Final[Mapping[str, ContentStep]] = {
    "label": label.deposit,
    "reproduce.deliver": deliver.deposit,
}

CONTENT_VIEWS: Final[Mapping[str, ContentView]] = {
    "read": read.open_content,
}

ROOM_VIEWS: Final[Mapping[str, ContentView]] = {
    "read.open": read.open_for_room,
}
"""What `cordiale.operate.reading_room` opens, and no door hands out: its content goes to the process that shows it."""


def look_up(table: Mapping[str, Entry], kind: str) -> Entry:
    """Return the row of `table` for `kind`; raises `Malformed` when there is none."""
    row = table.get(kind)
    if row is None:
        raise Malformed(
            "act.unknown", "this node does not know how to do `{kind}`",
            hint="use a command line of the same version as the node", kind=kind[:60],
        )
    return row

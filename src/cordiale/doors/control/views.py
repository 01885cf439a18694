"""What is shown for a request: a row each. The kinds and what they read are listed in docs/spec/acts.md."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

from cordiale.records.registry import Registry, Request
from cordiale.views import (
    accord_time,
    carriages,
    ceremony,
    certificates,
    consignments,
    credentials,
    destructions,
    drafts,
    duties,
    emergencies,
    folders,
    incidents,
    item_page,
    items,
    labelling,
    levels,
    outages,
    parties,
    personal,
    pictures,
    purposes,
    receipts,
    register_book,
    register_export,
    registries,
    releases,
    roster,
    search,
    stamps,
    today,
)
from cordiale.views import clients as client_pages
from cordiale.views import completeness as completeness_pages
from cordiale.views import contracts as contract_pages
from cordiale.views import crisis as crisis_pages
from cordiale.views import equipment as equipment_pages
from cordiale.views import inspections as inspection_pages
from cordiale.views import inventories as inventory_pages
from cordiale.views import inventories_told as inventory_told_pages
from cordiale.views import people as people_pages
from cordiale.views import register as register_pages
from cordiale.views import reproductions as reproduction_pages
from cordiale.views import returns as return_pages
from cordiale.views import visits as visit_pages

View: TypeAlias = Callable[[Registry, Request], Mapping[str, Any]]

VIEWS: Final[Mapping[str, View]] = {
    "view.items": search.list_items,
    "view.today": today.show_today,
    "view.pictures": pictures.show_pictures,
    "view.search": search.search_register,
    "view.export-register": register_export.export_register,
    "view.item": items.show_item,
    "view.item-page": item_page.show_item_page,
    "view.preview": items.preview,
    "view.release": releases.show_release,
    "view.releases": releases.list_releases,
    "view.label-preview": labelling.preview_label,
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
    "view.plans": carriages.list_plans,
    "view.outages": outages.list_outages,
    "view.levels": levels.list_levels,
    "view.challenges": levels.list_challenges,
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
    "view.certificate": certificates.show_certificate,
    "view.drafts": drafts.list_drafts,
    "view.equipment": equipment_pages.list_equipment,
    "view.reproductions": reproduction_pages.list_reproductions,
    "view.reproduction": reproduction_pages.show_reproduction,
    "view.stamp": stamps.show_stamps,
    "view.registries": registries.list_registries,
    "view.register": register_book.show_register,
    "view.completeness": completeness_pages.show_completeness,
    "view.destructions": destructions.list_destructions,
    "view.destruction": destructions.show_destruction,
    "view.crises": crisis_pages.list_crises,
    "view.crisis": crisis_pages.show_crisis,
    "view.crisis-list": crisis_pages.list_for_crisis,
    "view.returns": return_pages.list_returns,
    "view.inventories": inventory_pages.list_inventories,
    "view.inventory-export": inventory_pages.show_export,
    "view.inventory-count": inventory_pages.show_count,
    "view.inventory": inventory_pages.show_inventory,
    "view.inventories-told": inventory_told_pages.list_told,
    "view.inventory-told": inventory_told_pages.show_told,
    "view.folders": folders.list_folders,
    "view.folder": folders.show_folder,
    "view.folder-floor": folders.show_floor,
    "view.purpose": purposes.list_for_purpose,
    "view.where": register_pages.where_is,
    "view.trail": register_pages.show_trail,
    "view.logs": register_pages.list_logs,
    "view.people": parties.list_people,
    "view.person": parties.show_person,
    "view.credentials": credentials.list_credentials,
    "view.credential": credentials.show_credential,
    "view.clients": client_pages.list_clients,
    "view.people-proposals": people_pages.list_proposals,
    "view.people-proposal": people_pages.show_proposal,
    "view.partners": parties.list_partners,
    "view.agreements": parties.list_agreements,
    "view.agreement": parties.show_agreement,
    "view.ceremony": ceremony.show_ceremony,
    "view.accord": accord_time.show_accord,
    "view.successions": accord_time.list_successions,
}

"""Sentences that count something, each with how it is said of one.

A sentence of the source speaks of many; its row here names the sentence for one
and the field that is counted. The catalogues hold as many forms of it as their
language has, so that no sentence says "1 copies".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Counted:
    """How a sentence is said of `one`, and the field whose number decides, `by`."""

    one: str
    by: str = "count"

    def number(self, fields: Mapping[str, object]) -> int:
        """Return the number that decides, however it is written (``1 234``); 0 where none is given."""
        digits = "".join(one for one in str(fields.get(self.by, "")) if one.isdecimal())
        return int(digits or 0)


COUNTED: Final[Mapping[str, Counted]] = {
    # Lengths of time and numbers of persons, as the rules of an agreement give them.
    "within {count} working days": Counted("within {count} working day"),
    "within {count} calendar days": Counted("within {count} calendar day"),
    "{count} hours": Counted("{count} hour"),
    "{count} days": Counted("{count} day"),
    "{count} calendar days": Counted("{count} calendar day"),
    "{count} working days": Counted("{count} working day"),
    "{count} weeks": Counted("{count} week"),
    "{count} months": Counted("{count} month"),
    "{count} years": Counted("{count} year"),
    "{count} persons": Counted("{count} person"),
    # What is here, held, asked back and counted.
    "{count} items": Counted("{count} item"),
    "{count} items.": Counted("{count} item."),
    "More than {count} items.": Counted("More than {count} item."),
    "{count} sheets": Counted("{count} sheet"),
    "Begun: {expected} copies must be there.": Counted("Begun: {expected} copy must be there.", by="expected"),
    "{expected} copies must be there; inventory: {inventory}": Counted(
        "{expected} copy must be there; inventory: {inventory}", by="expected"
    ),
    "Listed: {listed} copies.": Counted("Listed: {listed} copy.", by="listed"),
    "{sighted} sealed files are there.": Counted("{sighted} sealed file is there.", by="sighted"),
    "{count} envelopes are there": Counted("{count} envelope is there"),
    "dispatched as {number}: {count} copies, by {link}": Counted("dispatched as {number}: {count} copy, by {link}"),
    "{copies} copies are asked back, for nothing can be demanded; request: {request}": Counted(
        "{copies} copy is asked back, for nothing can be demanded; request: {request}", by="copies"
    ),
    "{copies} copies are ordered back; request: {request}": Counted(
        "{copies} copy is ordered back; request: {request}", by="copies"
    ),
    "{copies} copies are entered; another person confirms {crisis}": Counted(
        "{copies} copy is entered; another person confirms {crisis}", by="copies"
    ),
    "{count} copies are not sighted yet, and a result has at most {most}": Counted(
        "{count} copy is not sighted yet, and a result has at most {most}"
    ),
    "{count} copies were sighted that this inventory does not expect": Counted(
        "{count} copy was sighted that this inventory does not expect"
    ),
    "{count} copies are on their way from it or to it": Counted("{count} copy is on its way from it or to it"),
    "{count} copies bear this number": Counted("{count} copy bears this number"),
    "{count} copies of this item are held here, and it is not said which is meant": Counted(
        "{count} copy of this item is held here, and it is not said which is meant"
    ),
    "{count} copies of this item are here": Counted("{count} copy of this item is here"),
    "{count} copies of this item are on their way to a partner": Counted(
        "{count} copy of this item is on its way to a partner"
    ),
    "the registry still holds {count} copies": Counted("the registry still holds {count} copy"),
    "the authority is given {count} copies of the list": Counted("the authority is given {count} copy of the list"),
    "It is over; {items} items here are to be returned or destroyed.": Counted(
        "It is over; {items} item here is to be returned or destroyed.", by="items"
    ),
    "{contract} is over; {items} items here are to be returned or destroyed": Counted(
        "{contract} is over; {items} item here is to be returned or destroyed", by="items"
    ),
    "{items} items are in it; left out: {left_out}.": Counted(
        "{items} item is in it; left out: {left_out}.", by="items"
    ),
    "{items} items are in the package; left out: {left_out}": Counted(
        "{items} item is in the package; left out: {left_out}", by="items"
    ),
    "the transport plan is for {count} consignments, and so many have left": Counted(
        "the transport plan is for {count} consignment, and so many have left"
    ),
    "more than {count} packages travel under a transport plan": Counted(
        "more than {count} package travels under a transport plan"
    ),
    # Persons, and who of them acts together.
    "confirmed: {persons} people are as proposed from now on": Counted(
        "confirmed: {persons} person is as proposed from now on", by="persons"
    ),
    "the node {node} of {party} is made in {home}: {people} people, {count} of them with keys": Counted(
        "the node {node} of {party} is made in {home}: {people} person, {count} with keys", by="people"
    ),
    "signed; {count} persons were there when it was sealed": Counted(
        "signed; {count} person was there when it was sealed"
    ),
    "{item} is destroyed by {persons} persons; certificates: {numbers}": Counted(
        "{item} is destroyed by {persons} person; certificates: {numbers}", by="persons"
    ),
    "{item} is destroyed by {persons} persons; it was our own, and nobody is owed a certificate": Counted(
        "{item} is destroyed by {persons} person; it was our own, and nobody is owed a certificate", by="persons"
    ),
    "{party} is a partner: {persons} persons have compared its fingerprint": Counted(
        "{party} is a partner: {persons} person has compared its fingerprint", by="persons"
    ),
    "{needed} distinct persons must act together, and {count} are named": Counted(
        "{needed} distinct persons must act together, and {count} is named"
    ),
    "{needed} distinct persons must release, and {count} have approved": Counted(
        "{needed} distinct persons must release, and {count} has approved"
    ),
    "{needed} persons must be there when it is sealed, and {count} have signed": Counted(
        "{needed} persons must be there when it is sealed, and {count} has signed"
    ),
    "{needed} persons must do this act ({act}) together, and here one does it alone": Counted(
        "{needed} person must do this act ({act}) together, and here one does it alone", by="needed"
    ),
    "{withdrawn} approvals are withdrawn": Counted("{withdrawn} approval is withdrawn", by="withdrawn"),
    "{withdrawn} approvals are withdrawn.": Counted("{withdrawn} approval is withdrawn.", by="withdrawn"),
    "{count} visitors are not to come; the other side is told": Counted(
        "{count} visitor is not to come; the other side is told"
    ),
    # What comes and goes between nodes, and time.
    "The bag {bag} for {party} is packed: {files} files.": Counted(
        "The bag {bag} for {party} is packed: {files} file.", by="files"
    ),
    "the bag {bag} for {party} is packed: {files} files": Counted(
        "the bag {bag} for {party} is packed: {files} file", by="files"
    ),
    "The bag {bag}: {taken} messages taken, {before} known before.": Counted(
        "The bag {bag}: {taken} message taken, {before} known before.", by="taken"
    ),
    "the bag {bag}: {taken} messages taken, {before} known before": Counted(
        "the bag {bag}: {taken} message taken, {before} known before", by="taken"
    ),
    "{count} messages wait to be answered by partners": Counted("{count} message waits to be answered by partners"),
    "the message waits for {count} others on the same item": Counted(
        "the message waits for {count} other on the same item"
    ),
    "{count} envelopes are arriving from this node already, and no more come at once": Counted(
        "{count} envelope is arriving from this node already, and no more come at once"
    ),
    "{party} has given notice of {count} registries, and no more are entered": Counted(
        "{party} has given notice of {count} registry, and no more are entered"
    ),
    "up to {days} days": Counted("up to {days} day", by="days"),
    "a client counts for {days} days at most": Counted("a client counts for {days} day at most", by="days"),
    "a deadline of {count} days cannot be counted": Counted("a deadline of {count} day cannot be counted"),
    "{months} months cannot be counted": Counted("{months} month cannot be counted", by="months"),
    "this failed too often; it can be tried again in {seconds} seconds at the latest": Counted(
        "this failed too often; it can be tried again in {seconds} second at the latest", by="seconds"
    ),
    "the partner's node at {endpoint} did not answer within {seconds} seconds": Counted(
        "the partner's node at {endpoint} did not answer within {seconds} second", by="seconds"
    ),
    "less than {size} bytes came in {seconds} seconds": Counted(
        "less than {size} bytes came in {seconds} second", by="seconds"
    ),
    # Keys, logs and copies of a node.
    "{count} of the keys of the root have signed this and {threshold} must": Counted(
        "{count} of the keys of the root has signed this and {threshold} must"
    ),
    "of {count} root keys, {threshold} can never sign together": Counted(
        "of {count} root key, {threshold} can never sign together"
    ),
    "{threshold} of {count} keys is not a rule that can be kept": Counted(
        "{threshold} of {count} key is not a rule that can be kept"
    ),
    "the root before has {count} keys": Counted("the root before has {count} key"),
    "new keys are in the vault of {home}; it holds {sets} sets": Counted(
        "new keys are in the vault of {home}; it holds {sets} set", by="sets"
    ),
    "{node} is copied to {path}: the books and {envelopes} sealed envelopes": Counted(
        "{node} is copied to {path}: the books and {envelopes} sealed envelope", by="envelopes"
    ),
    "{files} files of the log {log} are in {folder}": Counted(
        "{files} file of the log {log} is in {folder}", by="files"
    ),
    "the log {log} stands at {size} entries": Counted("the log {log} stands at {size} entry", by="size"),
    "the log {log} had {kept} entries when this head was kept, and has {found}: its end is gone": Counted(
        "the log {log} had {kept} entry when this head was kept, and has {found}: its end is gone", by="kept"
    ),
    "the first {kept} entries of the log {log} are not those that this head was kept of": Counted(
        "the first {kept} entry of the log {log} is not that which this head was kept of", by="kept"
    ),
    "the {found} entries of the log do not make up its checkpoint of {expected}": Counted(
        "the {found} entry of the log does not make up its checkpoint of {expected}", by="found"
    ),
    "{node} has seen our log of {log} at {seen} entries and this home has {own}: it was rolled back": Counted(
        "{node} has seen our log of {log} at {seen} entry and this home has {own}: it was rolled back", by="seen"
    ),
    "the partner has shown two histories of its log, both of {size} entries": Counted(
        "the partner has shown two histories of its log, both of {size} entry", by="size"
    ),
    "this witness last cosigned the log at {recorded} entries and not at {old_size}": Counted(
        "this witness last cosigned the log at {recorded} entry and not at {old_size}", by="recorded"
    ),
    "the log asks to go back from {old_size} entries to {size}": Counted(
        "the log asks to go back from {old_size} entry to {size}", by="old_size"
    ),
    "a log of {new_size} entries cannot continue one of {old_size}": Counted(
        "a log of {new_size} entry cannot continue one of {old_size}", by="new_size"
    ),
    "the proof does not show that the log of {new_size} entries continues the one of {old_size}": Counted(
        "the proof does not show that the log of {new_size} entry continues the one of {old_size}", by="new_size"
    ),
    "entry {index} is not among the first {size} entries of the log": Counted(
        "entry {index} is not the first {size} entry of the log", by="size"
    ),
    "the stored frontier of the log does not fit its size of {size} entries": Counted(
        "the stored frontier of the log does not fit its size of {size} entry", by="size"
    ),
    "the unfinished rows of the log do not fit its {size} entries": Counted(
        "the unfinished rows of the log do not fit its {size} entry", by="size"
    ),
    "a checkpoint has {count} lines instead of three": Counted("a checkpoint has {count} line instead of three"),
}

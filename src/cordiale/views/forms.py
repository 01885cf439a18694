"""Forms to print as PDF: labels, and values that are words of ours, in English and in the languages of both parties."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from cordiale.canonical import encode_base64url
from cordiale.errors import OutOfOrder
from cordiale.limits import FORM_LINES_COUNT_MAX
from cordiale.model.mode import Mode
from cordiale.ports.pages import PrintedForm
from cordiale.records.registry import Registry
from cordiale.rules.marking import EXERCISE_LINE
from cordiale.views.pages import moment
from cordiale.words.codes import WORDS
from cordiale.words.spoken import Words, marked

_LANGUAGES: Final[Mapping[str, str]] = {
    "BEL": "fr", "CHE": "fr", "FRA": "fr", "JPN": "ja", "LUX": "fr", "UKR": "uk",
}
"""The language beside English in which a party's registry reads a form, where it is one that everything is said in."""

_BETWEEN: Final = " / "
_REGISTER_SHARES: Final = (11, 9, 9, 16, 15, 5, 8, 27)


class Labels:
    """Labels in English and in the languages of `parties`, in their order, each once."""

    def __init__(self, *parties: str) -> None:
        found = dict.fromkeys(("en", *(_LANGUAGES[party] for party in parties if party in _LANGUAGES)))
        self._words = [Words(language) for language in found]

    def say(self, text: str) -> str:
        """Return `text` in each language, with a capital letter; what is the same in two is said once."""
        said = dict.fromkeys(words.say(text) for words in self._words)
        return _BETWEEN.join(one[:1].upper() + one[1:] for one in said)

    def word(self, code: str) -> str:
        """Return what `code` is called, in each language; what is no word of ours stays as it is."""
        return self.say(WORDS[code]) if code in WORDS else code

    def rows(self, pairs: Sequence[tuple[str, object]]) -> tuple[tuple[str, str], ...]:
        """Return `pairs` of label and value as they are printed, without those that say nothing."""
        return tuple((self.say(text), shown(value)) for text, value in pairs if value not in (None, "", [], ()))


def shown(value: object) -> str:
    """Return a value as people read it: a list with commas, a time of the books without its letters."""
    if isinstance(value, list | tuple):
        return ", ".join(map(shown, value))
    return moment(value)


def banner_of(mode: Mode, *lines: str) -> tuple[str, ...]:
    """Return what stands above and below on each page of a form."""
    return tuple(line for line in ((EXERCISE_LINE if mode is Mode.EXERCISE else ""), *lines) if line)


def printed(registry: Registry, *forms: PrintedForm) -> dict[str, str]:
    """Return `forms` as a member of an answer: one PDF in base64url. Raises `OutOfOrder` for a table too long."""
    for form in forms:
        if len(form.lines) > FORM_LINES_COUNT_MAX:
            raise OutOfOrder(
                "form.too-long", "this has more than {count} lines, and is not printed as PDF",
                hint="print the page as HTML", count=FORM_LINES_COUNT_MAX,
            )
    return {"pdf": encode_base64url(registry.printer.print(forms))}


def receipt_form(mode: Mode, values: Mapping[str, Any]) -> PrintedForm:
    """Return the receipt in `values`, as `cordiale.views.receipts` shows it; no title and no level stand on it."""
    labels = Labels(values["from"], values["to"])
    return PrintedForm(
        banner=banner_of(mode), title=labels.say(marked("receipt")),
        rows=labels.rows((
            (marked("consignment"), values["consignment"]), (marked("number"), values["number"]),
            (marked("agreement"), values["agreement"]), (marked("from"), values["from"]), (marked("to"), values["to"]),
            (marked("received"), values["received_at"]), (marked("registered"), values["registered_at"]),
            (marked("items counted"), str(values["counted"])), (marked("registrar"), values["registrar"]),
            (marked("remarks"), values["remarks"]), (marked("audit trail"), values["trail"]),
            (marked("digest of the message"), values["message_digest"]),
        )),
        columns=tuple(map(labels.say, (marked("copy"), marked("form"), marked("number"), marked("their number")))),
        lines=tuple(
            (str(line["copy_number"]), labels.word(line["form"]), line["number"], line["their_number"])
            for line in values["lines"]
        ),
        foot=(labels.say(marked("receipt")), values["number"] or values["consignment"], values["at"]),
    )


def certificate_form(mode: Mode, values: Mapping[str, Any]) -> PrintedForm:
    """Return the certificate in `values`, as `cordiale.views.certificates` shows it; neither title nor level."""
    labels = Labels(values["from"], values["to"])
    ending = labels.say({
        "returned": marked("certificate of return"), "destroyed": marked("certificate of destruction"),
    }.get(values["ending"], marked("certificate of a hand-over")))
    return PrintedForm(
        banner=banner_of(mode), title=ending,
        rows=labels.rows((
            (marked("number"), values["number"]), (marked("from"), values["from"]), (marked("to"), values["to"]),
            (marked("item"), values["reference"]), (marked("their number"), values["their_reference"]),
            (marked("copy"), str(values["copy_number"])), (marked("form"), labels.word(values["form"])),
            (marked("method"), values["method"]), (marked("day"), values["done_on"]),
            (marked("legal basis"), values["legal_basis"]), (marked("carried out by"), values["persons"]),
            (marked("witnesses"), values["witnesses"]), (marked("proof"), values["proof"]),
            (marked("audit trail"), values["trail"]),
        )),
        columns=tuple(map(labels.say, (marked("name, post"), marked("date"), marked("signature")))),
        lines=tuple((person, "", "") for person in (*values["persons"], *values["witnesses"])), is_signed=True,
        foot=(values["number"], values["at"]),
    )


def register_form(mode: Mode, values: Mapping[str, Any], at: str) -> PrintedForm:
    """Return one book of the register; the page bears the highest level of what it lists."""
    labels = Labels(values["party"], values["book"])
    return PrintedForm(
        banner=banner_of(mode, " // ".join(values["levels"])), is_wide=True,
        title=f"{labels.say(marked('register'))}: {labels.say(marked('book'))} {values['book']}",
        rows=labels.rows(((marked("registry"), f"{values['title']} ({values['party']})"),)),
        columns=tuple(map(labels.say, (
            marked("number"), marked("date"), marked("act"), marked("item"), marked("level"), marked("copy"),
            marked("from or to"), marked("particulars"),
        ))),
        lines=tuple(_register_line(labels, row) for row in values["rows"]), shares=_REGISTER_SHARES,
        foot=(values["book"], at),
    )


def _register_line(labels: Labels, row: Mapping[str, Any]) -> tuple[str, ...]:
    numbers = [row.get("item_number", "") if row.get("item_number") != row["number"] else "",
               row.get("their_reference", "")]
    return (
        row["number"], shown(row["at"]), labels.word(row["act"]),
        " ".join(filter(None, (row.get("title", ""), *numbers))),
        " // ".join(filter(None, (row.get("level", ""), row.get("equivalent", "")))),
        str(row.get("copy_number", "")), row.get("sender", row.get("party", "")),
        "; ".join(f"{name}: {shown(value)}" for name, value in row["notes"]),
    )


def carriage_forms(mode: Mode, papers: Mapping[str, Any]) -> tuple[PrintedForm, ...]:
    """Return the papers of a courier: both covers, the list inside the inner one, and the slip in its three parts."""
    labels = Labels(papers["sender"], papers["to"])
    levels = " // ".join(dict.fromkeys(line["level"] for line in papers["lines"]))
    contents = PrintedForm(
        banner=banner_of(mode, levels), title=labels.say(marked("list of contents")),
        rows=labels.rows(((marked("number"), papers["number"]),)),
        columns=tuple(map(labels.say, (
            marked("number"), marked("copy"), marked("form"), marked("sheets"), marked("level"),
        ))),
        lines=tuple(
            (line["number"], str(line["copy_number"]), labels.word(line["form"]), str(line["sheets"]), line["level"])
            for line in papers["lines"]
        ),
        foot=(papers["number"], papers["at"]),
    )
    return (*_covers(mode, papers, labels, levels), contents, *(_slip(mode, papers, labels, part) for part in (
        ("A", marked("kept by the recipient")), ("B", marked("signed and returned to the sender")),
        ("B′", marked("kept by the sender until B is back")),
    )))


def _covers(
    mode: Mode, papers: Mapping[str, Any], labels: Labels, levels: str
) -> tuple[PrintedForm, PrintedForm]:
    """Return the outer cover, on which neither level nor subject stands, and the inner one, with both ends' words."""
    ends = (
        (marked("to"), f"{papers['addressee']}, {papers['to']}"),
        (marked("from"), f"{papers['from']}, {papers['sender']}"), (marked("number"), papers["number"]),
    )
    opens = (
        marked("to be opened by the addressee only") if "addressee_alone" in papers
        else marked("to be opened by the registry only")
    )
    outer = PrintedForm(
        banner=banner_of(mode), title=labels.say(marked("outer cover")),
        rows=labels.rows((*ends, (marked("seals"), papers["seals"]))), foot=(papers["number"],),
    )
    inner = PrintedForm(
        banner=banner_of(mode, levels), title=labels.say(marked("inner cover")),
        rows=labels.rows((
            *ends, (marked("for"), papers["behind"]), (marked("seals"), papers.get("inner_seals", ())),
        )),
        columns=(labels.say(opens),),
        lines=((labels.say(marked("whoever finds this does not open it, and tells the sender or the police")),),),
        foot=(papers["number"],),
    )
    return outer, inner


def _slip(mode: Mode, papers: Mapping[str, Any], labels: Labels, part: tuple[str, str]) -> PrintedForm:
    return PrintedForm(
        banner=banner_of(mode), title=f"{labels.say(marked('courier slip'))} {part[0]}",
        rows=(
            (part[0], labels.say(part[1])),
            *labels.rows((
                (marked("number"), papers["number"]), (marked("to"), f"{papers['addressee']}, {papers['to']}"),
                (marked("from"), f"{papers['from']}, {papers['sender']}"),
                (marked("packages"), str(papers["packages"])),
                (marked("seals"), papers["seals"]), (marked("certificate"), papers.get("certificate", "")),
                (marked("items"), [line["number"] for line in papers["lines"]]),
            )),
        ),
        columns=tuple(map(labels.say, (marked("received"), marked("name, post"), marked("signature")))),
        lines=(("", "", ""),), is_signed=True, foot=(papers["number"], papers["at"]),
    )

"""cordiale agreement: from the signed text to a link that is open."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import click

from cordiale.doors.cli import show
from cordiale.doors.cli.ask import confirm
from cordiale.doors.cli.caller import Caller
from cordiale.doors.cli.declare import declare, group
from cordiale.doors.cli.options import PATH, html_option, yes_option
from cordiale.words import say

EXIT_ERRORS: Final = 4
_STAGES: Final = ["in-principle", "initialled", "signed", "provisional", "in-force", "suspended", "terminated"]


def _source_options(function: Any) -> Any:
    function = click.option("--dir", "folder", type=PATH, metavar="DIR", help=say("a folder of TOML files"))(function)
    return click.option("--template", metavar="NAME", help=say("an agreement that is shipped"))(function)


@declare(
    "templates", say("list the agreements that are shipped, or copy one to edit"),
    examples=["cordiale agreement templates", "cordiale agreement templates exercise --copy-to my-agreement"],
)
@click.argument("name", required=False)
@click.option("--copy-to", type=PATH, metavar="DIR", help=say("write its files to this folder"))
def templates(caller: Caller, name: str | None, copy_to: Path | None) -> None:
    """List or copy."""
    from cordiale.operate.keyfiles import write_file
    from cordiale.wire.agreement_toml import load_template, template_files, template_names

    if name is None:
        rows = [{"name": one, "title": load_template(one).profile.title} for one in template_names()]
        caller.show({"templates": rows}, lambda: show.table(
            rows, [("name", say("name")), ("title", say("title"))], empty=say("there is none"),
        ))
        return
    files = template_files(name)
    if copy_to is not None:
        copy_to.mkdir(parents=True, exist_ok=True)
        for file, text in sorted(files.items()):
            write_file(copy_to / file, text.encode("utf-8"), exclusive=True)
    caller.show({"files": sorted(files), "name": name}, lambda: caller.tell("\n".join(sorted(files))))


@declare(
    "check", say("find gaps and contradictions in an agreement before anybody signs it"),
    details=say("An error must be corrected, a question answered by the parties. Errors end with exit code 4."),
    examples=["cordiale agreement check --dir my-agreement", "cordiale agreement check --template ch-pl-2022"],
)
@_source_options
def check(caller: Caller, template: str | None, folder: Path | None) -> None:
    """Check it, without a node."""
    from cordiale.doors.cli.drafts import finding_value, findings_of, read_draft, write_findings
    from cordiale.rules.agreement_check import has_errors

    findings = findings_of(read_draft(template, folder))
    caller.show({"findings": [finding_value(one) for one in findings]}, lambda: write_findings(findings))
    if has_errors(findings):
        raise click.exceptions.Exit(EXIT_ERRORS)


@declare(
    "show", say("show an agreement as a page to read"), for_person=True,
    details=say("ID is an agreement this node knows; --template and --dir need neither node nor key."),
    examples=[
        "cordiale agreement show exercise-jpn-ukr --key keys/authority.key.json",
        "cordiale agreement show --dir my-agreement --html agreement.html",
    ],
)
@click.argument("agreement", required=False, metavar="[ID]")
@_source_options
@html_option
def show_agreement(
    caller: Caller, agreement: str | None, template: str | None, folder: Path | None, html: Path | None
) -> None:
    """Show it."""
    from cordiale.operate.keyfiles import write_file
    from cordiale.views.agreement_page import render_agreement_html, render_agreement_text

    page, value = _page_of(caller, agreement, template, folder)
    if html is not None:
        write_file(html, render_agreement_html(page).encode("utf-8"), exclusive=True)
        caller.show({"file": str(html)}, lambda: caller.tell(say("the page is in {file}", file=html)))
        return
    caller.show(value, lambda: click.echo_via_pager(render_agreement_text(page)))


def _page_of(caller: Caller, agreement: str | None, template: str | None, folder: Path | None) -> tuple[Any, Any]:
    from cordiale.doors.cli.drafts import findings_of, read_draft
    from cordiale.views.agreement_page import view_agreement
    from cordiale.wire.agreement_json import agreement_text_to_json
    from cordiale.wire.profile_json import profile_to_json

    if agreement is None:
        draft = read_draft(template, folder)
        return view_agreement(draft, findings_of(draft)), {
            "profile": profile_to_json(draft.profile), "text": agreement_text_to_json(draft.text),
        }
    if template or folder:
        raise click.UsageError(say("name an agreement of the node, a template or a folder: one of them"))
    return _page_of_node(caller, agreement, is_newest=False)


def _page_of_node(caller: Caller, agreement: str, *, is_newest: bool) -> tuple[Any, Any]:
    """Return the page and the value of an agreement the node knows; with `is_newest`, of a version that waits."""
    from cordiale.doors.cli.drafts import findings_of
    from cordiale.model.agreement import AgreementDraft
    from cordiale.views.agreement_page import view_agreement
    from cordiale.wire.agreement_json import agreement_text_from_json
    from cordiale.wire.profile_json import profile_from_json

    value = caller.view("view.agreement", {"agreement": agreement})
    shown = value["proposed"] if is_newest and "proposed" in value else value
    draft = AgreementDraft(agreement_text_from_json(shown["text"]), profile_from_json(shown["profile"]), ())
    return view_agreement(draft, findings_of(draft)), shown


@declare(
    "trace", say("show article by article what the software does, in which module, and which tests prove it"),
    for_person=True,
    details=say("NAME is a shipped agreement, or one this node knows; without it, all that are shipped are counted."),
    examples=["cordiale agreement trace", "cordiale agreement trace ch-pl-2022"],
)
@click.argument("name", required=False)
@click.option("--dir", "folder", type=PATH, metavar="DIR", help=say("a folder of TOML files"))
def trace(caller: Caller, name: str | None, folder: Path | None) -> None:
    """Trace it to duties."""
    from cordiale.doors.cli.drafts import read_draft
    from cordiale.doors.cli.traces import shipped_rows, trace_value
    from cordiale.views.agreement_trace import render_trace, trace_of
    from cordiale.wire.agreement_toml import template_names

    if name is None and folder is None:
        rows = shipped_rows()
        caller.show({"agreements": rows}, lambda: show.table(rows, [
            ("name", say("name")), ("articles", say("articles")), ("duties", say("duties")), ("open", say("open")),
            ("unshown", say("nothing shown")),
        ], empty=say("there is none")))
        return
    if name is not None and folder is not None:
        raise click.UsageError(say("name an agreement of the node, a template or a folder: one of them"))
    if name is None or name in template_names():
        draft = read_draft(name, folder)
    else:
        draft = _page_of_node(caller, name, is_newest=False)[0].draft
    traced = trace_of(draft)
    caller.show(
        {"agreement": draft.profile.agreement, "trace": trace_value(traced)},
        lambda: click.echo_via_pager(render_trace(draft.profile.agreement, traced)),
    )


@declare(
    "enter", say("enter the text and the profile of an agreement, and put both before the partner"), acts=True,
    details=say("An act of the competent authority. The profile has no effect until all have signed it."),
    examples=[
        "cordiale agreement enter --template exercise --key keys/authority.key.json",
        "cordiale agreement enter --dir my-agreement --key keys/authority.key.json",
    ],
)
@_source_options
def enter(caller: Caller, template: str | None, folder: Path | None) -> None:
    """Check, then enter."""
    from cordiale.doors.cli.drafts import findings_of, read_draft, write_findings
    from cordiale.errors import Malformed
    from cordiale.rules.agreement_check import has_errors
    from cordiale.wire.agreement_json import agreement_text_to_json
    from cordiale.wire.profile_json import profile_to_json

    draft = read_draft(template, folder)
    findings = findings_of(draft)
    if has_errors(findings):
        if not caller.settings.is_json:
            write_findings(findings)
        raise Malformed(
            "agreement.has-errors", "the agreement has errors and was not entered",
            hint="correct them; `cordiale agreement check` lists them",
        )
    reply = caller.act("agreement.enter", {
        "profile": profile_to_json(draft.profile), "text": agreement_text_to_json(draft.text),
    })
    caller.told(reply, say("{agreement} is entered, version {version}; the authorities sign it", **reply.answer))


@declare(
    "national", say("enter what our own law says where agreements leave it to national law"), acts=True,
    details=say("It never leaves this node."),
    examples=["cordiale agreement national --template exercise --key keys/authority.key.json"],
)
@_source_options
def national(caller: Caller, template: str | None, folder: Path | None) -> None:
    """Enter our party's national profile."""
    from cordiale.doors.cli.drafts import read_draft
    from cordiale.errors import Malformed
    from cordiale.wire.agreement_json import national_profile_to_json

    party = caller.config().party
    draft = read_draft(template, folder)
    ours = [one for one in draft.nationals if one.party == party]
    if not ours:
        raise Malformed(
            "national.missing", "there is no national profile of {party} among the files", party=party,
            hint="write national-{party}.toml",
        )
    reply = caller.act("agreement.national", {"profile": national_profile_to_json(ours[0])})
    caller.told(reply, say("the national profile of {party} is entered, version {version}", **reply.answer))


@declare(
    "sign", say("sign the implementing profile of an agreement, as a competent authority"), acts=True,
    details=say(
        "Shows the agreement as this node has it, and asks. Exactly that profile is signed: the newer version where "
        "one is entered and waits."
    ),
    examples=["cordiale agreement sign exercise-jpn-ukr --key keys/authority.key.json"],
)
@click.argument("agreement", metavar="ID")
@yes_option
def sign(caller: Caller, agreement: str, yes: bool) -> None:
    """Show, ask, sign."""
    from cordiale.canonical import encode_canonical
    from cordiale.views.agreement_page import render_agreement_text

    page, value = _page_of_node(caller, agreement, is_newest=True)
    if not yes and not caller.settings.is_json:
        click.echo_via_pager(render_agreement_text(page))
    profile = value["profile"]
    caller.tell(say("{title}, version {version}", title=profile["title"], version=profile["version"]))
    confirm(say("sign this profile?"), yes=yes)
    signed = caller.key.sign_profile(encode_canonical(profile))
    reply = caller.act("agreement.sign", {"agreement": agreement, "signed": signed})
    caller.told(reply, say("signed; signatures so far: {parties}", parties=", ".join(reply.answer["signed_by"])))


@declare(
    "stage", say("record that the governments took an agreement to a further stage"), acts=True,
    details=say(
        "What opens the agreement takes every party's word, what closes it takes one. A party lifts its suspension by "
        "naming the stage the agreement stands at."
    ),
    examples=[
        "cordiale agreement stage exercise-jpn-ukr signed --on 2026-11-16 --article 'Art. 15(1)' \\",
        "    --key keys/authority.key.json",
    ],
)
@click.argument("agreement", metavar="ID")
@click.argument("stage", type=click.Choice(_STAGES))
@click.option("--on", required=True, metavar="DAY", help=say("the day it took effect, such as 2026-11-16"))
@click.option("--article", required=True, help=say("the article it rests on"))
@click.option("--reason", metavar="TEXT", help=say("why, where that is said"))
@click.option("--ended-on", metavar="DAY", help=say("the day provision stops, for a termination"))
@click.option("--level", "levels", multiple=True, metavar="SCHEME:LEVEL", help=say("only this level, for a suspension"))
def stage(caller: Caller, agreement: str, levels: tuple[str, ...], **given: Any) -> None:
    """Record it."""
    reply = caller.act("agreement.stage", {
        "agreement": agreement, **given, **({"levels": list(levels)} if levels else {}),
    })
    if "ended_on" in reply.answer and reply.answer["stage"] != "terminated":
        caller.told(reply, say("{agreement} is {stage} and ends on {ended_on}", **reply.answer))
        return
    caller.told(reply, say("{agreement} is {stage}", **reply.answer))


@declare(
    "note", say("record our diplomatic note, and send its particulars"), acts=True,
    examples=[
        "cordiale agreement note exercise-jpn-ukr --reference 'EX-N-7' --on 2026-11-16 --article 'Art. 15(1)' \\",
        "    --in-force-on 2026-11-16 --key keys/authority.key.json",
    ],
)
@click.argument("agreement", metavar="ID")
@click.option("--reference", required=True, help=say("the number of the note"))
@click.option("--on", required=True, metavar="DAY", help=say("its day, such as 2026-11-16"))
@click.option("--article", required=True, help=say("the article it rests on"))
@click.option("--in-force-on", metavar="DAY", help=say("the day the agreement enters into force by it"))
def note(caller: Caller, agreement: str, **given: Any) -> None:
    """Record it."""
    reply = caller.act("agreement.note", {"agreement": agreement, **given})
    caller.told(reply, say("the note is recorded; {agreement} is {stage}", **reply.answer))


@declare(
    "ready", say("record our finding that a party can protect information up to a level"), acts=True,
    examples=[
        "cordiale agreement ready exercise-jpn-ukr --of UKR --level 'EX-UKR:EXERCISE BARVINOK' \\",
        "    --article 'Art. 14' --key keys/authority.key.json",
    ],
)
@click.argument("agreement", metavar="ID")
@click.option("--of", "of_party", required=True, metavar="PARTY", help=say("the party that was looked at"))
@click.option("--level", required=True, metavar="SCHEME:LEVEL", help=say("the highest level, in its own scheme"))
@click.option("--article", required=True, help=say("the article it rests on"))
@click.option("--withdraw", is_flag=True, help=say("it no longer holds"))
def ready(caller: Caller, agreement: str, **given: Any) -> None:
    """Record it."""
    reply = caller.act("agreement.ready", {"agreement": agreement, **given})
    if given["withdraw"]:
        caller.told(reply, say("{party} is no longer found ready", party=given["of_party"]))
        return
    caller.told(reply, say("{party} is found ready up to {level}", party=given["of_party"], level=given["level"]))


@declare(
    "link", say("record our approval of a link up to a level"), acts=True,
    examples=[
        "cordiale agreement link exercise-jpn-ukr wire --level 'EX-JPN:EXERCISE SAKURA' --reference 'EX-L-3' \\",
        "    --key keys/authority.key.json",
    ],
)
@click.argument("agreement", metavar="ID")
@click.argument("link", type=click.Choice(["wire", "bag"]))
@click.option("--level", required=True, metavar="SCHEME:LEVEL", help=say("the highest level, in our own scheme"))
@click.option("--reference", required=True, help=say("the number of the approval"))
@click.option("--withdraw", is_flag=True, help=say("it no longer holds"))
def link(caller: Caller, agreement: str, **given: Any) -> None:
    """Record it."""
    reply = caller.act("agreement.link", {"agreement": agreement, **given})
    if given["withdraw"]:
        caller.told(reply, say("the {link} is no longer approved", link=given["link"]))
        return
    caller.told(reply, say("the {link} is approved up to {level}", link=given["link"], level=given["level"]))


@declare(
    "list", say("list the agreements this node knows, and how far each has come"), for_person=True,
    examples=["cordiale agreement list --key keys/authority.key.json"],
)
def list_agreements(caller: Caller) -> None:
    """List them."""
    answer = caller.view("view.agreements", {})
    caller.show(answer, lambda: show.table(answer["agreements"], [
        ("agreement", say("agreement")), ("parties", say("parties")), ("stage", say("stage")),
        ("version", say("version")), ("signed_by", say("signed by")), ("in_force_on", say("in force on")),
        ("ended_on", say("ended on")),
    ], empty=say("no agreement is entered")))


command = group("agreement", say("check, enter, sign and bring agreements into force"), {
    "templates": templates, "check": check, "show": show_agreement, "trace": trace, "enter": enter,
    "national": national,
    "sign": sign, "stage": stage, "note": note, "ready": ready, "link": link, "list": list_agreements,
})

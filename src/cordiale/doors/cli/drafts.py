"""Agreements as people write them: read from a template or a folder, bound to their text, and checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import click

from cordiale.errors import Unavailable
from cordiale.model.agreement import AgreementDraft
from cordiale.operate.keyfiles import read_file
from cordiale.records.agreements import text_digest_of
from cordiale.rules.agreement_check import check_profile
from cordiale.rules.agreement_findings import Finding
from cordiale.rules.agreement_references import real_level_words
from cordiale.wire.agreement_toml import load_template, parse_agreement_toml
from cordiale.wire.profile_json import encode_text_digest
from cordiale.wire.scheme_table import load_schemes
from cordiale.words import fill, say

_FILE_BYTES_MAX: Final = 4 * 1024**2


def read_draft(template: str | None, folder: Path | None) -> AgreementDraft:
    """Return the agreement in `folder`, or the shipped `template`, its profile bound to its text.

    Ends the command when neither or both are named. Raises `Malformed`, naming file and line.
    """
    if (template is None) == (folder is None):
        raise click.UsageError(say("name either --template or --dir"))
    draft = load_template(template) if template is not None else _read_folder(folder or Path())
    digest = encode_text_digest(text_digest_of(draft.text, draft.profile.mode))
    return replace(draft, profile=replace(draft.profile, text_digest=draft.profile.text_digest or digest))


def _read_folder(folder: Path) -> AgreementDraft:
    try:
        paths = sorted(folder.glob("*.toml"))
    except OSError as error:
        raise Unavailable(
            "file.unavailable", "`{name}` cannot be read", hint="check the name and your rights to it", name=folder.name
        ) from error
    files = {path.name: read_file(path, _FILE_BYTES_MAX).decode("utf-8", "replace") for path in paths}
    return parse_agreement_toml(files, schemes=load_schemes())


def findings_of(draft: AgreementDraft) -> tuple[Finding, ...]:
    """Return everything the check finds in `draft`."""
    return check_profile(draft.text, draft.profile, draft.nationals, real_words=real_level_words(load_schemes()))


def finding_value(finding: Finding) -> dict[str, Any]:
    """Return a finding as a program reads it."""
    return {
        "code": finding.code, "fields": dict(finding.fields), "hint": finding.hint, "severity": finding.severity.value,
        "text": finding.text,
    }


def write_findings(findings: tuple[Finding, ...]) -> None:
    """Write findings for a person, each with what to write."""
    marks: Mapping[str, str] = {"error": "X", "question": "?", "note": "-"}
    for finding in findings:
        click.echo(f"{marks[finding.severity.value]} {say(finding.text, **dict(finding.fields))}")
        if finding.hint:
            click.echo("    " + fill(say(finding.hint), dict(finding.fields)))
    counts = {mark: sum(1 for one in findings if one.severity.value == mark) for mark in marks}
    click.echo(say(
        "errors: {errors}, questions: {questions}, notes: {notes}", errors=counts["error"],
        questions=counts["question"], notes=counts["note"],
    ))

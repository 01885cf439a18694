"""Asking people: passphrases and credentials, never from an argument or an environment variable, and confirmations."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Final

import click

from cordiale.doors.cli.frame import Settings
from cordiale.errors import Malformed, Undecidable
from cordiale.words import say

_SECRET_BYTES_MAX: Final = 8_192
CREDENTIAL_NAME: Final = "cordiale-vault"


def passphrase_for(settings: Settings, what: str, *, is_new: bool = False) -> str:
    """Return the passphrase for `what`: the next line of `--passphrase-fd`, or what a person types.

    Raises `Undecidable` when there is neither a file descriptor nor a terminal to ask on.
    """
    if settings.passphrase_fd is not None:
        if not settings.secrets:
            settings.secrets = _lines_of(settings.passphrase_fd)
        if not settings.secrets:
            raise Undecidable(
                "passphrase.none", "the file descriptor gave fewer passphrases than are needed",
                hint="write one line for each",
            )
        return settings.secrets.pop(0)
    if not sys.stdin.isatty():
        raise Undecidable(
            "passphrase.no-terminal", "there is no terminal to ask for a passphrase on",
            hint="hand it over with --passphrase-fd",
        )
    typed: str = click.prompt(
        say("passphrase for {what}", what=what), hide_input=True, confirmation_prompt=is_new, err=True,
    )
    return typed


def credential_of(fd: int | None, *, is_new: bool = False) -> str:
    """Return the credential of the vault: from `fd`, from the service manager, or from a terminal.

    Raises `Undecidable` when nobody hands one over.
    """
    if fd is not None:
        return _credentials_from(fd, 1)[0]
    folder = os.environ.get("CREDENTIALS_DIRECTORY", "")
    if folder and (Path(folder) / CREDENTIAL_NAME).is_file():
        return _first_line((Path(folder) / CREDENTIAL_NAME).read_bytes())
    return _typed_credential(say("credential of the vault"), is_new=is_new)


def new_credential_of(fd: int | None) -> tuple[str, str]:
    """Return the credential of the vault and the one to follow it: two lines of `fd`, or what a person types.

    Raises `Undecidable` when nobody hands both over.
    """
    if fd is not None:
        former, following = _credentials_from(fd, 2)
        return former, following
    return (
        _typed_credential(say("credential of the vault")),
        _typed_credential(say("the new credential of the vault"), is_new=True),
    )


def _credentials_from(fd: int, count: int) -> list[str]:
    lines = _lines_of(fd)[:count]
    if len(lines) < count or not all(lines):
        raise Undecidable(
            "credential.empty", "the file descriptor gave no credential", hint="write one line to it for each"
        )
    return lines


def _typed_credential(asked: str, *, is_new: bool = False) -> str:
    if not sys.stdin.isatty():
        raise Undecidable(
            "credential.none", "nobody handed over the credential of the vault",
            hint="use --credential-fd, or a credential `cordiale-vault` of the service manager",
        )
    typed: str = click.prompt(asked, hide_input=True, confirmation_prompt=is_new, err=True)
    return typed


def confirm(question: str, *, yes: bool) -> None:
    """Go on when a person agrees to `question`, or has said so before; end the command otherwise."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise click.UsageError(say("nobody is there to confirm this; read it first, then repeat with --yes"))
    click.confirm(question, abort=True, err=True)


def _lines_of(fd: int) -> list[str]:
    try:
        with os.fdopen(fd, "rb", closefd=True) as file:
            content = file.read(_SECRET_BYTES_MAX)
    except OSError as error:
        raise click.UsageError(say("file descriptor {number} is not open for reading", number=fd)) from error
    try:
        return content.decode("utf-8").splitlines()
    except UnicodeDecodeError:
        raise Malformed(
            "passphrase.characters", "the passphrase is not written in UTF-8", hint="type it again"
        ) from None


def _first_line(content: bytes) -> str:
    lines = content.decode("utf-8", "strict").splitlines()
    return lines[0] if lines else ""

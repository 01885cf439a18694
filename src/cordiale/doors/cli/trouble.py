"""How a command ends that did not succeed: every reason, the article, what to do next, and the exit code."""

from __future__ import annotations

import errno
import json
import os
import traceback
from typing import Any, Final

import click

from cordiale.doors.cli.frame import Settings
from cordiale.doors.replies import error_value
from cordiale.errors import EXIT_CODES, CordialeError, Refused, Unavailable, Undecidable
from cordiale.model.decision import Reason
from cordiale.words import fill, say
from cordiale.words.codes import OF_RECORDS, kind_word

EXIT_DEFECT: Final = 1
EXIT_USAGE: Final = 2
EXIT_STOPPED: Final = 130
EXIT_CLOSED: Final = 141
_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EIO})


def report(error: BaseException, settings: Settings) -> int:
    """Write what `error` has to say, for people or for programs, and return the exit code."""
    if isinstance(error, click.exceptions.Exit):
        return error.exit_code
    if isinstance(error, click.Abort | KeyboardInterrupt):
        return _stopped(settings)
    if isinstance(error, click.ClickException):
        return _usage(error, settings)
    if isinstance(error, BrokenPipeError):
        return EXIT_CLOSED
    if isinstance(error, OSError) and error.errno in _FULL:
        return _known(_not_written(error), settings)
    if isinstance(error, CordialeError):
        return _known(error, settings)
    return _defect(error, settings)


def _not_written(error: OSError) -> Unavailable:
    return Unavailable(
        "output.not-written", "what was to be written could not be: {detail}", detail=os.strerror(error.errno or 0),
        hint="make room on the disk, or write it elsewhere",
    )


def _known(error: CordialeError, settings: Settings) -> int:
    if settings.is_json:
        _write_json(error_value(error))
        return EXIT_CODES.get(type(error), EXIT_DEFECT)
    for line in lines_of(error):
        click.echo(line, err=True)
    return EXIT_CODES.get(type(error), EXIT_DEFECT)


def lines_of(error: CordialeError) -> list[str]:
    """Return what a person reads of `error`: what happened, every reason, what to do next, and where it is noted."""
    decision = error.decision if isinstance(error, Refused | Undecidable) else None
    if decision is not None:
        title = say("refused:") if isinstance(error, Refused) else say("it could not be told whether this is allowed:")
        lines = [title, *(f"  - {reason_line(reason)}" for reason in decision.reasons)]
        if error.trail:
            lines.append(say("nothing was changed"))
    else:
        kind = {"kind": say(kind_word(str(error.fields.get("kind", ""))))} if error.code in OF_RECORDS else {}
        sentence = say(error.text, **{**error.fields, **kind})
        lines = [f"{sentence} ({error.article})" if error.article else sentence]
    if error.hint:
        lines.append(say("what to do: {hint}", hint=fill(say(error.hint), error.fields)))
    if error.trail:
        lines.append(say("audit trail: {entry}", entry=error.trail))
    return lines


def reason_line(reason: Reason) -> str:
    """Return one reason with its article."""
    sentence = say(reason.text, **dict(reason.fields))
    return f"{sentence} ({reason.article})" if reason.article else sentence


def _stopped(settings: Settings) -> int:
    if settings.is_json:
        _write_json({
            "code": "stopped", "family": "stopped", "hint": settings.if_stopped, "text": "stopped before it was done",
        })
    else:
        click.echo(say("stopped; nothing more was done"), err=True)
        if settings.if_stopped:
            click.echo(settings.if_stopped, err=True)
    return EXIT_STOPPED


def _usage(error: click.ClickException, settings: Settings) -> int:
    if settings.is_json:
        _write_json({"code": "usage", "family": "usage", "text": error.format_message()})
    else:
        error.show()
    return EXIT_USAGE


def _defect(error: BaseException, settings: Settings) -> int:
    # The frames say where; the message of the exception is left out, because it may say what was being done.
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{frames[-1].filename.rpartition('/')[2]}:{frames[-1].lineno}" if frames else "?"
    what = f"{type(error).__name__} {place}"
    if settings.is_json:
        _write_json({"code": "defect", "family": "defect", "text": what})
    else:
        click.echo(say("a defect in the program: {what}; please report it", what=what), err=True)
    return EXIT_DEFECT


def _write_json(value: dict[str, Any]) -> None:
    click.echo(json.dumps({"error": value}, ensure_ascii=False, sort_keys=True), err=True)

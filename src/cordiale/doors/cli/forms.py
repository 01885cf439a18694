"""Forms that people fill in as a file: a request for a visit with its annexes, a list of classified parts."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any, Final

from cordiale.errors import Malformed
from cordiale.operate.keyfiles import read_file

_FILE_BYTES_MAX: Final = 256 * 1024


def read_form(path: Path, tables: Mapping[str, str]) -> dict[str, Any]:
    """Return what the TOML file at `path` says, days as text; its tables are named as `tables` says.

    Raises `Malformed` for a file that is no TOML, and `Unavailable` for one that cannot be read.
    """
    try:
        form = tomllib.loads(read_file(path, _FILE_BYTES_MAX).decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Malformed(
            "form.toml", "`{name}` is not a form that can be read: {what}", hint="correct it and repeat the command",
            name=path.name, what=str(error)[:200],
        ) from error
    return {tables.get(name, name): _plain(value) for name, value in form.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return {name: _plain(one) for name, one in value.items()} if isinstance(value, dict) else value

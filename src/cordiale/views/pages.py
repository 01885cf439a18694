"""Pages to read and to print: self-contained HTML without scripts, everything in it escaped."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("cordiale", "templates"), autoescape=select_autoescape(default=True),
        undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
    )


def render_page(name: str, values: Mapping[str, Any]) -> str:
    """Return the page `name` filled with `values`."""
    return _environment().get_template(name).render(values)

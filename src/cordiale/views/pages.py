"""Pages to read and to print: self-contained HTML without scripts, everything in it escaped."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("cordiale", "templates"), autoescape=select_autoescape(default=True),
        undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
    )
    environment.filters["moment"] = moment
    return environment


def moment(text: object) -> str:
    """Return a time of the books as people read it; anything else as it is."""
    return re.sub(r"(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2}:\d{2})Z\Z", r"\1 \2 UTC", str(text))


def render_page(name: str, values: Mapping[str, Any]) -> str:
    """Return the page `name` filled with `values`."""
    return _environment().get_template(name).render(values)

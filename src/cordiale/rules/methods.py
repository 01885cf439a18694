"""Whether a method of destruction is one that national law approves for the form and the level.

Approved methods, and the sizes of what is left, differ by country, level and
medium (IGI 1300 Art. 59, EE-262 § 83, NO-VSF § 23): they stand in the national
profile, in its own words, and nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterator

from cordiale.model.agreement_rows import DestructionMethods
from cordiale.model.decision import Reason, refusal, undecidable
from cordiale.model.label import LevelRef


def list_method_reasons(
    method: str, rows: tuple[DestructionMethods, ...], *, form: str, level: LevelRef
) -> Iterator[Reason]:
    """Yield why something of `form`, handled here at `level`, is not destroyed by `method`."""
    fitting = [row for row in rows if (not row.forms or form in row.forms) and (not row.levels or level in row.levels)]
    if not fitting:
        yield undecidable(
            "method.unsaid", "national law names no method of destroying {form} of {level}", form=form, level=str(level)
        )
    elif not any(method in row.methods for row in fitting):
        yield refusal(
            "method.not-approved", "{form} of {level} is not destroyed so; approved: {methods}",
            "; ".join(dict.fromkeys(row.article for row in fitting)), form=form, level=str(level),
            methods="; ".join(dict.fromkeys(method for row in fitting for method in row.methods)),
        )

"""The people of the nodes in the world in memory, as the CSV that a registry imports. Offices and posts, no persons."""

from __future__ import annotations

from typing import Final

HEADER: Final = "id,name,post,unit,represents,nationalities,offices,clearances\n"


def row(id: str, title: str, party: str, offices: str, level: str, *, nationalities: str = "", desk: str = "") -> str:
    """Return one line: a holder of `offices`, of `party`, cleared to `level` of the exercise scheme of the party."""
    scheme = "EX-JPN" if party == "JPN" else "EX-UKR"
    clearance = f"{scheme}:EXERCISE {level}|2026-01-01|2029-12-31|exercise authority"
    post = f"{id} of the desk"
    return ",".join(
        (id, f"Exercise {title}", post, desk or "dialogue desk", party, nationalities or party, offices, clearance)
    ) + "\n"


def registry(party: str, mark: str, level: str) -> str:
    """Return the offices that every registry has."""
    return HEADER + "".join(row(id, f"{title}{mark}", party, offices, level) for id, title, offices in (
        ("originator", "Originator", "originator reader"),
        ("authority", "Authority", "releasing-authority competent-authority"),
        ("registrar", "Registrar", "registrar key-officer"),
        ("security", "Security Officer", "security-officer inspector"),
        ("head", "Head", "head"),
    ))


PEOPLE: Final = {
    "JPN": registry("JPN", "", "FUJI"),
    "UKR": registry("UKR", " K", "SONIASHNYK")
    + row("reader", "Reader K", "UKR", "reader", "BARVINOK")
    + row("junior", "Junior K", "UKR", "reader", "KALYNA")
    + row("colleague", "Colleague K", "UKR", "reader", "BARVINOK", desk="other desk")
    + row("foreigner", "Liaison K", "UKR", "reader", "BARVINOK", nationalities="UKR POL"),
    "POL": registry("POL", " W", "SONIASHNYK"),
}

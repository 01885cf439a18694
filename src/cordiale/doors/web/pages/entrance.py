"""Coming in and going out: signing in, signing out, and the language everything is said in."""

from __future__ import annotations

from typing import Final

from starlette.responses import Response

from cordiale.doors.web.routes import Page, Who
from cordiale.doors.web.signing_in import ways_shown
from cordiale.doors.web.visit import Visit, cookie_header
from cordiale.errors import Malformed, Unverified
from cordiale.model.person import Person
from cordiale.records import signing_in
from cordiale.records.record import open_record
from cordiale.records.registry import person_body
from cordiale.wire.person_json import parse_person
from cordiale.words.spoken import LANGUAGES

_LANGUAGE_COOKIE: Final = "__Host-language"
_PERSONAS_SHOWN_MAX: Final = 200


def show_sign_in(visit: Visit) -> Response:
    """Offer the ways to sign in; in an exercise with personas, everybody who takes part."""
    if visit.session is not None:
        return visit.go("/")
    wanted = visit.query.get("as")
    personas = [one for one in _personas(visit) if wanted in ("", one.id)]
    return visit.show("sign-in.html", personas=personas, **ways_shown(visit))


def _personas(visit: Visit) -> list[Person]:
    if not _has_personas(visit):
        return []
    every = visit.registry.reads().every("person", limit=_PERSONAS_SHOWN_MAX)
    people = [parse_person(person_body(open_record(stored))) for stored in every]
    return [person for person in people if person.left_at is None]


def _has_personas(visit: Visit) -> bool:
    desk = visit.desk.serving.node.config.desk
    return desk is not None and desk.personas


def sign_in_as_persona(visit: Visit) -> Response:
    """Sign in as somebody of an exercise; there is no such thing at a node that is real."""
    if not _has_personas(visit):
        raise Unverified("desk.no-personas", "nobody signs in here by name alone", hint="sign in with your passkey")
    return visit.begin(signing_in.sign_in_as_persona(visit.registry, visit.form.get("person")))


def sign_out(visit: Visit) -> Response:
    """End this session; the browser forgets it too."""
    session = visit.require_session()
    visit.desk.sessions.end(session)
    signing_in.sign_out(visit.registry, session.signed_in)
    response = visit.go("/sign-in")
    response.headers["Set-Cookie"] = cookie_header("", lives=False)
    return response


def choose_language(visit: Visit) -> Response:
    """Say everything in another language from now on."""
    language = visit.form.get("language")
    if language not in LANGUAGES:
        raise Malformed("desk.language", "that language is not spoken here", hint="choose one of those that are shown")
    if visit.session is not None:
        visit.session.language = language
    response = visit.go(_back(visit.form.get("back")))
    response.headers["Set-Cookie"] = (
        f"{_LANGUAGE_COOKIE}={language}; Path=/; Max-Age=31536000; Secure; HttpOnly; SameSite=Lax"
    )
    return response


def _back(path: str) -> str:
    # Only to a page of the desk, with what it is about: in another language a form is still about the same thing.
    return path if path.startswith("/") and not path.startswith("//") and path.isascii() else "/"




PAGES: Final = (
    Page("/sign-in", get=show_sign_in, who=Who.ANYBODY),
    Page("/sign-in/persona", post=sign_in_as_persona, who=Who.ANYBODY),
    Page("/sign-out", post=sign_out),
    Page("/language", post=choose_language, who=Who.ANYBODY),
)

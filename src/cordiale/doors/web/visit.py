"""One request of one person at the desk: what a page asks, does and shows."""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qsl, quote, urlencode

from starlette.responses import HTMLResponse, Response

from cordiale.canonical import encode_base64url, encode_canonical
from cordiale.doors.control.acts import ACTS, look_up
from cordiale.doors.control.operators import Serving
from cordiale.doors.control.views import VIEWS
from cordiale.doors.web.look import Look
from cordiale.doors.web.sessions import Session, Sessions
from cordiale.doors.web.ways import Ways
from cordiale.errors import Malformed, OutOfOrder, Refused, Unverified
from cordiale.limits import DESK_FIELDS_COUNT_MAX, DESK_NOTICES_COUNT_MAX
from cordiale.model.decision import decision_of, refusal
from cordiale.model.person import Office, Person
from cordiale.records.answer import Answer
from cordiale.records.registry import Registry, Request
from cordiale.records.signed_in import Asked, SignedIn, look_request, nobody_here, require_here, session_request
from cordiale.records.signing_in import sign_out
from cordiale.words.spoken import Words

COOKIE: Final = "__Host-cordiale"
FLOW_COOKIE: Final = "__Host-cordiale-flow"


@dataclass(frozen=True, slots=True)
class Desk:
    """What all requests share: the serving node, who is signed in, and how pages look.

    `places` are the pages by their addresses: what each is called, and the offices it is open to. `deeds` are what
    acts are called.
    """

    serving: Serving
    sessions: Sessions
    look: Look
    origin: str
    ways: Ways
    places: Mapping[str, tuple[str, frozenset[Office] | None]]
    deeds: Mapping[str, str]

    @property
    def registry(self) -> Registry:
        """The registry behind the desk."""
        return self.serving.node.registry


class Values:
    """The fields of a form or the questions of an address, as they came."""

    def __init__(self, pairs: Sequence[tuple[str, str]] = ()) -> None:
        self._pairs: dict[str, list[str]] = {}
        for name, value in pairs:
            self._pairs.setdefault(name, []).append(value)

    @classmethod
    def parse(cls, text: str) -> Values:
        """Read an urlencoded text; raises `Malformed`."""
        try:
            return cls(parse_qsl(
                text, keep_blank_values=True, strict_parsing=bool(text), max_num_fields=DESK_FIELDS_COUNT_MAX,
                errors="strict",
            ))
        except ValueError as error:
            raise Malformed("desk.form", "the form could not be read", hint="go back and send it again") from error

    def get(self, name: str, default: str = "") -> str:
        """Return the first value of `name`, without blanks around it."""
        return self._pairs.get(name, [default])[0].strip()

    def all(self, name: str) -> list[str]:
        """Return every value of `name` that is not empty."""
        return [one.strip() for one in self._pairs.get(name, ()) if one.strip()]

    def names(self) -> Sequence[str]:
        """Return the names there are."""
        return tuple(self._pairs)

    def items(self) -> Sequence[tuple[str, str]]:
        """Return every name with each of its values."""
        return [(name, value) for name, values in self._pairs.items() for value in values]


@dataclass(frozen=True, slots=True)
class Came:
    """A request as it came: `named` is what the words in braces of its address stand for.

    `card` is the digest of the key on a card, which the connection has proved; `flow` what a browser holds that was
    sent to the provider.
    """

    method: str
    path: str
    named: Mapping[str, str]
    query: Values
    form: Values
    card: str = ""
    client: str = ""
    flow: str = ""


class Visit:
    """One request of whoever is signed in, or of somebody who is not yet."""

    def __init__(self, desk: Desk, session: Session | None, words: Words, came: Came) -> None:
        self.desk = desk
        self.session = session
        self.words = words
        self.came = came
        self.method, self.path, self.named = came.method, came.path, came.named
        self.query, self.form = came.query, came.form
        self._person: Person | None = None
        self._told: dict[bytes, Mapping[str, Any]] = {}

    # -- who ------------------------------------------------------------------------------------------------

    @property
    def registry(self) -> Registry:
        """The registry behind the desk."""
        return self.desk.registry

    def require_session(self) -> Session:
        """Return the session; raises `Unverified` when nobody is signed in."""
        if self.session is None:
            raise nobody_here()
        return self.session

    @property
    def person(self) -> Person:
        """Whoever is signed in, as they stand now. Raises `Unverified` when that is nobody, or they have left."""
        if self._person is None:
            session = self.require_session()
            try:
                self._person = require_here(self.registry, session.signed_in)
            except Unverified:
                # What the session rests on counts no longer: nothing of it is left.
                self.desk.sessions.end(session)
                self.session = None
                raise
        return self._person

    def require_offices(self, offices: frozenset[Office] | None) -> None:
        """Raise `Refused` unless the person holds one of `offices`; None lets in anybody who is signed in."""
        if offices is not None and not self.person.offices & offices:
            raise Refused(decision_of("view", [refusal(
                "view.office", "{what} is for the offices of {offices}", what="this page",
                offices=", ".join(sorted(office.value for office in offices)),
            )]))

    # -- asking and doing -----------------------------------------------------------------------------------

    def ask(self, kind: str, /, **params: Any) -> Mapping[str, Any]:
        """Return what the view `kind` says to this person, once for each question of a visit.

        Params that are None or empty texts are left away; what is returned is read, and never changed in place.
        """
        given = {name: value for name, value in params.items() if value is not None and value != ""}
        # A form asks for the same several times: its choices, their check, and what is shown beside it.
        asked = encode_canonical([kind, given])
        if asked not in self._told:
            request = look_request(self.registry, self.require_session().signed_in, kind, given)
            self._told[asked] = look_up(VIEWS, kind)(self.registry, request)
        return self._told[asked]

    def do(self, asked: Asked) -> Answer:
        """Do a routine act under the session, and return its answer. Raises what the act raises."""
        request = session_request(self.registry, self.require_session().signed_in, asked)
        return self.do_signed(request)

    def do_signed(self, request: Request) -> Answer:
        """Do an act that was signed for by itself, and return its answer. Raises what the act raises."""
        self._told.clear()
        return look_up(ACTS, request.act.kind)(self.registry, request)

    def begin(self, signed_in: SignedIn, *, binding: str = "") -> Response:
        """Begin the session of somebody who has signed in, and send their browser to the first page."""
        response = self.go("/")
        response.headers["Set-Cookie"] = self.begin_cookie(signed_in, binding=binding)
        return response

    def begin_cookie(self, signed_in: SignedIn, *, binding: str = "") -> str:
        """Begin a session, and return the header that gives the browser its token."""
        if self.session is not None:
            # Whoever sits here now is somebody else, or has begun anew: what was open before is closed.
            self.desk.sessions.end(self.session)
            sign_out(self.registry, self.session.signed_in)
        token, _ = self.desk.sessions.begin(signed_in, self.words.language, binding=binding)
        return cookie_header(token)

    def fresh_act(self) -> str:
        """Return the id for an act that a form is about to offer."""
        return f"act.{self.registry.random.bytes_(10).hex()}"

    def require_csrf(self) -> None:
        """Raise `Unverified` unless the form was one of this session's."""
        given, known = self.form.get("csrf").encode(), self.require_session().csrf.encode()
        if not hmac.compare_digest(given, known):
            raise Unverified(
                "desk.stale-form", "this form is of an earlier sign-in; nothing was done",
                hint="go back, load the page again, and send the form again",
            )

    # -- showing --------------------------------------------------------------------------------------------

    def say(self, text: str, /, **fields: object) -> str:
        """Return a sentence in the language of this visit."""
        return self.words.say(text, **fields)

    def show(self, template: str, *, status: int = 200, **context: Any) -> Response:
        """Return a page."""
        me, session = self.me(), self.session
        notices = list(session.notices) if session is not None else []
        if session is not None:
            session.notices.clear()
        html = self.desk.look.render(template, self.words, {
            "csrf": session.csrf if session is not None else "", "me": me, "notices": notices,
            "name_of": self.name_of, "node": self.registry.title, "mode": self.registry.mode.value, "path": self.path,
            "here": f"{self.path}?{urlencode(self.query.items())}" if self.query.names() else self.path, **context,
        })
        return HTMLResponse(html, status)

    def me(self) -> Person | None:
        """Return whoever is signed in, None where that is nobody any more: for what is shown all the same."""
        try:
            return self.person if self.session is not None else None
        except Unverified:
            # Whoever has left is nobody here; the page says what it has to say all the same.
            return None

    def name_of(self, id: str) -> str:
        """Return the name of a person whom a view names by the identifier; what is no person here stays as it is."""
        person = self.registry.record("person", id)
        return str(person.body.get("name", id)) if person is not None else id

    def tell(self, text: str, /, **fields: Any) -> None:
        """Say `text` on top of the next page that this person is shown."""
        session = self.require_session()
        session.notices = [*session.notices, (text, fields)][-DESK_NOTICES_COUNT_MAX:]

    def go(self, path: str) -> Response:
        """Send the browser to another page of the desk."""
        if not path.startswith("/") or path.startswith("//") or "\\" in path:
            raise Malformed("desk.address", "that is not a page of the desk", hint="go back to the first page")
        return Response(status_code=303, headers={"Location": quote(path, safe="/?&=%#.~_-:+")})


def cookie_header(token: str, *, lives: bool = True) -> str:
    """Return the Set-Cookie value that gives the browser `token`, or takes it away."""
    rest = "" if lives else "; Max-Age=0"
    return f"{COOKIE}={token}; Path=/; Secure; HttpOnly; SameSite=Strict{rest}"


def fresh_token(registry: Registry) -> str:
    """Return a random value for what lives no longer than a page."""
    return encode_base64url(registry.random.bytes_(16))


def require_found(value: Any, what: str) -> Any:
    """Return `value`; raises `OutOfOrder` when there is none."""
    if value is None:
        raise OutOfOrder("desk.not-there", "{what} is not there", hint="go back to the list", what=what)
    return value

"""The ministry's provider: it signs people in and vouches for single acts, and a token that is not exactly right opens
nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from joserfc.jwk import ECKey, OctKey
from tests.desk.pages_of import Browser, Shown, desk_app
from tests.desk.played_provider import CLIENT, PlayedProvider, played
from tests.world.at_desk import confirm_credential, give_code
from tests.world.comparing import bodies
from tests.world.outside import FakeClock
from tests.world.test_audit_proofs import proofs
from tests.world.test_journey import PURPOSE, label
from tests.world.world import AGREEMENT, Player, World

from cordiale.adapters.oidc import Provider, ProviderPlace
from cordiale.config import ProviderSettings
from cordiale.errors import CordialeError, Malformed, Unavailable
from cordiale.limits import SIGNING_SECONDS_MAX

STRONG = "urn:example:card"


@pytest.fixture(scope="module")
def served() -> Iterator[PlayedProvider]:
    with played() as provider:
        yield provider


@pytest.fixture
def provider(served: PlayedProvider) -> PlayedProvider:
    """The provider as it is when nobody has told it to do anything wrong."""
    fresh = PlayedProvider(port=served.port)
    for name in ("key", "known", "subject", "wrong", "header", "published", "answers", "asked", "codes", "now"):
        setattr(served, name, getattr(fresh, name))
    return served


@pytest.fixture
def tokyo(provider: PlayedProvider) -> Player:
    player = World.in_force(seed=405).tokyo
    provider.now = player.registry.now()
    return player


def browser_at(player: Player, provider: PlayedProvider) -> Browser:
    return Browser(desk_app(player, provider=ProviderSettings(provider.issuer, CLIENT, (STRONG,))))


def _onward(page: Shown) -> str:
    """Return where the page sends the browser."""
    assert page.status == 200, page.text
    return page.attribute('http-equiv="refresh" content').removeprefix("0;url=")


def enrolled_account(player: Player, provider: PlayedProvider, person: str, confirmer: str) -> Browser:
    """Return a browser of `person`, whose account at the provider counts."""
    browser, code = browser_at(player, provider), give_code(player, person)
    address = _onward(browser.post("/enrol/provider", {"code": code}))
    assert "prompt=login" in address
    done = browser.get(provider.log_in(address))
    assert done.status == 200, done.text
    (waiting,) = [id for id, one in bodies(player, "credential").items() if one["state"] == "offered"]
    credential = player.registry.record("credential", waiting)
    assert credential is not None and waiting in done.text
    confirm_credential(player, confirmer, credential)
    return browser


def sign_in(browser: Browser, provider: PlayedProvider, **more: str) -> Shown:
    address = _onward(browser.post("/sign-in/provider", {}))
    return browser.get(provider.log_in(address, **more))


def test_a_person_enrols_an_account_and_signs_in_with_it(tokyo: Player, provider: PlayedProvider) -> None:
    browser = enrolled_account(tokyo, provider, "registrar", "head")
    assert _onward(sign_in(browser, provider)) == "/"
    assert browser.get("/").status == 200
    (record,) = bodies(tokyo, "sign-in").values()
    assert (record["person"], record["means"]) == ("registrar", "provider")
    report = proofs(tokyo)
    assert report.findings == [] and report.proved["sign-in by provider"] == 1


def test_whom_the_provider_signs_out_is_signed_out_here_and_nobody_else(tokyo: Player, provider: PlayedProvider) -> None:
    browser = enrolled_account(tokyo, provider, "registrar", "head")
    sign_in(browser, provider)
    other = Browser(browser.app)
    assert other.post("/sign-in/provider/signed-out", {"logout_token": provider.logout(sub="rin")}, origin="").status == 200
    assert browser.get("/").status == 200
    token = provider.logout()
    assert other.post("/sign-in/provider/signed-out", {"logout_token": token}, origin="").status == 200
    assert browser.get("/").location == "/sign-in"
    (record,) = bodies(tokyo, "sign-in").values()
    assert "ended_at" in record
    # It counts once: whoever has signed in again stays.
    sign_in(browser, provider)
    assert other.post("/sign-in/provider/signed-out", {"logout_token": token}, origin="").status == 400
    assert browser.get("/").status == 200


def test_what_the_provider_has_not_said_signs_nobody_out(tokyo: Player, provider: PlayedProvider) -> None:
    browser = enrolled_account(tokyo, provider, "registrar", "head")
    sign_in(browser, provider)
    other, place = Browser(browser.app), "/sign-in/provider/signed-out"
    for name, wrong in {
        "another issuer": {"iss": "http://localhost:1"}, "for another": {"aud": "other"}, "no event": {"events": None},
        "another event": {"events": {"http://example": {}}}, "a nonce": {"nonce": "x"}, "no name": {"jti": None},
        "of old": {"iat": 1_000}, "run out": {"exp": 1_000}, "a session alone": {"sub": None, "sid": "x"},
    }.items():
        assert other.post(place, {"logout_token": provider.logout(**wrong)}, origin="").status == 400, name
    own, provider.key = provider.key, ECKey.generate_key("P-256", {"kid": "one"})
    forged = provider.logout()
    provider.key = own
    for sent in (forged, "", "x.y.z", provider.token({"nonce": "x"})):
        assert other.post(place, {"logout_token": sent}, origin="").status == 400
    # No browser says it, with or without somebody's session.
    good = {"logout_token": provider.logout()}
    assert other.post(place, good).status == 400 and other.post(place, good, origin="https://evil.example").status == 400
    assert browser.post(place, good, origin="").status == 400 and other.get(place).status == 405
    assert browser.get("/").status == 200


def test_an_account_that_was_not_confirmed_signs_nobody_in(tokyo: Player, provider: PlayedProvider) -> None:
    assert sign_in(browser_at(tokyo, provider), provider).status == 400
    assert bodies(tokyo, "sign-in") == {}


WRONG: dict[str, dict[str, Any]] = {
    "another issuer": {"iss": "http://localhost:1"}, "for another": {"aud": "other"},
    "for another too": {"aud": [CLIENT, "other"]}, "another party": {"azp": "other"}, "no nonce": {"nonce": None},
    "another nonce": {"nonce": "x"}, "run out": {"exp": 1_000}, "no end": {"exp": None}, "of old": {"iat": 1_000},
    "still to come": {"iat": 4_000_000_000}, "no subject": {"sub": None}, "a list for a subject": {"sub": ["ren"]},
    "too weak": {"acr": "urn:example:password"}, "of no strength": {"acr": None}, "another person": {"sub": "rin"},
    "no number": {"exp": "never"}, "true for a number": {"iat": True},
}


def test_a_token_that_says_anything_else_signs_nobody_in(tokyo: Player, provider: PlayedProvider) -> None:
    browser = enrolled_account(tokyo, provider, "registrar", "head")
    for name, wrong in WRONG.items():
        provider.wrong = wrong
        assert sign_in(browser, provider).status == 400, name
    assert bodies(tokyo, "sign-in") == {}
    provider.wrong = {}
    assert sign_in(browser, provider).status == 200


def test_a_token_that_another_key_or_nobody_signed_signs_nobody_in(tokyo: Player, provider: PlayedProvider) -> None:
    browser = enrolled_account(tokyo, provider, "registrar", "head")
    own = provider.key
    for key, header in (
        (ECKey.generate_key("P-256", {"kid": "one"}), {}),
        (own, {"jwk": own.as_dict(private=False)}), (own, {"jku": provider.issuer}), (own, {"typ": "at+jwt"}),
        (OctKey.import_key(own.as_dict(private=False)["x"], {"kid": "one"}), {"alg": "HS256"}),
    ):
        provider.key, provider.header, provider.known = key, header, [own]
        assert sign_in(browser, provider).status == 400
    provider.key, provider.header = own, {}
    provider.answers = {"/token": (200, b'{"id_token":"eyJhbGciOiJub25lIn0.e30."}')}
    assert sign_in(browser, provider).status == 400
    assert bodies(tokyo, "sign-in") == {}


def to_be_signed(browser: Browser, item: str) -> str:
    """Ask for an act that is signed for; return the address of the page on which it is."""
    form = browser.get(f"/do/release-propose?item={item}")
    asked = browser.post("/do/release-propose", {
        **form.hidden, "agreement": AGREEMENT, "item": item, "purpose": PURPOSE, "recipient": "UKR",
    })
    assert asked.location.startswith("/sign/"), asked.text
    return asked.location


def ask_provider(browser: Browser, address: str) -> str:
    """Ask to sign in anew for what stands at `address`; return where the browser is sent."""
    page = browser.get(address)
    return _onward(browser.post(f"{address}/provider", {"csrf": page.hidden["csrf"]}))


def test_the_provider_vouches_for_exactly_one_act_and_its_word_is_kept(
    tokyo: Player, provider: PlayedProvider
) -> None:
    browser = enrolled_account(tokyo, provider, "originator", "head")
    sign_in(browser, provider)
    address = to_be_signed(browser, label(tokyo))
    onward = ask_provider(browser, address)
    assert "prompt=login" in onward and "max_age=0" in onward
    assert _onward(browser.get(provider.log_in(onward))) == address
    done = browser.post(address, {"csrf": browser.get(address).hidden["csrf"]})
    assert done.status == 303, done.text
    assert len(bodies(tokyo, "approval")) == 1
    report = proofs(tokyo)
    assert report.findings == [] and report.proved["signed by provider"] == 1


def test_without_the_providers_word_for_it_nothing_is_done(tokyo: Player, provider: PlayedProvider) -> None:
    browser = enrolled_account(tokyo, provider, "originator", "head")
    sign_in(browser, provider)
    first, second = (to_be_signed(browser, label(tokyo)) for _ in range(2))
    csrf = browser.get(first).hidden["csrf"]
    assert browser.post(first, {"csrf": csrf}).status == 400
    for wrong in ({"auth_time": 1_000}, {"auth_time": None}, {"nonce": "x"}):
        provider.wrong = wrong
        assert browser.get(provider.log_in(ask_provider(browser, first))).status == 400
        assert browser.post(first, {"csrf": csrf}).status == 400
    # The word for one act is none for another, and another person's is none at all.
    provider.wrong = {"sub": "rin"}
    browser.get(provider.log_in(ask_provider(browser, first)))
    assert browser.post(first, {"csrf": csrf}).status == 400
    provider.wrong = {}
    browser.get(provider.log_in(ask_provider(browser, second)))
    assert browser.post(first, {"csrf": csrf}).status == 400
    assert bodies(tokyo, "approval") == {}


def test_the_providers_word_runs_out_with_the_page_it_was_given_for(
    tokyo: Player, provider: PlayedProvider
) -> None:
    browser = enrolled_account(tokyo, provider, "originator", "head")
    sign_in(browser, provider)
    address = to_be_signed(browser, label(tokyo))
    browser.get(provider.log_in(ask_provider(browser, address)))
    csrf = browser.get(address).hidden["csrf"]
    assert isinstance(tokyo.clock, FakeClock)
    tokyo.clock.advance(seconds=SIGNING_SECONDS_MAX + 2)
    assert "desk.stale" in browser.post(address, {"csrf": csrf}).text
    assert bodies(tokyo, "approval") == {}


def test_a_new_key_of_the_provider_is_fetched_once_it_signs(tokyo: Player, provider: PlayedProvider) -> None:
    place = ProviderPlace(provider.issuer, CLIENT, "https://desk.example/back")
    asking = Provider(place)
    for kid in ("one", "two"):
        provider.key = ECKey.generate_key("P-256", {"kid": kid})
        address = asking.address_for(state="s", nonce="n", verifier="v" * 43, anew=False)
        code = provider.log_in(address).partition("code=")[2].partition("&")[0]
        asking._keys_at -= 3_600
        _, keys = asking.fetch_token({"code": code, "iss": provider.issuer}, "v" * 43)
        assert [key.kid for key in keys] == [kid]
    asking.close()


def test_the_provider_is_asked_for_keys_and_for_what_it_is_only_now_and_then(provider: PlayedProvider) -> None:
    asking = Provider(ProviderPlace(provider.issuer, CLIENT, "https://desk.example/back"))
    for number in range(4):
        provider.key = ECKey.generate_key("P-256", {"kid": f"never-published-{number}"})
        provider.known = [ECKey.generate_key("P-256", {"kid": "one"})]
        address = asking.address_for(state="s", nonce="n", verifier="v" * 43, anew=False)
        code = provider.log_in(address).partition("code=")[2].partition("&")[0]
        asking.fetch_token({"code": code, "iss": provider.issuer}, "v" * 43)
    paths = [path for path, _ in provider.asked]
    assert paths.count("/keys") == 1 and paths.count("/.well-known/openid-configuration") == 1
    asking.close()


def test_what_comes_back_to_another_browser_or_a_second_time_opens_nothing(
    tokyo: Player, provider: PlayedProvider
) -> None:
    browser = enrolled_account(tokyo, provider, "registrar", "head")
    back = provider.log_in(_onward(browser.post("/sign-in/provider", {})))
    stranger = Browser(browser.app)
    stranger.post("/sign-in/provider", {})
    assert stranger.get(back).status == 400
    assert Browser(browser.app).get(back).status == 400
    first = browser.get(back)
    assert first.status == 200 and browser.get(back).status == 400


def test_an_answer_of_another_provider_is_turned_away(tokyo: Player, provider: PlayedProvider) -> None:
    browser = enrolled_account(tokyo, provider, "registrar", "head")
    assert sign_in(browser, provider, iss="https://other.example").status == 400
    assert "provider.other" in sign_in(browser, provider, iss="https://other.example").text


BROKEN: dict[str, dict[str, Any]] = {
    "another name": {"published": {"issuer": "http://localhost:2"}},
    "no PKCE": {"published": {"code_challenge_methods_supported": ["plain"]}},
    "no algorithm": {"published": {"id_token_signing_alg_values_supported": ["none", "HS256"]}},
    "in clear": {"published": {"token_endpoint": "http://login.example/token"}},
    "another scheme": {"published": {"authorization_endpoint": "file:///etc/passwd"}},
    "too long": {"answers": {"/.well-known/openid-configuration": (200, b"[" + b" " * 300_000)}},
    "no JSON": {"answers": {"/.well-known/openid-configuration": (200, b"<html>")}},
    "elsewhere": {"answers": {"/.well-known/openid-configuration": (302, b"")}},
}


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN.keys())
def test_a_provider_that_is_not_in_order_is_not_used(provider: PlayedProvider, broken: dict[str, Any]) -> None:
    for name, value in broken.items():
        setattr(provider, name, value)
    asking = Provider(ProviderPlace(provider.issuer, CLIENT, "https://desk.example/back"))
    with pytest.raises(CordialeError):
        asking.address_for(state="s", nonce="n", verifier="v" * 43, anew=False)
    asking.close()


def test_a_provider_is_asked_over_tls_alone() -> None:
    for issuer in ("http://login.example", "ftp://localhost", "https://user@login.example", "https://", "login.example"):
        with pytest.raises(Malformed):
            Provider(ProviderPlace(issuer, CLIENT, "https://desk.example/back"))


def test_a_provider_that_is_not_there_is_told_as_that() -> None:
    asking = Provider(ProviderPlace("http://localhost:1", CLIENT, "https://desk.example/back"))
    with pytest.raises(Unavailable):
        asking.address_for(state="s", nonce="n", verifier="v" * 43, anew=False)
    asking.close()

"""A real provider, npm's `oidc-provider`, unmodified: it signs people in at the desk and vouches for single acts.

It is installed by npm into a folder of the test, and the test is skipped where npm cannot.
"""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urljoin

import httpx2
import pytest
from tests.crypto.authenticator import SITE
from tests.desk.pages_of import Browser, desk_app
from tests.desk.test_provider import CLIENT, _onward, ask_provider, to_be_signed
from tests.world.at_desk import confirm_credential, give_code
from tests.world.comparing import bodies
from tests.world.test_audit_proofs import proofs
from tests.world.test_journey import label
from tests.world.world import Player, World

from cordiale.config import ProviderSettings

pytestmark = pytest.mark.slow

HERE = Path(__file__).parent / "oidc"
BACK = f"{SITE.origin}/sign-in/provider/back"


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which the provider is installed."""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        pytest.skip("npm is not installed")
    folder = tmp_path_factory.mktemp("oidc")
    for name in ("package.json", "provider.mjs"):
        shutil.copy(HERE / name, folder)
    done = subprocess.run(
        [npm, "install", "--no-audit", "--no-fund", "--silent"], cwd=folder, capture_output=True, text=True, check=False,
    )
    if done.returncode != 0:
        pytest.skip("npm could not install the provider")
    return folder


@pytest.fixture
def tokyo() -> Player:
    return World.in_force(seed=406).tokyo


@pytest.fixture
def issuer(installed: Path, tokyo: Player) -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    seconds = int((tokyo.registry.now() - datetime.now(UTC)).total_seconds())
    with subprocess.Popen(
        ["node", "provider.mjs", str(port), BACK, str(seconds)], cwd=installed, stdout=subprocess.PIPE, text=True,
    ) as running:
        assert running.stdout is not None and "ready" in iter(running.stdout.readline, "").__next__()
        yield f"http://localhost:{port}"
        running.terminate()


class Person:
    """Somebody with a browser at the provider."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._client = httpx2.Client(follow_redirects=False, trust_env=False)
        # The provider's clock is not that of this machine: its cookies would have run out.
        self._cookies: dict[str, str] = {}

    def go(self, address: str) -> str:
        """Sign in at `address` wherever the provider asks; return where the browser is sent back to at the desk."""
        for _ in range(12):
            if address.startswith(BACK):
                return address.removeprefix(SITE.origin)
            answer = self._ask("GET", address)
            if answer.status_code == 200:
                prompt = re.findall(r'name="prompt" value="(\w+)"', answer.text)[0]
                form = {"prompt": prompt, "login": self.name, "password": "x"}
                action = re.findall(r'action="([^"]+)"', answer.text)[0]
                answer = self._ask("POST", urljoin(address, action), form)
            address = urljoin(address, answer.headers["location"])
        raise AssertionError("the provider sends nobody back")

    def _ask(self, method: str, address: str, form: dict[str, str] | None = None) -> httpx2.Response:
        cookies = "; ".join(f"{name}={value}" for name, value in self._cookies.items() if value)
        answer = self._client.request(method, address, data=form, headers={"Cookie": cookies} if cookies else {})
        self._client.cookies.clear()
        for given in answer.headers.get_list("set-cookie"):
            name, _, value = given.partition(";")[0].partition("=")
            self._cookies[name] = value
        assert answer.status_code < 400, answer.text
        return answer


def test_a_real_provider_signs_in_and_vouches_for_an_act(tokyo: Player, issuer: str) -> None:
    browser = Browser(desk_app(tokyo, provider=ProviderSettings(issuer, CLIENT)))
    ren, other = Person("ren"), Person("rin")
    code = give_code(tokyo, "originator")
    done = browser.get(ren.go(_onward(browser.post("/enrol/provider", {"code": code}))))
    (waiting,) = bodies(tokyo, "credential")
    assert waiting in done.text
    credential = tokyo.registry.record("credential", waiting)
    assert credential is not None
    confirm_credential(tokyo, "head", credential)
    assert browser.get(other.go(_onward(browser.post("/sign-in/provider", {})))).status == 400
    assert _onward(browser.get(ren.go(_onward(browser.post("/sign-in/provider", {}))))) == "/"
    address = to_be_signed(browser, label(tokyo))
    assert _onward(browser.get(ren.go(ask_provider(browser, address)))) == address
    done = browser.post(address, {"csrf": browser.get(address).hidden["csrf"]})
    assert done.status == 303, done.text
    report = proofs(tokyo)
    assert report.findings == []
    assert (report.proved["sign-in by provider"], report.proved["signed by provider"]) == (1, 1)

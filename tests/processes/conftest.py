"""The pair of homes that is made once a session, and a copy of it for each test."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.processes.nodes import Pair, make_template

os.environ["LANGUAGE"] = "en"


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    """Two homes under an agreement in force, not served."""
    return make_template(tmp_path_factory.mktemp("template"))


@pytest.fixture
def idle(template: Pair, tmp_path: Path) -> Iterator[Pair]:
    """A copy of the two homes, not served yet."""
    pair = template.copied(tmp_path)
    yield pair
    pair.kill()
    for home in pair.homes:
        shutil.rmtree(home.folder)


@pytest.fixture
def pair(idle: Pair) -> Pair:
    """A copy of the two homes, both served."""
    return idle.start()

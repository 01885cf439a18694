"""`with refused("container.layout"):` passes when the block is refused with that code, in a sentence fit to show."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from cordiale.errors import CordialeError


@contextmanager
def refused(code: str) -> Iterator[None]:
    with pytest.raises(CordialeError) as caught:
        yield
    error = caught.value
    assert error.code == code, f"{error.code}: {error}"
    sentence = str(error)
    assert not sentence[0].isupper() and not sentence.endswith(".") and "\n" not in sentence
    assert error.hint

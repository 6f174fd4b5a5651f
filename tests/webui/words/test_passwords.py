"""Each reason why a password is refused has its sentence."""

from __future__ import annotations

import pytest

from webui import passwords
from webui.words.passwords import weakness


@pytest.mark.parametrize("password", ["short", "x" * 300, "password1"])
def test_every_reason_has_words(password: str) -> None:
    code = passwords.weakness(password)
    assert code is not None and weakness(code).endswith(".")

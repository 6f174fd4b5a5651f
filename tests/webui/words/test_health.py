"""Whatever is wrong has a sentence for parents, without jargon."""

from __future__ import annotations

import pytest

from guardian.pages.health import TROUBLES
from webui.words import health


@pytest.mark.parametrize("code", sorted(health._SENTENCES))
def test_known(code: str) -> None:
    said = health.trouble({"code": code, "detail": "netlink -22"})
    assert said.count(".") >= 2 and "netlink" not in said and code not in said
    assert not {"DNS", "MAC", "IP", "nftables"} & set(said.split())


def test_every_trouble_that_the_daemon_tells_has_a_sentence() -> None:
    assert sorted(set(TROUBLES) - set(health._SENTENCES)) == []


def test_unknown() -> None:
    said = health.trouble({"code": "odd", "detail": "x"})
    assert "odd" in said and "in force" in said

"""One way to change things: stored, told, and only over the present."""

from __future__ import annotations

import pytest

from guardian.core.errors import GuardianError
from tests.steering import Desk
from tests.verbs.kit import MIA


def test_the_same_again_is_no_change(desk: Desk) -> None:
    for _ in range(2):
        done = desk.ask("site", person="mia", action="block", names=["a.org"])
        assert done["revision"] == 2


def test_a_conflict_tells_the_present_revision(desk: Desk) -> None:
    desk.ask("pause", person="mia", span="1h", revision=1)
    with pytest.raises(GuardianError, match="revision-conflict: 2"):
        desk.ask("resume", person="mia", revision=1)
    assert not desk.routed(MIA)
    assert desk.ask("resume", person="mia", revision=2)["revision"] == 3

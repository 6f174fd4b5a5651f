"""One owner of state: stored first, then enforced, and honest about what failed."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from guardian.core import changes
from guardian.core.errors import EnforcementError, GuardianError, StoreError
from guardian.core.events import (
    AddressSeen,
    CutFlows,
    LoadRules,
    SetElements,
    TablesLost,
    WriteBoot,
    WriteCarry,
)
from guardian.core.model import Household
from guardian.store.difference import Change
from guardian.store.repository import Repository
from tests.build import TABLET, at, home
from tests.steering import Desk

MIA = TABLET.macs[0]
REFUSED = EnforcementError("nft-refused", "/dev/stdin:7:1-9: Error: no")


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def paused(desk: Desk) -> Household:
    household = desk.service.household
    return changes.pause(
        household,
        household.person("mia"),
        until=at("2026-03-04 13:00"),
        by="anna",
        now=desk.moment.wall,
    )[0]


def test_a_change_is_stored_enforced_and_counted(desk: Desk) -> None:
    assert desk.routed(MIA) and desk.service.revision == 1
    assert desk.service.change(paused(desk), by="anna", verb="pause")
    assert not desk.routed(MIA)
    assert desk.service.revision == desk.repository.revision == 2
    assert desk.repository.load().household.pauses == desk.service.household.pauses
    assert desk.repository.audit(1)[0]["by"] == "anna"


def test_a_change_elsewhere_is_told_and_the_kernel_not_asked(desk: Desk) -> None:
    done = len(desk.kernel.done)
    change = Change("accounts/Anna", "changed")
    desk.service.note(change, by="anna", verb="account-set")
    assert desk.service.revision == desk.repository.revision == 2
    assert desk.repository.audit(1)[0]["verb"] == "account-set"
    assert len(desk.kernel.done) == done


def test_every_event_re_arms_the_timer(desk: Desk) -> None:
    before = desk.changed
    desk.service.tick()
    desk.service.change(paused(desk), by="anna", verb="pause")
    assert desk.changed == before + 2


def test_time_alone_ends_a_pause(desk: Desk) -> None:
    desk.service.change(paused(desk), by="anna", verb="pause")
    desk.later(3601)
    assert desk.routed(MIA)


def test_a_conflict_changes_nothing(desk: Desk) -> None:
    desk.service.change(paused(desk), by="anna", verb="pause", expect=1)
    held = desk.service.household
    with pytest.raises(StoreError, match="revision-conflict: 2"):
        desk.service.change(home(), by="tom", verb="resume", expect=1)
    assert desk.service.household == held and desk.service.revision == 2
    assert not desk.routed(MIA)


def test_what_cannot_be_stored_is_not_enforced(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    full(desk.repository, monkeypatch)
    with pytest.raises(StoreError, match="store-unwritable"):
        desk.service.change(paused(desk), by="anna", verb="pause")
    assert desk.service.household.pauses == () and desk.routed(MIA)
    assert desk.service.revision == 1


def full(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the disk full for a store."""

    def no_space(*_: object, **__: object) -> int:
        raise StoreError("store-unwritable", "No space left on device")

    monkeypatch.setattr(repository, "change", no_space)


def test_refused_rules_are_told_and_loaded_again(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    desk.kernel.refuses[LoadRules] = REFUSED
    with caplog.at_level(logging.ERROR):
        assert not desk.service.post(TablesLost())
    assert not desk.service.enforced()
    assert "nft-refused" in desk.service.health["enforcement-refused"]
    assert "nft-refused" in caplog.text
    del desk.kernel.refuses[LoadRules]
    desk.later(1)
    assert desk.service.enforced() and desk.service.health == {}


def test_refused_elements_lead_to_a_whole_load(desk: Desk) -> None:
    loads = desk.kernel.took(LoadRules)
    desk.kernel.refuses[SetElements] = EnforcementError("elements-refused", "EINVAL")
    assert not desk.service.change(paused(desk), by="anna", verb="pause")
    assert not desk.service.enforced() and desk.service.revision == 2
    desk.kernel.refuses.clear()
    desk.later(1)
    assert desk.kernel.took(LoadRules) == loads + 1
    assert desk.service.enforced() and not desk.routed(MIA)


def test_flows_that_could_not_be_cut_are_cut_again(desk: Desk) -> None:
    desk.service.post(AddressSeen(MIA, "192.168.1.20", "br-lan"))
    desk.kernel.refuses[CutFlows] = EnforcementError("conntrack-refused", "EPERM")
    assert not desk.service.change(paused(desk), by="anna", verb="pause")
    # Other effects that succeed must not hide it.
    desk.later(1)
    assert not desk.service.enforced() and "flows-not-cut" in desk.service.health
    desk.kernel.refuses.clear()
    desk.later(1)
    cuts = [e for e in desk.kernel.done if isinstance(e, CutFlows)]
    assert cuts[-1].devices == ((MIA, ("192.168.1.20",)),)
    assert desk.service.enforced() and desk.service.health == {}


@pytest.mark.parametrize(
    "kind, code",
    [(WriteBoot, "boot-rules-unwritten"), (WriteCarry, "carry-unwritten")],
)
def test_a_full_disk_does_not_stop_enforcement(
    desk: Desk, kind: type, code: str
) -> None:
    desk.kernel.refuses[kind] = StoreError("state-unwritable", "No space left")
    device = replace(TABLET, exempt=True, person=None)
    others = tuple(d for d in desk.service.household.devices if d.id != device.id)
    desk.service.change(
        replace(paused(desk), devices=(*others, device)), by="anna", verb="assign"
    )
    desk.later(700)
    assert code in desk.service.health
    assert desk.service.enforced() and desk.routed(MIA)


def test_a_trial_is_enforced_and_not_stored(desk: Desk) -> None:
    assert desk.service.start_trial(paused(desk))
    assert not desk.routed(MIA)
    assert desk.repository.revision == 1 and desk.service.household.pauses == ()
    assert desk.service.end_trial(keep=False, by="anna")
    assert desk.routed(MIA) and desk.service.trial is None


def test_a_confirmed_trial_is_stored(desk: Desk) -> None:
    desk.service.start_trial(paused(desk))
    assert desk.service.end_trial(keep=True, by="anna")
    assert not desk.routed(MIA) and desk.repository.revision == 2
    entry = desk.repository.audit(1)[0]
    assert (entry["verb"], entry["by"]) == ("try", "anna")


ON_TRIAL: list[Callable[[Desk], object]] = [
    lambda desk: desk.service.start_trial(home()),
    lambda desk: desk.service.change(home(), by="anna", verb="pause"),
]


@pytest.mark.parametrize("second", ON_TRIAL, ids=["another trial", "a change"])
def test_one_trial_at_a_time(desk: Desk, second: Callable[[Desk], object]) -> None:
    desk.service.start_trial(paused(desk))
    with pytest.raises(StoreError, match="on-trial"):
        second(desk)
    assert not desk.routed(MIA) and desk.service.trial is not None


@pytest.mark.parametrize("keep", [True, False])
def test_without_a_trial_nothing_ends(desk: Desk, keep: bool) -> None:
    with pytest.raises(GuardianError, match="nothing-to-confirm"):
        desk.service.end_trial(keep=keep, by="anna")
    desk.service.start_trial(paused(desk))
    desk.service.end_trial(keep=keep, by="anna")
    with pytest.raises(GuardianError, match="nothing-to-confirm"):
        desk.service.end_trial(keep=keep, by="anna")


def test_a_trial_that_cannot_be_stored_stays_on_trial(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.service.start_trial(paused(desk))
    with monkeypatch.context() as patch:
        full(desk.repository, patch)
        with pytest.raises(StoreError, match="store-unwritable"):
            desk.service.end_trial(keep=True, by="anna")
    assert desk.service.trial is not None and not desk.routed(MIA)
    assert desk.service.end_trial(keep=False, by="guardiand")
    assert desk.routed(MIA)

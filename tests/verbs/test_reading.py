"""What is shown is what holds, and showing it changes nothing."""

from __future__ import annotations

from typing import Any

import pytest

from guardian.core.errors import EnforcementError
from guardian.core.events import CandidatesFound
from tests.steering import STRANGER, Desk, sighting
from tests.verbs.kit import MIA, THING, TOM, refused


def test_status(desk: Desk) -> None:
    desk.world.wrong = {"no-egress-hook": "why", "clock-unknown": "so"}
    status = desk.ask("status")
    assert status["version"] == "1.2.3"
    assert status["revision"] == 1 and status["enforced"] and not status["failsafe"]
    assert status["interfaces"] == {"br-lan": "hooked"}
    assert status["mode"] == "router" and not status["trial"]
    assert status["leases"] == 2
    assert status["clock"] == {"now": "2026-03-04T12:00:00+01:00", "known": True}
    assert [h["code"] for h in status["health"]] == ["clock-unknown", "no-egress-hook"]


def test_status_of_a_lost_store_is_failsafe(desk: Desk) -> None:
    desk.service.store_state = "lost"
    assert desk.ask("status")["failsafe"]


def test_people(desk: Desk) -> None:
    mia, tom, anna = desk.ask("people")
    assert (mia["id"], mia["decision"]["verdict"]) == ("mia", "allow")
    assert mia["decision"]["until"] == "2026-03-04T21:00:00+01:00"
    assert mia["devices"] == ["tablet"] and tom["devices"] == ["console"]
    assert anna["role"] == "parent" and "pauses" not in anna
    night, *_ = desk.ask("people", at="2026-03-04T22:00")
    assert night["decision"]["reason"] == "BEDTIME"


def test_devices_assigned_and_seen(desk: Desk) -> None:
    desk.world.lan = [sighting(MIA, hostname="mias-pad"), sighting(hostname="guest")]
    desk.service.post(CandidatesFound(STRANGER, ("mia",)))
    tablet, console, phone, tv, guest = desk.ask("devices")
    assert tablet["seen"][0]["hostname"] == "mias-pad"
    assert tablet["enforced"] == {MIA: {"exempt": False, "lease_s": 9 * 3600}}
    assert console["seen"] == []
    assert phone["exempt"] and tv["exempt"]
    assert tv["enforced"][THING] == {"exempt": True, "lease_s": None}
    assert guest["id"] is None and guest["name"] == "guest"
    assert guest["decision"]["reason"] == "NEW_DEVICE"
    assert guest["may_belong_to"] == ["mia"]


def test_explain(desk: Desk) -> None:
    why = desk.ask("explain", device="tablet", at="2026-03-04T21:30")
    assert why["decision"]["reason"] == "BEDTIME"
    assert [row["row"] for row in why["rows"] if row["applies"]][0] == "bedtime"
    assert desk.ask("explain", device=MIA.upper())["device"] == "tablet"
    desk.world.lan = [sighting()]
    assert desk.ask("explain", device=STRANGER)["device"] is None


def test_plan_tells_leases_only_of_now(desk: Desk) -> None:
    now = desk.ask("plan")
    permits = [lease for lease in now["leases"] if lease["set"] == "permit"]
    assert permits == [
        {"set": "permit", "key": [m], "seconds": 9 * 3600} for m in (MIA, TOM)
    ]
    then = desk.ask("plan", at="2026-03-04T22:00")
    assert "leases" not in then
    assert then["people"][0]["decision"]["verdict"] == "refuse"


def test_print_touches_nothing_and_has_another_clock(desk: Desk) -> None:
    done = len(desk.kernel.done)
    text = desk.ask("print")["text"]
    assert f"permit {{ {MIA} timeout 32400000ms" in text
    night = desk.ask("print", at="2026-03-04T22:00")["text"]
    assert MIA in night and f"{MIA} timeout" not in night
    assert len(desk.kernel.done) == done


def test_check_asks_the_kernel(desk: Desk) -> None:
    assert desk.ask("check") == {"loads": True}
    assert desk.world.checked == [desk.ask("print")["text"]]
    desk.world.refuses = EnforcementError("nft-refused", "line 3")
    assert refused(desk, "check") == "nft-refused"


def test_audit_says_who_and_what(desk: Desk) -> None:
    desk.ask("pause", by="anna", person="mia", span="15m")
    desk.ask("resume", by="tom", person="mia")
    newest, older, first = desk.ask("audit")
    assert (newest["by"], newest["verb"]) == ("tom", "resume")
    assert (older["by"], older["verb"]) == ("anna", "pause")
    assert (first["by"], first["revision"]) == ("setup", 1)
    assert older["changes"] and older["at"] == "2026-03-04T11:00:00+00:00"
    assert desk.ask("audit", limit=1) == [newest]
    assert desk.ask("audit", limit=0) == desk.ask("audit", limit=-1) == []


@pytest.mark.parametrize(
    "verb, args, code",
    [
        ("explain", {}, "needs-arguments"),
        ("explain", {"device": STRANGER}, "no-such-device"),
        ("explain", {"device": "tablet", "at": "now"}, "bad-time"),
        ("people", {"at": "now"}, "bad-time"),
        ("plan", {"at": "9999-12-31"}, "bad-time"),
        ("audit", {"limit": 1e400}, "bad-argument"),
    ],
)  # fmt: skip
def test_refusals_have_stable_codes(
    desk: Desk, verb: str, args: dict[str, Any], code: str
) -> None:
    assert refused(desk, verb, **args) == code

"""Whole pages in one answer, from a daemon that lives."""

from __future__ import annotations

from guardian.core.errors import EnforcementError
from guardian.core.events import AddressSeen, CandidatesFound, ClockKnown, CutFlows
from guardian.core.proof import Cut
from tests.build import mac
from tests.steering import STRANGER, Desk, sighting
from tests.verbs.kit import MIA, TOM, document, refused


def test_home(desk: Desk) -> None:
    desk.world.wrong = {"partly-enforced": "a gateway goes round"}
    desk.world.near = frozenset({MIA})
    found = desk.ask("overview")
    assert (found["revision"], found["enforced"], found["failsafe"]) == (1, True, False)
    assert (found["problems"], found["trial"]) == ([], False)
    assert [h["severity"] for h in found["health"]] == ["info"]
    mia, tom, anna = found["people"]
    assert mia["online"] and not tom["online"]
    assert (mia["decision"]["verdict"], mia["next"]["reason"]) == ("allow", "BEDTIME")
    assert anna["decision"]["reason"] == "EXEMPT"
    assert found["unassigned"] == [] and found["requests"] == 0
    assert desk.service.revision == 1


def test_new_devices_stand_on_home_until_somebody_has_them(desk: Desk) -> None:
    desk.world.lan = [
        sighting(hostname="iphone", first_seen=10, last_seen=20),
        sighting(MIA, hostname="pad"),
    ]
    likely = [{"person": "mia", "device": "tablet", "why": ["hostname", "option55"]}]
    desk.world.proposals = {STRANGER: likely}
    desk.service.post(CandidatesFound(STRANGER, ("mia",)))
    (seen,) = desk.ask("overview")["unassigned"]
    assert (seen["mac"], seen["name"], seen["device"]) == (STRANGER, "iphone", None)
    assert seen["may_belong_to"] == likely
    assert seen["decision"]["verdict"] == "allow"
    made = desk.ask("assign", device=STRANGER, name="Pad")["device"]
    (seen,) = desk.ask("overview")["unassigned"]
    assert (seen["device"], seen["name"]) == (made, "Pad")
    desk.ask("assign", device=made, exempt=True)
    assert desk.ask("overview")["unassigned"] == []


def test_home_on_trial_shows_what_is_tried(desk: Desk) -> None:
    desk.ask("try", text=document(desk.service.household, name="Tried"))
    found = desk.ask("overview")
    assert (found["name"], found["trial"]) == ("Tried", True)


def test_home_by_an_unknown_clock(desk: Desk) -> None:
    desk.service.post(ClockKnown(False))
    found = desk.ask("overview")
    assert not found["clock_known"]
    assert found["people"][0]["decision"]["reason"] == "CLOCK_UNKNOWN"


def test_a_childs_page(desk: Desk) -> None:
    found = desk.ask("person", person="Mia")
    assert found["id"] == "mia" and found["windows"][0]["id"] == "bedtime"
    assert [s["decision"]["verdict"] for s in found["day"]] == [
        *("allow", "refuse", "allow")
    ]
    assert refused(desk, "person") == "needs-arguments"
    assert refused(desk, "person", person="anna") == "not-a-child"
    assert refused(desk, "person", person="nosuch") == "no-such-person"


def test_proof_of_what_a_pause_ended(desk: Desk) -> None:
    desk.service.post(AddressSeen(MIA, "192.168.1.20", "br-lan"))
    desk.service.post(AddressSeen(MIA, "fd00:1::20", "br-lan"))
    desk.service.post(AddressSeen(TOM, "192.168.1.21", "br-lan"))
    desk.kernel.cuts = {MIA: Cut(3, 2, 0), TOM: Cut(5, 0, 0), mac(9): Cut(1)}
    desk.ask("pause", person="mia", span="1h")
    mia, tom, _ = desk.ask("overview")["people"]
    assert mia["proof"] == {
        "at": "2026-03-04T12:00:00+01:00",
        "closed": 5,
        "closed6": 2,
        "left": 0,
    }
    assert tom["proof"] is None
    assert desk.ask("person", person="mia")["proof"] == mia["proof"]


def test_no_proof_of_what_the_kernel_refused(desk: Desk) -> None:
    desk.service.post(AddressSeen(MIA, "192.168.1.20", "br-lan"))
    desk.kernel.refuses[CutFlows] = EnforcementError("conntrack-refused", "EPERM")
    desk.ask("pause", person="mia", span="1h")
    assert desk.ask("overview")["people"][0]["proof"]["left"] is None
    desk.kernel.refuses.clear()
    desk.kernel.cuts = {MIA: Cut(4)}
    desk.later(1)
    proof = desk.ask("overview")["people"][0]["proof"]
    assert (proof["closed"], proof["left"]) == (4, 0)


def test_what_can_be_set(desk: Desk) -> None:
    services = desk.ask("catalogue", kind="services")
    assert {"id", "title", "group", "age_hint"} == set(services[0])
    assert desk.ask("catalogue") == desk.ask("catalogue", kind="categories")
    assert "tiktok" in {s["id"] for s in services}
    assert desk.ask("catalogue", kind="packs")[0]["names"] > 0
    assert refused(desk, "catalogue", kind="lists") == "bad-argument"

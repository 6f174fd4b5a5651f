"""The technician's pages: evidence, commands, a trial that ends, and nobody's name."""

from __future__ import annotations

import json
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from guardian.core.errors import ControlError, EnforcementError, Problem
from guardian.lists.update import status as list_status
from tests.build import at, home, mac, pause
from tests.fakes import family, technician
from tests.fakes.daemon import FakeDaemon
from tests.fakes.desk import DeskDaemon
from tests.steering import sighting
from tests.webui.browser import Browser, application, words_of
from webui.access import CARER, CHILD, PARENT, PUBLIC, TECH, access_of
from webui.app import create_app
from webui.daemon import Away
from webui.settings import Settings

PAGES = (
    "/tech",
    *(
        f"/tech/{name}"
        for name in (
            *("topology", "enforced", "rules", "explain", "lists", "names", "clock"),
            *("try", "versions"),
        )
    ),
)
# What people, devices and sites are called, who did what, and how a device is used.
SECRETS = (
    *("Mia", "Ben", "Anna", "Tom", "Example family", "tablet", "iPhone", "Doorbell"),
    *("homework video", "pokerstars", "scratch.mit.edu", "9191"),
)
TINA: dict[str, Any] = {
    "id": "tina",
    "person": None,
    "name": "Tina",
    "role": "technician",
    "hash": "",
    "generation": 1,
    "until": None,
}
ACCOUNTS = {
    **family.ACCOUNTS,
    "accounts": [*family.ACCOUNTS["accounts"], TINA],
}


@pytest.fixture
def daemon() -> FakeDaemon:
    made = FakeDaemon()
    made.answers["accounts"] = ACCOUNTS
    return made


@pytest.fixture
def tina(tmp_path: Path, daemon: FakeDaemon) -> Browser:
    return Browser(application(tmp_path, daemon), "tina")


@pytest.mark.parametrize("path", PAGES)
def test_no_page_tells_a_name_or_what_anybody_did(tina: Browser, path: str) -> None:
    text = tina.get(path)
    assert [word for word in SECRETS if word in text] == []


@pytest.mark.parametrize("path", PAGES)
def test_a_parent_sees_the_same(tmp_path: Path, daemon: FakeDaemon, path: str) -> None:
    app = application(tmp_path, daemon)
    seen = {who: words_of(Browser(app, who).get(path)) for who in ("tina", "anna")}
    assert seen["tina"] == seen["anna"].replace("Settings Technician", "Technician")


def test_a_technician_opens_own_pages_and_none_of_the_familys(
    tmp_path: Path, tina: Browser
) -> None:
    closed = 0
    for rule in tina.app.url_map.iter_rules():
        access = access_of(tina.app, rule.endpoint)
        assert access is not None
        if access.roles & (TECH | PUBLIC | CHILD):
            if access.roles & TECH:
                assert rule.rule.startswith("/tech") or rule.rule == "/stay"
            continue
        assert not access.roles & ~(PARENT | CARER)
        if "GET" in (rule.methods or ()):
            path = rule.rule
            for name, kind in rule._converters.items():
                value = "7" if type(kind).__name__ == "IntegerConverter" else "mia"
                path = path.replace(f"<{name}>", value).replace(f"<int:{name}>", value)
            tina.get(path, 403)
            closed += 1
    assert closed > 20


def test_health_has_evidence_and_fix(tina: Browser, daemon: FakeDaemon) -> None:
    said = words_of(tina.get("/tech"))
    assert "Enforced: the kernel holds revision 88" in said and "No trouble" in said
    root = {"code": "enforcement-refused", "detail": "nft-refused: line 214"}
    daemon.answers["status"] |= {
        "enforced": False,
        "health": [root, {"code": "flows-not-cut", "detail": "EPERM"}],
        "problems": [
            {
                "place": "people[0] (Mia) / windows[1] / to",
                "code": "bad-time",
                "detail": "Mia's end",
            }
        ],
    }
    daemon.answers["overview"]["health"] = [{**root, "severity": "bad"}]
    said = words_of(tina.get("/tech"))
    for words in (
        "Not enforced",
        "enforcement-refused bad Evidence nft-refused: line 214 Fix",
        "guardianctl check; guardianctl apply",
        "flows-not-cut follows from another",
        "people[0] / windows[1] / to: bad-time",
    ):
        assert words in said.replace("  ", " "), words
    assert "Mia" not in said


@pytest.mark.parametrize("what", ["Doctor", "Self-test", "Support bundle", "Hand-over"])
def test_what_is_not_there_yet_says_so(tina: Browser, what: str) -> None:
    assert f"{what} Not there yet:" in words_of(tina.get("/tech"))


def test_topology(tina: Browser, daemon: FakeDaemon) -> None:
    said = words_of(tina.get("/tech/topology"))
    assert "Mode: router" in said and "br-lan hooked" in said and "127.0.0.1#53" in said
    daemon.answers["status"] |= {
        "mode": "one-armed",
        "interfaces": {"br-lan": "hooked", "wlan9": "missing"},
        "ports": ["lan1", "lan2"],
        "hooks": {"ingress": True, "egress": False},
    }
    said = words_of(tina.get("/tech/topology"))
    assert "A device with a hand-set gateway." in said and "wlan9 missing" in said
    assert "lan1 lan2" in said and "No netdev egress hook" in said


def test_plan_and_leases(tina: Browser) -> None:
    said = words_of(tina.get("/tech/enforced"))
    assert "P2 refuse PAUSED pause=pause-20260304-1910 until=2026-03-05" in said
    assert f"{family.MIA_TABLET} P1 lease: 5400 s left" in said
    assert f"{family.ANNA_PHONE} adult exempt: never judged" in said
    assert "no lease: closed" in said and "addr=192.168.1.11" in said
    assert "floor4 n=2 left=3400–3500" in said and "permit n=2 left=5400" in said


def test_rules_are_checked_and_compared(tina: Browser, daemon: FakeDaemon) -> None:
    text = tina.get("/tech/rules")
    assert "1  add table inet guardian" in text and "7 lines" in text
    assert "None passed yet" in text
    said = words_of(tina.send("/tech/rules/check"))
    assert "nft -c: exit 0, 7 lines" in said and "No difference" in said
    later = technician.RULES.replace("59123ms", "44000ms")
    daemon.answers["print"] = {"text": later}
    assert "No difference" in tina.get("/tech/rules")
    daemon.answers["print"] = {"text": later.replace('"no lease"', '"closed"')}
    text = tina.get("/tech/rules")
    assert "-add rule inet guardian judge_in goto refuse comment" in text
    daemon.refuses["check"] = ControlError("nft-refused", "/dev/stdin:3:1-9: Error")
    said = words_of(tina.send("/tech/rules/check"))
    assert "Nothing was changed" in said and "nft-refused: /dev/stdin:3:1-9" in said


def test_explain(tina: Browser, daemon: FakeDaemon) -> None:
    tina.get("/tech/explain")
    text = tina.send("/tech/explain", name="www.tiktok.com", device=family.MIA_TABLET)
    said = words_of(text)
    assert "4 pause applies pause=pause-20260304-1910" in said
    assert "window:bedtime=band:10-12 window:no-play=person" in said
    assert "refuse BLOCKED_CATEGORY category=social" in said
    assert "services → tiktok" in said
    assert [word for word in SECRETS if word in text] == []
    assert 'value="www.tiktok.com"' in text


def test_explain_withholds_an_authoritys_evidence(
    tina: Browser, daemon: FakeDaemon
) -> None:
    found = daemon.call("explain", device="x", name="www.tiktok.com")
    found["name"] |= {"reason": "SAFETY_LIST", "matched": "the-rule.example"}
    daemon.answers["explain"] = found
    tina.get("/tech/explain")
    said = words_of(tina.send("/tech/explain", name="a.example"))
    assert "evidence=withheld" in said
    assert "the-rule" not in said and "services" not in said


@pytest.mark.parametrize(
    "code, field",
    [("bad-time", "at"), ("bad-hostname", "name"), ("no-such-device", "device")],
)
def test_a_mistake_names_its_field_and_keeps_the_rest(
    tina: Browser, daemon: FakeDaemon, code: str, field: str
) -> None:
    daemon.refuses["explain"] = ControlError(code, "odd")
    tina.get("/tech/explain")
    text = tina.send("/tech/explain", name="a.example", at="21:30")
    assert f'<a href="#{field}">{code}: odd. Nothing was changed' in text
    assert 'value="a.example"' in text and 'value="21:30"' in text


def test_lists_and_names(tina: Browser) -> None:
    said = words_of(tina.get("/tech/lists"))
    assert "digest=ab12 names=512000 bytes=6100000" in said
    assert "since=2026-03-03T02:06:40+01:00" in said and "failures=0" in said
    assert "gambling 204000 entries Age 41 h 23 min · checked 13 h 36 min ago" in said
    said = words_of(tina.get("/tech/names"))
    assert "ok=1 failing=0 ignored=0" in said and "questions 4711" in said


def test_the_clock_is_trusted_by_a_person(tina: Browser, daemon: FakeDaemon) -> None:
    assert "Trust the clock" not in tina.get("/tech/clock")
    daemon.answers["status"]["clock"]["known"] = False
    tina.get("/tech/clock")
    assert "Clock trusted" in words_of(tina.send("/tech/clock"))
    assert daemon.changed == [("clock", "tina", {})]


def test_a_trial_counts_down_and_is_kept_or_not(
    tina: Browser, daemon: FakeDaemon
) -> None:
    tina.get("/tech/try")
    document = json.dumps({"schema": 1})
    daemon.accepts["try"] = lambda args: (
        daemon.answers["status"].update(trial=True)
        or {"enforced": True, "rollback_in": args["timeout"]}
    )
    said = words_of(tina.send("/tech/try", text=document, seconds="90"))
    assert daemon.changed == [("try", "tina", {"text": document, "timeout": 90})]
    assert "1 min 30 s left, then it rolls back by itself (19:31)" in said
    daemon.answers["overview"]["now"] = "2026-03-04T19:30:50+01:00"
    assert "40 s left" in words_of(tina.get("/tech/try"))
    daemon.answers["status"]["trial"] = False
    daemon.answers["status"]["trial"] = True
    assert "Only a parent can keep it." in words_of(tina.get("/tech/try"))
    assert "/tech/try/confirm" not in tina.text
    anna = Browser(tina.app, "anna")
    anna.get("/tech/try")
    daemon.answers["status"]["trial"] = False
    said = words_of(anna.send("/tech/try/confirm"))
    assert "Kept" in said and "Seconds until rollback" in said
    assert daemon.changed[-1] == ("try-confirm", "anna", {})
    # One that was begun elsewhere: its end is not known here.
    daemon.answers["status"]["trial"] = True
    assert "within an hour" in words_of(tina.get("/tech/try"))
    daemon.refuses["try-rollback"] = ControlError("nothing-to-confirm")
    assert "nothing-to-confirm" in words_of(tina.send("/tech/try/rollback"))


def test_a_trial_that_cannot_be_says_where_and_keeps_the_text(
    tina: Browser, daemon: FakeDaemon
) -> None:
    tina.get("/tech/try")
    text = tina.send("/tech/try", text="", seconds="4000")
    assert "Paste or choose" in text and "1 to 3600 seconds." in text
    problem = Problem("people[0] / role", "unknown-role", "aunt")
    daemon.refuses["try"] = ControlError("household-invalid", "", (problem,))
    text = tina.send("/tech/try", text='{"schema": 1}', seconds="60")
    assert "people[0] / role: unknown-role" in text and "{&#34;schema&#34;: 1}" in text
    assert daemon.changed == []


def test_a_file_can_be_tried(tina: Browser, daemon: FakeDaemon) -> None:
    tina.get("/tech/try")
    tina.send("/tech/try", file=(BytesIO(b"\xef\xbb\xbf{}"), "h.json"), seconds="9")
    assert daemon.changed == [("try", "tina", {"text": "{}", "timeout": 9})]


def test_what_the_kernel_refuses_is_not_said_to_be_on(
    tina: Browser, daemon: FakeDaemon
) -> None:
    daemon.accepts["try"] = {"enforced": False, "rollback_in": 60}
    tina.get("/tech/try")
    said = words_of(tina.send("/tech/try", text="{}"))
    assert "The kernel refused it" in said


def test_versions(tina: Browser) -> None:
    said = words_of(tina.get("/tech/versions"))
    assert "guardiand 0.1.0" in said and "Kernel" in said and "Flask" in said


@pytest.mark.parametrize("path", PAGES)
def test_while_the_daemon_is_away_nothing_can_be_changed(
    tina: Browser, daemon: FakeDaemon, path: str
) -> None:
    daemon.away = Away(0.0)
    daemon.answers["status"]["clock"]["known"] = False
    text = tina.get(path)
    assert "guardiand does not answer." in text
    for action in ("/tech/rules/check", "/tech/clock", "/tech/try"):
        assert f'action="{action}"' not in text


def test_over_the_real_verbs(tmp_path: Path) -> None:
    """Names that the verbs do tell do not come through either."""
    noon = at("2026-03-04 12:00")
    paused = pause(noon, at("2026-03-04 18:00"), "mia")
    made = home(pauses=(paused,))
    (tmp_path / "desk").mkdir()
    daemon = DeskDaemon(tmp_path / "desk", made, fixed={"accounts": ACCOUNTS})
    real = daemon.desk.world
    real.lan = [
        sighting(hostname="Mias-iPhone"),
        sighting(mac(1), hostname="mias-tablet"),
    ]
    real.wrong = {"interface-missing": "wlan9"}
    answering: dict[str, Any] = {"answering": True, "resolvers": [], "stats": {}}
    answering["lists"] = list_status(tmp_path / "lists")
    real.names = lambda: answering  # type: ignore[method-assign]
    (tmp_path / "web").mkdir()
    app = create_app(Settings(state_dir=tmp_path / "web"), daemon)
    tina = Browser(app, "tina")
    for path in PAGES:
        text = tina.get(path)
        found = [w for w in ("Mia", "Tom", "Anna", "mias", "Tablet") if w in text]
        assert found == [], path
    assert f"{mac(1)} P1" in words_of(tina.get("/tech/enforced")).replace("  ", " ")
    tina.get("/tech/explain")
    said = words_of(tina.send("/tech/explain", device=mac(1)))
    assert "refuse PAUSED pause=pause-1" in said and "anna" not in said
    tina.get("/tech/rules")
    assert "exit 0" in words_of(tina.send("/tech/rules/check"))
    real.refuses = EnforcementError("nft-refused", "line 3")
    assert "nft-refused: line 3" in words_of(tina.send("/tech/rules/check"))
    tina.get("/tech/try")
    export = json.dumps(daemon.call("household-export"))
    said = words_of(tina.send("/tech/try", text=export, seconds="60"))
    assert "On trial" in said and real.trials == [60]
    assert "Rolled back." in words_of(tina.send("/tech/try/rollback"))

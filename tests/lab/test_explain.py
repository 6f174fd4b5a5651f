"""The command line against the real daemon: what it says, does and returns.

Exit codes: 0 done, 1 refused, 2 usage, 3 no daemon, 4 on what was safe.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from .guard import EXAMPLE, ROOT
from .home import Home
from .moment import (
    AFTERNOON,
    MACS,
    NIGHT,
    Guard,
    MakeHome,
    chains,
    example,
    guarding,
    how,
    keys,
)

pytestmark = pytest.mark.lab
HELD = ["refused", "refused"]
OPEN = ["ok", "ok"]


def test_it_explains_why_now_and_at_another_time(make_home: MakeHome) -> None:
    """The same core with another clock, for any device, with every row."""
    home = make_home(macs=MACS)
    with guarding(home, NIGHT) as guard:
        now = guard.ask("explain", "tablet")
        assert now["decision"]["reason"] == "BEDTIME"
        assert now["decision"]["until"].startswith("2026-10-27T0")
        assert [row["row"] for row in now["rows"] if row["applies"]][0] == "bedtime"
        by_day = guard.ask("explain", MACS["tablet"], "--at", "2026-10-27T17:00")
        assert by_day["decision"]["verdict"] == "allow"
        assert guard.ask("explain", "phone")["decision"]["reason"] == "EXEMPT"
        people = {p["id"]: p["decision"]["verdict"] for p in guard.ask("people")}
        assert people == {
            "mia": "refuse",
            "ben": "refuse",
            "anna": "allow",
            "tom": "allow",
        }
        later = guard.ask("people", "--at", "2026-10-27T17:00")
        assert {p["decision"]["verdict"] for p in later} == {"allow"}


def test_devices_show_what_the_kernel_was_told(make_home: MakeHome) -> None:
    """What is enforced, not what was saved: leases in seconds, evidence, strangers."""
    home = make_home(macs=MACS)
    with guarding(home, AFTERNOON) as guard:
        home.add_host("guest", "02:00:5e:00:10:99", "someones-phone")

        def shown() -> dict[str, dict[str, object]]:
            return {d["macs"][0]: d for d in guard.call("devices")}

        home.wait(
            lambda: shown().get("02:00:5e:00:10:99", {}).get("name")
            == "someones-phone",
            "the guest's host name",
        )
        devices = {d["macs"][0]: d for d in guard.ask("devices")}
        tablet = devices[MACS["tablet"]]["enforced"][MACS["tablet"]]
        assert not tablet["exempt"] and 3 * 3600 < tablet["lease_s"] <= 4 * 3600
        assert devices[MACS["tv"]]["enforced"][MACS["tv"]]["exempt"]
        guest = devices["02:00:5e:00:10:99"]
        assert guest["decision"]["reason"] == "NEW_DEVICE"
        assert guest["seen"][0]["interface"] == "br-lan"
        assert home.lan_host("guest").ip4 in guest["seen"][0]["addresses"]


def test_the_plan_shows_leases_and_the_coming_day(make_home: MakeHome) -> None:
    """Each stretch of the day, and the elements with their seconds."""
    home = make_home(macs=MACS)
    with guarding(home, AFTERNOON) as guard:
        plan = guard.ask("plan")
        (mia,) = [p for p in plan["people"] if p["id"] == "mia"]
        starts = [stretch["from"][:16] for stretch in mia["day"]]
        assert "2026-10-26T21:00" in starts
        leases = {(e["set"], e["key"][0]): e["seconds"] for e in plan["leases"]}
        assert 0 < leases["permit", MACS["tablet"]] <= 4 * 3600
        assert leases["exempt", MACS["phone"]] is None


def ruleset(home: Home) -> str:
    """Return all rules and elements without the times that are left."""
    listed = home.router.run("nft -s list ruleset").stdout
    return re.sub(r" timeout \w+", "", listed)


def test_print_touches_nothing_and_check_asks_the_kernel(make_home: MakeHome) -> None:
    """The printed text loads as it is, and gives the same tables."""
    home = make_home(macs=MACS)
    with guarding(home, NIGHT) as guard:
        before = ruleset(home)
        text = guard.ask("print")["text"]
        assert guard.ask("check") == {"loads": True}
        assert ruleset(home) == before
        home.router.run(["nft", "-c", "-f", "-"], text_in=text)
        assert "reject with tcp reset" in text and MACS["phone"] in text
        home.router.run(["nft", "-f", "-"], text_in=text)
        assert ruleset(home) == before


def test_apply_puts_back_what_someone_changed(make_home: MakeHome) -> None:
    """Rules and elements anew, in one transaction."""
    home = make_home(macs=MACS)
    with guarding(home, NIGHT) as guard:
        before = ruleset(home)
        home.router.run("nft flush chain inet guardian judge_in")
        home.router.run("nft flush set inet guardian exempt")
        assert guard.ask("apply")["enforced"]
        assert ruleset(home) == before


def test_try_rolls_back_unless_confirmed(make_home: MakeHome, tmp_path: Path) -> None:
    """A household on trial is enforced at once, and gone after its time."""
    home = make_home(macs=MACS)
    with guarding(home, AFTERNOON) as guard:
        document = example()
        document["new_devices"]["policy"] = "block"
        for device in document["devices"]:
            if device["id"] == "tablet":
                del device["person"]
        file = tmp_path / "trial.json"
        file.write_text(json.dumps(document))
        assert guard.ask("try", str(file), "--timeout", "3")["rollback_in"] == 3
        assert guard.call("status")["trial"]
        assert how(home, "tablet") == HELD
        home.wait(lambda: not guard.call("status")["trial"], "the rollback")
        assert how(home, "tablet") == OPEN
        assert MACS["tablet"] in keys(guard, "inet", "permit")
        guard.ask("try", str(file))
        assert how(home, "tablet") == HELD
        guard.ask("try", "--rollback")
        assert how(home, "tablet") == OPEN
        guard.ask("try", str(file))
        guard.ask("try", "--confirm")
        assert guard.call("household-export")["new_devices"]["policy"] == "block"
        assert how(home, "tablet") == HELD
        assert guard.ctl("try", "--confirm", check=False)[0] == 1


def test_a_trial_dies_with_the_daemon(make_home: MakeHome, tmp_path: Path) -> None:
    """Nothing of it is stored: the next start is the household of before."""
    home = make_home(macs=MACS)
    with guarding(home, NIGHT) as guard:
        document = example()
        document["devices"] = [
            {**d, "person": "anna"} if d.get("person") == "mia" else d
            for d in document["devices"]
        ]
        file = tmp_path / "trial.json"
        file.write_text(json.dumps(document))
        guard.ask("try", str(file))
        assert how(home, "tablet") == OPEN
        guard.kill()
        guard.household = None
        guard.start()
        assert how(home, "tablet") == HELD


def test_exit_codes(make_home: MakeHome, tmp_path: Path) -> None:
    """0 done, 1 refused with a sentence, 2 usage, 3 not running."""
    home = make_home(macs=MACS)
    with guarding(home, AFTERNOON) as guard:
        assert guard.ctl("status")[0] == 0
        for argv in (
            ("pause", "nobody", "--for", "15m"),
            ("pause", "anna", "--for", "15m"),
            ("explain", "no-such-device"),
            ("assign", "no-such-device", "mia"),
            ("try", "/nonexistent.json"),
        ):
            code, said = guard.ctl(*argv, check=False)
            assert code == 1, argv
            assert said.strip() and "Traceback" not in said
        before = chains(home), guard.call("household-export")
        bad = tmp_path / "bad.json"
        document = example()
        document["people"][0]["band"] = "no-such-band"
        bad.write_text(json.dumps(document))
        for argv in (("household", "import", str(bad)), ("try", str(bad))):
            code, said = guard.ctl(*argv, check=False)
            assert code == 1
            assert "people[0]" in said, "it names the place"
        assert (chains(home), guard.call("household-export")) == before
        for usage in (["pause"], ["assign", "tablet"], ["try"], ["nonsense"]):
            assert guard.ctl(*usage, check=False)[0] == 2, usage
        guard.stop()
        code, said = guard.ctl("status", check=False)
        assert code == 3 and "guardiand" in said


def test_a_damaged_household_runs_on_what_is_safe(make_home: MakeHome) -> None:
    """Exit code 4, the place named; the good part is in force."""
    home = make_home(macs=MACS)
    document = example()
    document["people"][1]["band"] = "no-such-band"
    guard = Guard(home, document, now=NIGHT)
    guard.start()
    code, status = guard.ctl("status", check=False)
    assert code == 4 and status["failsafe"]
    assert any("people[1]" in p["place"] for p in status["problems"])
    assert how(home, "tablet") == HELD
    assert how(home, "phone") == OPEN
    assert guard.stop() == 0


def test_the_offline_core_says_the_same(make_home: MakeHome) -> None:
    """`explain`, `plan` and `print` run on a file without a daemon."""
    home = make_home(macs=MACS)
    with guarding(home, NIGHT) as guard:
        online = guard.ask("explain", "tablet", "--at", "2026-10-27T05:00")
        offline = json.loads(ctl("explain", "tablet", "--at", "2026-10-27T05:00"))
        assert offline["decision"] == online["decision"]
        plan = json.loads(ctl("plan", "--at", NIGHT))
        assert plan["people"] == guard.ask("plan", "--at", NIGHT)["people"]
        assert prints(home)


def prints(home: Home) -> bool:
    """Tell whether the offline ruleset is one that this kernel would take."""
    text = json.loads(ctl("print", "--at", NIGHT))["text"]
    home.router.run(["nft", "-c", "-f", "-"], text_in=text)
    return MACS["phone"] in text


def ctl(verb: str, *argv: str) -> str:
    """Run guardianctl on the example's file, without a daemon."""
    done = subprocess.run(
        [sys.executable, "-m", "guardian.cli", verb, *argv]
        + ["--household", str(EXAMPLE), "--json"],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    return done.stdout

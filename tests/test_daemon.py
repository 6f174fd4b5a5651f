"""The real guardiand in a namespace: it starts, repairs, goes on, and stops cleanly."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from guardian.client import call
from guardian.core.errors import ControlError
from guardian.core.refresh import FloorBook
from guardian.store.data import load_floor
from guardian.store.document import render
from tests.build import home, mac
from tests.lab.namespaces import wait_for
from tests.shell.namespace import nft, private_net, sh

pytestmark = pytest.mark.lab

ROOT = Path(__file__).resolve().parents[1]
NOON = "2026-03-04T12:00"
MIA, STRANGER = mac(1), mac(50)
NAME = "mias-own-pad"


class Guardiand:
    """A daemon in this thread's namespace, by its argv, socket, files and log."""

    def __init__(self, folder: Path) -> None:
        self.run_dir, self.state = folder / "run", folder / "state"
        self.socket = self.run_dir / "control.sock"
        self.log = folder / "log"
        self.file = folder / "home.json"
        self.process: subprocess.Popen[bytes] | None = None

    def argv(self, *options: str) -> list[str]:
        dirs = ["--run-dir", str(self.run_dir), "--state-dir", str(self.state)]
        # No resolver and no lease file of this machine.
        none = ["--resolver", "127.0.0.1#1", "--leases", str(self.run_dir / "leases")]
        return [sys.executable, "-m", "guardian.daemon", *dirs, *none, *options]

    def start(self, document: object = None, *options: str, now: str = NOON) -> None:
        """Start it with a household document and wait until it answers."""
        if document is not None:
            self.file.write_text(json.dumps(document))
            options = (*options, "--household", str(self.file))
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.argv(*options, "--now", now), stderr=log, cwd=ROOT
            )
        wait_for(self.answers, f"an answer: {self.said()}", 20)

    def answers(self) -> bool:
        assert self.process and self.process.poll() is None, self.said()
        try:
            self.ask("status")
        except ControlError:
            return False
        return True

    def ask(self, verb: str, **args: Any) -> Any:
        return call(self.socket, verb, **args)

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        assert self.process
        self.process.send_signal(number)
        code = self.process.wait(20)
        self.process = None
        return code

    def said(self) -> str:
        return self.log.read_text() if self.log.exists() else ""

    def once(self, *options: str) -> tuple[int, str]:
        """Run one that is to end by itself; returns exit code and complaint."""
        done = subprocess.run(
            self.argv(*options), capture_output=True, text=True, timeout=30, cwd=ROOT
        )
        return done.returncode, done.stderr


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[Guardiand]:
    with private_net():
        sh("ip link add br-lan type bridge; ip link set br-lan up")
        made = Guardiand(tmp_path)
        yield made
        if made.process:
            made.end(signal.SIGKILL)
    assert "Traceback" not in made.said()


def document(**changes: Any) -> dict[str, Any]:
    """Return the household of these tests with bands that Guardian ships."""
    made = {**render(home()), **changes}
    for person in made["people"]:
        if person["role"] == "child":
            person["band"] = "10-12"
    return made


def complaints(daemon: Guardiand) -> set[str]:
    return {entry["code"] for entry in daemon.ask("status")["health"]}


def permitted() -> set[str]:
    listed = nft("list set inet guardian permit")
    return {m for m in (mac(1), mac(2), STRANGER) if m in listed}


def neighbour(address: str, number: int) -> None:
    sh(f"ip neigh replace {address} lladdr {mac(number)} dev br-lan nud reachable")


def dhcp(daemon: Guardiand, address: str, name: str = NAME) -> None:
    """Say what the DHCP server's script would say."""
    fields = ["1", "add", address, "192.168.1.20", "br-lan", "0", name]
    line = "\t".join([*fields, "android-dhcp-14", "1,3,6,15,26"])
    with (daemon.run_dir / "dhcp.events").open("a") as file:
        file.write(line + "\n")


def device(daemon: Guardiand, address: str) -> dict[str, Any] | None:
    for view in daemon.ask("devices"):
        if address in view["macs"]:
            found: dict[str, Any] = view
            return found
    return None


# --- living and dying


def test_it_enforces_and_a_clean_stop_lifts_nothing(daemon: Guardiand) -> None:
    daemon.start(document())
    status = daemon.ask("status")
    assert status["enforced"] and not status["failsafe"]
    assert status["interfaces"] == {"br-lan": "hooked"}
    assert status["clock"]["known"] and status["clock"]["now"].startswith(NOON)
    assert re.fullmatch(r"\d+\.\d+.*", status["version"])
    assert permitted() == {mac(1), mac(2)}
    assert daemon.end() == 0
    assert permitted() == {mac(1), mac(2)}
    assert not daemon.socket.exists()
    assert sorted(p.name for p in daemon.state.iterdir() if p.suffix != ".db") == [
        "carry.json",
        "closed.nft",
        "lock",
    ]


def test_a_killed_daemon_is_succeeded_by_the_next(daemon: Guardiand) -> None:
    daemon.start(document())
    daemon.ask("pause", person="mia", span="2h")
    daemon.end(signal.SIGKILL)
    assert daemon.socket.exists() and permitted() == {mac(2)}
    daemon.start(now="2026-03-04T12:30")
    assert daemon.ask("people")[0]["decision"]["reason"] == "PAUSED"
    assert permitted() == {mac(2)}
    daemon.ask("resume", person="mia")
    assert permitted() == {mac(1), mac(2)}
    assert daemon.end(signal.SIGINT) == 0


def test_a_second_daemon_leaves_everything_to_the_first(daemon: Guardiand) -> None:
    daemon.start(document())
    other = daemon.run_dir / "other.json"
    other.write_text(json.dumps(document(name="Other")))
    code, said = daemon.once("--household", str(other))
    assert code == 1 and "running already" in said
    assert daemon.ask("status")["household"] == "Home"
    assert daemon.ask("status")["revision"] == 1
    assert daemon.socket.exists()


def test_flushed_rules_come_back(daemon: Guardiand) -> None:
    daemon.start(document())
    nft("flush ruleset")
    wait_for(lambda: "table netdev guardian" in nft("list tables"), "our tables", 10)
    assert permitted() == {mac(1), mac(2)}
    nft("delete table netdev guardian")
    wait_for(lambda: "table netdev guardian" in nft("list tables"), "the other", 10)
    assert daemon.ask("status")["enforced"]


def test_an_interface_that_comes_later(daemon: Guardiand) -> None:
    sh("ip link del br-lan")
    daemon.start(document())
    status = daemon.ask("status")
    assert status["interfaces"] == {"br-lan": "missing"}
    assert "interface-missing" in [h["code"] for h in status["health"]]
    sh("ip link add br-lan type bridge; ip addr add 192.168.1.1/24 dev br-lan")
    wait_for(
        lambda: daemon.ask("status")["interfaces"] == {"br-lan": "hooked"}, "it", 10
    )
    assert complaints(daemon) == {"help-unresolved"}
    wait_for(lambda: "192.168.1.0/24" in nft("list ruleset"), "its prefix", 10)


def test_help_that_has_no_address_yet_is_told(daemon: Guardiand) -> None:
    daemon.start(document())
    assert complaints(daemon) == {"help-unresolved"}


def test_another_lan_interface_by_a_change(daemon: Guardiand) -> None:
    sh("ip link add lan9 type bridge; ip link set lan9 up")
    daemon.start(document())
    changed = document(network={"lan": ["lan9"], "mode": "router"})
    daemon.ask("household-import", text=json.dumps(changed))
    wait_for(lambda: daemon.ask("status")["interfaces"] == {"lan9": "hooked"}, "it", 10)
    wait_for(lambda: "in_br-lan" not in nft("list ruleset"), "the old one's end", 10)
    assert "in_lan9" in nft("list ruleset")


# --- households at the start


@pytest.mark.parametrize(
    "content, said",
    [
        (None, "cannot be read"),
        ("{", "line 1, column 2"),
        ("[]", "refused"),
        ('{"schema": 99}', "newer Guardian"),
    ],
    ids=["no file", "no JSON", "no object", "newer"],
)
def test_a_household_that_cannot_be_taken(
    daemon: Guardiand, content: str | None, said: str
) -> None:
    if content is not None:
        daemon.file.write_text(content)
    code, complaint = daemon.once("--household", str(daemon.file))
    assert code == 1 and said in complaint and "Traceback" not in complaint
    assert "guardian" not in nft("list tables")


def test_what_is_safe_of_a_damaged_household(daemon: Guardiand) -> None:
    damaged = document()
    damaged["devices"][0]["macs"] = ["rubbish"]
    daemon.start(damaged)
    status = daemon.ask("status")
    assert status["failsafe"] and status["enforced"]
    assert status["problems"][0]["place"].startswith("devices[0]")
    assert "household-problems" in [h["code"] for h in status["health"]]
    assert permitted() == {mac(2)}


def test_arguments_and_places_that_cannot_be(daemon: Guardiand) -> None:
    assert daemon.once("--now", "soon")[0] == 1
    daemon.run_dir.rmdir()
    daemon.run_dir.write_text("a file")
    code, said = daemon.once()
    assert code == 1 and "could not start" in said and "Traceback" not in said


def test_a_new_box_is_nobodys_and_open(daemon: Guardiand) -> None:
    daemon.start(now="2026-03-04T23:00")
    assert daemon.ask("status")["revision"] == 0
    assert not daemon.ask("household-export")["claimed"]
    assert '"br-lan"' in nft("list set inet guardian open_unknown")


# --- trials


def test_a_trial_ends_by_itself_and_the_next_has_its_own_time(
    daemon: Guardiand,
) -> None:
    daemon.start(document())
    paused = document(people=document()["people"][2:], devices=[])
    text = json.dumps(paused)
    assert daemon.ask("try", text=text, timeout=1)["rollback_in"] == 1
    assert permitted() == set()
    wait_for(lambda: not daemon.ask("status")["trial"], "the rollback", 10)
    assert permitted() == {mac(1), mac(2)}
    daemon.ask("try", text=text, timeout=1)
    began = datetime.fromisoformat(daemon.ask("status")["clock"]["now"])
    later = (began + timedelta(seconds=1.5)).isoformat()
    daemon.ask("try-rollback")
    # The first trial's time must not end the second.
    daemon.ask("try", text=text, timeout=600)
    wait_for(lambda: daemon.ask("status")["clock"]["now"] > later, "its end", 20)
    assert daemon.ask("status")["trial"]
    assert daemon.ask("try-confirm")["kept"] and permitted() == set()
    assert daemon.ask("status")["revision"] == 2


# --- who is there


def test_neighbours_and_names_are_shown_and_never_logged(daemon: Guardiand) -> None:
    neighbour("192.168.1.20", 1)
    daemon.start(document())
    neighbour("192.168.1.50", 50)
    dhcp(daemon, STRANGER, "guests-own-pad")
    wait_for(
        lambda: (view := device(daemon, STRANGER)) and view["seen"][0]["hostname"],
        "the guest's name",
        10,
    )
    guest = device(daemon, STRANGER)
    assert guest and guest["id"] is None and guest["name"] == "guests-own-pad"
    assert guest["seen"][0]["addresses"] == ["192.168.1.50"]
    tablet = device(daemon, MIA)
    assert tablet and tablet["seen"][0]["addresses"] == ["192.168.1.20"]
    daemon.end()
    assert "own-pad" not in daemon.said() and "Mia" not in daemon.said()


def test_a_rotated_address_is_recognised_after_a_restart(daemon: Guardiand) -> None:
    daemon.start(document())
    dhcp(daemon, MIA)
    wait_for((daemon.state / "evidence.json").exists, "the evidence", 10)
    daemon.end(signal.SIGKILL)
    daemon.start(now="2026-03-04T23:00")
    dhcp(daemon, STRANGER)
    wait_for(
        lambda: (view := device(daemon, STRANGER)) and view["may_belong_to"],
        "the candidate",
        10,
    )
    view = device(daemon, STRANGER)
    assert view and view["may_belong_to"] == ["mia"]
    assert view["decision"]["verdict"] == "refuse"
    assert NAME not in daemon.said()


def test_an_assignment_keeps_what_the_device_said_before(daemon: Guardiand) -> None:
    daemon.start(document())
    dhcp(daemon, STRANGER)
    wait_for(lambda: device(daemon, STRANGER), "the guest", 10)
    assert not (daemon.state / "evidence.json").exists()
    daemon.ask("assign", device=STRANGER, person="mia", name="New pad")
    wait_for((daemon.state / "evidence.json").exists, "the evidence", 10)
    assert permitted() == {mac(1), mac(2), STRANGER}


def test_help_known_before_is_reachable_from_the_start(daemon: Guardiand) -> None:
    name = load_floor().names()[0]
    book = FloorBook((name,), 0.0)
    book.answered(name, ["198.51.100.7", "2001:db8::7"], 300.0, 0.0)
    daemon.state.mkdir()
    (daemon.state / "floor.json").write_text(json.dumps(book.to_record(1.0)))
    daemon.start(document())
    assert "198.51.100.7" in nft("list set inet guardian floor4")
    assert "2001:db8::7" in nft("list set netdev guardian floor6")
    assert daemon.ask("status")["floor"] == {"addresses": 2}
    assert complaints(daemon) == set()
    daemon.end()
    assert name not in daemon.said() and "198.51.100.7" not in daemon.said()


def test_bedtime_comes_while_it_runs(daemon: Guardiand) -> None:
    daemon.start(document())
    until = datetime.fromisoformat(daemon.ask("people")[0]["decision"]["until"])
    daemon.end()
    daemon.start(now=(until - timedelta(seconds=4)).isoformat())
    assert permitted() == {mac(1), mac(2)}
    wait_for(lambda: permitted() == set(), "bedtime", 20)
    wait_for(
        lambda: daemon.ask("people")[0]["decision"]["reason"] == "BEDTIME", "it", 10
    )


def test_the_pages_have_a_socket_where_they_have_a_user(daemon: Guardiand) -> None:
    daemon.start(document(), "--web-user", "root")
    web = daemon.run_dir / "web.sock"
    assert web.stat().st_mode & 0o777 == 0o600
    paused = call(web, "pause", person="mia", span="1h", by="anna")
    assert paused["enforced"] and daemon.ask("audit", limit=1)[0]["by"] == "anna"
    with pytest.raises(ControlError, match="bad-argument"):
        call(web, "resume", person="mia")
    with pytest.raises(ControlError, match="not-allowed"):
        call(web, "apply", by="anna")
    neighbour("192.168.1.20", 1)
    assert call(web, "visitor", address="192.168.1.20")["person"] == "mia"
    assert len(daemon.ask("claim-code")["code"]) == 8
    assert daemon.end(signal.SIGTERM) == 0 and not web.exists()


def test_without_a_user_of_the_pages_there_is_no_socket(daemon: Guardiand) -> None:
    daemon.start(document(), "--web-user", "nobody-of-that-name")
    assert not (daemon.run_dir / "web.sock").exists()

"""guardianctl: text and JSON of every verb, exit codes, and its offline side."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from guardian import cli
from guardian.core.errors import EnforcementError, Problem
from guardian.core.events import LoadRules
from guardian.shell.control import ControlServer
from guardian.store.data import load_bands
from guardian.store.document import render
from tests.build import home, mac
from tests.serving import serving
from tests.shell.namespace import nft, private_net
from tests.steering import STRANGER, Desk, sighting

ROOT = Path(__file__).resolve().parents[1]
EXAMPLE = ROOT / "profiles" / "example-household.json"
MIA = mac(1)
Captured = pytest.CaptureFixture[str]


class Terminal:
    """guardianctl against a desk's socket, as typed: `run("pause", "mia")`."""

    def __init__(self, desk: Desk, path: Path, capsys: Captured) -> None:
        self.desk, self.path, self._capsys = desk, path, capsys

    def run(self, *words: str, code: int = 0) -> tuple[str, str]:
        """Return what was printed and what was complained about."""
        done = cli.main(["--socket", str(self.path), *words])
        out, err = self._capsys.readouterr()
        assert done == code, err
        return out, err

    def json(self, *words: str, code: int = 0) -> list[Any]:
        """Return the objects printed, one a line."""
        out, err = self.run(*words, "--json", code=code)
        assert err == ""
        return [json.loads(line) for line in out.splitlines()]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


@pytest.fixture
def terminal(desk: Desk, tmp_path: Path, capsys: Captured) -> Iterator[Terminal]:
    path = tmp_path / "control.sock"
    with serving(ControlServer(path, desk.verbs.handle)):
        yield Terminal(desk, path, capsys)


# --- reading


def test_status(terminal: Terminal) -> None:
    (status,) = terminal.json("status")
    assert status["enforced"] and status["interfaces"] == {"br-lan": "hooked"}
    text, _ = terminal.run("status")
    assert "enforced: True" in text and "interfaces: br-lan=hooked" in text


@pytest.mark.parametrize(
    "written, words",
    [
        ('{"words": ["frost", "fort", "valley", "medal"]}\n', 4),
        ("{}", 0),
        ("[]", 0),
        ('{"words": 3}', 0),
        ("{", 0),
        (None, 0),
    ],
)
def test_status_says_the_words_that_the_pages_must_show(
    terminal: Terminal,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    written: str | None,
    words: int,
) -> None:
    monkeypatch.setenv("GUARDIAN_WEB_STATE", str(tmp_path / "web"))
    (tmp_path / "web" / "tls").mkdir(parents=True)
    if written is not None:
        (tmp_path / "web" / "tls" / "ca.words").write_text(written)
    (status,) = terminal.json("status")
    assert len(status["key_words"]) == words
    text, _ = terminal.run("status")
    shown = "frost, fort, valley, medal" if words else "-"
    assert f"key_words: {shown}\n" in f"{text}\n"


def test_status_of_a_damaged_configuration_has_its_own_code(terminal: Terminal) -> None:
    terminal.desk.service.problems = (Problem("people[1]", "unknown-band", "99"),)
    (status,) = terminal.json("status", code=cli.FAILSAFE)
    assert status["problems"][0]["place"] == "people[1]"
    assert "people[1]" in terminal.run("status", code=cli.FAILSAFE)[0]


def test_people(terminal: Terminal) -> None:
    assert [p["id"] for p in terminal.json("people")] == ["mia", "tom", "anna"]
    text, _ = terminal.run("people", "--at", "2026-03-04T22:00")
    head, mia, *_ = text.splitlines()
    assert head.split() == "id name role band verdict reason until".split()
    assert mia.split()[:6] == ["mia", "Mia", "child", "10-12", "refuse", "BEDTIME"]
    assert mia.endswith("2026-03-05 07:00")


def test_devices(terminal: Terminal) -> None:
    terminal.desk.world.lan = [sighting(hostname="guest")]
    assert [d["id"] for d in terminal.json("devices")][-1] is None
    text, _ = terminal.run("devices")
    lines = {line.split()[0]: line for line in text.splitlines()}
    assert "exempt" in lines["tv"] and "allow" in lines["tablet"]
    assert "guest" in lines["(new)"] and STRANGER in lines["(new)"]


def test_explain(terminal: Terminal) -> None:
    words = ("explain", "tablet", "--at", "2026-03-04T21:30")
    (why,) = terminal.json(*words)
    assert why["decision"]["reason"] == "BEDTIME"
    text, _ = terminal.run(*words)
    assert text.startswith("tablet at 2026-03-04 21:30 (school day, school night): ")
    assert "refuse. It is bedtime." in text
    assert "until 2026-03-05 07:00" in text and "->" in text
    assert "band:10-12" in text


def test_plan(terminal: Terminal) -> None:
    (plan,) = terminal.json("plan")
    assert plan["leases"]
    text, _ = terminal.run("plan")
    assert "Mia: allow" in text and "bedtime" in text and "32400 s" in text
    assert "Mia: refuse" in terminal.run("plan", "--at", "2026-03-04T22:00")[0]


def test_print(terminal: Terminal) -> None:
    (printed,) = terminal.json("print")
    text, _ = terminal.run("print")
    assert text == printed["text"] and f"{MIA} timeout 32400000ms" in text
    night, _ = terminal.run("print", "--at", "2026-03-04T22:00")
    assert f"{MIA} timeout" not in night


def test_precedence_needs_no_daemon(capsys: Captured) -> None:
    assert cli.main(["--socket", "/nonexistent", "precedence", "--json"]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row["rank"] for row in rows] == sorted(row["rank"] for row in rows)
    assert cli.main(["precedence"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(rows) + 1 and "PAUSED" in "".join(lines)


def test_audit(terminal: Terminal) -> None:
    terminal.run("pause", "mia", "--for", "15m")
    name = terminal.json("audit")[0]["by"]
    text, _ = terminal.run("audit", "--limit", "1")
    assert len(text.splitlines()) == 2
    assert f"2026-03-04 11:00  {name}" in text and "pause" in text


def test_check(terminal: Terminal) -> None:
    assert terminal.json("check") == [{"loads": True}]
    terminal.desk.world.refuses = EnforcementError("nft-refused", "stdin:3:1-2: no")
    _, err = terminal.run("check", code=cli.REFUSED)
    assert "still in force" in err and "stdin:3:1-2" in err


# --- changing


def test_pause_resume_grant_exception(terminal: Terminal) -> None:
    text, _ = terminal.run("pause", "mia", "--for", "15m")
    assert "until: 2026-03-04T12:15:00+01:00" in text and "enforced: True" in text
    assert not terminal.desk.routed(MIA)
    assert terminal.json("resume", "mia")[0]["ended"] == 1
    (given,) = terminal.json(
        "grant", "mia", "--until", "22:00", "--why", "a film", "--lifts", "bedtime"
    )
    assert given["until"] == "2026-03-04T22:00:00+01:00"
    grant = terminal.desk.service.household.grants[0]
    assert (grant.why, grant.lifts) == ("a film", ("bedtime",))
    terminal.run("exception", "mia", "--from", "22:00", "--to", "07:30")
    terminal.run("exception", "tom", "--off", "--on", "2026-03-05", "--kind", "bedtime")
    mias, toms = terminal.desk.service.household.exceptions
    assert (mias.start, mias.end) == (22 * 60, 31 * 60 + 30)
    assert toms.off and toms.on.isoformat() == "2026-03-05"


def test_what_children_ask_for(terminal: Terminal) -> None:
    desk = terminal.desk
    desk.world.owners = {"192.168.1.21": MIA}
    asked = {"address": "192.168.1.21", "kind": "time", "minutes": 30}
    made = desk.ask("ask", **asked, text="a film")
    (found,) = terminal.json("requests")
    assert found == made
    assert terminal.run("requests")[0].splitlines()[1].split() == [
        *(made["id"], "2026-03-04", "12:00", "mia", "30", "min", "open", "a", "film")
    ]
    desk.later(2 * 24 * 3600)
    assert terminal.json("requests") == []
    assert [one["state"] for one in terminal.json("requests", "--all")] == ["ended"]


def test_the_code_that_takes_a_box(terminal: Terminal) -> None:
    (found,) = terminal.json("claim-code")
    assert f"code: {found['code']}" in terminal.run("claim-code")[0]
    text = "scrypt$n=16384,r=8,p=5$c2FsdHNhbHRzYWx0$aGFzaGhhc2hoYXNoaGFzaA=="
    terminal.desk.ask("claim", code=found["code"], name="Anna", hash=text)
    out, err = terminal.run("claim-code", code=cli.REFUSED)
    assert "password-reset" in err and out == ""
    (new,) = terminal.json("password-reset")
    assert new["code"] != found["code"] and new["until"]
    assert terminal.json("claim-code")[0]["code"] == new["code"]
    assert terminal.json("audit", "--limit", "1")[0]["verb"] == "password-reset"


def test_sites_of_a_child(terminal: Terminal) -> None:
    text, _ = terminal.run("site", "block", "mia", "a.org", "*.B.org")
    assert "names: a.org, b.org" in text and "enforced: True" in text
    (done,) = terminal.json("access", "mia", "social", "block", "--revision", "2")
    assert done == {"id": "social", "revision": 3, "enforced": True}
    terminal.run("sites", "mia", "--only", "off", "--youtube", "strict")
    (found,) = terminal.json("sites", "mia")
    assert [n["name"] for n in found["block"]] == ["a.org", "b.org"]
    assert found["youtube"] == {"value": "strict", "layer": "person:mia", "why": None}
    lines = terminal.run("sites", "mia")[0].splitlines()
    assert lines[0].split() == ["what", "is", "set", "by", "why"]
    assert [line.split() for line in lines[-3:]] == [
        ["social", "block", "person:mia"],
        ["a.org", "block", "person:mia"],
        ["b.org", "block", "person:mia"],
    ]
    terminal.run("site", "forget", "mia", "a.org", "b.org")
    terminal.run("access", "mia", "social", "default")
    back = ("--only", "default", "--youtube", "default")
    terminal.run("sites", "mia", *back)
    assert terminal.desk.service.household == home()


def test_what_cannot_be_said_of_sites(terminal: Terminal) -> None:
    for words, said in [
        (("site", "block", "mia", "www.childline.org.uk"), "cannot be blocked"),
        (("site", "allow", "mia", "https://a.org/"), "without https://"),
        (("site", "forget", "mia", "a.org"), "on none of"),
        (("access", "mia", "golf", "block"), "catalogue"),
        (("sites", "mia", "--packs", "golf"), "catalogue packs"),
        (("sites", "anna"), "Adults"),
        (("site", "allow", "mia", "a.org", "--revision", "0"), "look again"),
    ]:
        out, err = terminal.run(*words, code=cli.REFUSED)
        assert said in err and out == ""
    assert terminal.desk.service.revision == 1


def test_the_catalogue_needs_no_daemon(capsys: Captured) -> None:
    for words, known in [
        ((), "adult"),
        (("services",), "roblox"),
        (("packs",), "maths"),
    ]:
        command = ["--socket", "/nonexistent", "catalogue", *words]
        assert cli.main([*command, "--json"]) == 0
        entries = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        assert known in [entry["id"] for entry in entries]
        assert cli.main(command) == 0
        assert len(capsys.readouterr().out.splitlines()) == len(entries) + 1


def test_protection_off_has_an_end_and_on_has_none(terminal: Terminal) -> None:
    (done,) = terminal.json("protection", "off", "--until", "22:00")
    assert done["off_until"] == "2026-03-04T22:00:00+01:00"
    assert terminal.desk.service.household.off is not None
    terminal.run("protection", "on")
    assert terminal.desk.service.household.off is None
    for words in (("off",), ("on", "--for", "1h")):
        _, err = terminal.run("protection", *words, code=cli.USAGE)
        assert "end" in err


def test_undo_of_one_revision(terminal: Terminal) -> None:
    (done,) = terminal.json("pause", "mia", "--for", "1h")
    text, _ = terminal.run("undo", str(done["revision"]))
    assert "undone: 2" in text
    assert terminal.desk.service.household == home()
    _, err = terminal.run("undo", "99", code=cli.REFUSED)
    assert "too old" in err and "99" in err


def test_assign(terminal: Terminal) -> None:
    terminal.desk.world.lan = [sighting()]
    (made,) = terminal.json("assign", STRANGER, "Mia", "--name", "Pad")
    assert terminal.desk.leases()[STRANGER] == 9 * 3600
    terminal.run("assign", made["device"], "--exempt")
    assert STRANGER not in terminal.desk.leases()
    terminal.run("assign", "pad", "--nobody")
    device = terminal.desk.service.household.device(made["device"])
    assert device and not device.exempt and device.person is None
    terminal.run("assign", mac(10), "--same-as", "tablet")
    tablet = terminal.desk.service.household.device("tablet")
    assert tablet and tablet.macs == (mac(10), MIA)


def test_apply_and_clock(terminal: Terminal) -> None:
    assert terminal.json("apply") == [{"enforced": True}]
    assert terminal.json("clock", "confirm") == [{"enforced": True, "known": True}]
    assert terminal.desk.world.clock_trusted == 1
    terminal.desk.kernel.refuses[LoadRules] = EnforcementError("nft-refused", "no")
    assert terminal.json("apply") == [{"enforced": False}]


def test_try_confirm_rollback(terminal: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "tried.json"
    file.write_text(json.dumps({**render(home()), "name": "Tried"}))
    (answer,) = terminal.json("try", str(file), "--timeout", "30")
    assert answer == {"enforced": True, "rollback_in": 30}
    _, err = terminal.run("try", str(file), code=cli.REFUSED)
    assert "try --confirm" in err
    assert terminal.json("try", "--rollback") == [{"enforced": True, "kept": False}]
    terminal.run("try", str(file))
    assert terminal.json("try", "--confirm") == [{"enforced": True, "kept": True}]
    assert terminal.desk.repository.load().household.name == "Tried"
    assert "Nothing is on trial" in terminal.run("try", "--confirm", code=1)[1]


# --- the household as a document


def test_export_and_import(terminal: Terminal, tmp_path: Path) -> None:
    text, _ = terminal.run("household", "export")
    document = json.loads(text)
    assert document == render(home())
    file = tmp_path / "home.json"
    terminal.run("household", "export", str(file))
    assert file.read_text() == text
    file.write_text("\ufeff" + json.dumps({**document, "name": "Größer"}), "utf-8")
    assert terminal.json("household", "import", str(file))[0]["revision"] == 2
    assert terminal.desk.service.household.name == "Größer"


def test_import_from_stdin(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    text = json.dumps({**render(home()), "name": "Piped"}).encode()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text)))
    terminal.run("household", "import", "-")
    assert terminal.desk.service.household.name == "Piped"


def test_a_refused_import_names_the_place(terminal: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "home.json"
    for broken, place in (
        ('{"name": ', "line 1, column 10"),
        (json.dumps({**render(home()), "timezone": "Mars"}), "timezone: unknown-time"),
        (json.dumps({**render(home()), "schema": 99}), "newer Guardian"),
        ("x" * 1_200_000, "too-large"),
        ("x" * 5_000_000, "too long"),
    ):
        file.write_text(broken)
        out, err = terminal.run("household", "import", str(file), code=cli.REFUSED)
        assert place in err and out == ""
    assert terminal.desk.service.revision == 1
    assert terminal.desk.service.household == home()


def test_a_file_in_another_encoding_changes_no_name(
    terminal: Terminal, tmp_path: Path
) -> None:
    file = tmp_path / "home.json"
    text = json.dumps({**render(home()), "name": "Müller"}, ensure_ascii=False)
    file.write_bytes(text.encode("latin-1"))
    for words in (("household", "import"), ("household", "check"), ("try",)):
        _, err = terminal.run(*words, str(file), code=cli.REFUSED)
        assert "not-utf-8" in err
    assert terminal.desk.service.trial is None
    assert terminal.desk.service.household.name == "Home"


def test_files_that_cannot_be_read_or_written(
    terminal: Terminal, tmp_path: Path
) -> None:
    nowhere = str(tmp_path / "no" / "file")
    for words in (
        ("household", "import", nowhere),
        ("household", "check", nowhere),
        ("household", "export", nowhere),
        ("household", "import", str(tmp_path)),
        ("try", nowhere),
        ("plan", "--household", nowhere),
    ):
        _, err = terminal.run(*words, code=cli.REFUSED)
        assert "cannot be" in err and "Traceback" not in err


def test_check_of_a_document(tmp_path: Path, capsys: Captured) -> None:
    assert cli.main(["household", "check", str(EXAMPLE)]) == 0
    file = tmp_path / "home.json"
    document = json.loads(EXAMPLE.read_text())
    document["people"][0]["band"] = "99"
    file.write_text(json.dumps(document))
    assert cli.main(["household", "check", str(file)]) == 1
    assert "people[0] (Mia)" in capsys.readouterr().err


# --- exit codes


def test_not_running(tmp_path: Path, capsys: Captured) -> None:
    for verb in ("status", "people", "check"):
        words = ["--socket", str(tmp_path / "none"), verb]
        assert cli.main(words) == cli.NOT_RUNNING
        out, err = capsys.readouterr()
        assert out == "" and "start guardiand" in err


def test_the_socket_may_come_from_the_environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: Captured
) -> None:
    monkeypatch.setenv("GUARDIAN_SOCKET", str(tmp_path / "elsewhere"))
    assert cli.main(["status"]) == cli.NOT_RUNNING
    assert "elsewhere" in capsys.readouterr().err


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["sing"],
        ["explain"],
        ["pause"],
        ["pause", "mia", "--for", "1h", "--until", "22:00"],
        ["audit", "--limit", "many"],
        ["household", "burn"],
        ["clock", "stop"],
    ],
)
def test_usage_has_its_own_code(words: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(words)
    assert ended.value.code == cli.USAGE


@pytest.mark.parametrize(
    "words",
    [
        ("assign", "tablet"),
        ("assign", "tablet", "mia", "--exempt"),
        ("assign", "tablet", "--nobody", "--same-as", "tv"),
        ("try",),
    ],
)
def test_usage_that_the_parser_cannot_see(
    terminal: Terminal, words: tuple[str, ...]
) -> None:
    _, err = terminal.run(*words, code=cli.USAGE)
    assert err.startswith("Give ")
    assert terminal.desk.service.revision == 1


@pytest.mark.parametrize(
    "words, said",
    [
        (("explain", "nosuch"), "No such device"),
        (("pause", "nosuch"), "No such person"),
        (("pause", "anna"), "Adults"),
        (("pause", "mia", "--for", "soon"), "15m"),
        (("grant", "mia"), "Something is missing"),
        (("people", "--at", "now"), "no time"),
        (("exception", "mia"), "--off"),
        (("exception", "mia", "--off", "--on", "friday"), "no date"),
    ],
)
def test_refusals_are_sentences(
    terminal: Terminal, words: tuple[str, ...], said: str
) -> None:
    out, err = terminal.run(*words, code=cli.REFUSED)
    assert said in err and out == ""


def run(*words: str, **options: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "guardian.cli", *words],
        text=True,
        timeout=60,
        cwd=ROOT,
        **options,
    )


def test_a_reader_that_has_gone() -> None:
    read, write = os.pipe()
    os.close(read)
    try:
        done = run("precedence", stdout=write, stderr=subprocess.PIPE)
    finally:
        os.close(write)
    assert (done.returncode, done.stderr) == (0, "")


# --- offline


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return a household document with the bands that Guardian ships."""
    path = tmp_path / "home.json"
    path.write_text(json.dumps(render(replace(home(), bands=load_bands()))))
    return path


def offline(capsys: Captured, file: Path, *words: str) -> Any:
    assert cli.main([*words, "--household", str(file), "--json"]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    return json.loads(out)


def test_offline_explain(file: Path, capsys: Captured) -> None:
    night = ("--at", "2026-03-04T23:30")
    why = offline(capsys, file, "explain", "tablet", *night)
    assert why["decision"]["reason"] == "BEDTIME"
    assert why["at"] == "2026-03-04T23:30:00+01:00"
    new = offline(capsys, file, "explain", STRANGER, *night)
    assert new["device"] is None and new["decision"]["verdict"] != "allow"
    assert cli.main(["explain", "nosuch", "--household", str(file)]) == 1
    assert "No such device" in capsys.readouterr().err


def test_offline_plan_and_print(file: Path, capsys: Captured) -> None:
    plan = offline(capsys, file, "plan", "--at", "2026-03-04T23:30")
    assert plan["people"][0]["decision"]["reason"] == "BEDTIME"
    day = offline(capsys, file, "print", "--at", "2026-03-07T12:00")["text"]
    night = offline(capsys, file, "print", "--at", "2026-03-04T23:30")["text"]
    assert f"{MIA} timeout" in day and f"{MIA} timeout" not in night
    assert 'device "br-lan"' in day


def test_offline_without_a_time_takes_the_present(file: Path, capsys: Captured) -> None:
    assert offline(capsys, file, "plan")["people"][0]["id"] == "mia"


def test_offline_tells_problems_and_goes_on(tmp_path: Path, capsys: Captured) -> None:
    file = tmp_path / "home.json"
    file.write_text(json.dumps({**render(home()), "timezone": "Mars"}))
    assert cli.main(["plan", "--household", str(file)]) == 0
    assert "timezone: unknown-timezone" in capsys.readouterr().err
    assert cli.main(["plan", "--household", str(file), "--at", "now"]) == 1
    assert "no time" in capsys.readouterr().err


# --- lift


def test_lift_does_not_fight_a_living_daemon(terminal: Terminal) -> None:
    out, err = terminal.run("lift", code=cli.REFUSED)
    assert out == "" and "Stop it first" in err


@pytest.mark.lab
def test_lift_works_without_a_daemon(tmp_path: Path, capsys: Captured) -> None:
    words = ["--socket", str(tmp_path / "none"), "lift", "--json"]
    with private_net():
        nft("add table inet guardian; add table netdev guardian; add table inet fw4")
        assert cli.main(words) == cli.main(words) == 0
        assert nft("list tables") == "table inet fw4\n"
    assert capsys.readouterr().out == '{"lifted": true}\n' * 2


def test_what_lists_takes_is_imported_for_lists_only() -> None:
    script = (
        "import sys; from guardian.cli import main; main(sys.argv[1:]); "
        "print(sum(name.startswith('guardian.lists.') for name in sys.modules))"
    )
    for words, some in ((["precedence"], False), (["lists", "stats"], True)):
        done = subprocess.run(
            [sys.executable, "-c", script, *words],
            capture_output=True,
            text=True,
            cwd=ROOT,
        )
        assert (done.stdout.splitlines()[-1] != "0") is some, done.stderr
    assert "lists" in cli._parser(lists=False).format_help()

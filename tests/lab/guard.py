"""The real daemon in the lab's router, and the real guardianctl against it.

For tests, the demo and the benchmarks. Started, killed and asked as a technician would:
by argv, exit codes and JSON; nothing of the daemon is imported.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from .home import Home
from .host import Host

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "profiles" / "example-household.json"
DHCP_EVENT = ROOT / "packaging" / "gateway" / "dhcp-event"
# The example household's devices, by the lab's names.
MACS = {
    "tablet": "02:00:5e:00:10:01",
    "laptop": "02:00:5e:00:10:02",
    "phone": "02:00:5e:00:10:03",
    "tv": "02:00:5e:00:10:04",
}


class Guard:
    """guardiand in `home.router`, with its own run and state directories.

    household: a document, or None to run on what the state directory has.
    now: wall clock at start, local ISO time of the household, or None.
    box: another host to run it in, which then serves no DHCP.
    programs: a folder whose programs it finds before the machine's own.
    """

    def __init__(
        self,
        home: Home,
        household: Mapping[str, Any] | None = None,
        *,
        now: str | None = None,
        options: tuple[str, ...] = (),
        box: Host | None = None,
        programs: Path | None = None,
    ) -> None:
        self.home = home
        self.programs = programs
        self.box = box or home.router
        self.run_dir = home.directory / "guardian-run"
        self.state_dir = home.directory / "guardian-state"
        self.socket = self.run_dir / "control.sock"
        self.log = home.directory / "guardiand.log"
        self.run_dir.mkdir(exist_ok=True)
        self.state_dir.mkdir(exist_ok=True)
        # dnsmasq gives its script no environment of ours.
        script = home.directory / "dhcp-script"
        script.write_text(
            f'#!/bin/sh\nGUARDIAN_RUN={self.run_dir} exec {DHCP_EVENT} "$@"\n'
        )
        script.chmod(0o755)
        if box is None:
            home.set_dhcp_script(script)
        self.household = household
        self.now = now
        self.options = options
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, *, now: str | None = None, wait: bool = True) -> Guard:
        """Start the daemon; returns once it enforces (wait) or at once."""
        argv = [
            sys.executable,
            "-m",
            "guardian.daemon",
            "--run-dir",
            str(self.run_dir),
            "--state-dir",
            str(self.state_dir),
            "--leases",
            str(self.home.leases),
            *self.options,
        ]
        if self.household is not None:
            path = self.home.directory / "household.json"
            path.write_text(json.dumps(self.household), encoding="utf-8")
            argv += ["--household", str(path)]
        if now or self.now:
            argv += ["--now", now or str(self.now)]
        env = self.box.env()
        if self.programs is not None:
            env["PATH"] = f"{self.programs}:{env['PATH']}"
        with self.log.open("ab") as log:
            self.process = self.box.popen(
                argv, stdout=log, stderr=log, cwd=ROOT, env=env
            )
        if wait:
            self.wait_enforced()
        return self

    def wait_enforced(self, timeout: float = 10) -> None:
        """Wait until the daemon says that the kernel holds the household."""
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            if self.process is not None and self.process.poll() is not None:
                raise RuntimeError(f"guardiand ended: {self.said()}")
            code, status = self.ctl("status", check=False)
            if code in (0, 4) and status["enforced"]:
                return
            time.sleep(0.02)
        raise TimeoutError(f"guardiand does not enforce: {self.said()}")

    def ctl(self, *argv: str, check: bool = True, text_in: str = "") -> tuple[int, Any]:
        """Run guardianctl; returns (exit code, parsed JSON or the error text)."""
        verb, *rest = argv
        done = subprocess.run(
            [
                sys.executable,
                "-m",
                "guardian.cli",
                "--socket",
                str(self.socket),
                verb,
                *rest,
                "--json",
            ],
            input=text_in,
            capture_output=True,
            text=True,
            timeout=60,
            cwd=ROOT,
        )
        if check and done.returncode:
            raise RuntimeError(f"guardianctl {argv}: {done.stderr}\n{self.said()}")
        if done.returncode not in (0, 4):
            return done.returncode, done.stderr
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        return done.returncode, lines[0] if len(lines) == 1 else lines

    def ask(self, *argv: str) -> Any:
        """Run guardianctl and return what it says."""
        return self.ctl(*argv)[1]

    def call(self, verb: str, **args: Any) -> Any:
        """Speak to the control socket directly: no process start in the way."""
        from guardian.client import call

        return call(self.socket, verb, **args)

    def kill(self) -> None:
        """kill -9: no last word, no clean-up."""
        assert self.process is not None
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait(timeout=10)

    def stop(self) -> int:
        """SIGTERM; leases stay in the kernel. Returns the exit code."""
        assert self.process is not None
        self.process.terminate()
        return self.process.wait(timeout=10)

    def said(self) -> str:
        """Return the end of the daemon's log."""
        return self.log.read_text(errors="replace")[-3000:] if self.log.exists() else ""

    def sets(self, family: str, name: str) -> list[Any]:
        """Return the elements of one of our sets as nft lists them."""
        done = self.box.run(["nft", "-j", "list", "set", family, "guardian", name])
        for item in json.loads(done.stdout)["nftables"]:
            if "set" in item:
                return list(item["set"].get("elem", ()))
        return []


def example(**changes: Any) -> dict[str, Any]:
    """Return the example household as a document, with top-level changes."""
    return {**json.loads(EXAMPLE.read_text(encoding="utf-8")), **changes}


def clock(text: str, seconds_before: float = 0) -> str:
    """Return "2026-03-28T21:00" moved back by some seconds, as --now takes it."""
    from datetime import timedelta

    moved = datetime.fromisoformat(text) - timedelta(seconds=seconds_before)
    return moved.isoformat(timespec="milliseconds")

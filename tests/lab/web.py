"""The real web process in the lab's router, as a user without rights.

For browser tests and the demo. It listens on the LAN as on a router, on the usual
ports; a page is opened from a device's namespace, so that it is that device's:

    guard = Guard(home, example(), options=web_user_options()).start()
    with Web(home, guard) as web:
        home["tablet"].run(["curl", f"{web.http}/me"])
        browser = home["phone"].popen(["chromium", "--headless=new", web.https])
"""

from __future__ import annotations

import functools
import os
import pwd
import re
import subprocess
import sys
import time
from pathlib import Path

from . import topology as net
from .guard import ROOT, Guard
from .home import Home
from .host import Host

NOBODY = "nobody"
# As the unit file has it.
AS_INSTALLED = {"PYTHONNODEBUGRANGES": "1"}
DROP = ["setpriv", "--reuid", NOBODY, "--regid", "nogroup", "--clear-groups"]
# Where only root may read the checkout: root's files, and none of root's rights.
NO_RIGHTS = ["setpriv", "--bounding-set", "-all", "--inh-caps", "-all"]
NO_RIGHTS += ["--no-new-privs"]


class Web:
    """guardian-web in `home.router`. A context manager; or start() and stop().

    guard: whose web.sock it speaks to. module: what to run instead of guardian-web,
    with its options. loopback: the router itself gets the pages, too (for a relay).
    box: another host to run it in.
    """

    def __init__(
        self,
        home: Home,
        guard: Guard,
        *,
        module: str = "webui.serve.main",
        options: tuple[str, ...] = (),
        loopback: bool = False,
        box: Host | None = None,
    ) -> None:
        self.box = box or home.router
        self.state_dir = home.directory / "web-state"
        self.log = home.directory / "guardian-web.log"
        self._argv = [*without_rights(), sys.executable, "-m", module]
        self._argv += ["--socket", str(guard.run_dir / "web.sock")]
        self._argv += ["--state-dir", str(self.state_dir), "--lan", net.LAN]
        self._argv += ["--loopback"] * loopback + list(options)
        self.process: subprocess.Popen[bytes] | None = None
        self.ports: tuple[int, ...] = ()
        self.address = str(net.LAN4.ip)
        self.address6 = str(net.LAN6.ip)

    def __enter__(self) -> Web:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def http(self) -> str:
        """Return where plain HTTP is, as a device of the LAN writes it."""
        return f"http://{self.address}:{self.ports[0]}"

    @property
    def https(self) -> str:
        """Return where HTTPS is, as a device of the LAN writes it."""
        return f"https://{self.address}:{self.ports[1]}"

    @property
    def ca(self) -> Path:
        """Return the authority's certificate, which this process alone trusts."""
        return self.state_dir / "tls" / "ca.pem"

    def start(self, timeout: float = 20) -> Web:
        """Start it; returns once it serves."""
        self.state_dir.mkdir(mode=0o700, exist_ok=True)
        if without_rights() == DROP:
            user = pwd.getpwnam(NOBODY)
            os.chown(self.state_dir, user.pw_uid, user.pw_gid)
        self.log.touch()
        begins = self.log.stat().st_size
        with self.log.open("ab") as log:
            self.process = self.box.popen(
                self._argv,
                stdout=log,
                stderr=log,
                cwd=ROOT,
                env={**self.box.env(), **AS_INSTALLED, "PYTHONPATH": str(ROOT)},
            )
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            text = self.log.read_text(errors="replace")[begins:]
            if found := re.search(
                r"serving http=(\d+) https=(\d+) blocked=(\d+)", text
            ):
                self.ports = tuple(map(int, found.groups()))
                return self
            if self.process.poll() is not None:
                break
            time.sleep(0.02)
        raise RuntimeError(f"guardian-web does not serve: {self.said()}")

    def stop(self) -> int:
        """End it with SIGTERM; returns the exit code. May be called twice."""
        assert self.process is not None
        if self.process.poll() is None:
            self.process.terminate()
        return self.process.wait(timeout=10)

    def said(self) -> str:
        """Return the end of its log."""
        return self.log.read_text(errors="replace")[-3000:] if self.log.exists() else ""


@functools.cache
def without_rights() -> list[str]:
    """Return the words that run a program without rights on this machine."""
    needed = [sys.executable, "-c", f"open({str(ROOT / 'setup.cfg')!r})"]
    done = subprocess.run([*DROP, *needed], capture_output=True, timeout=30)
    return DROP if done.returncode == 0 else NO_RIGHTS


def web_user_options() -> tuple[str, ...]:
    """Return guardiand's options to take calls from the web process."""
    return ("--web-user", NOBODY if without_rights() == DROP else "root")

"""A box without a clock chip, whose wall clock a test sets (clockless.py)."""

from __future__ import annotations

import json
import os
import sys
import time
from datetime import datetime
from pathlib import Path
from typing import Any

from .guard import MACS, ROOT, Guard, example
from .home import Home

LONG_AGO = "2019-06-05T14:00+02:00"


class Box(Guard):
    """A router whose clock the test sets; it has the example household stored."""

    def __init__(self, home: Home, options: tuple[str, ...] = ()) -> None:
        super().__init__(home, None, options=options)
        self.machine = home.directory / "machine.json"
        self.first = home.directory / "household.json"
        self.first.write_text(json.dumps(example()))

    def set_clock(self, at: str, after: float = 0, *, known: bool = True) -> None:
        """Set the machine's wall clock to some seconds after an instant."""
        ahead = datetime.fromisoformat(at).timestamp() + after - time.time()
        fresh = self.machine.with_suffix(".new")
        fresh.write_text(json.dumps({"ahead": ahead, "synchronised": known}))
        os.replace(fresh, self.machine)

    def start(self, *, now: str | None = None, wait: bool = True) -> Box:
        """Start the daemon on that clock."""
        argv = [sys.executable, str(Path(__file__).with_name("clockless.py"))]
        argv += [str(self.machine), "--run-dir", str(self.run_dir)]
        argv += ["--state-dir", str(self.state_dir)]
        argv += ["--leases", str(self.home.leases), *self.options]
        if not (self.state_dir / "household.db").exists():
            argv += ["--household", str(self.first)]
        env = {**self.home.router.env(), "PYTHONPATH": str(ROOT)}
        with self.log.open("ab") as log:
            self.process = self.home.exec_in_router(
                argv, stdout=log, stderr=log, cwd=ROOT, env=env
            )
        self.wait_enforced()
        return self

    def power_cut(self, at: str) -> None:
        """Lose what is not on disk, and boot with a clock that nobody vouches for."""
        self.kill()
        router = self.home.router
        router.run("nft delete table inet guardian; nft delete table netdev guardian")
        router.run(["conntrack", "-F"])
        for path in self.run_dir.iterdir():
            path.unlink()
        self.set_clock(at, known=False)
        router.run(["nft", "-f", str(self.state_dir / "closed.nft")])
        self.start()

    def lease(self) -> float:
        """Return how long the kernel still lets the tablet out, seconds; 0: not."""
        for item in self.sets("inet", "permit"):
            # One without an end is the bare address: exempt.
            if isinstance(item, dict) and item["elem"]["val"] == MACS["tablet"]:
                return float(item["elem"]["expires"])
        return 0.0

    def decision(self) -> dict[str, Any]:
        """Return what `explain` says of the tablet."""
        found = self.ask("explain", "tablet")["decision"]
        return dict(found)

"""What our sets would hold in a kernel that carries out the engine's effects.

Elements end by themselves, as nftables lets them; nothing here knows a household. The
order of questions is the order of rules in `judge_in`, without addresses.
"""

from __future__ import annotations

import re

from guardian.compile.plan import families_of
from guardian.compile.sets import INET, NETDEV
from guardian.core.events import Effect, Key, LoadRules, SetElements

_LINE = re.compile(
    r"(flush set|flush map|add element) (inet|netdev) guardian (\w+)(?: \{ (.*) })?"
)
_TIMEOUT = re.compile(r"(.*?) timeout (\d+)ms(?: : (\d+))?")


class KernelSets:
    """Both tables' elements with their ends, in seconds of one monotonic clock."""

    def __init__(self, *, egress: bool = True) -> None:
        self._egress = egress
        self._tables: dict[str, dict[Key, float | None]] = {}

    def carry_out(self, effect: Effect, mono: float) -> None:
        """Do to the sets what the shell would do."""
        if isinstance(effect, LoadRules):
            for family in (INET, NETDEV) if self._egress else (INET,):
                self._tables.setdefault(family, {})
            for line in effect.elements.splitlines():
                self._take(line, mono)
        elif isinstance(effect, SetElements):
            assert self._tables, "elements before rules"
            for key in effect.drop:
                for family in families_of(key[0], egress=self._egress):
                    self._tables[family].pop(key, None)
            for key, ends in effect.renew:
                # Timeouts are whole milliseconds.
                end = None if ends is None else mono + int((ends - mono) * 1000) / 1000
                for family in families_of(key[0], egress=self._egress):
                    self._tables[family][key] = end

    def lose(self) -> None:
        """Let someone else flush the ruleset."""
        self._tables = {}

    def holds(self, name: str, value: str, mono: float) -> bool:
        """Say whether a set has a living element; both copies must agree."""
        key: Key = (name, (value,))
        alive = {
            key in table and ((end := table[key]) is None or end > mono)
            for table in self._tables.values()
        }
        assert len(alive) == 1, f"the two copies differ: {key}"
        return alive.pop()

    def permits(self, mac: str, ifname: str, mono: float) -> bool:
        """Say whether a packet of `mac` on `ifname` to the internet passes."""
        return (
            self.holds("permit", mac, mono)
            or self.holds("exempt", mac, mono)
            or not self.holds("managed", mac, mono)
            and self.holds("open_unknown", ifname, mono)
        )

    def living(self, mono: float) -> dict[Key, float | None]:
        """Return the elements of the inet table that have not ended."""
        table = self._tables.get(INET, {})
        return {k: e for k, e in table.items() if e is None or e > mono}

    def _take(self, line: str, mono: float) -> None:
        match = _LINE.fullmatch(line)
        assert match, f"not a line of elements: {line}"
        verb, family, name, inside = match.groups()
        table = self._tables[family]
        if verb != "add element":
            for key in [key for key in table if key[0] == name]:
                del table[key]
            return
        for part in inside.split(", "):
            timed = _TIMEOUT.fullmatch(part)
            text, ms, gives = timed.groups() if timed else (part, None, None)
            values = tuple(value.strip('"') for value in text.split(" . "))
            if gives is not None:
                values = (*values, int(gives))
            table[(name, values)] = None if ms is None else mono + int(ms) / 1000

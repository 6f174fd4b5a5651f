"""What each device's questions are judged by, out of a household."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from guardian.compile.names import (
    NamePlan,
    name_plan,
    rules_from_json,
    rules_to_json,
    strictest_rules,
)
from guardian.compile.plan import plan
from guardian.core.decide import Facts
from guardian.core.model import (
    Access,
    Decision,
    Household,
    NameSettings,
    NewDevicePolicy,
    NewDevices,
    Opened,
    Overrides,
    Reason,
    Refusal,
    Verdict,
    Window,
    WindowKind,
    YouTube,
)
from guardian.core.naming import NameRules
from tests import build
from tests.build import MIA, TOM, at, home, mac

DAY = "2026-03-27 18:00"
OPEN = Decision(Verdict.ALLOW, Reason.DEFAULT)


def planned(household: Household, reading: str = DAY, **more: Any) -> NamePlan:
    now = at(reading)
    candidates = more.get("candidates")
    found = plan(household, Facts(), now, 1000.0, candidates=candidates)
    return name_plan(household, found, now, **more)


def child(name: str, **says: Any) -> Any:
    return replace(build.child(name), overrides=Overrides(**says))


def sites(span: str, *blocks: str) -> Window:
    plain = build.window(span)
    return replace(plain, id="sites", kind=WindowKind.SITES, blocks=blocks)


def test_rules_survive_the_journey() -> None:
    for state in (
        OPEN,
        Decision(Verdict.REFUSE, Reason.BEDTIME, at(DAY), (("window", "bedtime"),)),
    ):
        rules = NameRules(
            state=state,
            allow=frozenset({"a.test"}),
            block=frozenset({"b.test"}),
            always=frozenset({"c.test"}),
            only=True,
            packs=frozenset({"p"}),
            access=(("adult", Access.BLOCK), ("games", Access.LIMIT)),
            safe_search=True,
            youtube=YouTube.STRICT,
        )
        assert rules_from_json(rules_to_json(rules)) == rules


@pytest.mark.parametrize(
    "damage",
    [{"state": None}, {"access": [["a", "b"]]}, {"youtube": "x"}, {"access": [1]}],
)
def test_damaged_rules_are_refused(damage: dict[str, Any]) -> None:
    value = rules_to_json(NameRules(state=OPEN)) | damage
    with pytest.raises((KeyError, ValueError, TypeError)):
        rules_from_json(value)


def test_each_childs_device_has_its_rules_and_nobody_elses_is_here() -> None:
    mia = child("mia", block=("b.test",), safe_search=True)
    found = planned(home(mia, TOM, build.ANNA))
    assert set(found.devices) == {"", mac(1), mac(2)}
    assert found.devices[mac(1)].block == {"b.test"}
    assert found.devices[mac(1)].safe_search
    assert found.devices[mac(2)].block == frozenset()
    assert found.devices[mac(1)].state.verdict is Verdict.ALLOW


def test_bedtime_is_in_the_rules() -> None:
    found = planned(home(), "2026-03-27 22:00")
    state = found.devices[mac(1)].state
    assert (state.verdict, state.reason) == (Verdict.REFUSE, Reason.BEDTIME)


def test_a_window_blocks_kinds_of_site_while_it_runs_and_turns() -> None:
    says = sites("17:00-19:00", "games", "social")
    mia = child("mia", windows=(says,), access=(("games", Access.ALLOW),))
    household = home(mia, TOM, build.ANNA)
    within = planned(household)
    assert dict(within.devices[mac(1)].access) == {
        "games": Access.BLOCK,
        "social": Access.BLOCK,
    }
    assert within.turns is not None
    assert within.turns.isoformat() == "2026-03-27T19:00:00+01:00"
    after = planned(household, "2026-03-27 19:00")
    assert dict(after.devices[mac(1)].access) == {"games": Access.ALLOW}
    # The device itself stays open, and its lease is not shortened by such a window.
    assert within.devices[mac(1)].state.until == after.devices[mac(1)].state.until


def test_the_households_own_resolver_and_refusal_are_told() -> None:
    names = NameSettings(refusal=Refusal.SINKHOLE, resolvers=("192.0.2.9#53",))
    found = planned(home(names=names), upstreams=("127.0.0.1#53",))
    assert (found.refusal, found.upstreams) == ("sinkhole", ("192.0.2.9#53",))
    assert planned(home(), upstreams=("127.0.0.1#53",)).upstreams == ("127.0.0.1#53",)


def test_where_the_routers_pages_are_is_told() -> None:
    assert planned(home(), addresses=("192.168.1.1",)).addresses == ("192.168.1.1",)


def test_unknown_devices_get_the_strictest_of_all_children() -> None:
    mia = child("mia", access=(("adult", Access.BLOCK),), allow=("a.test",))
    tom = child("tom", block=("b.test",), youtube=YouTube.STRICT, only=True)
    rules = planned(home(mia, tom, build.ANNA)).devices[""]
    assert dict(rules.access) == {"adult": Access.BLOCK}
    assert (rules.block, rules.allow) == ({"b.test"}, frozenset())
    assert rules.youtube is YouTube.STRICT
    # Else every visitor would be shut out by a toddler.
    assert not rules.only


def test_unknown_devices_are_free_where_the_family_said_so() -> None:
    mia = child("mia", access=(("adult", Access.BLOCK),))
    allow = NewDevices(policy=NewDevicePolicy.ALLOW)
    for household in (
        home(mia, TOM, build.ANNA, new_devices=allow),
        home(mia, TOM, build.ANNA, claimed=False),
    ):
        assert planned(household).devices[""].access == ()


def test_a_candidate_gets_its_owners_rules_the_strictest_of_several() -> None:
    mia = child("mia", access=(("adult", Access.BLOCK),))
    tom = child("tom", only=True, packs=("tales",))
    household = home(mia, tom, build.ANNA)
    one = planned(household, candidates={mac(9): ("mia",)}).devices[mac(9)]
    assert (one.access, one.only) == ((("adult", Access.BLOCK),), False)
    both = planned(household, candidates={mac(9): ("mia", "tom")}).devices[mac(9)]
    assert (both.access, both.only) == ((("adult", Access.BLOCK),), True)
    assert both.packs == {"tales"}


def test_allow_list_mode_leaves_no_lease() -> None:
    household = home(child("mia", only=True), TOM, build.ANNA)
    now: datetime = at(DAY)
    candidates = {mac(9): ("mia",), mac(8): ("tom",)}
    found = plan(household, Facts(), now, 1000.0, candidates=candidates)
    leases = {
        values[0]
        for (name, values), wish in found.wishes.items()
        if name == "permit" and wish.ends is not None
    }
    assert leases == {mac(2), mac(8)}
    assert found.people["mia"].verdict is Verdict.ALLOW


def test_the_strictest_rules_open_nothing_that_one_refuses() -> None:
    one = NameRules(
        state=OPEN,
        allow=frozenset({"a.test", "both.test"}),
        always=frozenset({"music.test"}),
        access=(("discord", Access.ALLOW), ("social", Access.BLOCK)),
    )
    other = NameRules(
        state=OPEN,
        allow=frozenset({"both.test"}),
        block=frozenset({"b.test"}),
        only=True,
        packs=frozenset({"p"}),
        access=(("social", Access.LIMIT),),
    )
    for rules in (
        strictest_rules([one, other], OPEN),
        strictest_rules([other, one], OPEN),
    ):
        assert rules.allow == {"both.test"}
        assert (rules.block, rules.always) == ({"b.test"}, frozenset())
        assert (rules.only, rules.packs) == (True, {"p"})
        assert rules.access == (("social", Access.BLOCK),)
    assert strictest_rules([one], OPEN) == one


def test_mia_alone_is_unchanged_by_the_order_of_people() -> None:
    assert planned(home(MIA, TOM)).devices == planned(home(TOM, MIA)).devices


def test_while_protection_is_off_every_kind_of_site_is_open() -> None:
    off = build.off(at("2026-03-27 17:00"), at("2026-03-27 19:00"))
    strict = child(
        "mia",
        only=True,
        block=("b.test",),
        access=(("adult", Access.BLOCK),),
        safe_search=True,
        youtube=YouTube.STRICT,
        windows=(sites("17:00-20:00", "games"),),
    )
    household = home(strict, TOM, off=off)
    found = planned(household, DAY, candidates={mac(9): ("mia",)})
    for rules in found.devices.values():
        assert rules == NameRules(state=rules.state)
        assert rules.state.reason is Reason.PROTECTION_OFF
    assert found.turns == off.until
    held = planned(household, "2026-03-27 19:00").devices[mac(1)]
    assert held.only and held.safe_search and dict(held.access)["games"]


def opened(name: str, until: str, person: str = "mia") -> Opened:
    return Opened(id=f"open-{name[:3]}", person=person, name=name, until=at(until))


def test_an_opened_site_is_a_parents_allow_until_its_end() -> None:
    household = home(child("mia", block=("game.test",), allow=("old.test",)), TOM)
    household = replace(household, opened=(opened("game.test", "2026-03-27 19:00"),))
    found = planned(household)
    assert found.devices[mac(1)].allow == {"game.test", "old.test"}
    assert found.devices[mac(1)].block == frozenset()
    assert found.devices[mac(2)].allow == frozenset(), "the sibling's stays"
    assert found.turns == at("2026-03-27 19:00")
    after = planned(household, "2026-03-27 19:00")
    assert after.devices[mac(1)].allow == {"old.test"}
    assert after.devices[mac(1)].block == {"game.test"}
    assert after.turns != at("2026-03-27 19:00")


def test_nothing_is_opened_while_nobody_knows_the_time() -> None:
    household = replace(home(), opened=(opened("game.test", "2026-03-27 19:00"),))
    now = at(DAY)
    facts = Facts(clock_known=False, carried={"mia": at("2026-03-27 18:30")})
    found = name_plan(household, plan(household, facts, now, 1000.0), now)
    assert found.devices[mac(1)].state.verdict is Verdict.ALLOW
    assert found.devices[mac(1)].allow == frozenset()

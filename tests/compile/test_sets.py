import re

from guardian.compile.ruleset import Layout, render
from guardian.compile.sets import BY_NAME, INET, NETDEV, SETS

# nft's own words; "ifname" is a fixed-length string (nft(8), DATA TYPES).
TYPES = {"ether_addr", "ipv4_addr", "ipv6_addr", "inet_service", "inet_proto", "ifname"}


def test_specs_are_of_known_types_and_say_what_they_hold() -> None:
    assert len(BY_NAME) == len(SETS)
    for spec in SETS:
        assert set(spec.types) <= TYPES
        assert spec.holds and '"' not in spec.holds
        # A comment of an nftables object has at most 128 bytes with its NUL.
        assert len(spec.holds) < 128


def test_flags() -> None:
    assert BY_NAME["permit"].flags == ("timeout",)
    assert BY_NAME["managed"].flags == ()
    assert BY_NAME["home4"].flags == ("interval",)
    assert not any(spec.interval and spec.timeout for spec in SETS)


def test_what_grants_passage_can_end_by_itself() -> None:
    for name in ("permit", "open_unknown", "reach4", "reach6", "floor4", "floor6"):
        assert BY_NAME[name].timeout, name
    for name in ("cut4", "cut6", "twin4", "twin6"):
        assert BY_NAME[name].timeout, name


def test_both_address_families_have_equal_sets() -> None:
    for name in ("home", "floor", "reach", "cut", "twin"):
        four, six = BY_NAME[f"{name}4"], BY_NAME[f"{name}6"]
        assert six.types == tuple(t.replace("ipv4", "ipv6") for t in four.types)
        assert (four.flags, four.families, four.holds) == (
            six.flags,
            six.families,
            six.holds,
        ) or name == "home"


def test_every_set_a_rule_names_is_declared_in_its_table() -> None:
    text = render(Layout(lan=("br-lan",), hooked=("br-lan",), ports=("lan1",)))
    for line in text.splitlines():
        if not line.startswith("add rule"):
            continue
        family = line.split()[2]
        for name in re.findall(r"@(\w+)", line.partition(" comment ")[0]):
            if name not in ("th", "nh", "ll"):
                assert family in BY_NAME[name].families, line


def test_every_set_is_read_by_a_rule_of_each_table_that_has_it() -> None:
    text = render(Layout(lan=("br-lan",), hooked=("br-lan",), ports=("lan1",)))
    rules = [line for line in text.splitlines() if line.startswith("add rule")]
    for spec in SETS:
        for family in spec.families:
            readers = [
                rule
                for rule in rules
                if rule.split()[2] == family and re.search(rf"@{spec.name}\b", rule)
            ]
            assert readers, f"{family} {spec.name}"
    assert {f for spec in SETS for f in spec.families} == {INET, NETDEV}

"""The index that a package brings along, and the defaults that children get with it.

Compiled as the package build does it, by the catalogue and through all guards; once
with the lists that are fetched by default, once with every list that may be chosen.
"""

import csv
import hashlib
from pathlib import Path

import pytest

from guardian.core.feeds import FeedSpec
from guardian.core.model import Access, Decision, Reason, Verdict
from guardian.core.naming import Judge, NameRules, Shared, shared_names, wire_name
from guardian.lists.index import Index
from guardian.lists.inputs import Inputs
from guardian.lists.judge import Candidate, Verdicts, judge
from guardian.lists.names import to_wire
from guardian.shell.listinputs import load_inputs
from guardian.store.catalogue import load_catalogue
from guardian.store.data import load_bands, load_floor

pytestmark = [pytest.mark.lists, pytest.mark.timeout(900)]

CATALOGUE = load_catalogue()
HARM = tuple(sorted(c.id for c in CATALOGUE.categories if c.harm))
OPEN = Decision(Verdict.ALLOW, Reason.DEFAULT)


@pytest.fixture(scope="module")
def inputs(lists: Path) -> Inputs:
    return load_inputs(lists / "psl/public_suffix_list.dat")


def found(lists: Path, spec: FeedSpec) -> Candidate | None:
    for path in (lists / spec.file, lists / f"{spec.file}.gz"):
        if path.is_file():
            digest = hashlib.blake2b(path.read_bytes(), digest_size=32).hexdigest()
            return Candidate(spec, path, digest, None, True)
    return None


@pytest.fixture(scope="module", params=["default", "all"])
def verdicts(
    request: pytest.FixtureRequest,
    lists: Path,
    inputs: Inputs,
    tmp_path_factory: pytest.TempPathFactory,
) -> Verdicts:
    chosen = [s for s in inputs.specs if s.default or request.param == "all"]
    fresh = {s.id: c for s in chosen if (c := found(lists, s)) is not None}
    assert sorted(fresh) == sorted(spec.id for spec in chosen)
    return judge(inputs, fresh, {}, tmp_path_factory.mktemp("core") / "work")


@pytest.fixture(scope="module")
def index(verdicts: Verdicts) -> Index:
    assert verdicts.compiled is not None
    return Index(verdicts.compiled.path)


@pytest.fixture(scope="module")
def must_allow(lists: Path) -> dict[str, str]:
    with (lists / "must_allow.tsv").open(newline="") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return {row["name"]: row["class"] for row in rows}


def test_no_guard_stops_a_list_that_is_fetched_by_default(verdicts: Verdicts) -> None:
    defaults = {s.id for s in verdicts_specs(verdicts) if s.default}
    stopped = {name: f.guard for name, f in verdicts.refused.items()}
    assert {n: g for n, g in stopped.items() if n in defaults} == {}
    assert verdicts.stopped is None and verdicts.damaged == set()


def verdicts_specs(verdicts: Verdicts) -> list[FeedSpec]:
    return [candidate.spec for candidate in verdicts.used.values()]


def rules() -> dict[str, NameRules]:
    """Return what each band's defaults refuse, and all categories of harm at once.

    Without allow-list mode, which refuses by its nature whatever is in no pack.
    """
    every = tuple((label, Access.BLOCK) for label in HARM)
    found = {"all harm": NameRules(state=OPEN, access=every, safe_search=True)}
    for band in load_bands():
        found[band.id] = NameRules(
            state=OPEN,
            access=band.defaults.access or every,
            safe_search=bool(band.defaults.safe_search),
        )
    return found


@pytest.fixture(scope="module")
def shared() -> Shared:
    return shared_names(CATALOGUE, load_floor().names())


@pytest.mark.parametrize("of", rules())
def test_no_default_refuses_what_must_stay_open(
    of: str, index: Index, shared: Shared, must_allow: dict[str, str]
) -> None:
    judged = Judge(rules()[of], shared, index)
    assert len(must_allow) > 150
    refused = {
        name: (kind, decision.args, decision.matched)
        for name, kind in must_allow.items()
        if (decision := judged.judge(wire_name(name))).verdict is not Verdict.ALLOW
    }
    assert refused == {}


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("pornhub.com", "adult"),
        ("bet365.com", "gambling"),
        ("omegle.com", "stranger_chat"),
        ("nordvpn.com", "vpn_proxy"),
        ("dns.google", "encrypted_dns"),
        ("discord.com", "messenger"),
        ("roblox.com", "games"),
        ("www.tiktok.com", "tiktok"),
    ],
)
def test_what_families_mean_is_there(index: Index, name: str, label: str) -> None:
    assert label in index.labels_of(index.mask(to_wire(name.encode())))


def test_names_that_one_list_alone_calls_harmful_are_left_out(index: Index) -> None:
    harm = index.mask_of(HARM)
    # Each stood in one real list of this kind; see the guards' reasons.
    for name in (b"rtalabel.org", b"villagevoice.com", b"fark.com", b"fortinet.net"):
        assert not index.mask(to_wire(name)) & harm, name

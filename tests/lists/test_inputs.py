"""From the catalogues to sources, rules and watched names."""

from guardian.core.catalogue import Catalogue, Category, Pack, Service, Tiers
from guardian.lists.inputs import inputs_of, names_of, source_of
from guardian.lists.source import Polarity

from .build import SUFFIXES, feed, source
from .running import ADULT, spec

CATALOGUE = Catalogue(
    categories=(
        Category(id="adult", title="", contains="", harm=True),
        Category(id="games", title="", contains=""),
    ),
    services=(
        Service(
            id="tiktok", title="", group="social", domains=("tiktok.com",), source=""
        ),
    ),
    packs=(Pack(id="basics", title="", why="", names=("wiki.org",)),),
    tiers=Tiers(
        technical=("probe.net",),
        system=("push.fruit.com",),
        soft=("health.org",),
        guard=("a.school.org",),
    ),
)
INPUTS = inputs_of(
    CATALOGUE,
    floor=["help.org"],
    suffixes=SUFFIXES,
    specs=[ADULT],
    curated=[feed(source("own-x", "games"), ["x.com"])],
    shared=["cdn.net"],
)


def test_tiers_become_guards() -> None:
    immune = {b"help.org", b"probe.net", b"push.fruit.com", b"health.org"}
    assert INPUTS.floor == immune | {b"cdn.net"}
    assert INPUTS.protected == immune | {b"a.school.org"}
    assert INPUTS.known == {b"tiktok.com", b"wiki.org"}
    assert INPUTS.harm == {"adult"}


def test_watched_are_names_with_their_parents() -> None:
    watch = INPUTS.watch([b"de.video.com"])
    assert {b"school.org", b"fruit.com", b"a.school.org"} <= watch.protected
    assert watch.popular >= {b"de.video.com", b"video.com", b"tiktok.com"}
    assert watch.own == {"own-x"}
    assert INPUTS.rules(watch).watched == watch.names
    assert INPUTS.rules().watched == frozenset()


def test_names_that_are_none_are_left_out() -> None:
    assert names_of(["A.com.", "no name", ""]) == {b"a.com"}


def test_a_source_means_what_the_catalogue_says() -> None:
    made = source_of(spec("x-y", "games", allow=True, suffix=False, entries=(2, 5)))
    assert (made.id, made.label, made.polarity) == ("x-y", "games", Polarity.ALLOW)
    assert (made.suffix, made.names_min, made.names_max) == (False, 2, 5)

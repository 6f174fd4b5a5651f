"""Our own names, compiled and looked up: services and categories say the same."""

from pathlib import Path

from guardian.core.catalogue import Catalogue, Category, Service
from guardian.lists.curated import curated_feeds
from guardian.lists.index import Index
from guardian.lists.names import to_wire
from guardian.lists.source import Kind

from .build import compiled


def service(ident: str, group: str, **more: tuple[str, ...]) -> Service:
    given = {"domains": (f"{ident}.com",), **more}
    return Service(id=ident, title=ident, group=group, source="own", **given)


CATALOGUE = Catalogue(
    categories=(
        Category(id="free_hosting", title="H", contains="", names=("github.io",)),
        Category(id="games", title="G", contains="", names=("play.org", "www.big.uk")),
        Category(id="malware", title="M", contains=""),
        Category(id="video", title="V", contains=""),
    ),
    services=(
        service("chess", "games", hosts=("cdn.host.net",), excepts=("help.chess.com",)),
        service("tube", "video", suffix_ok=("bologna.it",), shared=("ads.net",)),
    ),
)


def index(folder: Path, catalogue: Catalogue = CATALOGUE) -> Index:
    return Index(compiled(folder, *curated_feeds(catalogue)).path)


def labels(index: Index, name: str) -> set[str]:
    return set(index.labels_of(index.mask(to_wire(name.encode()))))


def test_one_source_a_service_and_one_a_category_with_names() -> None:
    sources = [feed.source for feed in curated_feeds(CATALOGUE)]
    assert [(source.id, source.label, source.kind) for source in sources] == [
        ("guardian-service-chess", "chess", Kind.SERVICE),
        ("guardian-service-tube", "tube", Kind.SERVICE),
        ("guardian-category-free_hosting", "free_hosting", Kind.CATEGORY),
        ("guardian-category-games", "games", Kind.CATEGORY),
        ("guardian-category-video", "video", Kind.CATEGORY),
    ]
    assert {source.licence for source in sources} == {"MIT"}
    assert all(source.suffix for source in sources)


def test_a_name_of_a_service_has_the_label_of_its_group(tmp_path: Path) -> None:
    found = index(tmp_path)
    assert labels(found, "chess.com") == {"chess", "games"}
    assert labels(found, "api.chess.com") == {"chess", "games"}
    assert labels(found, "play.org") == {"games"}
    assert labels(found, "m.play.org") == {"games"}
    assert labels(found, "org") == labels(found, "other.org") == set()


def test_hosts_match_exactly(tmp_path: Path) -> None:
    found = index(tmp_path)
    assert labels(found, "cdn.host.net") == {"chess", "games"}
    assert labels(found, "x.cdn.host.net") == labels(found, "host.net") == set()


def test_a_name_with_www_does_not_take_the_site_with_it(tmp_path: Path) -> None:
    found = index(tmp_path)
    assert labels(found, "www.big.uk") == {"games"}
    assert labels(found, "big.uk") == labels(found, "mail.big.uk") == set()


def test_what_a_service_excepts_stays_open_in_both(tmp_path: Path) -> None:
    found = index(tmp_path)
    assert labels(found, "help.chess.com") == labels(found, "a.help.chess.com") == set()


def test_shared_names_have_no_label(tmp_path: Path) -> None:
    assert labels(index(tmp_path), "ads.net") == set()


def test_reviewed_public_suffixes_match_with_all_below(tmp_path: Path) -> None:
    found = index(tmp_path)
    assert labels(found, "comune.bologna.it") == {"tube", "video"}
    assert labels(found, "someone.github.io") == {"free_hosting"}


def test_equal_data_give_equal_octets(tmp_path: Path) -> None:
    turned = Catalogue(
        categories=tuple(
            Category(id=c.id, title="", contains="", names=c.names[::-1])
            for c in CATALOGUE.categories
        ),
        services=CATALOGUE.services,
    )
    first = compiled(tmp_path / "a", *curated_feeds(CATALOGUE))
    second = compiled(tmp_path / "b", *curated_feeds(turned))
    assert first.path.read_bytes() == second.path.read_bytes()
    for feed in curated_feeds(CATALOGUE):
        assert b"".join(feed.chunks()) == b"".join(feed.chunks()) != b""
    more = Category(id="games", title="", contains="", names=("play.org", "new.org"))
    other = curated_feeds(Catalogue(categories=(more,)))[0]
    prints = {feed.source.id: feed.fingerprint for feed in curated_feeds(CATALOGUE)}
    assert other.fingerprint != prints[other.source.id]


def test_nothing_is_rejected(tmp_path: Path) -> None:
    for source, counts in compiled(
        tmp_path, *curated_feeds(CATALOGUE)
    ).by_source.items():
        assert counts.rejected == 0, source
        assert not counts.dropped, source

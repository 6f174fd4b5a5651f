"""What a document may name: ids of the catalogue, names of the floor."""

from guardian.store.catalogue import load_catalogue
from guardian.store.data import load_floor
from guardian.store.known import Known, load_known


def test_it_is_what_the_data_hold() -> None:
    known, catalogue = load_known(), load_catalogue()
    assert known.labels == catalogue.labels()
    assert {"adult", "games", "social"} < known.labels
    assert known.packs == {pack.id for pack in catalogue.packs} != set()
    assert known.floor == set(load_floor().names()) != set()
    assert known.titles.keys() == known.labels and known.titles["tiktok"] == "TikTok"


def test_it_is_read_once() -> None:
    assert load_known() is load_known()


def test_nothing_is_known_by_itself() -> None:
    assert Known() == Known(frozenset(), frozenset(), frozenset())

"""A scene tells instants as the home's clock reads them."""

from guardian.core.decide import Facts
from guardian.pages.scene import Scene
from tests.build import at, home


def test_local_readings_keep_their_fold() -> None:
    scene = Scene(household=home(), facts=Facts(), now=at("2026-10-25 02:30", fold=1))
    assert scene.local(scene.now) == "2026-10-25T02:30:00+01:00"
    assert scene.local(at("2026-10-25 02:30")) == "2026-10-25T02:30:00+02:00"

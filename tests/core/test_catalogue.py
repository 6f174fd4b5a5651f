"""The vocabulary's own types."""

from __future__ import annotations

from guardian.core.catalogue import Catalogue, Category, Service


def test_labels_are_all_that_a_profile_may_set() -> None:
    catalogue = Catalogue(
        categories=(Category(id="games", title="Games", contains="games"),),
        services=(
            Service(
                id="roblox",
                title="Roblox",
                group="games",
                domains=("roblox.com",),
                source="own",
            ),
        ),
    )
    assert catalogue.labels() == {"games", "roblox"}
    assert Catalogue().labels() == frozenset()

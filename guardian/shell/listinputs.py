"""Gather what the package itself brings to an index: the data in `profiles/`.

Read anew by each process that compiles; the Public Suffix List comes from the system.
"""

from __future__ import annotations

from pathlib import Path

from guardian.lists.curated import curated_feeds
from guardian.lists.inputs import Inputs, inputs_of
from guardian.lists.suffixes import load_suffixes
from guardian.store.catalogue import load_catalogue, load_shared_hosts
from guardian.store.data import load_floor
from guardian.store.feeds import load_feeds


def load_inputs(suffixes: Path | None = None) -> Inputs:
    """Return the inputs of every compilation. suffixes: instead of the system's list.

    Raises GuardianError: ``suffix-list-missing``, ``suffix-list-invalid``,
    ``profiles-invalid``.
    """
    catalogue = load_catalogue()
    return inputs_of(
        catalogue,
        floor=load_floor().names(),
        suffixes=load_suffixes(suffixes),
        specs=load_feeds(),
        curated=curated_feeds(catalogue),
        shared=load_shared_hosts(),
    )

"""What a document may name: categories, services, packs; and help, never blocked.

Read once, and only when a document names one of them: the catalogue is data of the
program, and a household without such settings needs none of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache


@dataclass(frozen=True, slots=True)
class Known:
    """Ids of categories and services, of starter packs, and the exact names of help.

    titles: what each category and service is called.
    """

    labels: frozenset[str] = frozenset()
    packs: frozenset[str] = frozenset()
    floor: frozenset[str] = frozenset()
    titles: Mapping[str, str] = field(default_factory=dict)


@cache
def load_known() -> Known:
    """Return what the catalogue and the floor in `profiles/` hold.

    Raises StoreError("profiles-invalid").
    """
    # Here, since both read windows and names by the modules that ask for this one.
    from guardian.store.catalogue import load_catalogue
    from guardian.store.data import load_floor

    catalogue = load_catalogue()
    return Known(
        labels=catalogue.labels(),
        packs=frozenset(pack.id for pack in catalogue.packs),
        floor=frozenset(load_floor().names()),
        titles={c.id: c.title for c in catalogue.categories}
        | {s.id: s.title for s in catalogue.services},
    )

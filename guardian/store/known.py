"""What a document may name: categories, services, packs; and help, never blocked.

Read once, and only when a document names one of them: the catalogue is data of the
program, and a household without such settings needs none of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from guardian.core.catalogue import Catalogue


@dataclass(frozen=True, slots=True)
class Known:
    """Ids of categories and services, of starter packs, and the exact names of help.

    titles: what each category and service is called.
    """

    labels: frozenset[str] = frozenset()
    packs: frozenset[str] = frozenset()
    floor: frozenset[str] = frozenset()
    titles: Mapping[str, str] = field(default_factory=dict)


_kept: list[Known] = []


def load_known(catalogue: Catalogue | None = None) -> Known:
    """Return what the catalogue and the floor in `profiles/` hold.

    catalogue: that of `profiles/` where somebody has read it, which takes far longer
    than all else here. Raises StoreError("profiles-invalid").
    """
    # Here, since both read windows and names by the modules that ask for this one.
    from guardian.store.catalogue import load_catalogue
    from guardian.store.data import load_floor

    if not _kept:
        found = catalogue or load_catalogue()
        known = Known(
            labels=found.labels(),
            packs=frozenset(pack.id for pack in found.packs),
            floor=frozenset(load_floor().names()),
            titles={c.id: c.title for c in found.categories}
            | {s.id: s.title for s in found.services},
        )
        _kept.append(known)
    return _kept[0]

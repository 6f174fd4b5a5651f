"""Change a stored document so that what could not be read of it stays, word for word.

Pure. Three documents meet: what is stored, what was understood of it (rendered), and
what it is to say now (rendered).
"""

from __future__ import annotations

from guardian.store.fields import Path


def merge(
    raw: object,
    old: object,
    new: object,
    skipped: frozenset[Path],
    path: Path = (),
) -> object:
    """Return `raw` with the changes from `old` to `new`, and all else as it is.

    skipped: paths of the list entries of `raw` that nobody understood; they stay, after
    the others. Nothing that is given is changed in place.
    """
    if old == new:
        return raw
    if isinstance(raw, dict) and isinstance(old, dict) and isinstance(new, dict):
        return _merge_objects(raw, old, new, skipped, path)
    if isinstance(raw, list) and isinstance(old, list) and isinstance(new, list):
        return _merge_lists(raw, old, new, skipped, path)
    return new


def _merge_objects(
    raw: dict[str, object],
    old: dict[str, object],
    new: dict[str, object],
    skipped: frozenset[Path],
    path: Path,
) -> dict[str, object]:
    merged: dict[str, object] = {}
    for key, value in raw.items():
        if key in new:
            inner = (*path, key)
            # Rendering leaves out what is empty: of an object or list that is now
            # filled, nothing had been understood.
            before = old.get(key, _empty(value))
            merged[key] = merge(value, before, new[key], skipped, inner)
        elif key not in old and key != "mac":
            merged[key] = value
    # A device's one "mac" is read as the list "macs".
    if "mac" in raw and old.get("macs") == new.get("macs"):
        merged["mac"] = raw["mac"]
    for key, value in new.items():
        if key not in merged and not (key == "macs" and "mac" in merged):
            merged[key] = value
    return merged


def _merge_lists(
    raw: list[object],
    old: list[object],
    new: list[object],
    skipped: frozenset[Path],
    path: Path,
) -> list[object]:
    understood: dict[object, tuple[int, object]] = {}
    for index, entry in enumerate(raw):
        if (*path, index) not in skipped and isinstance(entry, dict):
            understood.setdefault(_id(entry), (index, entry))
    before = {_id(entry): entry for entry in old if isinstance(entry, dict)}
    merged: list[object] = []
    for entry in new:
        name = _id(entry)
        if name is not None and name in understood and name in before:
            index, stored = understood[name]
            inner = (*path, index)
            entry = merge(stored, before[name], entry, skipped, inner)
        merged.append(entry)
    left = [e for i, e in enumerate(raw) if (*path, i) in skipped]
    return merged + left


def _empty(value: object) -> object:
    if isinstance(value, dict):
        return {}
    return [] if isinstance(value, list) else None


def _id(entry: object) -> object:
    found = entry.get("id") if isinstance(entry, dict) else None
    return found if isinstance(found, str) else None

"""How a household document lies in TinyDB's tables: one a kind, and one for the rest.

An entry that is no JSON object is kept in a wrapper, since TinyDB stores objects only.
"""

from __future__ import annotations

from tinydb import TinyDB

KINDS = ("people", "devices", "exceptions", "pauses", "grants")
HOUSEHOLD = "household"
_WRAPPER = "verbatim"
Document = dict[str, object]


def read_document(db: TinyDB) -> Document | None:
    """Return the stored document, or None if there never was one."""
    rest = db.table(HOUSEHOLD).all()
    if not rest:
        return None
    document: Document = dict(rest[0])
    for kind in KINDS:
        if kind not in document:
            rows = sorted(db.table(kind).all(), key=lambda row: row.doc_id)
            document[kind] = [_unwrap(dict(row)) for row in rows]
    return document


def completed(document: Document) -> Document:
    """Return the document as it will be read back: each kind's list is there."""
    return {**document, **{kind: document.get(kind, []) for kind in KINDS}}


def write_document(db: TinyDB, document: Document) -> None:
    """Replace the stored document; a table whose rows are the same is left alone."""
    rest = dict(document)
    for kind in KINDS:
        # What should be a list and is not stays with the rest, word for word.
        if isinstance(document.get(kind), list):
            entries = rest.pop(kind)
            assert isinstance(entries, list)
            write_rows(db, kind, [_wrap(entry) for entry in entries])
        else:
            write_rows(db, kind, [])
    write_rows(db, HOUSEHOLD, [rest])


def write_rows(db: TinyDB, name: str, rows: list[Document]) -> None:
    """Make the rows of a table these, in this order."""
    table = db.table(name)
    kept = sorted(table.all(), key=lambda row: row.doc_id)
    if [dict(row) for row in kept] != rows:
        table.truncate()
        table.insert_multiple(rows)


def _wrap(entry: object) -> Document:
    if isinstance(entry, dict) and set(entry) != {_WRAPPER}:
        return dict(entry)
    return {_WRAPPER: entry}


def _unwrap(row: Document) -> object:
    return row[_WRAPPER] if set(row) == {_WRAPPER} else row

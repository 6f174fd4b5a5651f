"""Bring an older household document to the present form, one version at a time.

A step is a file of `guardian/store/migrations/`, named for the version it makes:
``m0002_what_changed.py`` with ``migrate(document) -> document``. It takes any JSON
object that claims the version before, must not read a clock or a file, and raises
ValueError for one that it cannot bring over.
"""

from __future__ import annotations

import copy
import importlib
import pkgutil
import re
from collections.abc import Callable, Mapping
from types import ModuleType

from guardian.core.errors import StoreError
from guardian.store import migrations

Document = dict[str, object]
Step = Callable[[Document], Document]
_NAME = re.compile(r"m([0-9]{4})_[a-z0-9_]+\Z")


def steps(package: ModuleType = migrations) -> dict[int, Step]:
    """Return the steps of a package by the version each makes.

    Raises ImportError when two files make the same version.
    """
    found: dict[int, Step] = {}
    for module in pkgutil.iter_modules(package.__path__):
        match = _NAME.match(module.name)
        if match is None:
            continue
        version = int(match[1])
        if version in found:
            raise ImportError(f"two migrations make version {version}")
        loaded = importlib.import_module(f"{package.__name__}.{module.name}")
        found[version] = loaded.migrate
    return found


def migrate(
    document: Document, version: int, target: int, registry: Mapping[int, Step]
) -> Document:
    """Return a copy of `document`, which has the form `version`, in the form `target`.

    Raises StoreError: "migration-missing" when a step is not there, "migration-failed"
    when one refuses the document. The document itself is left as it was.
    """
    document = copy.deepcopy(document)
    for made in range(version + 1, target + 1):
        if made not in registry:
            raise StoreError("migration-missing", f"to schema {made}")
        try:
            document = registry[made](document)
        except ValueError as error:
            raise StoreError("migration-failed", f"to schema {made}: {error}") from None
        document["schema"] = made
    return document

"""The areas of the pages, one blueprint each."""

from __future__ import annotations

from flask import Blueprint

from webui.areas import (
    api,
    child,
    entry,
    home,
    requests,
)

AREAS: tuple[Blueprint, ...] = (
    api.area,
    child.area,
    entry.area,
    home.area,
    requests.area,
)

"""The areas of the pages, one blueprint each."""

from __future__ import annotations

from flask import Blueprint

from webui.areas import (
    api,
    entry,
    home,
)

AREAS: tuple[Blueprint, ...] = (
    api.area,
    entry.area,
    home.area,
)

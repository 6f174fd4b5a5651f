"""The areas of the pages, one blueprint each."""

from __future__ import annotations

from flask import Blueprint

from webui.areas import (
    devices,
    entry,
    home,
    setup,
)

AREAS: tuple[Blueprint, ...] = (
    devices.area,
    entry.area,
    home.area,
    setup.area,
)

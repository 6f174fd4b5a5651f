"""The areas of the pages, one blueprint each."""

from __future__ import annotations

from flask import Blueprint

from webui.areas import (
    api,
    calendar,
    child,
    devices,
    entry,
    home,
    requests,
    schedule,
    setup,
)

AREAS: tuple[Blueprint, ...] = (
    api.area,
    calendar.area,
    child.area,
    devices.area,
    entry.area,
    home.area,
    requests.area,
    schedule.area,
    setup.area,
)

"""The areas of the pages, one blueprint each."""

from __future__ import annotations

from flask import Blueprint

from webui.areas import (
    api,
    calendar,
    child,
    entry,
    home,
    requests,
    schedule,
    sites,
)

AREAS: tuple[Blueprint, ...] = (
    api.area,
    calendar.area,
    child.area,
    entry.area,
    home.area,
    requests.area,
    schedule.area,
    sites.area,
)

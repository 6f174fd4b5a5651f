"""The areas of the pages, one blueprint each."""

from __future__ import annotations

from flask import Blueprint

from webui.areas import (
    api,
    blocked,
    calendar,
    child,
    devices,
    entry,
    home,
    me,
    pwa,
    requests,
    schedule,
    setup,
    sites,
)

AREAS: tuple[Blueprint, ...] = (
    api.area,
    blocked.area,
    calendar.area,
    child.area,
    devices.area,
    entry.area,
    home.area,
    me.area,
    pwa.area,
    requests.area,
    schedule.area,
    setup.area,
    sites.area,
)

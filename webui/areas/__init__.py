"""The areas of the pages, one blueprint each."""

from __future__ import annotations

from flask import Blueprint

from webui.areas import (
    api,
    backup,
    blocked,
    calendar,
    child,
    devices,
    entry,
    home,
    me,
    people,
    programs,
    pwa,
    requests,
    schedule,
    settings,
    setup,
)

AREAS: tuple[Blueprint, ...] = (
    api.area,
    backup.area,
    blocked.area,
    calendar.area,
    child.area,
    devices.area,
    entry.area,
    home.area,
    me.area,
    people.area,
    programs.area,
    pwa.area,
    requests.area,
    schedule.area,
    settings.area,
    setup.area,
)

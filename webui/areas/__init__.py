"""The areas of the pages, one blueprint each."""

from __future__ import annotations

from flask import Blueprint

from webui.areas import (
    activity,
    api,
    blocked,
    calendar,
    child,
    devices,
    entry,
    help,
    home,
    log,
    me,
    pwa,
    requests,
    schedule,
    setup,
    sites,
)

AREAS: tuple[Blueprint, ...] = (
    activity.area,
    api.area,
    blocked.area,
    calendar.area,
    child.area,
    devices.area,
    entry.area,
    help.area,
    home.area,
    log.area,
    me.area,
    pwa.area,
    requests.area,
    schedule.area,
    setup.area,
    sites.area,
)

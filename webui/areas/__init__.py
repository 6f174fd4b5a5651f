"""The areas of the pages, one blueprint each."""

from __future__ import annotations

from flask import Blueprint

from webui.areas import (
    activity,
    api,
    backup,
    blocked,
    calendar,
    child,
    devices,
    entry,
    help,
    home,
    log,
    me,
    people,
    programs,
    pwa,
    requests,
    schedule,
    settings,
    setup,
    sites,
    tech,
)

AREAS: tuple[Blueprint, ...] = (
    activity.area,
    api.area,
    backup.area,
    blocked.area,
    calendar.area,
    child.area,
    devices.area,
    entry.area,
    help.area,
    home.area,
    log.area,
    me.area,
    people.area,
    programs.area,
    pwa.area,
    requests.area,
    schedule.area,
    settings.area,
    setup.area,
    sites.area,
    tech.area,
)

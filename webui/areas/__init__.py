"""The areas of the pages, one blueprint each."""

from __future__ import annotations

from flask import Blueprint

from webui.areas import calendar, home, schedule, sites

AREAS: tuple[Blueprint, ...] = (
    calendar.area,
    home.area,
    schedule.area,
    sites.area,
)

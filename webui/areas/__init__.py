"""The areas of the pages, one blueprint each."""

from __future__ import annotations

from flask import Blueprint

from webui.areas import home, schedule

AREAS: tuple[Blueprint, ...] = (
    home.area,
    schedule.area,
)

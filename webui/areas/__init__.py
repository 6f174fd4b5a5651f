"""The areas of the pages, one blueprint each."""

from __future__ import annotations

from flask import Blueprint

from webui.areas import (
    blocked,
    entry,
    home,
    me,
    pwa,
)

AREAS: tuple[Blueprint, ...] = (
    blocked.area,
    entry.area,
    home.area,
    me.area,
    pwa.area,
)

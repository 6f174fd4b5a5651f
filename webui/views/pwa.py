"""What makes a page an app on a phone: its manifest, and what is kept for no network.

Kept is only what is the same for everybody: the sheet, the script, the icons and one
page that says the router is out of reach. Never a page of a person's.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

Json = dict[str, Any]
OFFLINE = "/offline"
STATIC = ("guardian.css", "guardian.js", "icon.svg", "icon-maskable.svg")
# The sheet's ground, light; a page says its own for dark.
GROUND = "#f7f3ec"


def manifest(start: str) -> Json:
    """Return the manifest (W3C Web Application Manifest). start: what the icon opens.

    An SVG serves every size; one fills the square, so that a phone may cut its shape.
    """
    return {
        "id": start,
        "name": "Guardian",
        "short_name": "Guardian",
        "start_url": start,
        "scope": "/",
        "display": "standalone",
        "background_color": GROUND,
        "theme_color": GROUND,
        "icons": [_icon("icon.svg", "any"), _icon("icon-maskable.svg", "maskable")],
    }


def shell() -> list[str]:
    """Return the paths that a phone keeps."""
    return [OFFLINE, *(f"/static/{name}" for name in STATIC)]


def version(files: Iterable[bytes]) -> str:
    """Return a name for what these files hold; another text, another name."""
    digest = hashlib.sha256()
    for content in files:
        digest.update(hashlib.sha256(content).digest())
    return digest.hexdigest()[:12]


def _icon(name: str, purpose: str) -> Json:
    return {
        "src": f"/static/{name}",
        "sizes": "any",
        "type": "image/svg+xml",
        "purpose": purpose,
    }

"""The web process with the smallest Flask application, for its memory.

Run as a script with the options of guardian-web; a child of the tests.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from webui.serve.main import main
from webui.settings import Settings

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


def load(settings: Settings, daemon_socket: Path) -> WSGIApplication:
    """Return an application with one page."""
    from flask import Flask, render_template_string

    app = Flask("flasky")

    @app.get("/")
    def page() -> str:
        return render_template_string("{% for n in range(99) %}<p>{{ n }}{% endfor %}")

    return app


if __name__ == "__main__":
    sys.exit(main(load=load))

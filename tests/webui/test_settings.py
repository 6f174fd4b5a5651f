"""What a Host header may say follows names and ports."""

from __future__ import annotations

from pathlib import Path

from webui.settings import Settings


def test_hosts() -> None:
    settings = Settings(
        state_dir=Path("/nowhere"),
        names=lambda: frozenset({"guardian.local", "fd00::1"}),
        https_port=443,
    )
    assert set(settings.hosts("http")) == {"guardian.local:8080", "[fd00::1]:8080"}
    assert "guardian.local" in settings.hosts("https")
    assert "guardian.local:443" in settings.hosts("https")

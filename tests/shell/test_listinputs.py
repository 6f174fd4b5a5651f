"""What the package brings to an index, from the real data files."""

from pathlib import Path

import pytest

from guardian.core.errors import GuardianError
from guardian.shell.listinputs import load_inputs

SUFFIXES = "\n".join(["com", "org", "co.uk", "uk", *(f"a{n}" for n in range(600))])


def test_everything_is_gathered(tmp_path: Path) -> None:
    (tmp_path / "suffixes").write_text(SUFFIXES)
    inputs = load_inputs(tmp_path / "suffixes")
    assert {"adult", "gambling", "self_harm"} <= inputs.harm
    assert not {"games", "social", "ads"} & inputs.harm
    ids = {feed.source.id for feed in inputs.curated}
    assert {"guardian-service-tiktok", "guardian-category-stranger_chat"} <= ids
    assert b"childline.org.uk" in inputs.floor
    assert inputs.floor - inputs.protected and inputs.protected - inputs.floor
    assert b"tiktok.com" in inputs.known
    assert len(inputs.specs) > 50


def test_no_suffix_list(tmp_path: Path) -> None:
    with pytest.raises(GuardianError, match="suffix-list-missing"):
        load_inputs(tmp_path / "none")

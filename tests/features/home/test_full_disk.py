"""`qdash doctor` on a full disk."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from qdash_cli.main import run

from ...full_disk import full_disk

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.usefixtures("no_settings", "shared_plugins")
def test_a_home_without_room_is_not_called_writable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("QDASH_HOME", str(tmp_path))
    with full_disk(4096):
        assert run(["doctor", "--json"]) == 1
    (home,) = [check for check in json.loads(capsys.readouterr().out)["checks"] if check["name"] == "home"]
    assert home["status"] == "failed"
    assert "room" in home["advice"]

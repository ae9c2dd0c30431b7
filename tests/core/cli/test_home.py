"""`qdash doctor` on a disk that is full."""

from __future__ import annotations

import json
import resource
from typing import TYPE_CHECKING

import pytest

from qdash_core.cli.main import run

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.usefixtures("no_settings")
def test_a_home_without_room_is_not_called_writable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("QDASH_HOME", str(tmp_path))
    _, hard = before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, hard))
    try:
        assert run(["doctor", "--json"]) == 1
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    (home,) = [check for check in json.loads(capsys.readouterr().out)["checks"] if check["name"] == "home"]
    assert home["status"] == "failed"
    assert "room" in home["advice"]

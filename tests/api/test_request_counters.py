"""Counters of a host with several processes."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

import pytest

from qdash_api.server.http_server import _share_counters

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(("of_home", "of_counters"), [(0o700, 0o600), (0o2770, 0o660)])
def test_counters_are_as_private_as_the_home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, of_home: int, of_counters: int
) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home").chmod(of_home)
    folder = tmp_path / "home" / "prometheus"
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", "elsewhere")
    umask = os.umask(0o000)
    try:
        _share_counters(folder)
        (folder / "counter_1.db").touch()
    finally:
        os.umask(umask)
    assert os.environ["PROMETHEUS_MULTIPROC_DIR"] == str(folder)
    assert stat.S_IMODE(folder.stat().st_mode) == of_home
    assert stat.S_IMODE((folder / "counter_1.db").stat().st_mode) == of_counters

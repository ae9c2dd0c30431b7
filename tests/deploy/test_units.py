"""Units of a server, as systemd's own tool reads them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sysconfig
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from .server_files import FOLDER, SERVICES

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.slow

MOST_EXPOSED = 20
"""Largest exposure of a service, in tenths; systemd calls an exposure below 5.0 medium, and one below 2.5 OK."""


@pytest.fixture
def systemd_analyze(tmp_path: Path) -> Callable[..., str]:
    """Function that runs `systemd-analyze` on copies of the units, whose program exists, and returns its output."""
    units = tmp_path / "units"
    shutil.copytree(FOLDER, units)
    qdash = Path(sysconfig.get_path("scripts")) / "qdash"
    for unit in units.glob("*.service"):
        unit.write_text(unit.read_text().replace("/opt/qdash/bin/qdash", str(qdash)))

    def run(*arguments: str) -> str:
        done = subprocess.run(
            ["systemd-analyze", *arguments],
            cwd=units,
            env={**os.environ, "SYSTEMD_UNIT_PATH": f"{units}:"},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    return run


def test_systemd_finds_no_fault_in_the_units(systemd_analyze: Callable[..., str]) -> None:
    told = systemd_analyze("verify", "--man=no", *(f"./{name}" for name in (*SERVICES, "qdash-backup.timer")))
    assert [line for line in told.splitlines() if "qdash" in line] == []


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_is_hardened(systemd_analyze: Callable[..., str], name: str) -> None:
    systemd_analyze("security", "--no-pager", "--offline=yes", f"--threshold={MOST_EXPOSED}", name)

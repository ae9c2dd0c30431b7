"""A fresh home for every test, and a calibrated one to copy."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from .command_line import CommandLine

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def qdash(tmp_path: Path) -> CommandLine:
    """Return a command line with a home that is not there yet."""
    return CommandLine(tmp_path, tmp_path / "home")


@pytest.fixture(scope="session")
def calibrated_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a home with the chip `bench`, a twin of jakarta, of which qubits 0 and 1 are calibrated. Read only."""
    folder = tmp_path_factory.mktemp("calibrated")
    qdash = CommandLine(folder, folder / "home")
    qdash.does("twin", "create", "bench", "--device", "jakarta", "--seed", "3")
    qdash.does("calibrate", "bench", "--flow", "bring-up", "--qids", "0,1", "--tag", "first")
    return folder / "home"


@pytest.fixture
def bench(qdash: CommandLine, calibrated_home: Path) -> CommandLine:
    """Return a command line with a copy of the calibrated home."""
    assert qdash.home is not None
    shutil.copytree(calibrated_home, qdash.home)
    return qdash


@pytest.fixture
def slow(qdash: CommandLine) -> CommandLine:
    """Return a command line whose chip `slow` takes a fifth of a second for every measurement."""
    qdash.does("twin", "create", "slow", "--device", "jakarta", "--fault", "slow=0.2")
    return qdash

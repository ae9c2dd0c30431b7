"""A fresh home for every test, and a calibrated one to copy."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from .calibrated_home import calibrate_bench
from .command_line import CommandLine, Prepared

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prepared]:
    """The process that forks commands."""
    with Prepared(tmp_path_factory) as found:
        yield found


@pytest.fixture
def qdash(prepared: Prepared, tmp_path: Path) -> CommandLine:
    """A command line whose home does not exist yet."""
    return CommandLine(prepared, tmp_path, tmp_path / "home")


@pytest.fixture
def homeless(qdash: CommandLine) -> CommandLine:
    """A command line without a home of its own."""
    return qdash.with_home(None)


@pytest.fixture(scope="session")
def calibrated(prepared: Prepared, tmp_path_factory: pytest.TempPathFactory) -> CommandLine:
    """A home with the chip `bench`, a twin of jakarta; its qubits 0 and 1 are calibrated. Read-only."""
    return calibrate_bench(prepared, tmp_path_factory)


@pytest.fixture
def bench(qdash: CommandLine, calibrated: CommandLine) -> CommandLine:
    """A command line with a copy of the calibrated home."""
    assert calibrated.home is not None
    assert qdash.home is not None
    shutil.copytree(calibrated.home, qdash.home)
    return qdash


@pytest.fixture
def slow(qdash: CommandLine) -> CommandLine:
    """A command line whose chip `slow` takes a fifth of a second for every measurement."""
    qdash.does("twin", "create", "slow", "--device", "jakarta", "--fault", "slow=0.2")
    return qdash

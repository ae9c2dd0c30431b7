"""Home with a calibrated chip, which one test process makes and the others copy."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from ..prepared.shared_files import shared_path
from .command_line import CommandLine

if TYPE_CHECKING:
    import pytest

    from .command_line import Prepared


def calibrate_bench(prepared: Prepared, factory: pytest.TempPathFactory) -> CommandLine:
    """Return a command line with a home of its own, in which qubits 0 and 1 of the chip `bench`, a twin of
    jakarta, are calibrated.
    """
    folder = factory.mktemp("calibrated")
    home = folder / "home"
    qdash = CommandLine(prepared, folder, home)
    with shared_path(factory, "calibrated") as shared:
        if shared.exists():
            shutil.copytree(shared, home)
        else:
            qdash.does("twin", "create", "bench", "--device", "jakarta", "--seed", "3")
            qdash.does("calibrate", "bench", "--flow", "bring-up", "--qids", "0,1", "--tag", "first")
            shutil.copytree(home, shared)
    return qdash

"""Peak memory of the bring-up of a twin of 27 qubits, in a process of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.own_process import measured_by

from .recorded_values import Measured

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def measure_bring_up(folder: Path) -> Iterator[Measured]:
    """Measure the largest resident memory."""
    options = {"how": "engine", "device": "kolkata", "seed": 0, "home": folder / "home"}
    peak_mb = measured_by("benchmarks.bring_up", **options)["memory"]
    # Ten measurements differ by 1 %, and by 2 % more if the process has to compile its modules.
    yield Measured(
        "peak memory of a bring-up of 27 qubits", "kB", {"process": round(peak_mb * 1e3)}, tolerance=0.05
    )

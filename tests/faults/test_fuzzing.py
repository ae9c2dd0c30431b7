"""Short fuzzing runs, against a real host and against the parsers of files."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from faults.laboratory import SQLITE, place

if TYPE_CHECKING:
    from pathlib import Path

MEMORY = 1_000_000_000


@pytest.mark.release  # tests/api/test_hostile_bodies.py has the worst of them
def test_hostile_bodies_neither_end_the_host_nor_keep_it_busy(tmp_path: Path) -> None:
    from faults.fuzzing import fuzz  # slow to import

    with place(SQLITE, tmp_path) as here, here.laboratory() as laboratory:
        tally = fuzz(laboratory, seconds=40, memory=MEMORY, seed=20261122)
    assert tally.statuses[200] > 0
    assert tally.statuses[422] > 0
    assert not tally.problems


@pytest.mark.parametrize(
    "seconds", [pytest.param(3, marks=pytest.mark.slow), pytest.param(40, marks=pytest.mark.release)]
)
def test_hostile_documents_are_values_or_refused(seconds: int) -> None:
    command = [
        sys.executable,
        "-m",
        "faults.fuzzed_parsers",
        "--minutes",
        str(seconds / 60),
        "--seed",
        "20261122",
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, f"{done.stdout}\nlast document: {done.stderr[-200:]}"

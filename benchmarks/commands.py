"""Wall times of whole commands."""

from __future__ import annotations

import subprocess
import sys
import time
from typing import TYPE_CHECKING

from benchmarks.table import Row, spread

if TYPE_CHECKING:
    from collections.abc import Iterator


def rows(*, runs: int) -> Iterator[Row]:
    """Time `qdash --help` and the bare interpreter."""
    for what, arguments in (
        ("`python -c pass`", ["-c", "pass"]),
        ("`qdash --help`", ["-c", "from qdash_cli.main import main; main(['--help'])"]),
    ):
        yield Row(what, "s", *spread([_seconds([sys.executable, *arguments]) for _ in range(runs)]))


def _seconds(command: list[str]) -> float:
    begun = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - begun

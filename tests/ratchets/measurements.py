"""Measurements by name, in processes of their own, so that no other test changes their counts."""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
import tempfile
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from .recorded_values import Measured

if TYPE_CHECKING:
    from collections.abc import Sequence

QUICK = (("features.measure_importers", "imported_modules.measure_help", "install_size.measure_install"),)
"""Measurements of the quick tests, those of a process together."""
SLOW = (
    ("null_task.measure_null_task", "result_sizes.measure_null_results"),
    ("sources.measure_sources",),
    (
        "imported_modules.measure_chip_list",
        "imported_modules.measure_worker",
        "imported_modules.measure_metrics",
    ),
    ("imported_modules.measure_calibrate", "imported_modules.measure_host"),
    ("null_task.measure_null_task_on_mongodb",),
    ("result_sizes.measure_pages", "result_sizes.measure_results"),
    ("http_queries.measure_http_queries",),
    ("peak_memory.measure_bring_up",),
)
ROOT = Path(__file__).parents[2]


def measure(names: Sequence[str]) -> list[Measured]:
    """Return the counts of measurements, from one process."""
    environment = {
        key: value for key, value in os.environ.items() if not key.startswith(("QDASH_", "PYTEST_", "PYTHON"))
    }
    done = subprocess.run(
        [sys.executable, "-m", "tests.ratchets.measurements", *names],
        cwd=ROOT,
        env={**environment, "OPENBLAS_NUM_THREADS": "1", "PYTHONHASHSEED": "0"},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return [Measured(**document) for document in json.loads(done.stdout.splitlines()[-1])]


def main(arguments: Sequence[str]) -> None:
    """Measure in this process, and print the counts as JSON."""
    gc.disable()  # the process is short, and syntax trees are many objects
    documents = []
    for name in arguments:
        module, _, function = name.partition(".")
        with tempfile.TemporaryDirectory(prefix="ratchets-") as folder:
            counts = getattr(import_module(f"tests.ratchets.{module}"), function)(Path(folder))
            documents += [{**vars(one), "parts": dict(one.parts), "by": name} for one in counts]
    print(json.dumps(documents))


if __name__ == "__main__":
    main(sys.argv[1:])

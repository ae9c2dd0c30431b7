"""Measurements in a separate process, each with its own peak of memory: `python -m MODULE` is that process."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any


def measured_by(module: str, **given: object) -> dict[str, Any]:
    """Run a module with options and return the JSON document that it prints."""
    options = [text for name, value in given.items() for text in (f"--{name}", str(value))]
    done = subprocess.run(
        [sys.executable, "-m", module, *options],
        check=True,
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[1],
    )
    return dict(json.loads(done.stdout))


def peak_memory_mb() -> float:
    """Return the peak of memory of this process, in MB."""
    return convert_peak_to_mb(resource.getrusage(resource.RUSAGE_SELF))


def convert_peak_to_mb(usage: resource.struct_rusage) -> float:
    """Return the peak of memory of a process, in MB."""
    # Linux counts in kB, macOS in bytes.
    return usage.ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)

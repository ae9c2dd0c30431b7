"""Measurements in a process of their own, so that the peak of memory is their own: `python -m MODULE` is that process."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any


def measured_by(module: str, **given: object) -> dict[str, Any]:
    """Return the JSON document that a module prints which is run with these options."""
    options = [text for name, value in given.items() for text in (f"--{name}", str(value))]
    done = subprocess.run(
        [sys.executable, "-m", module, *options],
        check=True,
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[1],
    )
    return dict(json.loads(done.stdout))


def peak_memory_mb() -> float:
    """Return the most memory that this process has had, in MB."""
    # Linux counts in kB, macOS in bytes.
    unit = 1e6 if sys.platform == "darwin" else 1e3
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit

"""Writer of all files that follow from operations, bodies, view models, commands and tasks: `python packages/generate.py`.

The OpenAPI document contains the recorded examples, so it is the last.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

SCRIPTS = (
    "record_value_declarations.py",
    "qdash-builtin/samples/record_groups.py",
    "qdash-builtin/samples/record_samples.py",
    "qdash-remote/generate.py",
)

if __name__ == "__main__":
    for script in SCRIPTS:
        subprocess.run([sys.executable, Path(__file__).parent / script], check=True)

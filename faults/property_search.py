"""Repeated search for counterexamples of all property-based tests. `python -m faults.property_search
--minutes 60`.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from pathlib import Path

_ROOT = Path(__file__).parents[1]
_COMMAND = (sys.executable, "-m", "pytest", "-q", "-n", "auto", "-m", "hypothesis", "-p", "no:cacheprovider")


def main() -> int:
    """Repeat the tests until the time is up or one fails; return 1 if one failed."""
    parser = argparse.ArgumentParser(prog="python -m faults.property_search", description=__doc__)
    parser.add_argument("--minutes", type=float, default=60.0)
    arguments = parser.parse_args()
    end, rounds = time.monotonic() + 60.0 * arguments.minutes, 0
    while time.monotonic() < end:
        if subprocess.run(_COMMAND, cwd=_ROOT, check=False).returncode:
            print(
                f"Failed in round {rounds + 1}. The example is in .hypothesis: `pytest -m hypothesis` repeats it."
            )
            return 1
        rounds += 1
    print(f"{rounds} rounds, each with new examples: nothing found.")
    return 0


if __name__ == "__main__":
    sys.exit(main())

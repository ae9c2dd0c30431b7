"""`python -m tests.ratchets --lower`: record new counts, and lower values to the measured counts."""

from __future__ import annotations

import argparse
import platform
import sys
from concurrent.futures import ThreadPoolExecutor
from itertools import chain

from .measurements import QUICK, SLOW, measure
from .recorded_values import PYTHON, lower_values, read_values, write_values


def main() -> None:
    """Measure, print each change, and write the file of values; without `--lower` print what the tests would say."""
    if sys.version_info[:2] != PYTHON:
        python = ".".join(map(str, PYTHON))
        raise SystemExit(
            f"values are those of Python {python}, and this is {platform.python_version()}: run it with `uv run --python {python}`"
        )
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lower", action="store_true", help="Write lowered and new values.")
    parser.add_argument("--quick", action="store_true", help="Only the measurements of the quick tests.")
    given = parser.parse_args()
    values = read_values()
    with ThreadPoolExecutor(2) as processes:
        names = QUICK if given.quick else (*reversed(SLOW), *QUICK)  # the longest first
        counts = list(chain.from_iterable(processes.map(measure, names)))
    lowered = lower_values(values, counts)
    for one in counts:
        before = values.get(one.name)
        if before is None and not given.lower:
            print(f"{one.name}: {one.value:,} {one.unit}, new: record it with --lower\n")
        if given.lower and (before is None or before != lowered[one.name]):
            print(
                f"{one.name}: {'new' if before is None else before.limit} → {lowered[one.name].limit} {one.unit}"
            )
        fault = lowered[one.name].find_fault(one) if given.lower else before and before.find_fault(one)
        if fault:
            print(f"{fault}\n")
    measured = {one.name for one in counts}
    if not given.quick:
        for name in sorted(values.keys() - measured):
            print(f"{name}: no longer measured{'' if given.lower else ', removed with --lower'}\n")
    if given.lower:
        write_values(one for one in lowered.values() if given.quick or one.name in measured)


if __name__ == "__main__":
    main()

"""Command line of the benchmarks: runs all of them, prints the table and stores it, or compares with another revision."""

from __future__ import annotations

import argparse
import platform
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import (
    bring_up,
    chip_values,
    commands,
    comparison,
    fits,
    full_run,
    lanes,
    large_store,
    null_task,
    recovery,
    releases,
    schedules,
)
from benchmarks.table import as_markdown

TABLE = Path(__file__).with_name("results.md")
README = Path(__file__).with_name("README.md")
_BROUGHT_UP = ("kolkata", "brooklyn", "sherbrooke")
"""Devices of the bring-ups, with 27, 65 and 127 qubits."""
_RUN_IN_FULL = ("brooklyn", "sherbrooke")
_STORED = 1_000_000
BEGIN, END = "<!-- benchmark table -->\n", "<!-- end of benchmark table -->"


def main() -> None:
    """Run the benchmarks, or compare two revisions."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few repetitions, and nothing is stored")
    parser.add_argument(
        "--large", action="store_true", help="a store of a million results, too: some minutes"
    )
    parser.add_argument("--folder", type=Path, default=Path.cwd(), help="on the disk that is to be measured")
    comparison.add_arguments(
        parser.add_subparsers(dest="command").add_parser("compare", help="compare this tree with a revision")
    )
    arguments = parser.parse_args()
    if arguments.command == "compare":
        comparison.run(arguments)
        return
    quick = arguments.quick
    devices = ("jakarta",) if quick else _BROUGHT_UP
    with tempfile.TemporaryDirectory(dir=arguments.folder, prefix=".benchmark-") as name:
        folder = Path(name)
        rows = [
            *null_task.rows(folder, rounds=50 if quick else 500, stored=1_000 if quick else 100_000),
            *null_task.mongo_rows(folder, rounds=50 if quick else 500),
            *lanes.rows(folder, runs=1 if quick else 3),
            *large_store.rows(
                folder, stored=_STORED if arguments.large else 20_000, rounds=5 if quick else 50
            ),
            *chip_values.rows(folder, rounds=5 if quick else 50),
            *releases.rows(folder, rounds=3 if quick else 20),
            *recovery.rows(folder, runs=1 if quick else 5, migrated=1_000 if quick else 100_000),
            *commands.rows(runs=3 if quick else 15),
            *fits.rows(traces=5 if quick else 200),
            *schedules.rows((64,) if quick else schedules.SIZES),
            *(
                row
                for device in devices
                for row in bring_up.rows(folder, device=device, runs=1 if quick else 3)
            ),
            *(
                row
                for device in (("guadalupe",) if quick else _RUN_IN_FULL)
                for row in full_run.rows(folder, device=device, runs=1 if quick else 3)
            ),
            *full_run.dispatch_rows(folder, lattice=full_run.SMALL_LATTICE if quick else full_run.LATTICE),
        ]
    table = as_markdown(rows)
    print(table)
    if not quick:
        when = datetime.now(UTC).date().isoformat()
        where = f"Python {platform.python_version()}, {platform.system()} {platform.machine()}"
        store(f"Measured {when} with {where}.\n\n{table}")


def store(text: str) -> None:
    """Store the table beside the benchmarks and in `benchmarks/README.md`."""
    TABLE.write_text(text, encoding="utf-8")
    before, _, rest = README.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    README.write_text(f"{before}{BEGIN}{text}{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()

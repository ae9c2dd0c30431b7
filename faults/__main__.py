"""Command line of the fault tests: injects every fault repeatedly, prints the table and stores it."""

from __future__ import annotations

import argparse
import json
import os
import platform
import signal
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from faults.catalogue import FAULTS, Fault
from faults.laboratory import STORES, place
from faults.table import Row, as_markdown

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from faults.laboratory import Place
    from faults.table import Findings

PAGE = Path(__file__).with_name("results.md")
BEGIN, END = "<!-- fault table -->\n", "<!-- end of fault table -->"


def main() -> int:
    """Inject the requested faults; return 1 if any check failed."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        # A shell's background jobs ignore Ctrl-C, and commands would inherit that.
        signal.signal(signal.SIGINT, signal.default_int_handler)
    arguments = _arguments()
    stores = [arguments.store] if arguments.store else STORES
    rows = _rows(_possible(arguments.names or FAULTS), stores, arguments.times)
    print(json.dumps([row.document() for row in rows]) if arguments.json else as_markdown(rows))
    if not (arguments.names or arguments.store or arguments.times):
        when = datetime.now(UTC).date().isoformat()
        machine = f"{platform.system()} {platform.machine()}, {os.cpu_count()} processors"
        store(f"Measured {when} with Python {platform.python_version()}, {machine}.\n\n{as_markdown(rows)}")
    return 1 if any(row.findings.problems for row in rows) else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m faults", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(FAULTS)}; none: all")
    parser.add_argument("--store", choices=STORES, help="only there")
    parser.add_argument("--times", type=int, help="instead of each fault's own number")
    parser.add_argument("--json", action="store_true", help="the table as JSON, with every problem")
    arguments = parser.parse_args()
    if unknown := set(arguments.names) - set(FAULTS):
        parser.error(f"there is no fault {', '.join(sorted(unknown))}: there are {', '.join(FAULTS)}")
    return arguments


def _possible(names: Iterable[str]) -> list[Fault]:
    """Return the faults that this machine can inject, and print the ones it cannot."""
    chosen = [FAULTS[name] for name in names]
    for fault in chosen:
        if not fault.possible():
            print(f"{fault.name} cannot be done here", file=sys.stderr)
    return [fault for fault in chosen if fault.possible()]


def _rows(faults: Sequence[Fault], stores: Sequence[str], times: int | None) -> list[Row]:
    """Inject the faults on all stores in parallel: most of the time is spent waiting for processes."""
    with tempfile.TemporaryDirectory(prefix="faults-") as folder, ThreadPoolExecutor(len(stores)) as pool:

        def on(store_name: str) -> list[Row]:
            with place(store_name, Path(folder) / store_name) as here:
                return [_row(fault, here, times) for fault in faults if store_name in fault.stores]

        rows = [row for found in pool.map(on, stores) for row in found]
    return sorted(rows, key=lambda row: list(FAULTS).index(row.fault))


def store(text: str) -> None:
    """Store the table on the page of results."""
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    PAGE.write_text(f"{before}{BEGIN}{text}{END}{after}", encoding="utf-8")


def _row(fault: Fault, here: Place, times: int | None) -> Row:
    def tell(number: int, found: Findings) -> None:
        went = "; ".join(found.problems) or "ok"
        print(f"{fault.name} on {here.store}, {number + 1}: {went}", file=sys.stderr, flush=True)

    return Row(fault.name, here.store, fault.does, fault.repeated(here, times or fault.times, tell))


if __name__ == "__main__":
    sys.exit(main())

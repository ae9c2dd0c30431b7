"""Do every fault as often as it takes, print the table, and store it."""

from __future__ import annotations

import argparse
import json
import platform
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from faults.catalogue import FAULTS, Fault
from faults.laboratory import STORES, Place, place
from faults.table import Findings, Row, as_markdown

TABLE = Path(__file__).with_name("results.md")


def main() -> int:
    """Run the faults that are asked for; return 1 if anything was not as it must be."""
    parser = argparse.ArgumentParser(prog="python -m faults", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(FAULTS)}; none: all")
    parser.add_argument("--store", choices=STORES, help="only there")
    parser.add_argument("--times", type=int, help="instead of each fault's own number")
    parser.add_argument("--json", action="store_true", help="the findings as JSON, each problem in a line")
    arguments = parser.parse_args()
    if unknown := set(arguments.names) - set(FAULTS):
        parser.error(f"there is no fault {', '.join(sorted(unknown))}: there are {', '.join(FAULTS)}")
    chosen = [FAULTS[name] for name in arguments.names or FAULTS]
    rows = []
    with tempfile.TemporaryDirectory(prefix="faults-") as name:
        for store in [arguments.store] if arguments.store else STORES:
            with place(store, Path(name) / store) as here:
                rows += [_row(fault, here, arguments.times) for fault in chosen if store in fault.stores]
    rows.sort(key=lambda row: list(FAULTS).index(row.fault))
    print(json.dumps([row.document() for row in rows]) if arguments.json else as_markdown(rows))
    if not arguments.names and not arguments.store and not arguments.times:
        when = datetime.now(UTC).date().isoformat()
        where = f"Python {platform.python_version()}, {platform.system()} {platform.machine()}"
        TABLE.write_text(f"Done {when} with {where}.\n\n{as_markdown(rows)}", encoding="utf-8")
    return 1 if any(row.findings.problems for row in rows) else 0


def _row(fault: Fault, here: Place, times: int | None) -> Row:
    def tell(number: int, found: Findings) -> None:
        went = "; ".join(found.problems) or "ok"
        print(f"{fault.name} on {here.store}, {number + 1}: {went}", file=sys.stderr, flush=True)

    return Row(fault.name, here.store, fault.does, fault.repeated(here, times or fault.times, tell))


if __name__ == "__main__":
    sys.exit(main())

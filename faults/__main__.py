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
PAGE = Path(__file__).parents[1] / "docs" / "faults.md"
BEGIN, END = "<!-- fault table -->\n", "<!-- end of fault table -->"


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
    for fault in chosen:
        if not fault.possible():
            print(f"{fault.name} cannot be done here", file=sys.stderr)
    chosen = [fault for fault in chosen if fault.possible()]
    rows = []
    with tempfile.TemporaryDirectory(prefix="faults-") as name:
        for where in [arguments.store] if arguments.store else STORES:
            with place(where, Path(name) / where) as here:
                rows += [_row(fault, here, arguments.times) for fault in chosen if where in fault.stores]
    rows.sort(key=lambda row: list(FAULTS).index(row.fault))
    print(json.dumps([row.document() for row in rows]) if arguments.json else as_markdown(rows))
    if not arguments.names and not arguments.store and not arguments.times:
        when = datetime.now(UTC).date().isoformat()
        versions = f"Python {platform.python_version()}, {platform.system()} {platform.machine()}"
        store(f"Done {when} with {versions}.\n\n{as_markdown(rows)}")
    return 1 if any(row.findings.problems for row in rows) else 0


def store(text: str) -> None:
    """Keep the table beside the fault tests and on their page."""
    TABLE.write_text(text, encoding="utf-8")
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

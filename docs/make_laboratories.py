"""Generator of the tables in `benchmarks/laboratories.md`: results of each task in each laboratory on one chip, beside the truth.

Run from the root: ``python -m docs.make_laboratories``; about half an hour. Each laboratory is a process of its own, since qubex has
one session a process: ``python -m docs.make_laboratories --laboratory qubex --found FILE`` is that process. With
``--from FOLDER`` the page is written from files that were measured before.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qdash_builtin.chips.feature import CHIPS
from qdash_builtin.runs.feature import EXECUTIONS, RUNS
from qdash_core import CalibService, open_qdash
from qdash_core.errors import MissingInputError
from qdash_core.flows.steps import GenerateCRSchedule, OneQubitCheck, TwoQubitCalibration
from qdash_core.flows.targets import AllMuxTargets
from qdash_core.models.progress import SilentProgress
from qdash_core.settings import load_settings
from qdash_fake.chips import compute_truth_as_measured, create_twin_chip
from qdash_fake.devices import DeviceTable, load_device
from qdash_fake.laboratory import TwinLaboratory
from qdash_fake.pulse_level.laboratory import PulseTwin
from qdash_tasks.flows import BRING_UP, TWO_QUBIT_CALIBRATION

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from qdash_core.hooks.flows import Step
    from qdash_core.models.access import Access
    from qdash_core.runtime.application import QDash

PAGE = Path(__file__).resolve().parents[1] / "benchmarks" / "laboratories.md"
SOURCES = Path(__file__).resolve().parents[1] / "examples" / "qubex-on-a-twin" / "src"
LABORATORIES = ("twin", "pulse-level twin", "qubex", "qubex-native")
TASKS = (*BRING_UP, *TWO_QUBIT_CALIBRATION)
READOUT_LABORATORIES = LABORATORIES[:3]
READOUT_TASKS = (
    *("CheckResonatorFrequencies", "CheckReflectionCoefficient", "CheckElectricalDelay"),
    *("CheckOptimalReadoutFrequency", "CheckDispersiveShift", "CheckReadoutAmplitude"),
)
"""Tasks of the second table. `qubex-native` runs them as `qubex` does."""
SEED = 3
FAR = 3.0
"""Pulls beyond are explained."""
_COHERENCES = {"4": {"t1_us": 32.0, "t2_us": 24.0}, "5": {"t1_us": 41.0, "t2_us": 31.0}}
"""Times for which a wait of 150 us, which the library takes for granted, is long."""
BEGIN, END = "<!-- generated: begin -->", "<!-- generated: end -->"
READOUT_BEGIN, READOUT_END = "<!-- readout: begin -->", "<!-- readout: end -->"

_OPTIONS = {"no_active_reset": True}
_CHIP = "SIM"
_CHOSEN = ("control_amplitude", "hpi_length", "pi_length")
"""Not measured."""


@dataclass(frozen=True, slots=True)
class Row:
    """One value that a task found in a laboratory; without a name: why there is none.

    Attributes
    ----------
    calls
        To the instruments, by the task on all its targets; None: none of its own.
    seconds
        Of wall time, likewise.
    """

    task: str
    laboratory: str
    target: str
    name: str
    value: float | None
    error: float | None
    truth: float | None
    unit: str
    calls: int | None
    seconds: float
    refusal: str = ""

    @property
    def pull(self) -> float | None:
        """Distance from the truth in standard errors, signed."""
        if self.value is None or self.truth is None or not self.error:
            return None
        return (self.value - self.truth) / self.error


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the page, or what one laboratory finds."""
    parser = argparse.ArgumentParser(prog="python -m docs.make_laboratories", description=__doc__)
    parser.add_argument("--laboratory", choices=LABORATORIES)
    parser.add_argument("--found", type=Path, help="file that one laboratory writes")
    parser.add_argument("--from", dest="folder", type=Path, help="folder of such files")
    parser.add_argument("--tasks", help="only these, with commas")
    given = parser.parse_args(arguments)
    tasks = tuple(given.tasks.split(",")) if given.tasks else TASKS
    if given.laboratory:
        with tempfile.TemporaryDirectory() as home, given.found.open("w", encoding="utf-8") as file:
            for row in found_in(given.laboratory, Path(home), tasks):
                print(json.dumps(asdict(row)), file=file, flush=True)
        return
    with tempfile.TemporaryDirectory() as made:
        folder = given.folder or _all_found(Path(made))
        rows = [row for name in LABORATORIES for row in _read(folder / f"{name}.jsonl")]
        readout = [row for name in READOUT_LABORATORIES for row in _read(folder / f"{name}-readout.jsonl")]
    page = with_table(PAGE.read_text(encoding="utf-8"), as_markdown(rows))
    table = as_markdown(readout, tasks=READOUT_TASKS, laboratories=READOUT_LABORATORIES)
    PAGE.write_text(with_table(page, table, marks=(READOUT_BEGIN, READOUT_END)), encoding="utf-8")


def found_in(laboratory: str, home: Path, tasks: Sequence[str]) -> Iterator[Row]:
    """Yield what tasks find in a laboratory, one task after the other on all targets of a fresh chip."""
    os.environ["QDASH_HOME"] = str(home)
    with open_qdash(load_settings(home=home)) as qdash, _calls_counted() as calls:
        access = qdash.access("admin")
        make_chip(qdash, access, laboratory, home)
        lacking = {name: why for name in tasks if (why := _lacking(qdash, access, name))}
        for task in tasks:
            if task in lacking:
                yield Row(task, laboratory, "", "", None, None, None, "", None, 0.0, lacking[task])
                continue
            yield from _ran(qdash, access, laboratory, task, calls)


def make_chip(qdash: QDash, access: Access, laboratory: str, home: Path) -> None:
    """Make the same chip for any laboratory: the truth follows from table and seed."""
    table = two_qubits()
    if not laboratory.startswith("qubex"):
        options = {**_OPTIONS, "pulse_level": laboratory == LABORATORIES[1]}
        create_twin_chip(qdash, access, _CHIP, table, seed=SEED, options=options)
        return
    sys.path.insert(0, str(SOURCES))
    from qubex_on_a_twin.making import make

    made = make(_CHIP, table, home=home, config=home / "qubex-config", seed=SEED, options=_OPTIONS)
    os.environ.update(made.environment(home))
    design = made.twin.design()
    qdash.get(CHIPS).create(
        access, _CHIP, table.layout, backend=laboratory, controls=_controls(), design=design
    )


def two_qubits() -> DeviceTable:
    """Return the table of qubits 4 and 5 of a real processor, with other coherences and the numbers of the smallest lattice."""
    table = load_device("jakarta")
    numbers = {"4": "0", "5": "1"}
    document = table.model_dump()
    document["n_qubits"] = len(numbers)
    document["qubits"] = [
        {**row, **_COHERENCES[row["qid"]], "qid": numbers[row["qid"]]}
        for row in document["qubits"]
        if row["qid"] in numbers
    ]
    document["couplings"] = [
        {**row, "control": numbers[row["control"]], "target": numbers[row["target"]]}
        for row in document["couplings"]
        if {row["control"], row["target"]} == set(numbers)
    ]
    return DeviceTable.model_validate(document)


def as_markdown(
    rows: Iterable[Row], *, tasks: Sequence[str] = TASKS, laboratories: Sequence[str] = LABORATORIES
) -> str:
    """Return the table of some tasks, by task and laboratory: values with a truth where a task has such."""
    head = ("task", "laboratory", "target", "parameter", "value", "truth", "pull", "calls", "s")
    measured = [row for row in rows if row.task in tasks and row.name not in _CHOSEN]
    judged = {(row.task, row.laboratory) for row in measured if row.truth is not None}
    shown = [
        row
        for row in measured
        if not row.name or row.truth is not None or (row.task, row.laboratory) not in judged
    ]
    there = {(row.task, row.laboratory) for row in shown}
    shown += [
        Row(task, laboratory, "", "", None, None, None, "", None, 0.0, "not run yet")
        for task in tasks
        for laboratory in laboratories
        if (task, laboratory) not in there
    ]
    order = sorted(shown, key=lambda one: (tasks.index(one.task), laboratories.index(one.laboratory)))
    lines = [f"| {' | '.join(head)} |", "|---" * len(head) + "|", *map(_line, order)]
    return "\n".join(lines) + "\n"


def with_table(page: str, table: str, *, marks: tuple[str, str] = (BEGIN, END)) -> str:
    """Return the page with another table between two marks; what is written by hand stays."""
    begin, end = marks
    before, _, rest = page.partition(begin)
    _, _, after = rest.partition(end)
    return f"{before}{begin}\n\n{table}\n{end}{after}"


def _line(row: Row) -> str:
    if not row.name:
        return f"| {row.task} | {row.laboratory} | {row.target} | {row.refusal.partition(chr(10))[0]} | | | | {_count(row)} |"
    error = f" ± {row.error:.2g}" if row.error else ""
    value = f"{row.value:.7g}{error}{' ' + row.unit if row.unit else ''}"
    truth = "" if row.truth is None else f"{row.truth:.7g}"
    pull = "" if row.pull is None else f"{row.pull:+.1f}"
    if row.pull is not None and abs(row.pull) > FAR:
        pull = f"**{pull}**"
    return f"| {row.task} | {row.laboratory} | {row.target} | {row.name} | {value} | {truth} | {pull} | {_count(row)} |"


def _count(row: Row) -> str:
    return f"{'' if row.calls is None else row.calls} | {row.seconds:.1f}"


def _all_found(folder: Path) -> Path:
    """Let every laboratory find what it finds, one after the other."""
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    readout = ("--tasks", ",".join((*BRING_UP, *READOUT_TASKS)))
    wanted: list[tuple[str, str, tuple[str, ...]]] = [(name, f"{name}.jsonl", ()) for name in LABORATORIES]
    wanted += [(name, f"{name}-readout.jsonl", readout) for name in READOUT_LABORATORIES]
    for name, file, chosen in wanted:
        command = [sys.executable, "-m", "docs.make_laboratories", "--laboratory", name, *chosen]
        given = [*command, "--found", str(folder / file)]
        subprocess.run(given, check=True, env=environment)  # noqa: S603  this module
    return folder


def _read(path: Path) -> Iterator[Row]:
    for line in path.read_text(encoding="utf-8").splitlines():
        yield Row(**json.loads(line))


def _lacking(qdash: QDash, access: Access, task: str) -> str:
    catalogue = qdash.get(RUNS).get_catalogue(access, _CHIP)
    return "" if catalogue.has(task) else f"not offered: {catalogue.why_not(task)}"


def _ran(qdash: QDash, access: Access, laboratory: str, task: str, calls: list[int]) -> Iterator[Row]:
    before, begun = len(calls), time.perf_counter()
    calibration = CalibService("admin", _CHIP, qdash=qdash, progress=SilentProgress())
    try:
        calibration.run(AllMuxTargets(), _steps(laboratory, task))
    except MissingInputError as error:
        yield Row(task, laboratory, "", "", None, None, None, "", None, 0.0, str(error))
        return
    ended = calibration.finish_calibration()
    seconds, count = time.perf_counter() - begun, len(calls) - before or None
    _, results = qdash.get(EXECUTIONS).show(access, ended.execution_id)
    true = compute_truth_as_measured(qdash, access, _CHIP)
    for result in (one for one in results if one.name == task):
        known = true["couplings" if "-" in result.qid else "qubits"][result.qid]
        blank = Row(task, laboratory, result.qid, "", None, None, None, "", count, seconds)
        if not result.accepted:
            yield replace(blank, refusal=f"{result.status}: {result.message}")
        elif not result.output_parameters:
            yield replace(blank, refusal="completed, with no value of QDash")
        for name, found in result.output_parameters.items():
            truth = known[name][0] if name in known else None
            yield replace(
                blank, name=name, value=found.value, error=found.error, truth=truth, unit=found.unit
            )


def _steps(laboratory: str, task: str) -> Sequence[Step]:
    if task in TWO_QUBIT_CALIBRATION:
        return [GenerateCRSchedule(), TwoQubitCalibration([task])]
    # The library turns its IQ plane by what it has found with the readout of before.
    again = ["CheckRabi"] if (laboratory, task) == ("qubex-native", "CheckReadoutFrequency") else []
    return [OneQubitCheck([task, *again])]


def _controls() -> dict[str, str]:
    return {"0-1": next(row.control for row in two_qubits().couplings)}


@contextmanager
def _calls_counted() -> Iterator[list[int]]:
    """Note every call to instruments: measurements of a twin, programs together of one that plays pulses."""
    calls: list[int] = []
    originals = [(TwinLaboratory, "measure"), (PulseTwin, "play")]
    kept = [(kind, name, getattr(kind, name)) for kind, name in originals]

    def counted(method: Any) -> Any:
        @wraps(method)
        def call(*given: Any, **options: Any) -> Any:
            calls.append(1)
            return method(*given, **options)

        return call

    for kind, name, method in kept:
        setattr(kind, name, counted(method))
    try:
        yield calls
    finally:
        for kind, name, method in kept:
            setattr(kind, name, method)


if __name__ == "__main__":
    main()

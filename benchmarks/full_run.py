"""The flow `full` on a fresh twin: qubits from nothing, then the gates of their couplings, with the quality of the dispatch.

It runs in a process of its own: `python -m benchmarks.full_run --device DEVICE --home FOLDER` is that process.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.own_process import measured_by, peak_memory_mb
from benchmarks.table import Row
from qdash_builtin.reports.feature import REPORTS
from qdash_builtin.reports.report_formats import ReportFormat, render_report
from qdash_builtin.runs.feature import EXECUTIONS
from qdash_builtin.runs.timelines import list_stage_times
from qdash_core import CalibService, open_qdash
from qdash_core.flows.targets import AllMuxTargets
from qdash_core.models.progress import SilentProgress
from qdash_core.settings import load_settings
from qdash_fake.chips import create_twin_chip
from qdash_fake.devices import load_device

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


def rows(folder: Path, *, quick: bool) -> Iterator[Row]:
    """Run `full`, and compare the time of its stages in the laboratory with the bounds."""
    device = "jakarta" if quick else "square-lattice-mux-64"
    found = measured_by("benchmarks.full_run", device=device, home=folder / "home")
    qubits, couplings = found["qubits"], found["couplings"]
    of = f"`full` of {qubits} qubits and {couplings} couplings"
    for what, unit in (("wall", "s"), ("laboratory", "s"), ("peak memory", "MB"), ("disk", "MB")):
        yield Row.of(f"{of}: {what}", unit, [found[what]])
    for stage in found["stages"]:
        for how in ("makespan", "group_by_group"):
            what = f"{of}: {stage['kind']} stage in the laboratory, {how.replace('_', ' ')}, over the bound"
            yield Row.of(what, "s", [stage[f"{how}_s"]], against=[stage["lower_bound_s"]])
    for what, unit in (("report", "s"), ("size of the report", "MB")):
        yield Row.of(f"{what} on these {qubits} qubits, HTML", unit, [found[what]])


def main(arguments: Sequence[str] | None = None) -> None:
    """Run `full` on one twin and print its measurements as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--device", required=True)
    parser.add_argument("--home", type=Path, required=True)
    given = parser.parse_args(arguments)
    print(json.dumps(_measured(given.home, given.device)))


def _measured(home: Path, device: str) -> dict[str, Any]:
    table = load_device(device)
    with open_qdash(load_settings(home=home)) as qdash:
        access = qdash.access("admin")
        create_twin_chip(qdash, access, "twin", table, seed=0)
        calibration = CalibService("admin", "twin", qdash=qdash, progress=SilentProgress())
        calibration.run(AllMuxTargets(), qdash.registry.flows()["full"].steps)
        ended = calibration.finish_calibration()
        execution, results = qdash.get(EXECUTIONS).show(access, ended.execution_id)
        memory = peak_memory_mb()
        begun = time.perf_counter()
        report = qdash.get(REPORTS).make(access, qdash.get(REPORTS).resolve(access, "twin"))
        size = sum(map(len, render_report(report, ReportFormat.HTML))) / 1e6
        reported = time.perf_counter() - begun
    # Open, the store has a log of 4 MB, whatever it holds.
    disk = sum(path.stat().st_size for path in home.rglob("*") if path.is_file()) / 1e6
    stages = list_stage_times(execution, results)
    return {
        "qubits": table.n_qubits,
        "couplings": len(stages[-1].stage.resources),
        "wall": execution.elapsed_time,
        "laboratory": execution.lab_seconds,
        "peak memory": memory,
        "disk": disk,
        "report": reported,
        "size of the report": size,
        "stages": [
            {
                "kind": "coupling" if "-" in stage.stage.groups[0][0] else "qubit",
                "makespan_s": stage.makespan_s,
                "lower_bound_s": stage.lower_bound_s,
                "group_by_group_s": stage.group_by_group_s,
            }
            for stage in stages
        ],
    }


if __name__ == "__main__":
    main()

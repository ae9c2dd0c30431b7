"""The flow `full` on fresh twins: qubits from nothing, then the gates of their couplings, with the quality of
the dispatch.

Each runs in a process of its own: `python -m benchmarks.full_run --device guadalupe --seed 0 --home FOLDER` is that
process. `python -m benchmarks.full_run` alone prints the rows of the smallest twin.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.own_process import measured_by, peak_memory_mb
from benchmarks.stopwatch import PARTS, Stopwatch
from benchmarks.table import Row, as_markdown, spread
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

LATTICE, SMALL_LATTICE = "square-lattice-mux-64", "square-lattice-mux-16"


def rows(folder: Path, *, device: str, runs: int) -> Iterator[Row]:
    """Run `full` on fresh twins of `device`."""
    found = [_run(folder, device, seed=seed) for seed in range(runs)]
    couplings = found[0]["couplings"]
    what = f"`full` run of {device}, {found[0]['qubits']} qubits and {couplings} couplings"
    samples: defaultdict[str, list[float]] = defaultdict(list)
    for one in found:
        for name, value in one["seconds"].items():
            samples[name].append(value)
    yield Row(what, "s", *spread(samples["wall"]))
    yield Row("the same, in the laboratory", "s", *spread(samples["lab"]))
    yield Row("of which the couplings", "s", *spread(samples["total"]))
    for part in PARTS:
        each = [seconds / couplings * 1e3 for seconds in samples[part]]
        yield Row(f"of which {part}, per coupling", "ms", *spread(each))
    yield Row(f"peak memory of the `full` run of {device}", "MB", *spread([one["memory"] for one in found]))


def dispatch_rows(folder: Path, *, lattice: str) -> Iterator[Row]:
    """Run `full` on a lattice of multiplexers, and compare the time of its stages in the laboratory with the
    bounds.
    """
    for stage in _run(folder, lattice, seed=0)["stages"]:
        bound = stage["lower_bound_s"]
        what = f"{stage['targets']} {stage['kind']}s of {lattice} in the laboratory"
        for how, took in (("", stage["makespan_s"]), (", group by group", stage["group_by_group_s"])):
            yield Row(f"{what}{how}, against the bound", "s", took, took, took, against=[bound])


def _run(folder: Path, device: str, *, seed: int) -> dict[str, Any]:
    home = folder / f"full-{device}-{seed}"
    return measured_by("benchmarks.full_run", device=device, seed=seed, home=home)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run `full` on one twin and print its times as JSON; without a home, print the rows of the smallest
    twin.
    """
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--device", default="jakarta")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--home", type=Path)
    given = parser.parse_args(arguments)
    if given.home is not None:
        print(json.dumps({**_measured(given.home, given.device, given.seed), "memory": peak_memory_mb()}))
        return
    with tempfile.TemporaryDirectory() as folder:
        print(as_markdown(rows(Path(folder), device=given.device, runs=1)))


def _measured(home: Path, device: str, seed: int) -> dict[str, Any]:
    with open_qdash(load_settings(home=home)) as qdash:
        table = load_device(device)
        create_twin_chip(qdash, qdash.access("admin"), "twin", table, seed=seed)
        watch = _StageWatch()
        with watch.parts.on_the_parts():
            calibration = CalibService("admin", "twin", qdash=qdash, progress=watch)
            calibration.run(AllMuxTargets(), qdash.registry.flows()["full"].steps)
            spent = watch.parts.read()
            ended = calibration.finish_calibration()
        execution, results = qdash.get(EXECUTIONS).show(qdash.access("admin"), ended.execution_id)
    stages = list_stage_times(execution, results)
    return {
        "qubits": table.n_qubits,
        "couplings": len(stages[-1].stage.resources),
        "seconds": {**spent, "wall": execution.elapsed_time, "lab": execution.lab_seconds},
        "stages": [
            {
                "kind": "coupling" if "-" in stage.stage.groups[0][0] else "qubit",
                "targets": len(stage.stage.resources),
                "makespan_s": stage.makespan_s,
                "lower_bound_s": stage.lower_bound_s,
                "group_by_group_s": stage.group_by_group_s,
            }
            for stage in stages
        ],
    }


class _StageWatch(SilentProgress):
    """Watcher that restarts the stopwatch at each stage, so that it finally shows the last stage: the
    couplings.
    """

    def __init__(self) -> None:
        self.parts = Stopwatch()

    def planned(self, tasks: Sequence[str], groups: Sequence[Sequence[str]]) -> None:
        self.parts.start()


if __name__ == "__main__":
    main()

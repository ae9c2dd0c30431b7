"""Repeatability of calibrations: the scatter of repeated estimates over their stated errors, beside their distance from the truth.

Run from the root: ``python -m benchmarks.repeatability``.
"""

from __future__ import annotations

import argparse
import math
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from qdash_builtin.metrics.feature import METRICS
from qdash_builtin.runs.feature import EXECUTIONS, RUNS
from qdash_core import open_qdash
from qdash_core.models.request import RunRequest, TargetSelection
from qdash_core.settings import load_settings
from qdash_fake.chips import compute_truth_as_measured, create_twin_chip
from qdash_fake.comparison import compare
from qdash_fake.devices import load_device

if TYPE_CHECKING:
    from collections.abc import Iterator

    from qdash_fake.comparison import Comparison

HEAD = """| parameter | targets | estimates | scatter / error | within 1 sigma | within 2 sigma | beyond 5 sigma | largest mean pull |
|---|---|---|---|---|---|---|---|
"""


def main() -> None:
    """Calibrate twins without drift several times, and print a row for each parameter."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.repeatability", description=__doc__)
    parser.add_argument("--device", nargs="+", default=["guadalupe"], help="names or files of device tables")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--runs", type=int, default=16)
    parser.add_argument("--flow", default="bring-up")
    given = parser.parse_args()
    found: dict[str, dict[tuple[str, str], list[Comparison]]] = defaultdict(lambda: defaultdict(list))
    for device in given.device:
        with tempfile.TemporaryDirectory() as home:
            for one in repeat(Path(home), device, given.seed, given.runs, given.flow):
                found[one.parameter][device, one.target].append(one)
    print(HEAD + "\n".join(make_row(name, list(of.values())) for name, of in sorted(found.items())))


def repeat(home: Path, device: str, seed: int, runs: int, flow: str) -> Iterator[Comparison]:
    """Yield the estimates that each run of a flow stores on a new twin."""
    with open_qdash(load_settings(home=home)) as qdash:
        access = qdash.access("admin")
        chip = create_twin_chip(qdash, access, "twin", load_device(device), seed=seed)
        request = RunRequest(chip_id="twin", flow=flow, targets=TargetSelection(qubits=tuple(chip.qubits)))
        for _ in range(runs):
            execution = qdash.get(RUNS).run(access, request)
            results = qdash.get(EXECUTIONS).show(access, execution.execution_id)[1]
            fresh = {result.task_id for result in results}
            values = qdash.get(METRICS).values(access, "twin")
            for one in compare(values, compute_truth_as_measured(qdash, access, "twin"), results):
                of_target = {**values.qubits, **values.couplings}[one.target]
                if of_target[one.parameter].parameter.task_id in fresh:
                    yield one


def make_row(name: str, estimates: list[list[Comparison]]) -> str:
    """Return the row of a parameter from the estimates of each target.

    The scatter is that of each target about its own mean, over its stated errors. The truth is subtracted, because some
    of it depends on the settings in use. A mean pull is that of one target: a bias that all runs share, which the scatter
    does not show.
    """
    chi2 = freedom = 0.0
    means = []
    for ones in estimates:
        errors = np.array([one.error for one in ones])
        off, weights = np.array([one.estimate - one.truth for one in ones]), errors**-2
        chi2 += float(np.sum(weights * (off - np.average(off, weights=weights)) ** 2))
        freedom += len(ones) - 1
        means.append(float(np.mean([one.pull for one in ones])))
    pulls = np.abs([one.pull for ones in estimates for one in ones])
    scatter = f"{math.sqrt(chi2 / freedom):.2f}" if freedom else ""
    within = " | ".join(f"{np.mean(part):.1%}" for part in (pulls <= 1, pulls <= 2, pulls > 5))
    return f"| {name} | {len(estimates)} | {pulls.size} | {scatter} | {within} | {max(means, key=abs):+.2f} |"


if __name__ == "__main__":
    main()

"""Simultaneous benchmarking of coupled qubits: measured crosstalk, stored with the participating qubits."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest

from qdash_builtin.metrics.feature import METRICS
from qdash_core.errors import AnalysisError
from qdash_core.flows.service import CalibService
from qdash_core.flows.targets import QubitTargets
from qdash_core.models.estimates import Parameter
from qdash_core.models.project import DEFAULT_USER
from qdash_core.models.raw_data import RawData
from qdash_core.runs.performance import run_to_end
from qdash_core.runs.run_preparation import get_steps
from qdash_core.runtime.application import open_qdash
from qdash_core.settings import load_settings
from qdash_fake.chips import compute_truth, compute_truth_as_measured, create_twin_chip
from qdash_fake.comparison import compare
from qdash_fake.devices import load_device
from qdash_fake.truth import compute_true_parameters
from qdash_tasks.tasks import RandomizedBenchmarking, SimultaneousRandomizedBenchmarking

from ..access import access_of
from .conftest import make_table
from .laboratory import Laboratory
from .test_tasks_benchmarking import with_drag

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

TOGETHER, ALONE = "simultaneous_gate_fidelity", "average_gate_fidelity"
COUPLINGS = (("0", "1"), ("1", "2"), ("2", "3"))
STAR = ("0", "1", "2", "3")
"""Qubit 1 of jakarta, and its neighbours."""


def truth_of(laboratory: Laboratory, qid: str, name: str = TOGETHER) -> float:
    """Return the true value at the settings in use, with all neighbours measured simultaneously."""
    return compute_true_parameters(laboratory.chip, laboratory.backend.laboratory.settings)["qubits"][qid][
        name
    ][0]


def benchmark(laboratory: Laboratory, qids: Sequence[str]) -> dict[str, Parameter]:
    """Return the values of simultaneously measured qubits."""
    found = {}
    task = SimultaneousRandomizedBenchmarking
    tasks = [laboratory.prepare(task, qid) for qid in qids]
    for instance, raw in zip(tasks, task.run_group(laboratory.backend, tasks), strict=True):
        assert isinstance(raw, RawData)
        found[instance.context.qid] = instance.postprocess(None, raw).parameters[TOGETHER]
    return found


def pull(found: Parameter, truth: float) -> float:
    assert found.error is not None
    return (found.value - truth) / found.error


@pytest.mark.parametrize(
    ("chips", "qubits"),
    [
        pytest.param(1, 7, id="one chip"),
        pytest.param(3, 7 + 16 + 27, id="three chips", marks=pytest.mark.release),
    ],
)
def test_errors_cover_the_truth_of_qubits_that_disturb_each_other(
    tmp_path: Path, chips: int, qubits: int
) -> None:
    pulls, lost = [], []
    for device, seed in (("jakarta", 21), ("guadalupe", 22), ("montreal", 23))[:chips]:
        laboratory = with_drag(Laboratory(tmp_path, load_device(device), seed))
        truth = compute_true_parameters(laboratory.chip, laboratory.backend.laboratory.settings)["qubits"]
        for qid, found in benchmark(laboratory, laboratory.table.qids).items():
            pulls.append(pull(found, truth[qid][TOGETHER][0]))
            lost.append((1 - found.value) / (1 - truth[qid][ALONE][0]))
    n, size = len(pulls), np.abs(pulls)
    assert n == qubits
    # Four binomial standard deviations; a pull of 50 beyond 4.2 occurs in one of seven hundred runs.
    assert np.mean(size < 1) > 0.683 - 4 * math.sqrt(0.683 * 0.317 / n)
    assert np.mean(size < 2) > 0.954 - 4 * math.sqrt(0.954 * 0.046 / n)
    assert size.max() < 4.2
    assert abs(np.mean(pulls)) < 4 / math.sqrt(n)
    # The error added by neighbours is at least the isolated error, for more than a tenth of the qubits.
    assert np.mean(np.array(lost) > 2) > 0.1


@pytest.mark.slow
def test_a_qubit_measured_alone_is_disturbed_by_nobody(tmp_path: Path) -> None:
    laboratory = with_drag(Laboratory(tmp_path, load_device("jakarta"), 1))
    together, alone = truth_of(laboratory, "1"), truth_of(laboratory, "1", ALONE)
    found = benchmark(laboratory, ["1"])["1"]
    assert abs(pull(found, alone)) < 4
    assert pull(found, together) > 8
    # Qubits without coupling to it do not either: 1 is coupled to 0, 2 and 3.
    assert abs(pull(benchmark(laboratory, ["1", "4", "6"])["1"], alone)) < 4
    assert abs(pull(benchmark(laboratory, STAR)["1"], together)) < 4


def test_who_played_beside_is_kept_with_the_data(tmp_path: Path) -> None:
    laboratory = with_drag(Laboratory(tmp_path, load_device("jakarta"), 1))
    task = SimultaneousRandomizedBenchmarking
    tasks = [laboratory.prepare(task, qid, lengths=[1, 50, 100, 200], shots=16) for qid in ("5", "1", "3")]
    for raw, others in zip(
        task.run_group(laboratory.backend, tasks), (["1", "3"], ["3", "5"], ["1", "5"]), strict=True
    ):
        assert isinstance(raw, RawData)
        assert raw.attributes["beside"] == others
    alone = laboratory.measure(RandomizedBenchmarking, "1", lengths=[1, 50, 100, 200], shots=16)
    assert "beside" not in alone.attributes


def test_a_qubit_whose_lengths_are_found_plays_on_until_all_are_through(tmp_path: Path) -> None:
    laboratory = with_drag(Laboratory(tmp_path, load_device("jakarta"), 1))
    # The known fidelity of qubit 1 is far too good: it is measured again when its neighbours have finished.
    laboratory.values = {
        qid: {ALONE: Parameter(truth_of(laboratory, qid) if qid != "1" else 1 - 1e-5, 1e-6, "")}
        for qid in STAR
    }
    together, alone = truth_of(laboratory, "1"), truth_of(laboratory, "1", ALONE)
    found = benchmark(laboratory, STAR)["1"]
    assert abs(pull(found, together)) < 4
    assert pull(found, alone) < -8


@pytest.mark.slow
def test_neighbours_that_all_collide_are_measured(tmp_path: Path) -> None:
    rows = [{"frequency_ghz": 5.0 + 0.5e-3 * place, "sx_error": 3e-4} for place in range(5)]
    table = make_table(*rows, couplings=tuple(("0", other) for other in "1234"))
    laboratory = with_drag(Laboratory(tmp_path, table, 6))
    assert truth_of(laboratory, "0") < 0.99 < truth_of(laboratory, "0", ALONE)
    for qid, found in benchmark(laboratory, laboratory.table.qids).items():
        assert abs(pull(found, truth_of(laboratory, qid))) < 4


def test_a_pulse_that_is_not_calibrated_is_refused(tmp_path: Path) -> None:
    laboratory = Laboratory(tmp_path, make_table({}), 4).calibrate_perfectly()
    laboratory.backend.laboratory.adjust("0", {"hpi_amplitude": 0.9})
    with pytest.raises(AnalysisError):
        laboratory.run(SimultaneousRandomizedBenchmarking, "0")


@pytest.mark.parametrize(
    "qids",
    [
        pytest.param(["0", "1", "3"], marks=pytest.mark.slow),
        *(pytest.param(one, marks=pytest.mark.release) for one in (["0", "1", "2", "3"], ["0", "2"])),
    ],
)
def test_a_run_is_compared_with_the_truth_of_those_that_it_measured_together(
    tmp_path: Path, qids: list[str]
) -> None:
    good = {"t1_us": 300.0, "t2_us": 300.0, "sx_error": 2e-4}
    frequencies = (5.0, 5.05, 4.96, 5.06)
    table = make_table(
        *[good | {"frequency_ghz": one} for one in frequencies],
        couplings=COUPLINGS,
    )
    with open_qdash(load_settings(home=tmp_path)) as qdash:
        project_id = qdash.access(DEFAULT_USER).project_id
        create_twin_chip(qdash, access_of("admin", project_id), "row", table, seed=1)
        for flow in ("bring-up", "SimultaneousRandomizedBenchmarking"):
            steps = get_steps(flow, qdash.registry, qdash.get_catalogue(project_id, "row"))
            calibration = CalibService(DEFAULT_USER, "row", project_id=project_id, qdash=qdash)
            run_to_end(calibration, QubitTargets(qids), steps)
        values = qdash.get(METRICS).values(access_of("admin", project_id), "row")
        for truth in (compute_truth, compute_truth_as_measured):
            true = truth(qdash, access_of("admin", project_id), "row")
            found = [one for one in compare(values, true) if one.parameter == TOGETHER]
            assert [one.target for one in found] == qids
            assert all(abs(one.pull) < 4 for one in found)
        for qid in qids:
            below = true["qubits"][qid][ALONE][0] - true["qubits"][qid][TOGETHER][0]
            assert (below > 1e-9) is any(
                (qid, other) in COUPLINGS or (other, qid) in COUPLINGS for other in qids
            )

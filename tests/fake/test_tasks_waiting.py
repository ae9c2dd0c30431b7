"""Passive reset with short intervals: right values, or a reason with advice; never a confident wrong value."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from qdash_core.artifacts.raw_data import decode, encode
from qdash_core.errors import AnalysisError
from qdash_core.models.raw_data import RawData
from qdash_fake.truth import compute_ideal_settings, compute_readout_fidelities
from qdash_tasks.laboratory.shots import Repetition
from qdash_tasks.tasks import (
    CheckRabi,
    CheckRamsey,
    CheckT1,
    CheckT2Echo,
    CreatePIPulse,
    ReadoutClassification,
)

from ..case_tables import each_case
from .conftest import make_table
from .laboratory import Laboratory

if TYPE_CHECKING:
    from pathlib import Path

    from qdash_core.tasks.base import BaseTask

SHORT_NS = 153_600.0
SLOW = {"t1_us": 280.0, "t2_us": 200.0}


@pytest.fixture
def slow(tmp_path: Path) -> Laboratory:
    """The bench of a qubit whose T1 exceeds the usual shot interval."""
    return Laboratory(tmp_path, make_table(SLOW), 3).calibrate_perfectly()


@pytest.mark.parametrize(
    "interval_ns",
    [SHORT_NS, *(pytest.param(one, marks=pytest.mark.slow) for one in (20_000.0, 6 * 280e3))],
)
def test_t1_is_right_whatever_the_wait(tmp_path: Path, interval_ns: float) -> None:
    # An exponential would be up to 41 % too long. The stated error does not cover X90 errors of 0.01 and more.
    qubits = [SLOW | {"sx_error": error} for error in (1e-4, 1e-3, 5e-3)] * 3
    laboratory = Laboratory(tmp_path, make_table(*qubits), 7).calibrate_perfectly()
    tasks = [
        laboratory.prepare(CheckT1, qid, reset="passive", interval=interval_ns)
        for qid in laboratory.table.qids
    ]
    pulls = []
    for task, raw in zip(tasks, CheckT1.run_group(laboratory.backend, tasks), strict=True):
        assert isinstance(raw, RawData)
        output = task.postprocess(None, raw)
        found = output.parameters["t1"]
        assert found.error is not None
        assert found.error < 0.04 * 280
        assert output.quality["reduced_chi2"] < 2
        pulls.append((found.value - 280) / found.error)
    # The mean of 9 pulls has a standard deviation of 0.33; their width one of 0.24.
    assert abs(np.mean(pulls)) < 4 * 0.33
    assert np.std(pulls) < 1 + 4 * 0.24


@pytest.mark.parametrize("task", [CheckT2Echo, CheckRamsey])
def test_what_a_short_wait_bends_is_refused_with_what_to_do(slow: Laboratory, task: type[BaseTask]) -> None:
    with pytest.raises(
        AnalysisError,
        match=r"153\.6\xa0µs is too short for a T1 of 2\d\d\xa0µs.*active reset.*1[4-7]00000\xa0ns",
    ):
        slow.run(task, "0", reset="passive", interval=SHORT_NS)


@each_case("task", [CheckT2Echo, CheckRamsey, CreatePIPulse, ReadoutClassification])
def test_the_wait_follows_from_t1_unless_somebody_names_one(slow: Laboratory, task: type[BaseTask]) -> None:
    raw = slow.measure(task, "0", reset="passive")
    assert raw.attributes["interval_us"] == pytest.approx(5.5 * 280, rel=0.2)
    assert raw.attributes["reference_interval_us"] == SHORT_NS * 1e-3
    assert task().postprocess(None, raw).parameters


def test_an_interval_that_is_long_enough_already_stays(tmp_path: Path) -> None:
    quick = Laboratory(tmp_path, make_table({"t1_us": 20.0, "t2_us": 20.0}), 3).calibrate_perfectly()
    assert quick.measure(CheckT2Echo, "0", reset="passive").attributes["interval_us"] == SHORT_NS * 1e-3


def test_where_t1_is_not_seen_the_wait_suits_most_qubits(slow: Laboratory) -> None:
    slow.backend.laboratory.adjust("0", {"pi_amplitude": 1e-4})
    assert slow.measure(CheckRabi, "0", reset="passive").attributes["interval_us"] == 1000.0


@pytest.mark.parametrize("task", [CheckT2Echo, CheckRamsey])
def test_a_wait_of_six_t1_is_long_enough(slow: Laboratory, task: type[BaseTask]) -> None:
    output = slow.run(task, "0", reset="passive", interval=6 * 280e3).parameters
    truth = slow.chip.qubits["0"].coherence
    for name, true in (("t2_echo", truth.t2_echo_us), ("t2_star", truth.t2_star_us)):
        if name in output:
            assert abs(output[name].value - true) < 5 * (output[name].error or 0)
    assert {"t2_echo", "t2_star"} & set(output)


def test_a_rabi_frequency_keeps_its_honesty_after_a_short_wait(slow: Laboratory) -> None:
    output = slow.run(CheckRabi, "0", reset="passive", interval=SHORT_NS)
    found = output.parameters["maximum_rabi_frequency"]
    slope = slow.chip.qubits["0"].drive.rabi_per_amplitude_mhz
    assert abs(found.value - slope) < 3 * (found.error or 0)
    # The bent oscillation is no cosine: validation flags it.
    assert output.quality["reduced_chi2"] > 10


def test_readout_fidelities_are_those_of_the_wait_in_use(slow: Laboratory) -> None:
    raw = slow.measure(ReadoutClassification, "0", reset="passive", interval=SHORT_NS)
    assert raw.attributes.items() >= {"reset": "passive", "interval_us": 153.6}.items()
    found = ReadoutClassification().postprocess(None, raw).parameters
    qubit = slow.chip.qubits["0"]
    true = compute_readout_fidelities(qubit, compute_ideal_settings(qubit), Repetition("passive", 153.6))
    for state in (0, 1):
        fidelity = found[f"readout_fidelity_{state}"]
        assert abs(fidelity.value - true[state]) < 5 * (fidelity.error or 0)


@each_case("task", [CheckT1, CheckT2Echo, CheckRamsey])
def test_a_refit_of_stored_data_judges_the_same(
    slow: Laboratory, task: type[BaseTask], tmp_path: Path
) -> None:
    raw = slow.measure(task, "0", reset="passive", interval=SHORT_NS)
    assert (raw.attributes["reset"], raw.attributes["interval_us"]) == ("passive", 153.6)
    path = tmp_path / "raw.npz"
    path.write_bytes(encode(raw))
    outcomes = []
    for data in (raw, decode(path)):
        try:
            outcomes.append(repr(task().postprocess(None, data)))
        except AnalysisError as refusal:
            outcomes.append(str(refusal))
    assert outcomes[0] == outcomes[1]


@pytest.mark.parametrize("task", [CheckT2Echo, CheckRamsey])
def test_an_active_reset_costs_no_t1_trace(slow: Laboratory, task: type[BaseTask]) -> None:
    assert not any(name.startswith("reference") for name in slow.measure(task, "0").arrays)

"""Bring-up of whole chips: values near the truth, with honest errors."""

from __future__ import annotations

import math
from collections import defaultdict
from typing import TYPE_CHECKING

import pytest

from qdash_core.errors import AnalysisError
from qdash_core.tasks.base import TaskOutput
from qdash_fake.devices import load_device
from qdash_fake.truth import apply_calibration, compute_true_parameters, list_dead_qubits
from qdash_tasks.tasks import TASKS

from .laboratory import Laboratory

if TYPE_CHECKING:
    from pathlib import Path


LEFT_OUT = {"CheckReadoutAmplitude", "CheckSimultaneousQubitSpectroscopy"}
OF_QUBITS = [task for task in TASKS if task.task_type == "qubit" and task.name not in LEFT_OUT]
"""Tasks of a bring-up. Not every qubit passes those left out: the shots of a readout that excites its qubit reach no
signal-to-noise ratio of 1, and a neighbour's line may lie on f02/2.
"""
NEEDS_NO_STATE = {
    "CheckResonatorFrequencies",
    "CheckResonatorSpectroscopy",
    "CheckReflectionCoefficient",
    "CheckElectricalDelay",
    "CheckWaveform",
    "Check1QGateCoherenceLimit",
}
"""Tasks that give a value if the readout does not distinguish the states."""


def bring_up(
    laboratory: Laboratory, groups: list[list[str]]
) -> tuple[list[tuple[str, float, float]], dict[str, Exception]]:
    """Return (parameter, pull, deviation) of every estimate, and the failures by qubit."""
    failed: dict[str, Exception] = {}
    for group in groups:
        for task in OF_QUBITS:
            alive = [qid for qid in group if qid not in failed]
            for qid, outcome in laboratory.run_group(task, alive).items():
                if isinstance(outcome, Exception):
                    failed[qid] = outcome
                else:
                    assert isinstance(outcome, TaskOutput)
                    units = {name: p.unit for name, p in outcome.parameters.items()}
                    assert units == {
                        name: declared.unit
                        for name, declared in task.output_parameters.items()
                        if name in units or not declared.optional
                    }
    floats = {qid: {name: p.value for name, p in values.items()} for qid, values in laboratory.values.items()}
    beside = {qid: group for group in groups for qid in group}
    settings = apply_calibration(laboratory.chip, floats)
    truth = compute_true_parameters(laboratory.chip, settings, beside=beside)["qubits"]
    pulls = []
    for qid, values in laboratory.values.items():
        for name, found in values.items():
            # The axis of an oscillation in the plane has no true value after a change of the readout.
            if found.error is not None and name in truth[qid]:
                deviation = found.value - truth[qid][name][0]
                pulls.append((name, deviation / found.error, deviation))
    return pulls, failed


CHIPS = (("jakarta", 11), ("jakarta", 12), ("guadalupe", 13), ("guadalupe", 14), ("kolkata", 15))

SOME = 1
"""Number of qubits of the first chip for a test without a whole chip."""
REFUSED = {
    "guadalupe 14 3": "two lines at f02/2",
    "kolkata 15 20": "two resonances that overlap",
}
"""Qubits whose data are refused. The f02/2 of the first one lies within the line shift of a neighbour, qubit 5. In the noise of the second
one a line beside the resonator's is as likely as that of the excited qubit, which has 1 % of the shots.
"""


@pytest.fixture(
    scope="module",
    params=[
        pytest.param(0, id="some qubits"),
        pytest.param(1, id="one chip", marks=pytest.mark.slow),
        pytest.param(len(CHIPS), id="all chips", marks=pytest.mark.release),
    ],
)
def chips(request: pytest.FixtureRequest) -> tuple[tuple[str, int], ...]:
    """Chips for the bring-up; empty for some qubits of the first one."""
    return CHIPS[: request.param]


@pytest.fixture(scope="module")
def outcome(
    chips: tuple[tuple[str, int], ...], tmp_path_factory: pytest.TempPathFactory
) -> tuple[list[tuple[str, float, float]], dict[str, Exception]]:
    pulls: list[tuple[str, float, float]] = []
    failed: dict[str, Exception] = {}
    for device, seed in chips or CHIPS[:1]:
        laboratory = Laboratory(tmp_path_factory.mktemp("home"), load_device(device), seed)
        groups = laboratory.uncoupled_groups
        found, refused = bring_up(laboratory, groups if chips else [groups[0][:SOME]])
        pulls += found
        failed |= {f"{device} {seed} {qid}": error for qid, error in refused.items()}
    return pulls, failed


def test_every_live_qubit_comes_up(
    outcome: tuple[list[tuple[str, float, float]], dict[str, Exception]],
) -> None:
    assert outcome[1].keys() <= REFUSED.keys()
    assert all(REFUSED[qubit] in str(error) for qubit, error in outcome[1].items())


def test_errors_cover_the_truth(
    chips: tuple[tuple[str, int], ...],
    outcome: tuple[list[tuple[str, float, float]], dict[str, Exception]],
) -> None:
    qubits = sum(len(load_device(device).qubits) for device, _ in chips) or SOME
    by_name = defaultdict(list)
    for name, pull, _ in outcome[0]:
        by_name[name].append(abs(pull))
    assert len(by_name) >= 30
    for name, pulls in by_name.items():
        n = len(pulls)
        assert qubits - len(outcome[1]) <= n <= qubits
        # Normal errors: 95.4 % within two sigma, 68.3 % within one; four binomial standard deviations are allowed. Of three
        # qubits, two are beyond two sigma in one of 160 cases, and there are 40 parameters: one qubit more is allowed.
        assert sum(pull < 2 for pull in pulls) / n >= 0.954 - 4 * math.sqrt(0.954 * 0.046 / n) - 1 / n, name
        assert sum(pull < 1 for pull in pulls) / n > 0.683 - 4 * math.sqrt(0.683 * 0.317 / n), name
        assert max(pulls) < 6, name


def test_qubit_frequencies_are_found_to_a_few_kilohertz(
    outcome: tuple[list[tuple[str, float, float]], dict[str, Exception]],
) -> None:
    deviations_khz = [abs(deviation) * 1e6 for name, _, deviation in outcome[0] if name == "qubit_frequency"]
    # A Ramsey of 160 points with T2* of some 10 us or more: 0.5 kHz at one sigma.
    assert max(deviations_khz) < 5


def test_a_dead_readout_fails_with_its_reason_and_invents_nothing(tmp_path: Path) -> None:
    laboratory = Laboratory(tmp_path, load_device("sherbrooke"), 3)
    (dead,) = list_dead_qubits(laboratory.chip)
    laboratory.calibrate_perfectly()
    for task in OF_QUBITS:
        if task.name in NEEDS_NO_STATE:
            continue
        with pytest.raises(AnalysisError, match=r"readout|no line"):
            laboratory.run(task, dead)

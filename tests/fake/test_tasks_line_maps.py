"""CheckQubit, CheckQubitFrequencies and CheckSimultaneousQubitSpectroscopy on twins: values, errors and refusals."""

from __future__ import annotations

from collections import defaultdict
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from qdash_core.errors import AnalysisError, InvalidInputError
from qdash_fake.devices import load_device
from qdash_fake.physics.spectroscopy import DrivenNeighbour, add_saturations, compute_population
from qdash_tasks.tasks import (
    CheckCoarseChevron,
    CheckQubit,
    CheckQubitFrequencies,
    CheckSimultaneousQubitSpectroscopy,
)

from .conftest import make_table
from .laboratory import Laboratory, bench_with

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from qdash_core.tasks.base import BaseTask, TaskOutput
    from qdash_fake.devices import DeviceTable

DEVICES = [load_device(name) for name in ("jakarta", "guadalupe", "montreal")]


def collect_pulls(
    task: type[BaseTask], home: Path, tables: Sequence[DeviceTable], *, seeds: int
) -> tuple[dict[str, list[float]], list[Exception]]:
    """Return (estimate - truth) / error of each output, and the refusals, of all qubits in the groups of a run."""
    pulls: dict[str, list[float]] = defaultdict(list)
    refused: list[Exception] = []
    for table in tables:
        for seed in range(seeds):
            laboratory = Laboratory(home / f"{table.device}-{seed}", table, seed).calibrate_perfectly()
            groups = laboratory.uncoupled_groups if task.isolated else [list(laboratory.chip.qubits)]
            for group in groups:
                for qid, output in laboratory.run_group(task, group).items():
                    if isinstance(output, Exception):
                        refused.append(output)
                        continue
                    truth = laboratory.truth_of(qid)
                    for name, found in output.parameters.items():
                        if found.error is not None and name in truth:
                            pulls[name].append((found.value - truth[name][0]) / found.error)
    return pulls, refused


def measure_one_of_all(laboratory: Laboratory, qid: str) -> TaskOutput:
    """Measure the lines of all qubits at once, and analyse those of one."""
    task = CheckSimultaneousQubitSpectroscopy
    qids = list(laboratory.chip.qubits)
    raws = task.run_group(laboratory.backend, [laboratory.prepare(task, one) for one in qids])
    return task().postprocess(None, raws[qids.index(qid)])


def require_coverage(pulls: Sequence[float]) -> None:
    """Require the shares within one and two errors, with three standard deviations of their scatter to spare."""
    sizes = np.abs(pulls)
    for limit, share in ((1, 0.683), (2, 0.954)):
        assert np.mean(sizes < limit) > share - 3 * np.sqrt(share * (1 - share) / sizes.size)


# --- values and errors -----------------------------------------------------------------------------------------------


THREE = make_table(*({"frequency_ghz": f} for f in (5.0, 5.1, 4.95)), couplings=(("0", "1"), ("1", "2")))


@pytest.mark.parametrize(
    "task",
    [
        CheckQubit,
        CheckQubitFrequencies,
        pytest.param(CheckSimultaneousQubitSpectroscopy, marks=pytest.mark.slow),
    ],
)
@pytest.mark.parametrize(
    "table",
    [
        pytest.param(THREE, id="three qubits"),
        pytest.param(load_device("jakarta"), id="jakarta", marks=pytest.mark.slow),
    ],
)
def test_every_qubit_of_a_chip_is_right_within_its_error(
    tmp_path: Path, table: DeviceTable, task: type[BaseTask]
) -> None:
    pulls, refused = collect_pulls(task, tmp_path, [table], seeds=1)
    assert refused == []
    assert set(pulls) & {"rabi_frequency", "coarse_qubit_frequency"}
    for found in pulls.values():
        assert np.abs(found).max() < 4.5


@pytest.mark.release
@pytest.mark.parametrize(
    ("task", "name"), [(CheckQubit, "rabi_frequency"), (CheckQubitFrequencies, "coarse_qubit_frequency")]
)
def test_the_errors_cover_the_truth(tmp_path: Path, task: type[BaseTask], name: str) -> None:
    pulls, refused = collect_pulls(task, tmp_path, DEVICES[:2], seeds=5)
    assert refused == []
    assert len(pulls[name]) == 115
    require_coverage(pulls[name])


@pytest.mark.release
def test_the_errors_cover_the_truth_of_all_qubits_at_once(tmp_path: Path) -> None:
    pulls, refused = collect_pulls(CheckSimultaneousQubitSpectroscopy, tmp_path, DEVICES, seeds=3)
    measured = len(pulls["coarse_qubit_frequency"])
    assert measured + len(refused) == 150
    assert len(refused) < 0.1 * measured
    for name in ("coarse_qubit_frequency", "anharmonicity", "coarse_control_amplitude"):
        require_coverage(pulls[name])


# --- CheckQubit ------------------------------------------------------------------------------------------------------


def test_the_amplitude_of_the_oscillation_is_half_the_distance_of_the_states(tmp_path: Path) -> None:
    laboratory = Laboratory(tmp_path, make_table({}), 1).calibrate_perfectly()
    output = laboratory.run(CheckQubit, "0").parameters
    settings = laboratory.backend.laboratory.settings["0"]
    zero, one = (
        settings.readout_amplitude
        * laboratory.chip.qubits["0"].resonator.transmission(settings.readout_frequency_ghz, excited=excited)
        for excited in (False, True)
    )
    # Thermal population, decay during the readout and errors of the drive take some percent.
    assert 2 * output["rabi_amplitude"].value == pytest.approx(abs(complex(one - zero)), rel=0.15)
    assert output["control_amplitude"].value == settings.control_amplitude


def test_a_small_detuning_is_part_of_the_error(tmp_path: Path) -> None:
    for seed in range(3):
        laboratory = Laboratory(tmp_path / str(seed), make_table({}), seed).calibrate_perfectly()
        true = laboratory.truth_of("0")["rabi_frequency"][0]
        laboratory.backend.laboratory.adjust("0", {"drive_frequency_ghz": 5.0009})
        found = laboratory.run(CheckQubit, "0").parameters["rabi_frequency"]
        assert found.value == pytest.approx(true, abs=4 * (found.error or 0.0))


def test_a_detuned_drive_is_refused(tmp_path: Path) -> None:
    laboratory = Laboratory(tmp_path, make_table({}), 1).calibrate_perfectly()
    laboratory.backend.laboratory.adjust("0", {"drive_frequency_ghz": 5.006})
    with pytest.raises(AnalysisError, match="off resonance"):
        laboratory.run(CheckQubit, "0")


# --- CheckQubitFrequencies -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("offset_ghz", [-0.4, 0.4])
def test_a_qubit_beyond_the_windows_of_other_searches_is_found(tmp_path: Path, offset_ghz: float) -> None:
    laboratory = Laboratory(tmp_path, make_table({}), 2).calibrate_perfectly()
    laboratory.redesign("0", qubit_frequency=5.0 + offset_ghz)
    with pytest.raises(AnalysisError):
        laboratory.run(CheckCoarseChevron, "0")
    output = laboratory.run(CheckQubitFrequencies, "0")
    found = output.parameters["coarse_qubit_frequency"]
    assert found.value == pytest.approx(5.0, abs=5 * (found.error or 0.0))
    assert {one["line"] for one in output.note["spectrum"]} >= {"f01"}


def test_every_line_of_the_spectrum_is_listed(tmp_path: Path) -> None:
    laboratory = Laboratory(tmp_path, make_table({}), 1).calibrate_perfectly()
    output = laboratory.run(CheckQubitFrequencies, "0")
    lines = {one["line"]: one["frequency_ghz"] for one in output.note["spectrum"]}
    assert lines["f01"] == pytest.approx(5.0, abs=2e-3)
    assert lines["f02/2"] == pytest.approx(5.0 - 0.165, abs=2e-3)


# --- CheckSimultaneousQubitSpectroscopy ------------------------------------------------------------------------------


def test_a_group_takes_the_calls_of_one_qubit(tmp_path: Path) -> None:
    laboratory = Laboratory(tmp_path, THREE, 1).calibrate_perfectly()
    instances = [
        laboratory.prepare(CheckSimultaneousQubitSpectroscopy, qid) for qid in laboratory.chip.qubits
    ]
    raws = CheckSimultaneousQubitSpectroscopy.run_group(laboratory.backend, instances)
    assert {raw.attributes["calls"] for raw in raws} == {1}
    assert raws[0].attributes["beside"] == ["1", "2"]


def test_coupled_qubits_are_never_in_resonance_at_once(tmp_path: Path) -> None:
    laboratory = Laboratory(tmp_path, THREE, 1).calibrate_perfectly()
    qids = list(laboratory.chip.qubits)
    instances = [laboratory.prepare(CheckSimultaneousQubitSpectroscopy, qid) for qid in qids]
    raws = dict(
        zip(qids, CheckSimultaneousQubitSpectroscopy.run_group(laboratory.backend, instances), strict=True)
    )
    for a, b in laboratory.table.pairs:
        near = [
            np.abs(raws[qid]["row_0_frequency"] - laboratory.chip.qubits[qid].frequency_ghz) < 0.02
            for qid in (a, b)
        ]
        assert not (near[0] & near[1]).any()


def test_too_few_powers_are_refused_before_the_measurement(tmp_path: Path) -> None:
    laboratory = Laboratory(tmp_path, make_table({}), 1)
    with pytest.raises(InvalidInputError, match="power_range: 2 different powers"):
        laboratory.measure(CheckSimultaneousQubitSpectroscopy, "0", power_range=[-40, -29, 10])


@pytest.mark.parametrize("seed", range(2))
def test_a_neighbours_line_alone_is_not_taken_for_f01(tmp_path: Path, seed: int) -> None:
    table = make_table({"frequency_ghz": 5.5}, {"frequency_ghz": 5.0}, couplings=(("0", "1"),))
    laboratory = Laboratory(tmp_path, table, seed)
    laboratory.redesign("0", qubit_frequency=4.95)
    with pytest.raises(AnalysisError):
        laboratory.run(CheckSimultaneousQubitSpectroscopy, "0")


@pytest.mark.slow
def test_a_line_that_moves_more_than_the_light_shift_is_no_f02(tmp_path: Path) -> None:
    """A neighbour with much crosstalk pulls the line at f02/2, and would give a strength 40 times too large."""
    laboratory = Laboratory(tmp_path, load_device("jakarta"), 1)
    qubit = laboratory.chip.qubits["5"]
    heard = {other: (10 * drive, seen) for other, (drive, seen) in qubit.crosstalk.items()}
    laboratory.backend = bench_with(laboratory.chip, "5", crosstalk=heard)  # type: ignore[assignment]
    true = laboratory.truth_of("5")
    with suppress(AnalysisError):
        for name, found in measure_one_of_all(laboratory, "5").parameters.items():
            assert found.value == pytest.approx(true[name][0], abs=5 * (found.error or 0.0))


@pytest.mark.parametrize(
    ("device", "seed", "qid"),
    [
        pytest.param("montreal", 3006, "1", id="a line", marks=pytest.mark.slow),
        pytest.param("jakarta", 1010, "2", id="f02/2"),
    ],
)
def test_a_neighbours_line_beside_the_own_one_does_not_replace_it(
    tmp_path: Path, device: str, seed: int, qid: str
) -> None:
    """A neighbour's line 13 MHz below f01, and one that moves f02/2 of a single power."""
    laboratory = Laboratory(tmp_path, load_device(device), seed).calibrate_perfectly()
    true = laboratory.truth_of(qid)
    for name, found in measure_one_of_all(laboratory, qid).parameters.items():
        assert found.value == pytest.approx(true[name][0], abs=5 * (found.error or 0.0)), name


# --- physics of the twin ---------------------------------------------------------------------------------------------


def test_a_saturated_neighbour_splits_a_line_by_static_zz(tmp_path: Path) -> None:
    """With the neighbour half excited, the line is the mean of two lines that are apart by the ZZ."""
    laboratory = Laboratory(tmp_path, make_table({}), 1)
    qubit = replace(laboratory.chip.qubits["0"], thermal_population=0.0)
    drive = qubit.frequency_ghz + np.linspace(-1.5e-3, 1.5e-3, 301)
    half = DrivenNeighbour("1", 0.8, np.full(drive.size, 0.5), np.full(drive.size, 6.0), 0.0)
    split = compute_population(qubit, drive, amplitude=1e-4, beside=[half])
    alone, shifted = (compute_population(qubit, drive - 1e-3 * shift, amplitude=1e-4) for shift in (0.0, 0.8))
    np.testing.assert_allclose(split, (alone + shifted) / 2, atol=1e-12)


def test_crosstalk_of_a_neighbours_tone_excites_a_qubit(tmp_path: Path) -> None:
    laboratory = Laboratory(tmp_path, make_table({}), 1)
    qubit = replace(laboratory.chip.qubits["0"], thermal_population=0.0)
    away = np.full(1, qubit.frequency_ghz + 0.5)
    tone = DrivenNeighbour("1", 0.0, np.zeros(1), np.full(1, qubit.frequency_ghz), 1.0)
    assert compute_population(qubit, away, amplitude=1e-4)[0] < 1e-4
    assert compute_population(qubit, away, amplitude=1e-4, beside=[tone])[0] == pytest.approx(0.5, abs=0.01)


def test_rates_of_independent_drives_add_up() -> None:
    """P = R / (1 + 2 R) in units of the relaxation: 1/4 and 1/4 by rates of 1/2 each give 1/3."""
    assert add_saturations(np.array([0.25]), np.array([0.25]))[0] == pytest.approx(1 / 3)

"""A twin as a chip of a project: its truth at the settings of the measurement."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from qdash_builtin.chips.feature import CHIPS
from qdash_builtin.metrics.feature import METRICS
from qdash_core.chips.lattices import get_builtin_topology
from qdash_core.flows.service import CalibService
from qdash_core.flows.steps import CustomOneQubit
from qdash_core.flows.targets import QubitTargets
from qdash_core.models.project import DEFAULT_USER
from qdash_core.runs.performance import run_to_end
from qdash_core.runtime.application import open_qdash
from qdash_core.settings import load_settings
from qdash_fake.chips import compute_truth, create_twin_chip
from qdash_fake.cli import demo
from qdash_fake.folders import twin_folder
from qdash_fake.options import TwinOptions
from qdash_fake.twin import load_twin

from ..access import access_of
from .conftest import make_table

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from qdash_core.runtime.application import QDash


@pytest.fixture
def qdash(tmp_path: Path) -> Iterator[QDash]:
    with open_qdash(load_settings(home=tmp_path)) as opened:
        yield opened


def test_the_truth_of_a_fidelity_is_that_of_the_reset_it_was_measured_with(qdash: QDash) -> None:
    project_id = qdash.access(DEFAULT_USER).project_id
    create_twin_chip(qdash, access_of("admin", project_id), "slow", make_table({"t1_us": 200.0}), seed=1)
    passive = {"ReadoutClassification": {"reset": "passive", "interval": 100_000.0}}
    first = (
        *("CheckResonatorSpectroscopy", "CheckQubitSpectroscopy", "CheckRabi", "CheckReadoutFrequency"),
        *("CheckRamsey", "CreateHPIPulse", "CreatePIPulse", "ReadoutClassification"),
    )
    for settings, tasks, usual in ((passive, first, False), ({}, first[-1:], True)):
        calibration = CalibService(
            DEFAULT_USER, "slow", project_id=project_id, qdash=qdash, default_run_parameters=settings
        )
        run_to_end(calibration, QubitTargets(["0"]), [CustomOneQubit(tasks)])
        found = (
            qdash.get(METRICS)
            .values(access_of("admin", project_id), "slow")
            .qubits["0"]["readout_fidelity_1"]
            .parameter
        )
        true, _ = compute_truth(qdash, access_of("admin", project_id), "slow")["qubits"]["0"][
            "readout_fidelity_1"
        ]
        # 1 / (1 + exp(-100 / 200)) = 0.62 after the wait, 0.98 of the table after an active reset.
        assert (true > 0.9) is usual
        assert abs(found.value - true) < 5 * (found.error or 0)


def test_a_twin_gives_its_chip_the_design_and_nothing_of_the_truth(qdash: QDash, tmp_path: Path) -> None:
    access = qdash.access(DEFAULT_USER)
    chip = create_twin_chip(qdash, access, "new", make_table({}, couplings=()), seed=1)
    true = load_twin(twin_folder(tmp_path, project_id=access.project_id, chip_id="new")).truth().qubits["0"]
    assert chip.qubits["0"].design == {
        "qubit_frequency": true.design.qubit_frequency_ghz,
        "anharmonicity": true.design.anharmonicity_ghz,
        "resonator_frequency": true.design.resonator_frequency_ghz,
        "readout_amplitude": true.design.readout_amplitude,
        "readout_length": true.design.readout_length_ns,
        "hpi_length": true.design.pulse_length_ns,
        "pi_length": true.design.pulse_length_ns,
    }
    assert true.design.qubit_frequency_ghz != true.frequency_ghz


def test_a_twin_whose_chip_has_no_design_yet_gives_it_to_tasks(qdash: QDash) -> None:
    access = qdash.access(DEFAULT_USER)
    made = create_twin_chip(qdash, access, "new", make_table({}), seed=1)
    before = made.qubits["0"].model_copy(update={"design": {}})
    with qdash.store.transaction() as transaction:
        transaction.put("qubit", before.to_document())
    assert qdash.get(CHIPS).show(access, "new").qubits["0"].design == {}
    assert qdash.get(CHIPS).design(access, "new")["0"] == made.qubits["0"].design


def test_a_chip_without_a_twin_has_no_design(qdash: QDash) -> None:
    access = qdash.access(DEFAULT_USER)
    qdash.get(CHIPS).create(access, "bare", get_builtin_topology("linear-16"), backend="fake")
    assert qdash.get(CHIPS).design(access, "bare") == {}


def test_a_demo_takes_the_next_name_when_another_was_quicker(
    qdash: QDash, monkeypatch: pytest.MonkeyPatch
) -> None:
    project_id, source = qdash.access(DEFAULT_USER).project_id, make_table({})
    create_twin_chip(qdash, access_of("admin", project_id), "made", source, seed=1)
    free = iter(["made", "made-2"])  # the first was free at its lookup, but is now taken
    monkeypatch.setattr(demo, "_free_name", lambda *_: next(free))
    options = TwinOptions.parse({"t1-fall": "0:2@1"})
    chip = demo._create_chip(qdash, access_of("admin", project_id), source, seed=1, twin_options=options)
    assert chip.header.chip_id == "made-2"
    folder = twin_folder(qdash.settings.home, project_id=project_id, chip_id="made-2")
    assert load_twin(folder).options == options

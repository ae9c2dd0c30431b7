"""A twin as a chip of a project: its truth is that of how it was measured."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from qdash_core.application import open_qdash
from qdash_core.flows.service import CalibService
from qdash_core.flows.targets import QubitTargets
from qdash_core.models.project import DEFAULT_USER
from qdash_core.runs.performing import run_to_end
from qdash_core.settings import load_settings
from qdash_fake.chips import create_twin_chip, truth_of_chip
from qdash_fake.cli import demo

from ..access import access_of
from .conftest import make_table

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from qdash_core.application import QDash


@pytest.fixture
def qdash(tmp_path: Path) -> Iterator[QDash]:
    with open_qdash(load_settings(home=tmp_path)) as opened:
        yield opened


def test_the_truth_of_a_fidelity_is_that_of_the_reset_it_was_measured_with(qdash: QDash) -> None:
    project_id = qdash.access(DEFAULT_USER).project_id
    create_twin_chip(qdash, access_of("admin", project_id), "slow", make_table({"t1_us": 200.0}), seed=1)
    passive = {"ReadoutClassification": {"reset": "passive", "interval": 100_000.0}}
    steps = qdash.registry.flow("bring-up").steps
    for settings, usual in ((passive, False), ({}, True)):
        calibration = CalibService(
            DEFAULT_USER, "slow", project_id=project_id, qdash=qdash, default_run_parameters=settings
        )
        run_to_end(calibration, QubitTargets(["0"]), steps)
        found = (
            qdash.metrics.values(access_of("admin", project_id), "slow")
            .qubits["0"]["readout_fidelity_1"]
            .parameter
        )
        true, _ = truth_of_chip(qdash, access_of("admin", project_id), "slow")["qubits"]["0"][
            "readout_fidelity_1"
        ]
        # 1 / (1 + exp(-100 / 200)) = 0.62 after the wait, 0.98 of the table after an active reset.
        assert (true > 0.9) is usual
        assert abs(found.value - true) < 5 * (found.error or 0)


def test_a_demo_takes_the_next_name_when_another_was_quicker(
    qdash: QDash, monkeypatch: pytest.MonkeyPatch
) -> None:
    project_id, source = qdash.access(DEFAULT_USER).project_id, make_table({})
    create_twin_chip(qdash, access_of("admin", project_id), "made", source, seed=1)
    free = iter(["made", "made-2"])  # the first was free when it was looked up, and is taken by now
    monkeypatch.setattr(demo, "_free_name", lambda *_: next(free))
    chip = demo._create_chip(qdash, access_of("admin", project_id), source, seed=1)
    assert chip.header.chip_id == "made-2"

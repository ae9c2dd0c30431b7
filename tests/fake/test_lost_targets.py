"""Qubits whose signal is lost on a twin: failed from the next check on until the first check after their return, with their values kept."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from qdash_core.flows.service import CalibService
from qdash_core.flows.targets import QubitTargets
from qdash_core.models.project import DEFAULT_USER
from qdash_core.repositories.chips import QubitCalibrationRepository
from qdash_core.repositories.repositories import Repositories
from qdash_core.runs.performance import run_to_end
from qdash_core.runtime.application import open_qdash
from qdash_core.settings import load_settings
from qdash_fake.chips import create_twin_chip
from qdash_fake.folders import TWIN_FILE, twin_folder
from qdash_fake.twin import load_twin

from ..access import access_of
from .conftest import make_table

if TYPE_CHECKING:
    from pathlib import Path

    from qdash_core.models.chip import QubitModel
    from qdash_core.runtime.application import QDash

FAULTS = {"dead-readout": "0@2", "dead-line": "1@2", "frequency-jump": "2:-3@2-8"}
QUBITS = ["0", "1", "2", "3"]
HOUR_S = 3600.0


class LosingLaboratory:
    """Twin of four qubits that loses three of them after two hours."""

    def __init__(self, qdash: QDash, home: Path) -> None:
        self.qdash = qdash
        self.access = access_of("admin", qdash.access(DEFAULT_USER).project_id)
        table = make_table(*[{}] * len(QUBITS), couplings=(("0", "1"), ("2", "3")))
        create_twin_chip(qdash, self.access, "losing", table, seed=1, options=FAULTS)
        self._folder = twin_folder(home, project_id=self.access.project_id, chip_id="losing")

    def run(self, flow: str) -> None:
        service = CalibService(DEFAULT_USER, "losing", project_id=self.access.project_id, qdash=self.qdash)
        run_to_end(service, QubitTargets(QUBITS), self.qdash.registry.flow(flow).steps)

    def wait(self, hours: float) -> None:
        load_twin(self._folder).wait(hours * HOUR_S)

    def repair_lines(self) -> None:
        """Let the dead lines work again."""
        file = self._folder / TWIN_FILE
        twin = json.loads(file.read_text(encoding="utf-8"))
        twin["options"] = {name: one for name, one in twin["options"].items() if not name.startswith("dead")}
        file.write_text(json.dumps(twin), encoding="utf-8")

    def read(self) -> dict[str, QubitModel]:
        with self.qdash.store.read() as snapshot:
            found = (
                Repositories(snapshot)
                .of(QubitCalibrationRepository)
                .list_by_chip(self.access.project_id, "losing")
            )
        return {one.qid: one for one in found}


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_qubits_without_a_signal_are_failed_until_it_returns_and_keep_their_values(tmp_path: Path) -> None:
    with open_qdash(load_settings(home=tmp_path)) as qdash:
        laboratory = LosingLaboratory(qdash, tmp_path)
        laboratory.run("bring-up")
        before = laboratory.read()
        assert {one.status for one in before.values()} == {"calibrated"}
        laboratory.wait(3)
        laboratory.run("check")
        lost = laboratory.read()
        assert {qid: str(one.status) for qid, one in lost.items()} == {
            **dict.fromkeys("012", "failed"),
            "3": "calibrated",
        }
        for qid in "012":
            assert lost[qid].data == before[qid].data
            reason = lost[qid].status_reason
            assert reason is not None
            assert reason.text.startswith("CheckRabi failed: ")
            assert reason.since is not None
        laboratory.run("check")
        assert {
            qid: one.status_reason and one.status_reason.since for qid, one in laboratory.read().items()
        } == {qid: one.status_reason and one.status_reason.since for qid, one in lost.items()}
        laboratory.repair_lines()
        laboratory.wait(8)
        laboratory.run("check")
        assert {one.status for one in laboratory.read().values()} == {"calibrated"}

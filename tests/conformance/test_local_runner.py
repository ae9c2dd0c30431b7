"""Contract of runners for the local runner."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import pytest

from qdash_core import load_plugins, open_qdash
from qdash_core.models.request import RunRequest, TargetSelection
from qdash_core.runs.local_runner import LocalRunner
from qdash_core.settings import Settings
from qdash_fake.chips import create_twin_chip
from qdash_fake.devices import load_device
from qdash_testing import PerformContract, RunnerContract

from ..access import ADMIN

if TYPE_CHECKING:
    from pathlib import Path

    from qdash_core.hooks.runners import Runner
    from qdash_core.runtime.application import QDash

CHIP = "jakarta"


class Performing(PerformContract):
    runner: ClassVar[Runner] = LocalRunner()
    request = RunRequest(
        username="admin",
        chip_id=CHIP,
        flow="CheckResonatorSpectroscopy",
        targets=TargetSelection(qubits=("0", "2")),
    )

    def qdash(self, tmp_path: Path) -> QDash:
        return self.opened(tmp_path)

    def qdash_that_takes_long(self, tmp_path: Path) -> QDash:
        return self.opened(tmp_path, slow=60.0)

    def opened(self, home: Path, **options: float) -> QDash:
        settings = Settings(
            home=home,
            store_url=f"sqlite:///{home}/qdash.db",
            artifacts_url=(home / "artifacts").as_uri(),
        )
        qdash = open_qdash(settings, load_plugins())
        table = load_device("jakarta")
        create_twin_chip(qdash, ADMIN, CHIP, table, seed=1, options=options)
        return qdash


@pytest.mark.slow
class TestPerforming(Performing):
    """The whole contract."""


@pytest.mark.slow
@pytest.mark.usefixtures("prepared_processes")
class TestLocalRunner(RunnerContract):
    request = RunRequest(
        username="admin",
        chip_id="quick",
        flow="CheckResonatorSpectroscopy",
        targets=TargetSelection(qubits=("0", "2")),
    )
    long_request = RunRequest(
        username="admin", chip_id="slow", flow="bring-up", targets=TargetSelection(qubits=("0",))
    )

    @classmethod
    def qdash(cls, folder: Path) -> QDash:
        qdash = open_qdash(Settings(home=folder), load_plugins())
        for name, slow in (("quick", 0.0), ("slow", 0.1)):
            create_twin_chip(qdash, ADMIN, name, load_device("jakarta"), seed=1, options={"slow": slow})
        return qdash

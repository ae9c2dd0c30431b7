"""The local runner keeps the contract of runners: in a process of its own, and in this one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from qdash_core import load_plugins, open_qdash
from qdash_core.flows.job import FlowJob, TargetSelection
from qdash_core.runners.local import LocalRunner
from qdash_core.settings import Settings
from qdash_core.testing import RunnerContract
from qdash_fake.chips import create_twin_chip
from qdash_fake.devices import load_device

if TYPE_CHECKING:
    from pathlib import Path

    from qdash_core.application import QDash

CHIP = "jakarta"


class TestLocalRunner(RunnerContract):
    runner = LocalRunner()
    job = FlowJob(
        username="admin",
        chip_id=CHIP,
        flow="CheckResonatorSpectroscopy",
        targets=TargetSelection(qubits=("0", "2")),
    )

    @pytest.fixture(autouse=True, params=["sqlite:///{}/qdash.db", "memory://{}"], ids=["process", "here"])
    def store_url(self, request: pytest.FixtureRequest, tmp_path: Path) -> None:
        self.url = request.param.format(tmp_path)

    def qdash(self, tmp_path: Path) -> QDash:
        return self.opened(tmp_path)

    def qdash_that_takes_long(self, tmp_path: Path) -> QDash:
        return self.opened(tmp_path, slow=60.0)

    def opened(self, home: Path, **options: float) -> QDash:
        settings = Settings(home=home, store_url=self.url, artifacts_url=(home / "artifacts").as_uri())
        qdash = open_qdash(settings, load_plugins())
        table = load_device("jakarta")
        create_twin_chip(qdash, "default", CHIP, table, seed=1, username="admin", options=options)
        return qdash

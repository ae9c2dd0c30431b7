"""Contract of runners for the Prefect runner, on a real server."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

import pytest

from qdash_core import load_plugins, open_qdash
from qdash_core.models.request import RunRequest, TargetSelection
from qdash_core.settings import Settings
from qdash_fake.chips import create_twin_chip
from qdash_fake.devices import load_device
from qdash_testing import RunnerContract

from ..access import ADMIN

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from qdash_core.runtime.application import QDash
    from qdash_prefect.server import PrefectServer


@pytest.mark.usefixtures("prepared_processes")
class TestPrefectRunner(RunnerContract):
    request = RunRequest(
        username="admin",
        chip_id="quick",
        flow="CheckResonatorSpectroscopy",
        targets=TargetSelection(qubits=("0", "2")),
    )
    long_request = RunRequest(
        username="admin", chip_id="slow", flow="bring-up", targets=TargetSelection(qubits=("0",))
    )
    soon_s = 15.0

    @classmethod
    def qdash(cls, folder: Path) -> QDash:
        qdash = open_qdash(Settings(home=folder, runner="prefect"), load_plugins())
        for name, slow in (("quick", 0.0), ("slow", 0.1)):
            create_twin_chip(qdash, ADMIN, name, load_device("jakarta"), seed=1, options={"slow": slow})
        return qdash

    @pytest.fixture(scope="class")
    @classmethod
    def environment(cls, server: PrefectServer) -> Mapping[str, str]:
        return {"QDASH_PREFECT_POOL": f"contract-{uuid.uuid4().hex[:8]}", **server.environment}

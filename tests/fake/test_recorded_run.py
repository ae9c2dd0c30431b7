"""Exact replay of a recorded run without the twin."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from qdash_builtin.runs.feature import EXECUTIONS
from qdash_core.flows.service import CalibService
from qdash_core.flows.targets import QubitTargets
from qdash_core.models.project import DEFAULT_USER
from qdash_core.repositories.results import TaskResultHistoryRepository
from qdash_core.runs.performance import run_to_end
from qdash_core.runtime.application import open_qdash
from qdash_core.settings import load_settings
from qdash_fake.chips import create_twin_chip

from ..access import access_of
from .conftest import make_table

if TYPE_CHECKING:
    from pathlib import Path

    from qdash_core.runtime.application import QDash


def run(qdash: QDash, flow: str, chip_id: str, project_id: str, backend: str) -> list[tuple[object, ...]]:
    """Run a flow and return the measurements and values of each result."""
    service = CalibService(DEFAULT_USER, chip_id, project_id=project_id, qdash=qdash, backend_name=backend)
    run_to_end(service, QubitTargets(["0"]), qdash.registry.flow(flow).steps)
    (execution,) = qdash.get(EXECUTIONS).newest(access_of("admin", project_id), chip_id=chip_id, limit=1)
    results = qdash.repositories.of(TaskResultHistoryRepository).list_by_execution(
        project_id, execution.execution_id
    )
    return [
        (
            result.name,
            result.status,
            {name: (one.value, one.error) for name, one in result.output_parameters.items()},
            [arrays(qdash, path) for path in result.raw_data_path],
        )
        for result in results
    ]


def arrays(qdash: QDash, path: str) -> dict[str, bytes]:
    data = qdash.artifacts.load_raw_data(path)
    return {name: data[name].tobytes() for name in data.arrays}


@pytest.mark.parametrize(
    ("flow", "most"), [("rough", 2), pytest.param("bring-up", 10, marks=pytest.mark.slow)]
)
def test_a_recorded_run_is_repeated_bit_by_bit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, flow: str, most: int
) -> None:
    monkeypatch.setenv("QDASH_RECORD_LABORATORY", str(tmp_path / "recordings"))
    with open_qdash(load_settings(home=tmp_path / "home")) as qdash:
        project_id = qdash.access(DEFAULT_USER).project_id
        for chip_id in ("first", "again"):
            create_twin_chip(qdash, access_of("admin", project_id), chip_id, make_table({}), seed=1)
        found = run(qdash, flow, "first", project_id, "fake")
        monkeypatch.delenv("QDASH_RECORD_LABORATORY")
        (recording,) = (tmp_path / "recordings").iterdir()
        monkeypatch.setenv("QDASH_RECORDING", str(recording))

        again = run(qdash, flow, "again", project_id, "recorded")

    assert len(found) > most
    assert all(status == "completed" for _, status, *_ in found)
    assert again == found

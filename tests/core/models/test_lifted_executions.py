"""Executions of older stores: fields extracted from their note and from the prefix of their message."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from qdash_core.models.execution import EndReason, ExecutionModel, ExecutionStatus
from qdash_core.models.request import RunRequest, TargetSelection
from qdash_core.repositories.executions import ExecutionRepository
from qdash_core.repositories.repositories import Repositories

if TYPE_CHECKING:
    from qdash_core.repositories.store import Store

FLOW_RUN = "3f0c8f0e-6a32-4c57-b3f4-3f6f3f7f3d11"
JOB = {
    "username": "alice",
    "chip_id": "chip",
    "flow": "bring-up",
    "flow_run_id": FLOW_RUN,
    "resume": None,
    "targets": {"qubits": ["0", "1"]},
    "tags": ["night"],
    "run_parameters": {"shots": 100},
}
REQUEST = RunRequest(
    username="alice",
    chip_id="chip",
    flow="bring-up",
    targets=TargetSelection(qubits=("0", "1")),
    tags=("night",),
    run_parameters={"shots": 100},
)


def make_old_document(**changes: Any) -> dict[str, Any]:
    """Return an execution in the format of older stores."""
    return {
        "project_id": "default", "username": "alice", "name": "bring-up", "execution_id": "20260101-000",
        "chip_id": "chip", "status": "completed", "message": "", "flow_run_id": FLOW_RUN,
        "note": {"flow_run_id": FLOW_RUN, "job": JOB, "session": 2, "fridge": "cold"},
        **changes,
    }  # fmt: skip


@pytest.mark.every_store
def test_the_job_of_the_note_is_the_request(store: Store) -> None:
    with store.transaction() as transaction:
        transaction.put("execution_history", make_old_document())
    found = Repositories(store).of(ExecutionRepository).find("default", "20260101-000")
    assert found is not None
    assert (found.request, found.session) == (REQUEST, 2)
    assert found.note == {"flow_run_id": FLOW_RUN, "fridge": "cold"}
    assert found.flow_run_id == FLOW_RUN


def test_what_was_lifted_is_written_as_it_is_now() -> None:
    lifted = ExecutionModel.model_validate(make_old_document())
    assert ExecutionModel.model_validate(lifted.model_dump(mode="json")) == lifted
    assert ExecutionModel.model_validate(make_old_document(note={})).request is None


@pytest.mark.parametrize(
    ("status", "message", "reason"),
    [
        ("failed", "interrupted: the process that ran it died", EndReason.INTERRUPTED),
        ("failed", "interrupted", EndReason.INTERRUPTED),
        ("failed", "cable", None),
        ("cancelled", "interrupted by bob", None),
        ("completed", "", None),
    ],
)
def test_a_message_that_begins_with_interrupted_is_the_reason(
    status: str, message: str, reason: EndReason | None
) -> None:
    lifted = ExecutionModel.model_validate(make_old_document(status=status, message=message))
    assert (lifted.reason, lifted.message) == (reason, message)


def test_an_execution_of_now_is_not_lifted() -> None:
    """A laboratory may store anything in its note, and messages may start with any word."""
    of_now = ExecutionModel(
        project_id="default",
        username="alice",
        name="x",
        execution_id="20260101-000",
        chip_id="chip",
        status=ExecutionStatus.FAILED,
        message="interrupted supply",
        reason=EndReason.ERROR,
        request=None,
        note={"job": "night shift", "session": "second"},
    )
    read = ExecutionModel.model_validate(of_now.model_dump(mode="json"))
    assert (read, read.note) == (of_now, {"job": "night shift", "session": "second"})


def test_the_note_of_a_script_of_ones_own_stays() -> None:
    lifted = ExecutionModel.model_validate(make_old_document(note={"fridge": "cold"}, flow_run_id=None))
    assert (lifted.request, lifted.session, lifted.note) == (None, 0, {"fridge": "cold"})

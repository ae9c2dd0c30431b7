"""Executions as JSON documents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_core.models.execution import ExecutionModel

_HEADER = {
    "execution_id",
    "chip_id",
    "name",
    "username",
    "status",
    "message",
    "reason",
    "tasks",
    "tags",
    "start_at",
    "end_at",
    "flow_run_id",
    "attempts",
}


def header(execution: ExecutionModel, *, interrupted: bool = False) -> dict[str, Any]:
    document = execution.model_dump(mode="json", include=_HEADER, exclude_none=True)
    return {
        **document,
        **left_out_document(execution.left_out),
        **({"interrupted": True} if interrupted else {}),
        **clocks(execution),
    }


def left_out_document(why: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """Return what was not measured, each with the reason, as part of a document: nothing where there is nothing."""
    return {"left_out": dict(why)} if why else {}


def clocks(execution: ExecutionModel) -> dict[str, float]:
    """Return the wall and laboratory times of an execution that has them.

    Where the backend keeps no time of its own, the wall's is the laboratory's.
    """
    if execution.elapsed_time is None:
        return {}
    wall, lab = execution.elapsed_time, execution.lab_seconds
    return {"wall_s": wall, "lab_s": wall if lab is None else lab}


def outcome_document(execution: ExecutionModel) -> dict[str, Any]:
    """Return what a finished run amounts to."""
    return {
        "execution_id": execution.execution_id,
        "status": str(execution.status),
        "tasks": execution.tasks,
        **({"message": execution.message} if execution.message else {}),
        **left_out_document(execution.left_out),
        **clocks(execution),
    }

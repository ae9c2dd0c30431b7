"""How an execution is named on the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from qdash_core.application import QDash


def named_execution(qdash: QDash, project_id: str, execution_id: str) -> str:
    """Return the id of an execution that is named by it, or as `last`, the newest one."""
    from qdash_core.errors import NotFoundError

    if execution_id != "last":
        return execution_id
    newest = qdash.executions.newest(project_id, limit=1)
    if not newest:
        raise NotFoundError(f"nothing has been run in project {project_id} yet")
    return newest[0].execution_id

"""Ids of executions."""

from __future__ import annotations

from qdash_core.errors import InvalidInputError
from qdash_core.models.project import ProjectRole
from qdash_core.record.config import CalibConfig
from qdash_core.runtime.runtime import Runtime
from qdash_core.session.running_flow import get_current_flow

__all__ = ["generate_execution_id"]


_PREVIEW = "00000000-000"
"""Id in the preview of a flow, which reserves none."""


def generate_execution_id(
    username: str, chip_id: str, project_id: str | None = None, counter_repo: object | None = None
) -> str:
    """Return the next free id of an execution, for a session that is given its id.

    Raises
    ------
    InvalidInputError
        If a counter is given: ids are counted in the store of the settings.
    """
    if counter_repo is not None:
        raise InvalidInputError("counter_repo: ids are counted in the store of the settings; omit it")
    if get_current_flow().previewing:
        return _PREVIEW
    with Runtime.open_for(username, project_id) as runtime:
        access = runtime.access(username, project_id, ProjectRole.EDITOR)
        return runtime.record.reserve_id(access.project_id, CalibConfig(username=username, chip_id=chip_id))

"""Ids of executions and other records that people abbreviate."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from qdash_builtin.record_lookup.newest_executions import list_newest
from qdash_core.errors import InvalidInputError, NotFoundError
from qdash_core.repositories.executions import ExecutionRepository
from qdash_core.repositories.repositories import Repositories
from qdash_core.repositories.results import TaskResultHistoryRepository
from qdash_core.repositories.store import Range

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_core.models.access import Access
    from qdash_core.models.execution import ExecutionModel
    from qdash_core.repositories.base import Repository
    from qdash_core.repositories.store import Store

CANDIDATES = 5
"""Number of ids in a message about an ambiguous or unknown id."""
_RESULT_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
"""Pattern of a whole id of a result."""
LAST = "last"
"""Name for the newest execution of a project."""


def match_execution_id(store: Store, access: Access, text: str) -> str:
    """Return the id of the execution with this id or id prefix, of the last execution of the flow run with this
    UUID, or of the newest execution for `last`.

    Raises
    ------
    NotFoundError
        If there is none; the message names the newest executions.
    InvalidInputError
        If the text is empty, or several ids have this prefix; the message names some.
    """
    require_id_text(text, what="execution")
    with store.read() as snapshot:
        repositories, project_id = Repositories(snapshot), access.project_id
        executions = repositories.of(ExecutionRepository)
        if text == LAST and (newest := list_newest(repositories, project_id, limit=1)):
            return newest[0].execution_id
        if executions.find(project_id, text) is None and (
            found := find_ids_by_prefix(executions, project_id, "execution_id", text)
        ):
            return match_id(text, found, what="executions")
        return require_execution(repositories, project_id, text).execution_id


def require_execution(repositories: Repositories, project_id: str, text: str) -> ExecutionModel:
    """Return the execution with this id, or the last one of the flow run with this UUID; NotFoundError names the newest executions."""
    executions = repositories.of(ExecutionRepository)
    found = executions.find(project_id, text)
    if found is not None:
        return found
    if made := executions.list_by_flow_run(project_id, text):
        return made[-1]
    newest = [one.execution_id for one in list_newest(repositories, project_id, limit=CANDIDATES)]
    raise make_unknown_id_error(text, project_id, what="execution", there_are=newest)


def match_result_id(store: Store, access: Access, text: str) -> str:
    """Return the id of the result that an id or the beginning of one identifies; a whole id is not looked up.

    Raises
    ------
    NotFoundError
        If no id begins so.
    InvalidInputError
        If the text is empty, or several ids do; the message names some.
    """
    if _RESULT_ID.fullmatch(text):
        return text
    require_id_text(text, what="result")
    with store.read() as snapshot:
        results = Repositories(snapshot).of(TaskResultHistoryRepository)
        found = find_ids_by_prefix(results, access.project_id, "task_id", text)
    if found:
        return match_id(text, found, what="results")
    raise NotFoundError(
        f"there is no result {text!r} in project {access.project_id}: `qdash executions show last` shows those of the newest run"
    )


def find_ids_by_prefix(
    repository: Repository[Any],
    project_id: str,
    field: str,
    text: str,
    *,
    limit: int = CANDIDATES + 1,
    **conditions: object,
) -> list[str]:
    """Return ids of a project with a prefix, in descending order, by default one more than a message names.

    `field` is that of the id, which follows the project in the key; the conditions are on other fields.
    """
    begins = Range(least=text, below=f"{text}\U0010ffff")
    where = {"project_id": project_id, field: begins, **conditions}
    found = repository.select_as(dict, where, order=(f"-{field}",), limit=limit)
    return [document[field] for document in found]


def match_id(text: str, found: Sequence[str], *, what: str) -> str:
    """Return the only id that equals a text or begins with it.

    Parameters
    ----------
    found : sequence of str
        Ids with this prefix, at least one; more than `CANDIDATES` if there are more.
    what : str
        Plural noun for the ids.

    Raises
    ------
    InvalidInputError
        If several ids have this prefix and none equals it; the message names some.
    """
    if text in found or len(found) == 1:
        return text if text in found else found[0]
    more = " and more" if len(found) > CANDIDATES else ""
    raise InvalidInputError(f"{text!r} begins several {what}: {', '.join(found[:CANDIDATES])}{more}")


def require_id_text(text: str, *, what: str) -> None:
    """Raise InvalidInputError if the text for an id is empty, which every id begins with."""
    if not text:
        raise InvalidInputError(f"the id of the {what} is empty")


def make_unknown_id_error(
    text: str, project_id: str, *, what: str, there_are: Sequence[str]
) -> NotFoundError:
    """Return the error for an unknown id prefix; its message names the newest ids."""
    newest = f"; the newest are {', '.join(there_are)}" if there_are else "; nothing has been run there yet"
    return NotFoundError(f"there is no {what} {text!r} in project {project_id}{newest}")

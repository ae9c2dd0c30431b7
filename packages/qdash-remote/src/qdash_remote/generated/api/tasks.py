"""Operations with the tag `tasks`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_remote.generated.operation import PageOf, operation, page_of, quote_segment, send_request
from qdash_remote.generated.types import UNSET, Response, Unset

if TYPE_CHECKING:
    from qdash_core.documents.task_inputs import TaskInputsDocument
    from qdash_core.documents.task_records import TaskRecordDocument
    from qdash_core.documents.tasks import TaskDocument, TaskOnChip, TaskPageDocument
    from qdash_remote.generated.client import AuthenticatedClient


@operation
def list_tasks(
    *, client: AuthenticatedClient, limit: int | Unset = 50, after: str | Unset = UNSET
) -> Response[PageOf[TaskDocument]]:
    """List the installed tasks, by name and backend."""
    from qdash_core.documents.tasks import TaskDocument

    return send_request(
        client, "GET", "/tasks", page_of(TaskDocument), params={"limit": limit, "after": after}
    )


@operation
def show_task(
    name: str, *, client: AuthenticatedClient, backend: str | Unset = UNSET
) -> Response[TaskDocument]:
    """Show a task: its inputs, outputs, run parameters, documentation, and the tasks that it replaces or
    that replace it."""
    from qdash_core.documents.tasks import TaskDocument

    return send_request(
        client, "GET", f"/tasks/{quote_segment(name)}", TaskDocument, params={"backend": backend}
    )


@operation
def task_page(
    name: str, *, client: AuthenticatedClient, backend: str | Unset = UNSET
) -> Response[TaskPageDocument]:
    """Show the documentation of a task: what it measures, and how failures look."""
    from qdash_core.documents.tasks import TaskPageDocument

    return send_request(
        client, "GET", f"/tasks/{quote_segment(name)}/page", TaskPageDocument, params={"backend": backend}
    )


@operation
def task_record(
    name: str, *, client: AuthenticatedClient, chip_id: str | Unset = UNSET, newest: int | Unset = 1000
) -> Response[TaskRecordDocument]:
    """Summarize the newest results of a task: number, outcomes and durations."""
    from qdash_core.documents.task_records import TaskRecordDocument

    return send_request(
        client,
        "GET",
        f"/tasks/{quote_segment(name)}/record",
        TaskRecordDocument,
        params={"chip_id": chip_id, "newest": newest},
    )


@operation
def tasks_on_chip(
    chip_id: str,
    *,
    client: AuthenticatedClient,
    backend: str | Unset = UNSET,
    limit: int | Unset = 50,
    after: str | Unset = UNSET,
) -> Response[PageOf[TaskOnChip]]:
    """List the tasks with their availability on a chip, and what its backend lacks for the others."""
    from qdash_core.documents.tasks import TaskOnChip

    return send_request(
        client,
        "GET",
        f"/chips/{quote_segment(chip_id)}/tasks",
        page_of(TaskOnChip),
        params={"backend": backend, "limit": limit, "after": after},
    )


@operation
def task_inputs(
    chip_id: str, name: str, *, client: AuthenticatedClient, target: list[str] | Unset = UNSET
) -> Response[TaskInputsDocument]:
    """Show the inputs that a task would use on targets of a chip if it ran now, with their origin and
    marks."""
    from qdash_core.documents.task_inputs import TaskInputsDocument

    return send_request(
        client,
        "GET",
        f"/chips/{quote_segment(chip_id)}/tasks/{quote_segment(name)}/inputs",
        TaskInputsDocument,
        params={"target": target},
    )

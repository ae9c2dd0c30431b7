"""Operations of installed tasks and their documentation."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from qdash_builtin.request_parts.path_parts import ChipId, Name
from qdash_builtin.runs.feature import RUNS
from qdash_builtin.runs.views.task_inputs import TaskInputsDocument
from qdash_builtin.runs.views.tasks import TaskDocument, TaskOnChip, TaskPageDocument
from qdash_core.documents.pages import PageOf
from qdash_core.models.pages import Page
from qdash_core.models.target_lists import parse_targets
from qdash_core.operations.call import Call
from qdash_core.operations.operation import Operations
from qdash_core.operations.required_role import RequiredRole

operations = Operations("tasks", place=460)

_Backend = Annotated[
    str | None, Field(max_length=128, description="Backend of the task; absent: the task for any backend.")
]

_RunBackend = Annotated[
    str | None, Field(max_length=128, description="Backend of the run; absent: the backend of the chip.")
]
_OnlyBackend = Annotated[
    str | None, Field(max_length=128, description="Only tasks that this backend can run; absent: all.")
]
_Targets = Annotated[
    tuple[Annotated[str, Field(max_length=64)], ...],
    Field(
        max_length=200,
        description="Qubits, also as ranges such as `0..3`, or couplings; absent for a task on the whole chip.",
    ),
]


@operations.get("/tasks", needs=RequiredRole.VIEWER, for_assistants=True)
def list_tasks(call: Call, backend: _OnlyBackend = None) -> PageOf[TaskDocument]:
    """List the installed tasks, by name and backend."""
    if backend is not None:
        call.qdash.registry.backend(backend)  # raises if it is mistyped
    tasks = [
        one
        for one in call.qdash.registry.tasks().values()
        if backend is None or one.backend in (None, "", backend)
    ]
    page = Page.from_all_items(tasks, call.page, lambda one: (one.name, one.backend or ""))
    replacements = call.qdash.registry.list_replacements()
    return PageOf[TaskDocument].from_page(
        page, lambda one: TaskDocument.from_task(one).with_replacements(replacements)
    )


@operations.get("/tasks/{name}", needs=RequiredRole.VIEWER, for_assistants=True, for_answers=True)
def show_task(call: Call, name: Name, backend: _Backend = None) -> TaskDocument:
    """Show a task: its inputs, outputs, run parameters, documentation, and the tasks that it replaces or that replace it."""
    task = call.qdash.registry.any_task(name, backend=backend)
    replacements = call.qdash.registry.list_replacements()
    return TaskDocument.from_task(task).with_text(task).with_replacements(replacements)


@operations.get("/tasks/{name}/page", needs=RequiredRole.VIEWER)
def task_page(call: Call, name: Name, backend: _Backend = None) -> TaskPageDocument:
    """Show the documentation of a task: what it measures, and how failures look."""
    return TaskPageDocument.from_task(call.qdash.registry.any_task(name, backend=backend))


@operations.get("/chips/{chip_id}/tasks", needs=RequiredRole.VIEWER, for_assistants=True)
def tasks_on_chip(
    call: Call,
    chip_id: ChipId,
    backend: _RunBackend = None,
) -> PageOf[TaskOnChip]:
    """List the tasks with their availability on a chip, and what its backend lacks for the others."""
    found = call.qdash.get(RUNS).get_catalogue(call.access, chip_id, backend_name=backend)
    page = Page.from_all_items(found.all(), call.page, lambda one: (one[0].name, one[0].backend or ""))
    return PageOf[TaskOnChip].from_page(page, lambda one: TaskOnChip.for_chip(*one, found))


@operations.get("/chips/{chip_id}/tasks/{name}", needs=RequiredRole.VIEWER)
def task_on_chip(call: Call, chip_id: ChipId, name: Name, backend: _RunBackend = None) -> TaskOnChip:
    """Show a task for a chip, with its documentation, and whether the chip can run it."""
    catalogue = call.qdash.get(RUNS).get_catalogue(call.access, chip_id, backend_name=backend)
    task = catalogue.known(name) or catalogue.task(name)
    return TaskOnChip.for_chip(task, catalogue.why_not(name), catalogue).with_text(task)


@operations.get("/chips/{chip_id}/tasks/{name}/inputs", needs=RequiredRole.VIEWER)
def task_inputs(call: Call, chip_id: ChipId, name: Name, target: _Targets = ()) -> TaskInputsDocument:
    """Show the inputs that a task would use on targets of a chip if it ran now, with their origin and marks."""
    from qdash_builtin.runs.current_inputs import list_task_inputs

    targets = parse_targets(target) if target else ("",)
    found = list_task_inputs(call.qdash, call.access, chip_id, name, targets)
    return TaskInputsDocument.from_inputs(name, found)

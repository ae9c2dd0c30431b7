"""Tasks that are installed, and what their authors tell of them."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query

from qdash_api.guarding.call import Call
from qdash_api.guarding.needs import Needs
from qdash_api.guarding.path_parts import ChipId, Name
from qdash_api.guarding.routes import Routes
from qdash_api.pages import PageOf
from qdash_core.documents.tasks import TaskDocument, TaskOnChip, TaskPageDocument
from qdash_core.models.pages import Page

routes = Routes("tasks")

_Backend = Annotated[str | None, Query(max_length=128, description="That of one backend; else one for any.")]


@routes.get("/tasks", needs=Needs.VIEWER, answers=PageOf[TaskDocument])
def list_tasks(call: Call) -> PageOf[TaskDocument]:
    """The tasks that are installed, by name and backend."""
    tasks = call.qdash.registry.tasks().values()
    page = Page.of_all(tasks, call.page, lambda one: (one.name, one.backend or ""))
    return PageOf[TaskDocument].of(page, TaskDocument.of)


@routes.get("/tasks/{name}", needs=Needs.VIEWER, answers=TaskDocument)
def show_task(call: Call, name: Name, backend: _Backend = None) -> TaskDocument:
    """A task: what it needs, makes and can be told, and what its author tells of it."""
    task = call.qdash.registry.any_task(name, backend=backend)
    return TaskDocument.of(task).with_text(task)


@routes.get("/tasks/{name}/page", needs=Needs.VIEWER, answers=TaskPageDocument)
def task_page(call: Call, name: Name, backend: _Backend = None) -> TaskPageDocument:
    """What the author of a task tells: what it measures, and how it looks when it fails."""
    return TaskPageDocument.of(call.qdash.registry.any_task(name, backend=backend))


@routes.get("/chips/{chip_id}/tasks", needs=Needs.VIEWER, answers=PageOf[TaskOnChip])
def tasks_on_chip(call: Call, chip_id: ChipId, backend: _Backend = None) -> PageOf[TaskOnChip]:
    """Which tasks a chip has, and what its backend lacks for the others."""
    found = call.qdash.runs.catalogue(call.access, chip_id, backend_name=backend)
    page = Page.of_all(found.all(), call.page, lambda one: (one[0].name, one[0].backend or ""))
    return PageOf[TaskOnChip].of(page, lambda one: TaskOnChip.on_chip(*one))

"""Stored definitions of installed tasks."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from qdash_core.models.base import as_json
from qdash_core.models.task import TaskModel
from qdash_core.tasks.analysis_options import get_analysis_options

if TYPE_CHECKING:
    from qdash_core.tasks.base import BaseTask


def make_definition(task: type[BaseTask], project_id: str, username: str) -> TaskModel:
    """Return the stored form of a task's definition."""
    return TaskModel(
        project_id=project_id,
        username=username,
        name=task.name,
        backend=task.backend,
        description=task.description,
        task_type=task.task_type,
        input_parameters={name: as_json(asdict(value)) for name, value in task.input_parameters.items()},
        run_parameters={name: as_json(asdict(value)) for name, value in task.run_parameters.items()},
        output_parameters={name: as_json(asdict(value)) for name, value in task.output_parameters.items()},
        analysis_options={name: as_json(asdict(value)) for name, value in get_analysis_options(task).items()},
    )

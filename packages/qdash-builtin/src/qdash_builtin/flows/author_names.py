"""Names for the authors of flows: steps, targets, tasks, run parameters and arguments, with signatures and short descriptions."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from qdash_builtin.flows.flow_signatures import GIVEN_BY_THE_RUN
from qdash_core.flows import steps as step_classes
from qdash_core.flows import targets as target_classes
from qdash_core.flows.service import CalibService

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from qdash_core.tasks.base import BaseTask

NameKind = Literal["service", "method", "step", "targets", "task", "parameter", "argument"]
_METHODS = ("run", "finish_calibration", "fail_calibration", "cancel_calibration")
_TARGETS = ("AllMuxTargets", "CouplingTargets", "MuxTargets", "QubitTargets")
_ARGUMENTS = {
    "username": "User of the run.",
    "chip_id": "Chip of the run.",
    "project_id": "Project of the run.",
    "flow_name": "Name of the flow.",
    "qids": "Qubits of the run, or absent for no selection.",
    "tags": "Tags of the run.",
}


@dataclass(frozen=True, slots=True)
class AuthorName:
    """Name that a flow can use.

    Parameters
    ----------
    kind : str
        `service` (CalibService), `method` (of CalibService), `step`, `targets`, `task`, `parameter` (run parameter of tasks), or `argument`
        (of the flow's function, which the run provides).
    signature : str
        Arguments of a call; outputs of a task; tasks with a run parameter.
    module : str
        Module from which it is imported; empty if it is not.
    """

    name: str
    kind: NameKind
    signature: str
    description: str
    module: str = ""


def list_author_names(tasks: Iterable[type[BaseTask]]) -> list[AuthorName]:
    """Return the names that flows with these tasks can use, by kind and name."""
    found = [
        _describe(CalibService, "service", "qdash_core"),
        *(_describe(getattr(CalibService, one), "method") for one in _METHODS),
        *(
            _describe(getattr(step_classes, one), "step", step_classes.__name__)
            for one in step_classes.__all__
            if one != "ScheduledStep"
        ),
        *(_describe(getattr(target_classes, one), "targets", target_classes.__name__) for one in _TARGETS),
        *_list_tasks(tasks := list(tasks)),
        *_list_parameters(tasks),
        *(AuthorName(one, "argument", "", _ARGUMENTS[one]) for one in GIVEN_BY_THE_RUN),
    ]
    return sorted(found, key=lambda one: (one.kind, one.name))


def _describe(item: Callable[..., object], kind: NameKind, module: str = "") -> AuthorName:
    parameters = inspect.signature(item).parameters.values()
    arguments = [
        one.name if one.default is inspect.Parameter.empty else f"{one.name}={one.default!r}"
        for one in parameters
        if one.name != "self"
    ]
    return AuthorName(item.__name__, kind, f"({', '.join(arguments)})", _get_first_line(item), module)


def _list_tasks(tasks: Iterable[type[BaseTask]]) -> Iterator[AuthorName]:
    for name, task in {one.name: one for one in tasks}.items():
        outputs = ", ".join(task.output_parameters)
        yield AuthorName(name, "task", f"{task.task_type}: {outputs}", task.description)


def _list_parameters(tasks: Iterable[type[BaseTask]]) -> Iterator[AuthorName]:
    by_name: dict[str, dict[str, str]] = {}
    for task in tasks:
        for name, declared in task.run_parameters.items():
            by_name.setdefault(name, {}).setdefault(task.name, declared.description)
    for name, described in by_name.items():
        where = ", ".join(described) if len(described) < _MANY else f"{len(described)} tasks"
        yield AuthorName(name, "parameter", f"of {where}", next(iter(described.values())))


_MANY = 4


def _get_first_line(item: object) -> str:
    return (inspect.getdoc(item) or "").partition("\n")[0]

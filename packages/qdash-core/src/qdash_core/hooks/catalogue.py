"""Catalogue of the tasks that a backend can run on a chip."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

from qdash_core.errors import NotFoundError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from qdash_core.hooks.replacements import TaskReplacement
    from qdash_core.tasks.base import BaseTask


@dataclass(frozen=True, slots=True)
class UnavailableTask:
    """A task that a backend cannot run, since it is for another backend or has unmet requirements."""

    task: type[BaseTask]
    lacks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Tasks of a backend on a chip, as `Registry.catalogue` returns them.

    `offered` has the tasks that can be run, by name, and `missing` those that cannot. A task for this backend
    precedes one for any backend. `unknown` returns the message for an unknown name. `replacements` has the
    replacements by offered tasks, by name or alias.
    """

    backend: str
    offered: Mapping[str, type[BaseTask]]
    missing: Mapping[str, UnavailableTask]
    unknown: Callable[[str], str]
    replacements: Mapping[str, TaskReplacement] = field(default_factory=dict)

    @classmethod
    def from_tasks(
        cls,
        tasks: Mapping[tuple[str | None, str], type[BaseTask]],
        backend: str,
        offers: frozenset[str],
        unknown: Callable[[str], str],
        replacements: Mapping[str, TaskReplacement] = MappingProxyType({}),
    ) -> Catalogue:
        """Return the catalogue of a backend from all tasks by backend (or None for any) and name."""
        offered: dict[str, type[BaseTask]] = {}
        missing: dict[str, UnavailableTask] = {}
        # Of several tasks of one name the last one counts: for another backend, for any, for this backend.
        for task in sorted(tasks.values(), key=lambda task: (task.backend == backend, task.backend is None)):
            lacks = tuple(sorted(task.requires - offers))
            if task.backend in (None, backend) and not lacks:
                offered[task.name] = task
            else:
                missing[task.name] = UnavailableTask(task, lacks)
        rest = {name: one for name, one in missing.items() if name not in offered}
        own = {name for name, task in offered.items() if task.backend == backend}
        in_use = {called: one for called, one in replacements.items() if one.by.task in own}
        return cls(backend, offered, rest, unknown, in_use)

    def task(self, called: str) -> type[BaseTask]:
        """Return the task of this name or alias.

        Raises
        ------
        NotFoundError
            If there is none, or the backend does not meet its requirements. The message names these.
        """
        found = _find_named_task(called, self.offered.values())
        if found is None:
            raise NotFoundError(self._describe_refusal(called))
        return found

    def has(self, called: str) -> bool:
        """Return whether a task of this name or alias can be run."""
        return _find_named_task(called, self.offered.values()) is not None

    def known(self, called: str) -> type[BaseTask] | None:
        """Return the task of this name or alias, whether or not it can be run, or None if there is none."""
        missing = (one.task for one in self.missing.values())
        return _find_named_task(called, self.offered.values()) or _find_named_task(called, missing)

    def why_not(self, called: str) -> str | None:
        """Return the reason why a task of this name or alias cannot be run, or None if it can.

        An example is `needs Echo, which backend rack does not offer`.
        """
        if self.has(called):
            return None
        task = self.known(called)
        return self.unknown(called) if task is None else self._describe_lack(self.missing[task.name])

    def all(self) -> list[tuple[type[BaseTask], str | None]]:
        """Return every task by name, with the reason why it cannot be run, or None if it can."""
        tasks = [*self.offered.values(), *(one.task for one in self.missing.values())]
        return [(task, self.why_not(task.name)) for task in sorted(tasks, key=lambda task: task.name)]

    def makers(self) -> dict[str, list[str]]:
        """Return the runnable tasks that produce each parameter."""
        makers: dict[str, list[str]] = {}
        for name, task in self.offered.items():
            for parameter in task.output_parameters:
                makers.setdefault(parameter, []).append(name)
        return makers

    def list_replacements(self, task: type[BaseTask]) -> list[TaskReplacement]:
        """Return the replacements by a task: one for each name or alias that it shares with a task for any backend."""
        return [
            one
            for one in self.replacements.values()
            if one.by.task == task.name and task.backend == self.backend
        ]

    def _describe_refusal(self, called: str) -> str:
        task, why = self.known(called), self.why_not(called) or ""
        return why if task is None else f"{task.name} {why}"

    def _describe_lack(self, one: UnavailableTask) -> str:
        if one.task.backend not in (None, self.backend):
            return f"is written for backend {one.task.backend}, not for {self.backend}"
        return f"needs {' and '.join(one.lacks)}, which backend {self.backend} does not offer"


def _find_named_task(called: str, tasks: Iterable[type[BaseTask]]) -> type[BaseTask] | None:
    """Return the task of this name or alias, with one for a specific backend before one for any."""
    found = [task for task in tasks if called in (task.name, *task.aliases)]
    return min(found, key=lambda task: task.backend is None, default=None)

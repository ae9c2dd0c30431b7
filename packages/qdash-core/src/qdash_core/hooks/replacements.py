"""Replacements of tasks: a backend's own task takes precedence over a task for any backend of the same name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from qdash_core.features.discovery import PluginCandidate
    from qdash_core.tasks.base import BaseTask

    GivenTasks = Mapping[tuple[str | None, str], tuple[PluginCandidate, type[BaseTask]]]


@dataclass(frozen=True, slots=True)
class TaskSource:
    """Name of a task, and the plugin and distribution that provide it.

    The distribution is empty if a program registered the plugin directly.
    """

    task: str
    plugin: str
    distribution: str
    version: str

    def __str__(self) -> str:
        if not self.distribution:
            return f"plugin {self.plugin}"
        release = f"{self.distribution} {self.version}".rstrip()
        return f"plugin {self.plugin} ({release})"


@dataclass(frozen=True, slots=True)
class TaskReplacement:
    """Replacement of a task for any backend by a backend's own task.

    Both have the name or alias `called`. A backend that does not meet `requires`, the requirements of the replaced
    task, could not run it anyway.
    """

    called: str
    backend: str
    by: TaskSource
    of: TaskSource
    requires: frozenset[str] = frozenset()

    def describe(self) -> str:
        """Return one sentence with both tasks."""
        return f"{self.called} of {self.by} replaces that of {self.of} on backend {self.backend}"


def find_replacements(given: GivenTasks) -> list[TaskReplacement]:
    """Return the replacements among tasks by backend and name or alias, except those between QDash's own distributions."""
    found = []
    for (backend, called), (owner, task) in given.items():
        other = given.get((None, called))
        if backend is None or other is None or (owner.is_own and other[0].is_own):
            continue
        replaced_owner, replaced = other
        found.append(
            TaskReplacement(
                called,
                backend,
                _make_source(owner, task),
                _make_source(replaced_owner, replaced),
                replaced.requires,
            )
        )
    return sorted(found, key=lambda one: (one.backend, one.called))


def _make_source(owner: PluginCandidate, task: type[BaseTask]) -> TaskSource:
    return TaskSource(task.name, owner.name, owner.distribution, owner.version)


def select_for_backend(
    replacements: Iterable[TaskReplacement], backend: str, offers: frozenset[str]
) -> dict[str, TaskReplacement]:
    """Return the replacements on a backend that could run the replaced tasks, by name or alias."""
    return {one.called: one for one in replacements if one.backend == backend and one.requires <= offers}

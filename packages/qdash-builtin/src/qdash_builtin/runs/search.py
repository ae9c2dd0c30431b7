"""Search of executions and tasks, and of the commands that start and cancel runs."""

from __future__ import annotations

import shlex
from itertools import islice
from typing import TYPE_CHECKING

from qdash_builtin.record_lookup.given_ids import find_ids_by_prefix
from qdash_builtin.record_lookup.newest_executions import iter_newest_heads
from qdash_core.models.execution import EXECUTION_ENDS
from qdash_core.models.project import ProjectRole
from qdash_core.models.search import TARGET_OPTIONS, Match, make_address
from qdash_core.models.targets import get_target_kind
from qdash_core.repositories.chips import get_target_repository
from qdash_core.repositories.executions import ExecutionRepository
from qdash_core.repositories.repositories import Repositories
from qdash_core.repositories.store import Has

if TYPE_CHECKING:
    from collections.abc import Iterator

    from qdash_core.models.access import Access
    from qdash_core.models.execution import ExecutionHead
    from qdash_core.models.search import Search
    from qdash_core.runtime.application import QDash

_NEWEST = 100
"""Number of the newest executions whose names, tags and ids are searched for parts of words; older ones are found by the beginning of the id, or a tag."""


def find_executions(qdash: QDash, access: Access, search: Search) -> list[Match]:
    """Return the executions of the project that have the words, newest first, and for editors the commands that cancel those in progress."""
    with qdash.store.read() as snapshot:
        repositories = Repositories(snapshot)
        executions = repositories.of(ExecutionRepository)
        where = {"project_id": access.project_id}
        found = [*islice(iter_newest_heads(repositories, where, at_once=_NEWEST), _NEWEST)]
        for word in search.words:
            tagged = iter_newest_heads(repositories, {**where, "tags": Has(word)}, at_once=search.limit)
            found += islice(tagged, search.limit)
        (prefix, *more) = search.words
        ids = (
            []
            if more
            else find_ids_by_prefix(executions, access.project_id, "execution_id", prefix, limit=search.limit)
        )
        found += executions.get_many([(access.project_id, one) for one in ids]).values()
    matches = [
        match
        for one in {one.execution_id: one for one in found}.values()
        for match in _iter_matches(access, one)
    ]
    return [one for one in matches if search.fits(one.kind, one.title, one.text, *one.names)]


def find_queue(_qdash: QDash, _access: Access, search: Search) -> list[Match]:
    """Return the page of the queue."""
    match = Match(
        "page", "Queue", "waiting runs", make_address("executions", view="queue"), "qdash queue list"
    )
    return [match] if search.fits(match.title, match.text) else []


def find_tasks(qdash: QDash, _access: Access, search: Search) -> list[Match]:
    """Return the installed tasks that have the words."""
    return [
        Match(
            "task",
            task.name,
            task.description,
            make_address("tasks", task=task.name, chip=search.chip_id),
            f"qdash task show {task.name}",
            (*task.aliases,),
        )
        for task in {task.name: task for task in qdash.registry.tasks().values()}.values()
        if search.fits("task", task.name, task.description, *task.aliases)
    ]


def find_commands(qdash: QDash, access: Access, search: Search) -> list[Match]:
    """Return the commands that calibrate the chip, or the target that the words name, if the user may start runs."""
    if search.chip_id is None or not access.role.includes(ProjectRole.EDITOR):
        return []
    offered = _iter_calibrations(qdash, access, search, search.chip_id)
    return [one for one in offered if search.fits(one.title)]


def _iter_calibrations(qdash: QDash, access: Access, search: Search, chip_id: str) -> Iterator[Match]:
    """Yield the command that calibrates the chip, or, if the words name a target, those that calibrate it or run a task on it."""
    target = search.target
    if target is None:
        yield _make_command(chip_id, f"Calibrate {chip_id}", "")
        return
    with qdash.store.read() as snapshot:
        targets = get_target_repository(Repositories(snapshot), target)
        if targets.find(access.project_id, chip_id, target) is None:
            return
    kind = get_target_kind(target)
    option = f" {TARGET_OPTIONS[kind]} {target}"
    yield _make_command(chip_id, f"Calibrate {kind} {target}", option, targets=target)
    if search.other_words:
        for name in sorted({one.name for one in qdash.registry.tasks().values() if one.task_type == kind}):
            title = f"Run {name} on {kind} {target}"
            yield _make_command(chip_id, title, f" --flow {name}{option}", targets=target, task=name)


def _make_command(chip_id: str, title: str, options: str, **parameters: str) -> Match:
    address = make_address("run", chip=chip_id, **parameters)
    on = "" if chip_id in title else chip_id
    return Match("command", title, on, address, f"qdash calibrate {chip_id}{options}")


def _iter_matches(access: Access, execution: ExecutionHead) -> Iterator[Match]:
    address = make_address("execution", execution=execution.execution_id)
    described = ", ".join((execution.name, execution.chip_id, execution.status, *execution.tags))
    yield Match(
        "execution",
        execution.execution_id,
        described,
        address,
        f"qdash executions show {shlex.quote(execution.execution_id)}",
        (execution.name, *execution.tags),
    )
    if execution.status not in EXECUTION_ENDS and access.role.includes(ProjectRole.EDITOR):
        yield Match(
            "command",
            f"Cancel execution {execution.execution_id}",
            f"{execution.name} on {execution.chip_id}",
            address,
            f"qdash executions cancel {shlex.quote(execution.execution_id)}",
        )

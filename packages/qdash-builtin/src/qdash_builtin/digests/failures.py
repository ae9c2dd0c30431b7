"""Failures of a night, grouped by shared cause, as pure functions."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

from qdash_builtin.comparisons.shared_resources import find_shared_resources
from qdash_builtin.digests.digest import CauseKind, FailureGroup
from qdash_builtin.values.resources import WHOLE_CHIP
from qdash_core.models.targets import by_number, get_target_kind
from qdash_core.models.task import TaskStatus

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import datetime

    from qdash_builtin.digests.finished_results import FinishedResult
    from qdash_builtin.values.resources import Resource

_NUMBER = re.compile(r"[-\N{MINUS SIGN}+]?\d+(\.\d+)?([eE][-+]?\d+)?")


@dataclass(slots=True)
class _Group:
    """Failures of one cause, while they are collected."""

    kind: CauseKind
    cause: str
    results: list[FinishedResult] = field(default_factory=list)
    examined: int = 0


def mask_numbers(message: str) -> str:
    """Return a message with `#` for each number, so that messages that differ in numbers are equal."""
    return _NUMBER.sub("#", message)


def select_newest(results: Iterable[FinishedResult]) -> list[FinishedResult]:
    """Return the newest measurement of each task on each target that counts for the chip.

    A measurement whose refit completed has completed. Trials, simulated results and results of value scopes do not count.
    """
    every = list(results)
    refitted = {
        one.refit_of for one in every if one.status is TaskStatus.COMPLETED and one.refit_of is not None
    }
    newest: dict[tuple[str, str], FinishedResult] = {}
    for one in every:
        if one.refit_of is not None or one.simulated or one.scope is not None or not one.saved:
            continue
        if one.start_at is None or one.status not in (TaskStatus.COMPLETED, TaskStatus.FAILED):
            continue
        known = newest.get((one.name, one.qid))
        if known is None or known.start_at is None or one.start_at > known.start_at:
            newest[one.name, one.qid] = one
    return [
        one.model_copy(update={"status": TaskStatus.COMPLETED}) if one.task_id in refitted else one
        for one in newest.values()
    ]


def group_failures(
    results: Sequence[FinishedResult],
    resources: Mapping[Resource, Collection[str]],
    *,
    failed_since: Mapping[str, datetime] = MappingProxyType({}),
) -> list[FailureGroup]:
    """Return the failures among the newest results by shared cause: new ones first, then the cause of most failures.

    Failures of one task on targets that share a resource are of this resource (see `find_shared_resources`). Other failures are of
    their target if several tasks failed on it, or else of their message, in which numbers do not count. Failures without a target are of
    the whole chip.

    Parameters
    ----------
    results : sequence of FinishedResult
        The newest results, as from `select_newest`.
    failed_since : mapping of str to datetime
        Time since which a target has been failed, for the targets that were failed at the start.
    """
    groups: dict[tuple[CauseKind, str], _Group] = {}
    left: list[FinishedResult] = []
    by_task: dict[str, list[FinishedResult]] = defaultdict(list)
    for one in results:
        by_task[one.name].append(one)
    for some in by_task.values():
        failed = {one.qid: one for one in some if one.status is TaskStatus.FAILED}
        examined = sorted((one.qid for one in some if one.qid), key=by_number)
        for shared in find_shared_resources(resources, failed.keys(), examined, tests=len(by_task)):
            group = _open(groups, CauseKind.RESOURCE, str(shared))
            group.results += [failed.pop(target) for target in shared.affected]
            group.examined = max(group.examined, shared.examined)
        left += failed.values()
    failures = Counter(one.qid for one in left)
    for one in left:
        if not one.qid:
            group = _open(groups, CauseKind.TARGET, WHOLE_CHIP)
        elif failures[one.qid] > 1:
            kind = get_target_kind(one.qid)
            group = _open(groups, CauseKind.TARGET, f"{kind} {one.qid}")
        else:
            group = _open(groups, CauseKind.ERROR, mask_numbers(one.message))
        group.results.append(one)
    made = [_make_group(one, failed_since) for one in groups.values()]
    return sorted(made, key=_rank)


def _rank(group: FailureGroup) -> tuple[object, ...]:
    first = by_number(group.targets[0]) if group.targets else ()
    return group.continues, -len(group.targets), -group.n, first


def _open(groups: dict[tuple[CauseKind, str], _Group], kind: CauseKind, cause: str) -> _Group:
    return groups.setdefault((kind, cause), _Group(kind, cause))


def _make_group(group: _Group, failed_since: Mapping[str, datetime]) -> FailureGroup:
    targets = sorted({one.qid for one in group.results if one.qid}, key=by_number)
    starts = [one.start_at for one in group.results if one.start_at is not None]
    continues = bool(targets) and failed_since.keys() >= {*targets}
    wording = Counter(mask_numbers(one.message) for one in group.results).most_common(1)[0][0]
    example = next(one for one in group.results if mask_numbers(one.message) == wording)
    return FailureGroup(
        kind=group.kind,
        cause=example.message if group.kind is CauseKind.ERROR else group.cause,
        tasks=list(dict.fromkeys(one.name for one in sorted(group.results, key=_get_start))),
        targets=targets,
        examined=max(group.examined, len(targets)),
        message=example.message,
        task_id=example.task_id,
        n=len(group.results),
        failed_at=max(starts, default=None),
        since=min(failed_since[one] for one in targets) if continues else None,
        execution_id=example.execution_id,
    )


def _get_start(result: FinishedResult) -> str:
    return "" if result.start_at is None else result.start_at.isoformat()

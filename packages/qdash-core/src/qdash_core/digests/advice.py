"""Advice on the next actions, from a digest, as pure functions."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from qdash_core.digests.digest import Advice, AdviceKind, CauseKind
from qdash_core.digests.run_choice import make_run_command
from qdash_core.models.name_summary import summarize_names
from qdash_core.models.quantities import format_count
from qdash_core.models.resources import WHOLE_CHIP
from qdash_core.models.target_lists import format_targets

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from qdash_core.digests.digest import Digest, FailureGroup, ManualChange, MovedParameter, UnfitTarget
    from qdash_core.digests.run_choice import RunChoice

_CHECK_SHARED = "Check {}: cables, amplifiers and instruments, then measure {{}} again"
_MOST_NAMED = 3
_MOST_CHECKS = 2
"""Newly failed targets that are named one by one, at most."""


def list_advice(digest: Digest, *, runs: RunChoice, further: str = "") -> list[Advice]:
    """Return the advised actions, the most urgent first; each target is measured once.

    Parameters
    ----------
    digest : Digest
        The digest, without advice.
    runs : RunChoice
        Flows and tasks with which targets were measured.
    further : str
        Options of commands that name the project and the user, preceded by a space.
    """
    undone = [*_check_manual_changes(digest, further)]
    planner = _Planner(digest, runs, further, {target for one in undone for target in one.targets})
    found = [
        *undone,
        *_resume(digest, further),
        *planner.check_resources(),
        *planner.check_failed(),
        *planner.check_unfit(),
        *planner.measure_other_failures(),
        *_compare_moved(digest, further),
        *planner.check_still_failed(),
        *_review(digest, further),
        *planner.measure_stale(),
    ]
    return found or ([] if digest.failures else [*_release(digest, further)])


@dataclass(slots=True)
class _Planner:
    """Planner of measurements: no target is in two of them.

    Parameters
    ----------
    digest : Digest
        The digest.
    runs : RunChoice
        Flows and tasks with which targets were measured.
    further : str
        Options of commands that name the project and the user.
    planned : set of str
        Targets that have their action.
    """

    digest: Digest
    runs: RunChoice
    further: str
    planned: set[str] = field(default_factory=set)

    def check_resources(self) -> Iterator[Advice]:
        """Yield the check of each line, multiplexer or module whose targets newly failed."""
        for group in self.digest.failures:
            if group.kind is CauseKind.RESOURCE and not group.continues:
                failed = f"failed on {len(group.targets)} of {group.examined} targets: {group.message}"
                yield from self._plan(
                    group.targets,
                    _CHECK_SHARED.format(_add_article(group.cause)),
                    f"{summarize_names(group.tasks, _MOST_NAMED)} {failed}",
                    kind=AdviceKind.INSPECT,
                    group=group,
                )

    def check_failed(self) -> Iterator[Advice]:
        """Yield the check of the lines of newly failed targets without a shared cause: a measurement alone brings no signal back."""
        left = [one for one in self.digest.newly_failed if one.target not in self.planned]
        for some in [[one] for one in left] if len(left) <= _MOST_CHECKS else [left]:
            first = some[0]
            line = (
                f"drive line {first.line} and the readout" if first.line and len(some) == 1 else "the lines"
            )
            groups = [group for group in self.digest.failures if first.target in group.targets]
            yield from self._plan(
                [one.target for one in some],
                f"Check {line} of {{}}, then measure again, or exclude",
                f"newly failed: {first.reason}" if first.reason else "newly failed",
                kind=AdviceKind.INSPECT,
                group=groups[0] if groups and len(some) == 1 else None,
            )

    def check_unfit(self) -> Iterator[Advice]:
        """Yield the check of the lines of targets that are unfit although they are not failed."""
        by_cause: dict[str, list[UnfitTarget]] = {}
        for one in self.digest.unfit:
            by_cause.setdefault(one.shared, []).append(one)
        for cause, unfit in by_cause.items():
            yield from self._plan(
                [one.target for one in unfit],
                _CHECK_SHARED.format(_add_article(cause))
                if cause
                else "Check the lines of {}, then measure again, or exclude",
                "; ".join(dict.fromkeys(reason for one in unfit for reason in one.reasons)),
                kind=AdviceKind.INSPECT,
            )

    def measure_other_failures(self) -> Iterator[Advice]:
        """Yield the measurement of targets that failed in a task and can still be used."""
        for group in self.digest.failures:
            if group.targets and not group.continues:
                reason = f"{summarize_names(group.tasks, _MOST_NAMED)} failed: {group.message}"
                yield from self._plan(group.targets, "Measure {} again", reason, group=group)

    def check_still_failed(self) -> Iterator[Advice]:
        """Yield the check of the targets that have been failed since before the digest."""
        since = [one.at for one in self.digest.still_failed if one.at is not None]
        began = f" since {min(since):%Y-%m-%d %H:%M} UTC" if since else ""
        yield from self._plan(
            [one.target for one in self.digest.still_failed],
            "Check the lines of {}, then measure again, or exclude",
            f"still failing{began}",
            kind=AdviceKind.INSPECT,
        )

    def measure_stale(self) -> Iterator[Advice]:
        """Yield the measurement of the targets with stale values that gates need."""
        stale = self.digest.stale
        named = summarize_names(list(dict.fromkeys(one.parameter for one in stale)), _MOST_NAMED)
        n = sum(one.is_old for one in stale)
        parts = [f"{n} too old"] if n else []
        moved = sum(one.is_moved for one in stale)
        parts += [f"{moved} with inputs that moved"] if moved else []
        rest = len(stale) - n - moved
        parts += [f"{rest} after a change of a setting or of a part of their set"] if rest else []
        yield from self._plan(
            list(dict.fromkeys(one.target for one in stale)),
            "Measure {} again",
            f"values of {named} that gates need: {', '.join(parts)}",
        )

    def _plan(
        self,
        targets: Iterable[str],
        text: str,
        reason: str,
        *,
        kind: AdviceKind = AdviceKind.MEASURE,
        group: FailureGroup | None = None,
    ) -> Iterator[Advice]:
        """Yield the measurement of the qubits, and that of the couplings, among the targets that are not planned yet."""
        left = [one for one in targets if one not in self.planned]
        self.planned.update(left)
        for some in ([one for one in left if "-" not in one], [one for one in left if "-" in one]):
            if some:
                tasks, execution_id = ((), "") if group is None else (group.tasks, group.execution_id)
                flow = self.runs.choose_flow(some, tasks, execution_id)
                cost = self.runs.describe_cost(flow)
                yield Advice(
                    kind,
                    text.format(format_targets(some)),
                    f"{reason}; {cost}" if cost else reason,
                    make_run_command(self.digest.chip_id, flow, some, self.further),
                    targets=some,
                    flow=flow,
                    task_id="" if group is None else group.task_id,
                    cost=cost,
                )


def _resume(digest: Digest, further: str) -> Iterator[Advice]:
    for run in digest.runs:
        if run.interrupted:
            execution_id = run.execution.execution_id
            yield Advice(
                AdviceKind.RESUME,
                f"Resume execution {execution_id}",
                "its process died",
                f"qdash executions resume {execution_id}{further}",
                execution_id=execution_id,
            )


def _check_manual_changes(digest: Digest, further: str) -> Iterator[Advice]:
    """Yield the advice to check each change by hand after which its targets failed or left their specification."""
    for change in digest.manual:
        targets = find_troubled_targets(digest, change)
        if targets and change.parameters and change.undoable:
            yield Advice(
                AdviceKind.UNDO,
                f"Check {summarize_names(change.parameters, _MOST_NAMED)} of {format_targets(targets)}, changed by {change.username}, and undo it if wrong",
                "failed or out of specification since",
                f"qdash values undo {change.number}{further}",
                targets=targets,
                event=change.number,
            )


def find_troubled_targets(digest: Digest, change: ManualChange) -> list[str]:
    """Return the targets of a change by a user that failed or left their specification after it, or whose couplings did."""
    troubled = {target for target, at in _iter_troubles(digest) if at is not None and at > change.at}
    return [one for one in change.targets if _touches(one, troubled)]


def _iter_troubles(digest: Digest) -> Iterator[tuple[str, datetime | None]]:
    """Yield each target that failed or left its specification, with the time."""
    for group in digest.failures:
        yield from ((target, group.failed_at) for target in group.targets)
    for one in digest.newly_failed:
        yield one.target, one.at
    for change in digest.left_specification:
        yield from ((target, value.calibrated_at) for target, value in change.values.items())


def _touches(target: str, troubled: set[str]) -> bool:
    return target in troubled or any(target in one.split("-") for one in troubled if "-" in one)


def _compare_moved(digest: Digest, further: str) -> Iterator[Advice]:
    """Yield the advice to look for a common cause of each shared change for the worse."""
    causes: dict[str, list[MovedParameter]] = {}
    for one in digest.moved:
        worsened = {value.change.target for value in one.worsened}
        for shared in one.shared:
            if not worsened.isdisjoint(shared.resource.affected):
                causes.setdefault(str(shared.resource), []).append(one)
    for cause, moved in causes.items():
        titles = summarize_names([one.title for one in moved], _MOST_NAMED)
        n = max(len(one.worsened) for one in moved)
        yield Advice(
            AdviceKind.COMPARE,
            f"Check {_add_article(cause)}: temperature, cables and pump; no measurement of its targets helps",
            f"{titles} worsened together on up to {n} targets",
            f"qdash compare {_quote(digest.label)} --chip {digest.chip_id}{further}",
        )


def _review(digest: Digest, further: str) -> Iterator[Advice]:
    n, targets = len(digest.flagged), list(dict.fromkeys(one.target for one in digest.flagged))
    if n:
        yield Advice(
            AdviceKind.REVIEW,
            f"Review {format_count(n, 'flagged result')}",
            f"on {format_targets(targets)}",
            f"qdash review {digest.chip_id}{further}",
            targets=targets,
        )


def _release(digest: Digest, further: str) -> Iterator[Advice]:
    """Yield the advice to keep the present values as a release, if a run ended and nothing needs attention."""
    if any(run.execution.end_at is not None for run in digest.runs):
        yield Advice(
            AdviceKind.RELEASE,
            "Nothing needs attention: keep the present values as a release",
            "no failure, no flagged result, no stale value that gates need",
            f"qdash release create {digest.chip_id}{further}",
        )


def _add_article(cause: str) -> str:
    return f"the {cause}" if cause == WHOLE_CHIP else cause


def _quote(text: str) -> str:
    return f"'{text}'" if " " in text else text

"""Advice on the next actions, from a digest, as pure functions."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

from qdash_builtin.digests.digest import Advice, AdviceKind, CauseKind
from qdash_builtin.digests.run_choice import make_run_command
from qdash_builtin.values.resources import WHOLE_CHIP
from qdash_core.models.judgement import FailureKind
from qdash_core.models.name_summary import summarize_names
from qdash_core.models.quantities import format_count
from qdash_core.models.target_lists import format_targets

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from qdash_builtin.digests.digest import (
        Digest,
        ManualChange,
        MovedParameter,
        StaleValue,
        UnfitGroup,
        UnfitTarget,
    )
    from qdash_builtin.digests.run_choice import RunChoice
    from qdash_builtin.explanations.causes import LikelyCause

_CHECK_SHARED = "Check {}: cables, amplifiers and instruments, then measure {{}} again"
_MOST_NAMED = 3
_MOST_EXPLAINED = 8
"""Maximum number of failed targets whose likely causes are sought."""
_LEAST_PROBABILITY = 0.5
"""Least probability of a cause that decides an action."""
_ACTIONS: Mapping[FailureKind | None, tuple[AdviceKind, str]] = {
    FailureKind.NO_SIGNAL: (AdviceKind.INSPECT, "Check the lines of {}, then measure again, or exclude"),
    FailureKind.COULD_NOT_TELL: (AdviceKind.MEASURE, "Measure {} again, or exclude"),
    FailureKind.REJECTED: (AdviceKind.MEASURE, "Measure {} again, or exclude"),
    FailureKind.REJECTED_BY_USER: (AdviceKind.MEASURE, "Measure {} again"),
    None: (AdviceKind.MEASURE, "Measure {} again, or exclude"),
}
"""Action for an unfit target without a known cause by the kind of its failure; None for a value that is too bad or absent."""


@dataclass(frozen=True, slots=True)
class _Action:
    """Action for targets that have the same one. Its text has `{}` for them and `{p}` for the probability of the cause."""

    kind: AdviceKind
    text: str
    flow: str
    reason: str = field(compare=False)
    task_id: str = field(default="", compare=False)
    probability: float = field(default=0.0, compare=False)

    def write(self, targets: Sequence[str]) -> str:
        """Return the text for targets."""
        probability = f"{100 * self.probability:.0f} %"
        return self.text.replace("{}", format_targets(targets)).replace("{p}", probability)


def list_advice(
    digest: Digest,
    *,
    runs: RunChoice,
    further: str = "",
    by_hand: Sequence[ManualChange] = (),
    known_tasks: Mapping[str, str] = MappingProxyType({}),
    explain: Callable[[str], LikelyCause | None] = lambda _task_id: None,
) -> list[Advice]:
    """Return the advised actions, the most urgent first; each target is measured once.

    Parameters
    ----------
    further : str
        Options of commands that name the project and the user, preceded by a space.
    by_hand : sequence of ManualChange
        Changes of values by users since the first failure, oldest first.
    known_tasks : mapping of str to str
        Tasks of results that decided that a target is unfit or gave a stale value, by the id of the result.
    """
    undone = [*_check_manual_changes(digest, further)]
    planned = {target for one in undone for target in one.targets}
    planner = _Planner(digest, runs, further, by_hand, known_tasks, explain, planned)
    found = [
        *undone,
        *_resume(digest, further),
        *planner.restore(digest.newly_unfit),
        *planner.measure_failures(),
        *_compare_moved(digest, further),
        *planner.restore(digest.still_unfit),
        *_review(digest, further),
        *planner.measure_stale(),
    ]
    return found or ([] if digest.failures or digest.stale else [*_release(digest, further)])


@dataclass(slots=True)
class _Planner:
    """Planner of measurements: no target is in two of them.

    `planned` has the targets that have their action, `explained` counts those whose likely causes were sought. Other fields: see `list_advice`.
    """

    digest: Digest
    runs: RunChoice
    further: str
    by_hand: Sequence[ManualChange]
    known_tasks: Mapping[str, str]
    explain: Callable[[str], LikelyCause | None]
    planned: set[str] = field(default_factory=set)
    explained: int = 0

    def restore(self, groups: Iterable[UnfitGroup]) -> Iterator[Advice]:
        """Yield the action that makes each unfit target usable again: those with the same one together."""
        actions: dict[_Action, list[str]] = {}
        for group in groups:
            for one in group.members:
                if one.target not in self.planned:
                    actions.setdefault(self._choose_action(one, group.shared), []).append(one.target)
        for action, targets in actions.items():
            yield from self._plan(targets, action)

    def _choose_action(self, unfit: UnfitTarget, shared: str) -> _Action:
        """Return the action for an unfit target: by a changed input, a shared resource, the likely cause, or else the kind of its failure."""
        flow = unfit.task or self.runs.choose(
            unfit.target, unfit.parameters, [self.known_tasks.get(unfit.task_id, "")]
        )
        if change := self._find_changed_input(unfit):
            return _Action(
                AdviceKind.MEASURE, "Measure {} again", flow, f"{change} since {unfit.task} failed"
            )
        if shared:
            text = _CHECK_SHARED.format(_add_article(shared))
            return _Action(AdviceKind.INSPECT, text, flow, unfit.reason)
        if unfit.task_id and self.explained < _MOST_EXPLAINED:
            self.explained += 1
            likely = self.explain(unfit.task_id)
            if likely is not None and likely.probability >= _LEAST_PROBABILITY:
                return self._act_on_cause(likely, unfit, flow)
        kind, text = _ACTIONS[unfit.failure]
        if unfit.line and unfit.failure is FailureKind.NO_SIGNAL:
            text = text.replace("the lines", f"drive line {unfit.line} and the readout")
        return _Action(kind, text, flow, unfit.reason)

    def _act_on_cause(self, likely: LikelyCause, unfit: UnfitTarget, flow: str) -> _Action:
        """Return the action of a likely cause: its measurement, if it is installed, or the check of hardware before the flow or task `flow`."""
        cause, measurement = likely.cause, likely.find_measurement(unfit.task)
        title = cause.title if cause.title[1:2].isupper() else f"{cause.title[:1].lower()}{cause.title[1:]}"
        if self.runs.can_run(measurement, unfit.target):
            kind, flow, do = AdviceKind.MEASURE, measurement, cause.do.rstrip(".")
        else:
            kind, do = AdviceKind.INSPECT, f"{cause.do.split('. ')[0].rstrip('.')}, then measure again"
        text = f"{{}}: {title} ({{p}}). {do}"
        return _Action(kind, text, flow, unfit.reason, unfit.task_id, likely.probability)

    def _find_changed_input(self, unfit: UnfitTarget) -> str:
        """Return how an input of the failed task of a target changed after its failure, or an empty text."""
        if unfit.failed_at is None:
            return ""
        inputs = self.runs.list_inputs(unfit.task)
        for change in reversed(self.by_hand):
            concerned = [one for one in change.parameters if one in inputs]
            if change.at > unfit.failed_at and unfit.target in change.targets and concerned:
                return f"event {change.number}: {change.username} {change.verb} {self.digest.summarize(concerned, _MOST_NAMED)}"
        newer = [one for one in unfit.newer if one in inputs]
        return f"{self.digest.summarize(newer, _MOST_NAMED)} measured" if newer else ""

    def measure_failures(self) -> Iterator[Advice]:
        """Yield the measurement of targets that failed in a task and can still be used; if they share a resource, the check of it."""
        for group in self.digest.failures:
            if not group.targets or group.continues:
                continue
            tasks = summarize_names(group.tasks, _MOST_NAMED)
            kind, text, where = AdviceKind.MEASURE, "Measure {} again", ""
            if group.kind is CauseKind.RESOURCE:
                kind, text = AdviceKind.INSPECT, _CHECK_SHARED.format(_add_article(group.cause))
                where = f" on {len(group.targets)} of {group.examined} targets"
            reason = f"{tasks} failed{where}: {group.message}"
            flow = self.runs.choose_for_tasks(group.targets[0], group.tasks)
            yield from self._plan(group.targets, _Action(kind, text, flow, reason, group.task_id))

    def measure_stale(self) -> Iterator[Advice]:
        """Yield the measurement of the stale values that gates need: of targets with the same run together."""
        by_target: dict[str, list[StaleValue]] = {}
        for one in self.digest.stale:
            by_target.setdefault(one.target, []).append(one)
        by_flow: dict[str, list[StaleValue]] = {}
        for target, stale in by_target.items():
            known = [self.known_tasks.get(one.task_id, "") for one in stale]
            flow = self.runs.choose(target, [one.parameter for one in stale], known)
            by_flow.setdefault(flow, []).extend(stale)
        for flow, stale in by_flow.items():
            if flow:
                reason = self._describe_stale(stale)
                targets = list(dict.fromkeys(one.target for one in stale))
                yield from self._plan(targets, _Action(AdviceKind.MEASURE, "Measure {} again", flow, reason))

    def _describe_stale(self, stale: Sequence[StaleValue]) -> str:
        named = self.digest.summarize(dict.fromkeys(one.parameter for one in stale), _MOST_NAMED)
        n, moved = sum(one.is_old for one in stale), sum(one.is_moved for one in stale)
        rest = len(stale) - n - moved
        parts = [f"{n} too old"] if n else []
        parts += [f"{moved} with inputs that moved"] if moved else []
        parts += [f"{rest} after a change of a setting or of a part of their set"] if rest else []
        return f"values of {named} that gates need: {', '.join(parts)}"

    def _plan(self, targets: Iterable[str], action: _Action) -> Iterator[Advice]:
        """Yield the measurement of the qubits, and that of the couplings, among the targets that are not planned yet."""
        left = [one for one in targets if one not in self.planned]
        self.planned.update(left)
        for some in ([one for one in left if "-" not in one], [one for one in left if "-" in one]):
            if some:
                flow = action.flow
                yield Advice(
                    action.kind,
                    action.write(some),
                    action.reason,
                    make_run_command(self.digest.chip_id, flow, some, self.further) if flow else "",
                    targets=some,
                    flow=flow,
                    task_id=action.task_id,
                    cost=self.runs.describe_cost(flow, some) if flow else "",
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
                f"Check {digest.summarize(change.parameters, _MOST_NAMED)} of {format_targets(targets)}, changed by {change.username}, and undo it if wrong",
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
    for failures in digest.failures:
        yield from ((target, failures.failed_at) for target in failures.targets)
    for group in digest.unfit:
        yield from ((one.target, one.since) for one in group.members)
    for change in digest.left_specification:
        yield from ((target, value.calibrated_at) for target, value in change.values.items())


def _touches(target: str, troubled: set[str]) -> bool:
    return target in troubled or any(target in one.split("-") for one in troubled if "-" in one)


def _compare_moved(digest: Digest, further: str) -> Iterator[Advice]:
    """Yield the advice to look for a common cause of each shared change for the worse."""
    causes: dict[str, list[MovedParameter]] = {}
    told = {one.shared for one in digest.unfit}
    for one in digest.moved:
        worsened = {value.change.target for value in one.worsened}
        for shared in one.shared:
            if str(shared.resource) not in told and not worsened.isdisjoint(shared.resource.affected):
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

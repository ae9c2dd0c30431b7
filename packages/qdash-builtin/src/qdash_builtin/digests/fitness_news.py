"""News on the fitness of targets: the difference of the judgements at the end and at the start of a digest, as pure functions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_builtin.comparisons.shared_resources import find_shared_resources
from qdash_builtin.digests.digest import ChangedFitness, UnfitGroup, UnfitTarget
from qdash_builtin.digests.failures import mask_numbers
from qdash_core.models.chip import TargetStatus
from qdash_core.models.judgement import Fitness
from qdash_core.models.targets import by_number, split_coupling
from qdash_core.models.task import TaskStatus, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
    from datetime import datetime

    from qdash_builtin.metrics.definitions import Metric
    from qdash_builtin.values.resources import Resource
    from qdash_core.models.chip import CouplingModel, QubitModel
    from qdash_core.models.chip_judgement import Judgement, TargetJudgement
    from qdash_core.models.task import ResultValues

_USABLE = (Fitness.FIT, Fitness.DEGRADED)


def list_unfit(judgement: Judgement) -> dict[str, TargetJudgement]:
    """Return the unfit targets, qubits first, without couplings that are unfit because of a qubit."""
    judged = judgement.targets
    return {
        qid: one
        for qid, one in sorted(judged.items(), key=lambda known: ("-" in known[0], by_number(known[0])))
        if one.fitness is Fitness.UNFIT
        and ("-" not in qid or all(judged[qubit].fitness.permits_use for qubit in split_coupling(qid)))
    }


def list_not_fit(judgement: Judgement) -> dict[Fitness, list[str]]:
    """Return the targets that are not fit by fitness, qubits first."""
    found: dict[Fitness, list[str]] = {}
    for qid in sorted(judgement.targets, key=lambda known: ("-" in known, by_number(known))):
        if (fitness := judgement.targets[qid].fitness) is not Fitness.FIT:
            found.setdefault(fitness, []).append(qid)
    return found


def describe_unfit(target: QubitModel | CouplingModel, judged: TargetJudgement) -> UnfitTarget:
    """Return an unfit target with the measurement that decided it, if one did."""
    reason = target.status_reason if target.status is TargetStatus.FAILED else None
    decided = (
        [] if reason is None else [one for one in target.failures.values() if one.task_id == reason.task_id]
    )
    if not decided:
        return UnfitTarget(
            target.qid,
            judged.reasons,
            since=target.status_at if target.status is TargetStatus.FAILED else None,
            task_id="" if judged.cause is None else judged.cause.task_id,
            parameters=tuple(judged.missed),
        )
    assert reason is not None
    root = decided[0]
    return UnfitTarget(
        target.qid,
        judged.reasons,
        since=reason.since or target.status_at,
        task_id=reason.task_id,
        task=root.task,
        failure=root.kind,
        failed_at=root.measured_at,
        parameters=tuple(name for name, one in target.failures.items() if one.task_id == root.task_id),
        newer=tuple(
            name
            for name, one in target.data.items()
            if one.calibrated_at is not None and one.calibrated_at > root.measured_at
        ),
    )


def find_onset(
    results: Iterable[ResultValues], missed: Mapping[str, float | None], metrics: Mapping[str, Metric]
) -> datetime | None:
    """Return the start of the first of the newest measurements in a row whose value misses a limit, or None if there is none.

    Parameters
    ----------
    results : iterable of ResultValues
        Results of the target, newest first, accepted or flagged.
    missed : mapping of str to float or None
        Parameters and limits, as in `TargetJudgement`.
    """
    onset: datetime | None = None
    for one in results:
        values = {name: one.output_parameters[name] for name in missed if name in one.output_parameters}
        if one.status is not TaskStatus.COMPLETED or one.verdict is Verdict.REJECTED or not values:
            continue
        if not any(
            limit is not None and metrics[name].compute_lead(float(values[name].value), limit) < 0
            for name, limit in missed.items()
            if name in values
        ):
            break
        onset = one.start_at
    return onset


def group_unfit(
    unfit: Iterable[UnfitTarget], judgement: Judgement, resources: Mapping[Resource, Collection[str]]
) -> list[UnfitGroup]:
    """Return unfit targets by the line, multiplexer or module that they share, and others by reasons that differ in numbers at most."""
    by_target = {one.target: one for one in unfit}
    every = list_unfit(judgement)
    examined = [qid for qid, one in judgement.targets.items() if one.fitness in _USABLE or qid in every]
    causes = {
        qid: str(shared)
        for shared in find_shared_resources(resources, every.keys(), examined)
        for qid in shared.affected
    }
    groups: dict[str, list[UnfitTarget]] = {}
    for one in by_target.values():
        groups.setdefault(causes.get(one.target) or mask_numbers(one.reason), []).append(one)
    return [UnfitGroup(some, causes.get(some[0].target, "")) for some in groups.values()]


def iter_changed_fitness(
    before: Judgement, after: Judgement, get_note: Callable[[str], str]
) -> Iterator[ChangedFitness]:
    """Yield the targets that may be used and might not or were never calibrated before, and those that users set aside, with the note.

    Couplings that might not be used because of a qubit are left out.
    """
    unfit = list_unfit(before)
    for qid, one in after.targets.items():
        former = before.targets[qid].fitness if qid in before.targets else None
        if former is one.fitness:
            continue
        may_be_news = former in (None, Fitness.UNKNOWN) or former.set_aside or qid in unfit
        if one.fitness.set_aside or (one.fitness in _USABLE and may_be_news):
            yield ChangedFitness(qid, former, one.fitness, get_note(qid) if one.fitness.set_aside else "")


def find_earliest(groups: Iterable[UnfitGroup]) -> datetime | None:
    """Return the earliest time since which a target of these groups is unfit, or None if it is unknown."""
    return min((one.since for one in groups if one.since is not None), default=None)

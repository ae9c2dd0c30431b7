"""Status of a target, which follows the evidence on its essential metrics."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeVar

from qdash_core.models.chip import CouplingModel, QubitModel, TargetStatus
from qdash_core.models.targets import split_coupling
from qdash_core.repositories.chip_events import log_chip
from qdash_core.repositories.chips import (
    CouplingCalibrationRepository,
    QubitCalibrationRepository,
    get_target_repository,
)
from qdash_core.values.evidence import Evidence, join_failures, read_evidence
from qdash_core.values.status_table import Situation, decide_status
from qdash_core.values.usable_results import UsableResults

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping
    from datetime import datetime

    from qdash_core.models.chip import ChipModel
    from qdash_core.repositories.repositories import Repositories


@dataclass(frozen=True, slots=True)
class StatusRules:
    """Rules of the status of targets.

    `essential` has the essential metrics of qubits (`"qubit"`) and couplings (`"coupling"`). `list_measured` returns
    the parameters that the tasks of a chip measure.
    """

    essential: Mapping[str, frozenset[str]] = field(
        default_factory=lambda: {"qubit": frozenset(), "coupling": frozenset()}
    )
    list_measured: Callable[[ChipModel], Collection[str]] = lambda _: ()

    def for_run(self) -> StatusRules:
        """Return the rules for a run, whose tasks stay those of its start: the backend of a chip is asked for them once."""
        known: dict[tuple[str, str, str], Collection[str]] = {}

        def list_measured(chip: ChipModel) -> Collection[str]:
            key = chip.project_id, chip.chip_id, chip.backend
            if key not in known:
                known[key] = self.list_measured(chip)
            return known[key]

        return replace(self, list_measured=list_measured)


T = TypeVar("T", QubitModel, CouplingModel)


def add_evidence(target: T, evidence: Evidence, *, complete_for: Collection[str] = ()) -> T:
    """Return a target with the outcomes of its newest measurements in place of earlier ones of the same parameters.

    Stored outcomes of the parameters in `complete_for` that are not in the evidence are removed.
    """
    replaced = {*evidence.accepted, *complete_for}
    failures = {
        name: one
        for name, one in target.failures.items()
        if name not in replaced and (one.task, name) not in evidence.resolved
    }
    disputes = {name: one for name, one in target.disputes.items() if name not in replaced | evidence.valued}
    for name, row in evidence.failures.items():
        failures[name] = join_failures(row, failures.get(name))
    return target.model_copy(update={"failures": failures, "disputes": disputes | evidence.disputes})


def follow_evidence(
    target: T,
    evidence: Evidence,
    essential: frozenset[str],
    *,
    is_complete: Callable[[], bool],
    list_failed_qubits: Callable[[], Collection[QubitModel]] = tuple,
    complete_for: Collection[str] = (),
    now: datetime,
) -> T:
    """Return a target with the status that follows from its newest measurements by the table of statuses.

    A status that a user or a flow set stays until evidence makes the target failed, or accepts an essential value.
    The evidence has been added to `target`; it is complete for the parameters in `complete_for`. `is_complete`
    returns whether the target has a value of each essential metric that tasks measure; `list_failed_qubits` returns
    the qubits of a coupling that are failed.
    """
    if target.status.set_aside:
        return target
    accepted = {name: evidence.accepted[name] for name in essential & evidence.accepted.keys()}
    situation = Situation(target, essential, is_complete, accepted, list_failed_qubits)
    status, reason = decide_status(situation)
    if status is not TargetStatus.FAILED:
        calibrated = target.status is TargetStatus.CALIBRATED
        decided = target.status_reason is not None and not essential.isdisjoint(complete_for)
        concerned = decided if calibrated else situation.was_failed or accepted
        if not concerned or status == target.status:
            return target
    status_at = target.status_at if status == target.status else now
    return target.with_changes(status=status, status_at=status_at, status_reason=reason, now=now)


def record_evidence(
    repositories: Repositories,
    header: ChipModel,
    qid: str,
    evidence: Evidence,
    rules: StatusRules,
    *,
    complete_for: Collection[str] = (),
    target: QubitModel | CouplingModel | None = None,
    today: str,
    now: datetime,
) -> None:
    """Store evidence with its target and the status that follows, also in today's copy, in the transaction of the caller.

    The couplings of a qubit follow if it fails, or no longer does. `target` is the target as it is stored now, or None to read it.
    """
    stored = _get_repository(repositories, qid)
    known: Any = target or stored.require(header.project_id, header.chip_id, qid)
    if not complete_for and any(name in known.failures for _, name in evidence.resolved):
        # Failures of several tasks may be in one row, of which those of one task no longer concern the parameter.
        read = {*evidence.accepted, *evidence.failures, *evidence.disputes, *evidence.valued}
        reassess_target(repositories, header, qid, read, rules, today=today, now=now)
        return
    if complete_for or _may_change_status(known, evidence, rules):
        changed = _follow_stored(
            repositories, header, known, evidence, rules, complete_for=complete_for, now=now
        )
    else:
        changed = add_evidence(known, evidence)
    if _get_state(changed) == _get_state(known):
        return
    if changed.updated_at == known.updated_at:
        changed = changed.with_changes(now=now)
    written = [(known, changed)]
    day = {"recorded_date": today, "cooldown_id": header.current_cooldown_id}
    stored.write_values(changed, former=known, **day)
    failed = [one.status is TargetStatus.FAILED for one in (known, changed)]
    if failed[0] != failed[1] and isinstance(changed, QubitModel):
        written += _update_couplings(repositories, header, changed, rules, today=today, now=now)
    statuses = {new.qid: (old.status, new.status) for old, new in written if new.status != old.status}
    if statuses:
        log_chip(
            repositories,
            header.project_id,
            header.chip_id,
            "status",
            targets=[*statuses],
            statuses=statuses,
        )


def _follow_stored(
    repositories: Repositories,
    header: ChipModel,
    known: T,
    evidence: Evidence,
    rules: StatusRules,
    *,
    complete_for: Collection[str] = (),
    now: datetime,
) -> T:
    names = _get_essential(known, rules)
    changed = add_evidence(known, evidence, complete_for=complete_for)

    def list_failed_qubits() -> list[QubitModel]:
        if isinstance(known, QubitModel):
            return []
        found = repositories.of(QubitCalibrationRepository).list_by_ids(
            header.project_id, header.chip_id, split_coupling(known.qid)
        )
        return [qubit for qubit in found if qubit.status is TargetStatus.FAILED]

    return follow_evidence(
        changed,
        evidence,
        names,
        is_complete=lambda: _is_complete(header, changed, names, rules),
        list_failed_qubits=list_failed_qubits,
        complete_for=complete_for,
        now=now,
    )


def _update_couplings(
    repositories: Repositories,
    header: ChipModel,
    qubit: QubitModel,
    rules: StatusRules,
    *,
    today: str,
    now: datetime,
) -> list[tuple[CouplingModel, CouplingModel]]:
    """Store the couplings of a qubit whose status follows that of the qubit; return each before and after."""
    written = []
    for known in repositories.of(CouplingCalibrationRepository).list_by_chip(
        header.project_id, header.chip_id
    ):
        if qubit.qid not in split_coupling(known.qid):
            continue
        changed = _follow_stored(repositories, header, known, Evidence(), rules, now=now)
        if _get_state(changed) != _get_state(known):
            repositories.of(CouplingCalibrationRepository).write_values(
                changed, former=known, recorded_date=today, cooldown_id=header.current_cooldown_id
            )
            written.append((known, changed))
    return written


def _may_change_status(known: QubitModel | CouplingModel, evidence: Evidence, rules: StatusRules) -> bool:
    """Return whether the outcome of a measurement may change the status of a target."""
    if evidence.failures or known.failures or known.status is TargetStatus.FAILED:
        return True
    return not _get_essential(known, rules).isdisjoint(evidence.accepted)


def _get_essential(target: QubitModel | CouplingModel, rules: StatusRules) -> frozenset[str]:
    return rules.essential["coupling" if isinstance(target, CouplingModel) else "qubit"]


def _get_repository(repositories: Repositories, qid: str) -> Any:
    return get_target_repository(repositories, qid)


def reassess_target(
    repositories: Repositories,
    header: ChipModel,
    qid: str,
    names: Iterable[str],
    rules: StatusRules,
    *,
    today: str,
    now: datetime,
) -> None:
    """Read the evidence of all results on a target, and store it with the status that follows.

    For results that are decided on, adopted, committed or analysed again, after these changes are stored. `names` are
    the parameters of these results. Results that were not accepted are read, too.
    """
    target = _get_repository(repositories, qid).find(header.project_id, header.chip_id, qid)
    if target is None:
        return
    read = {*names, *target.failures, *target.disputes}
    evidence = read_evidence(repositories, header, target, read, UsableResults(repositories, header))
    record_evidence(
        repositories, header, qid, evidence, rules, complete_for=read, target=target, today=today, now=now
    )


def _get_state(target: QubitModel | CouplingModel) -> tuple[object, ...]:
    return target.failures, target.disputes, target.status, target.status_reason


def _is_complete(
    header: ChipModel, target: QubitModel | CouplingModel, essential: Collection[str], rules: StatusRules
) -> bool:
    """Return whether a target has a value of each essential metric that tasks measure on its chip."""
    missing = {name for name in essential if name not in target.data}
    return not missing or missing.isdisjoint(rules.list_measured(header))

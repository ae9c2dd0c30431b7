"""Values and results of the subject of a report, read from one snapshot."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from qdash_builtin.comparisons.past_chip import read_judged_past_chip
from qdash_builtin.comparisons.released_chip import read_released_chip, read_released_metrics
from qdash_builtin.metrics.judged_values import judge_values
from qdash_builtin.metrics.selection import SelectedTargets
from qdash_builtin.metrics.values_in_use import collect_values
from qdash_builtin.reports.report import Contents, SubjectKind
from qdash_builtin.values.flagged_results import list_waiting
from qdash_builtin.values.release_repository import ReleaseRepository
from qdash_core.chips.chip import read_chip
from qdash_core.models.chip_values import ChipValues, KnownValue
from qdash_core.models.targets import get_target_kind
from qdash_core.models.task import Verdict, awaits_decision, select_last_attempts
from qdash_core.repositories.executions import ExecutionRepository
from qdash_core.repositories.results import LatestResultRepository, TaskResultHistoryRepository

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from qdash_builtin.metrics.definitions import MetricsFile
    from qdash_builtin.metrics.judgement.reader import JudgementReader
    from qdash_builtin.reports.report import Subject
    from qdash_core.chips.chip import Chip
    from qdash_core.models.chip import CouplingModel, QubitModel, TargetStatus
    from qdash_core.models.task import TaskResultModel
    from qdash_core.repositories.repositories import Repositories


def read_contents(
    repositories: Repositories,
    project_id: str,
    subject: Subject,
    file: MetricsFile,
    judgement_reader: JudgementReader,
) -> Contents:
    """Return values and results of the subject of a report; `file` has the present definitions of metrics.

    Raises
    ------
    NotFoundError
        If the chip, the execution or the release no longer exists.
    """
    match subject.kind:
        case SubjectKind.CHIP:
            return _read_chip(repositories, project_id, subject.chip_id, file, judgement_reader)
        case SubjectKind.EXECUTION:
            return _read_execution(repositories, project_id, subject, file, judgement_reader)
        case SubjectKind.RELEASE:
            return _read_release(repositories, project_id, subject, judgement_reader)


def _read_chip(
    repositories: Repositories,
    project_id: str,
    chip_id: str,
    file: MetricsFile,
    judgement_reader: JudgementReader,
) -> Contents:
    chip = read_chip(repositories, project_id, chip_id)
    file = file.specify(chip.header.specification)
    chip = chip.judge(judgement_reader.read(repositories, project_id, chip_id))
    newest = repositories.of(LatestResultRepository).list_by_chip(project_id, chip_id)
    shown = [one.task_id for one in newest if one.end_at >= chip.header.installed_at]
    waiting = Counter(get_target_kind(one.values.qid) for one in list_waiting(repositories, chip.header))
    return replace(
        _make_contents(repositories, chip, file, shown),
        flagged={kind: waiting[kind] for kind in waiting},
    )


def _read_release(
    repositories: Repositories, project_id: str, subject: Subject, judgement_reader: JudgementReader
) -> Contents:
    release = repositories.of(ReleaseRepository).require(project_id, subject.chip_id, subject.name)
    chip = read_released_chip(repositories, release, judgement_reader.read_declared())
    file = read_released_metrics(release).specify(release.chip.specification)
    targets: list[QubitModel | CouplingModel] = [*chip.qubits.values(), *chip.couplings.values()]
    shown = dict.fromkeys(value.task_id for one in targets for value in one.data.values() if value.task_id)
    return replace(_make_contents(repositories, chip, file, [*shown]), release=release)


def _read_execution(
    repositories: Repositories,
    project_id: str,
    subject: Subject,
    file: MetricsFile,
    judgement_reader: JudgementReader,
) -> Contents:
    run = repositories.of(ExecutionRepository).require(project_id, subject.name)
    chip = read_chip(repositories, project_id, run.chip_id)
    unknown: Collection[str] = ()
    if run.end_at is None:
        judged = chip.judge(judgement_reader.read(repositories, project_id, run.chip_id))
    else:
        past = read_judged_past_chip(repositories, chip, run.end_at, judgement_reader)
        judged, unknown = past.chip, past.unknown
    results = select_last_attempts(
        repositories.of(TaskResultHistoryRepository).list_by_execution(project_id, run.execution_id)
    )
    measured = {one.qid for one in results}
    targets = SelectedTargets.select(
        run.chip_id,
        chip.qubits,
        chip.couplings,
        [one for one in measured if one in chip.qubits or one in chip.couplings],
    )
    values = _collect_measured(results)
    return Contents(
        chip=replace(chip, judgement=judged.judgement),
        statuses=_list_statuses(judged, unknown),
        file=file.specify(chip.header.specification),
        values=ChipValues(
            {qid: values[qid] for qid in targets.qubits if qid in values},
            {qid: values[qid] for qid in targets.couplings if qid in values},
        ),
        targets=targets,
        shown=[one.task_id for one in results],
        results={one.task_id: one for one in results},
        flagged=Counter(
            get_target_kind(one.qid)
            for one in results
            if any(awaits_decision(one, name) for name in one.output_parameters)
        ),
        run=run,
    )


def _list_statuses(chip: Chip, unknown: Collection[str] = ()) -> dict[str, TargetStatus]:
    """Return the statuses of the targets of a chip, without unknown ones."""
    targets: list[QubitModel | CouplingModel] = [*chip.qubits.values(), *chip.couplings.values()]
    return {one.qid: one.status for one in targets if one.qid not in unknown}


def _collect_measured(results: Iterable[TaskResultModel]) -> Mapping[str, Mapping[str, KnownValue]]:
    """Return the values that results measured, by target and parameter; the last result counts."""
    found: dict[str, dict[str, KnownValue]] = {}
    for result in results:
        for name, parameter in result.output_parameters.items():
            decision = result.decisions.get(name)
            verdict = (result.verdict or Verdict.FLAGGED) if decision is None else Verdict(decision.verdict)
            found.setdefault(result.qid, {})[name] = KnownValue(parameter, verdict, tuple(result.reasons))
    return found


def _make_contents(repositories: Repositories, chip: Chip, file: MetricsFile, shown: list[str]) -> Contents:
    """Return the contents of a chip with its values in use."""
    targets = SelectedTargets(tuple(chip.qubits), tuple(chip.couplings))
    values = judge_values(
        collect_values(chip.qubits.values(), chip.couplings.values(), targets), chip.judgement
    )
    sources = {
        known.parameter.task_id
        for _, of_kind in values.iter_kinds()
        for some in of_kind.values()
        for known in some.values()
    }
    wanted = sorted({*shown, *sources} - {""})
    results = repositories.of(TaskResultHistoryRepository).list_by_ids(chip.header.project_id, wanted)
    return Contents(
        chip=chip,
        statuses=_list_statuses(chip),
        file=file,
        values=values,
        targets=targets,
        shown=shown,
        results={one.task_id: one for one in results},
    )

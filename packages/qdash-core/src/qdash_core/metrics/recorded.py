"""Values of a chip out of its recorded results: of every target and metric one, chosen or computed from all of a period."""

from __future__ import annotations

import math
from collections import defaultdict
from statistics import fmean, median, stdev
from typing import TYPE_CHECKING

from qdash_core.metrics.selection import Mode
from qdash_core.metrics.statistics import best
from qdash_core.metrics.values import ChipValues, KnownValue
from qdash_core.models.chip import ParameterModel
from qdash_core.models.task import TaskStatus, Verdict
from qdash_core.repositories.chips import WITHOUT_DIRECTION

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from datetime import datetime

    from qdash_core.metrics.definitions import Metric, MetricsFile
    from qdash_core.metrics.selection import Period, Targets
    from qdash_core.metrics.values import Kind
    from qdash_core.models.task import RecordedValues


def values_recorded(
    results: Iterable[RecordedValues],
    file: MetricsFile,
    *,
    mode: Mode,
    period: Period,
    targets: Targets,
    flagged: bool = False,
) -> ChipValues:
    """Return one value of every target and metric.

    Parameters
    ----------
    results : iterable of RecordedValues
        Those of the chip, at least all that measured in the period, newest first.
    file : MetricsFile
        Says which values are better.
    mode : Mode
        How one value is made of several.
    period : Period
        When they were measured.
    targets : Targets
        Those that are meant.
    flagged : bool
        Whether flagged values count, too.

    Notes
    -----
    Of a coupling that was measured in both directions those values count that were measured in that of the newest one.
    Trials do not count, and of a measurement that was analysed again only the last analysis that was accepted. The error of a mean is the standard
    error that the scatter of the results gives (unknown where they do not scatter), that of a median is not known; of a single result it is its own.
    """
    verdicts = (Verdict.ACCEPTED, Verdict.FLAGGED) if flagged else (Verdict.ACCEPTED,)
    found: dict[str, dict[str, list[KnownValue]]] = defaultdict(lambda: defaultdict(list))
    for result in _last_analyses(results, verdicts):
        for name, parameter in result.output_parameters.items():
            if _is_in(period, parameter.calibrated_at):
                control = None if name in WITHOUT_DIRECTION else result.control
                verdict, reasons = result.verdict or Verdict.ACCEPTED, tuple(result.reasons)
                found[result.qid][name].append(KnownValue(parameter, verdict, reasons, control=control))

    def of(kind: Kind) -> dict[str, dict[str, KnownValue]]:
        metrics = file.of(kind)
        chosen = {
            target: {
                name: value
                for name, known in found[target].items()
                if (value := _one_of(known, metrics.get(name), mode)) is not None
            }
            for target in targets.of_kind(kind)
            if target in found
        }
        return {target: values for target, values in chosen.items() if values}

    return ChipValues(of("qubit"), of("coupling"))


def _last_analyses(
    results: Iterable[RecordedValues], verdicts: Collection[Verdict]
) -> Iterable[RecordedValues]:
    """Return of each measurement the last analysis that counts."""
    last: dict[str, RecordedValues] = {}
    for result in results:
        if result.saved and result.status is TaskStatus.COMPLETED and result.verdict in verdicts:
            last.setdefault(result.refit_of or result.task_id, result)
    return last.values()


def _is_in(period: Period, measured_at: datetime | None) -> bool:
    # A value is as old as its measurement, whose result began before it, and a refit long after.
    if measured_at is None:
        return True
    return (period.since is None or measured_at >= period.since) and (
        period.until is None or measured_at < period.until
    )


def _one_of(known: Sequence[KnownValue], metric: Metric | None, mode: Mode) -> KnownValue | None:
    newest = max(known, key=lambda one: _age_key(one.parameter))
    if mode is Mode.LATEST:
        return newest
    alike = [one.parameter for one in known if _are_of_one_kind(one, newest)]
    numbers = [float(one.value) for one in alike]
    spread = stdev(numbers) if len(numbers) > 1 else None
    if mode is Mode.BEST:
        chosen = best(alike, metric)
        return (
            None if chosen is None else KnownValue(chosen, n=len(alike), std=spread, control=newest.control)
        )
    if spread is None:
        return KnownValue(alike[0], n=1, control=newest.control)
    computed = (
        {"value": fmean(numbers), "error": spread / math.sqrt(len(numbers)) or None}
        if mode is Mode.AVERAGE
        else {"value": median(numbers), "error": None}
    )
    origin = {"unit": newest.parameter.unit, "calibrated_at": newest.parameter.calibrated_at}
    value = ParameterModel(**computed, **origin)
    return KnownValue(value, n=len(numbers), std=spread, control=newest.control)


def _are_of_one_kind(one: KnownValue, other: KnownValue) -> bool:
    """Whether something can be said of two values together: in one unit, and of a coupling not in both directions."""
    directions = {one.control, other.control} - {None}
    return one.parameter.unit == other.parameter.unit and len(directions) <= 1


def _age_key(parameter: ParameterModel) -> tuple[bool, float]:
    at = parameter.calibrated_at
    return at is not None, 0.0 if at is None else at.timestamp()

"""Comparison of the subject of a report with the state before it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_builtin.reports.report import Changes, SubjectKind
from qdash_core.errors import QDashError
from qdash_core.models.chip import TargetStatus
from qdash_core.models.nights import YESTERDAY_EVENING, find_last_evening
from qdash_core.models.quantities import format_quantity
from qdash_core.models.times import format_time

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from qdash_builtin.comparisons.comparison import ComparedValue
    from qdash_builtin.comparisons.service import ComparisonService
    from qdash_builtin.reports.report import Contents, Subject
    from qdash_builtin.values.release import ReleaseModel
    from qdash_core.models.access import Access


def list_changes(
    comparisons: ComparisonService,
    access: Access,
    subject: Subject,
    contents: Contents,
    releases: Sequence[ReleaseModel],
    *,
    now: datetime,
    zone: ZoneInfo,
) -> Changes:
    """Return the changes of a chip since yesterday 18:00, of an execution since its start, or of a release since the previous one.

    The releases are those of the chip, newest first.
    """
    before, after, previous = _choose_points(subject, contents, releases, now, zone)
    if before is None:
        return Changes("", reason=previous)
    try:
        found = comparisons.compare(access, before, after, chip_id=subject.chip_id)
    except QDashError as error:  # such as a deleted release: the report is made without a comparison
        return Changes(previous, reason=str(error))
    return Changes(previous, found)


def _choose_points(
    subject: Subject, contents: Contents, releases: Sequence[ReleaseModel], now: datetime, zone: ZoneInfo
) -> tuple[str | None, str, str]:
    """Return the points that are compared, and the first one in words; None with the reason if there is none."""
    match subject.kind:
        case SubjectKind.CHIP:
            evening = find_last_evening(zone, now=now).astimezone(zone)
            created = contents.chip.header.created_at
            if evening < created:
                return (
                    None,
                    "",
                    f"the chip was created later than {YESTERDAY_EVENING}, at {format_time(created, zone)}",
                )
            return evening.isoformat(), "now", YESTERDAY_EVENING
        case SubjectKind.EXECUTION:
            run = contents.run
            if run is None or run.start_at is None:
                return None, "", "the execution has not started"
            return (
                run.start_at.isoformat(),
                run.execution_id if run.end_at else "now",
                "the start of the execution",
            )
        case SubjectKind.RELEASE:
            names = [one.name for one in releases]
            earlier = names[names.index(subject.name) + 1 :] if subject.name in names else []
            if not earlier:
                return None, "", "it is the first release of the chip"
            return f"release:{earlier[0]}", f"release:{subject.name}", f"release {earlier[0]}"


def describe_by_result(changes: Changes, contents: Contents) -> dict[str, tuple[str, ...]]:
    """Return the changes since the previous state that results caused, in words, by id of the result.

    They are moved values of main metrics, and targets that failed meanwhile, at the result that decided it.
    """
    found: dict[str, tuple[str, ...]] = {}
    if changes.comparison is None:
        return found
    main = contents.main_metrics
    for one in changes.comparison.moved:
        after = one.change.after
        if after is not None and one.change.parameter in main:
            text = f"{one.change.parameter} {describe_difference(one)}"
            found[after.task_id] = (*found.get(after.task_id, ()), text)
    targets = {**contents.chip.qubits, **contents.chip.couplings}
    for status in changes.comparison.statuses:
        reason = targets[status.target].status_reason if status.target in targets else None
        decisive = None if reason is None else contents.results.get(reason.task_id)
        if status.after is TargetStatus.FAILED and decisive is not None and decisive.qid == status.target:
            text = f"was {status.before}, is {status.after}"
            found[decisive.task_id] = (*found.get(decisive.task_id, ()), text)
    return found


def describe_difference(value: ComparedValue) -> str:
    """Return the difference of a value with its sign and its size in combined errors, such as `+12.3(4) µs (31σ)`."""
    change = value.change
    if change.difference is None:
        return str(change.change)
    unit = "" if change.after is None else change.after.unit
    sign = "+" if change.difference > 0 else ""
    sigmas = "" if change.sigmas is None else f" ({change.sigmas:.3g}σ)"
    return f"{sign}{format_quantity(change.difference, change.error, unit)}{sigmas}"

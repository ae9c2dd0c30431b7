"""Contents of a digest as sections of text and tables, for all formats of text."""

from __future__ import annotations

import math
from datetime import timedelta
from typing import TYPE_CHECKING

from qdash_core.digests.digest import AdviceKind, CauseKind
from qdash_core.digests.failures import mask_numbers
from qdash_core.models.chip import TargetStatus
from qdash_core.models.estimates import format_sigmas, unit_symbol
from qdash_core.models.execution import ExecutionStatus
from qdash_core.models.name_summary import summarize_names
from qdash_core.models.quantities import format_count, use_minus_sign, use_unit_symbols
from qdash_core.models.resources import ResourceKind
from qdash_core.models.target_lists import format_targets
from qdash_core.models.task import describe_outcomes
from qdash_core.models.times import format_duration
from qdash_core.text_pages.page import Line, Section, Table, make_plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from zoneinfo import ZoneInfo

    from qdash_core.comparisons.comparison import ComparedValue
    from qdash_core.digests.digest import (
        Advice,
        ChangedStatus,
        Digest,
        FailureGroup,
        FlaggedTask,
        MetricProgress,
        MovedParameter,
        SpecificationChange,
    )
    from qdash_core.metrics.definitions import Metric
    from qdash_core.record.execution_lists import ListedExecution

_MOST_RUNS, _MOST_METRICS, _MOST_NAMED, _MOST_TARGETS = 3, 6, 4, 8
_MOST_LINES = {
    "Newly failed": 4,
    "Set aside": 2,
    "Unstable": 2,
    "Out of spec": 3,
    "Healthy": 2,
    "By hand": 2,
    "To review": 3,
}
"""Maximum number of lines by section; 5 for the others."""
_MOST_CALM = 3
"""Maximum number of lines of moved values of a night without faults, so that its digest has ten lines."""
_MOST_ADVICE = 5
_DAY = timedelta(days=1)

_LONGEST_MESSAGE, _LONGEST_LIST, _SHORT = 90, 30, 60
"""Maximum number of characters of a message, of a list of targets, and of a run with laboratory time in its line."""


def make_title(digest: Digest) -> str:
    """Return the headline of a digest in one line, for a subject or a notification."""
    causes = [one.cause for one in digest.failures if one.kind is CauseKind.RESOURCE and not one.continues]
    of_chip = [one for one in digest.moved if _is_of_chip(one)]
    worse = [one.title for one in of_chip if len(one.worsened) > len(one.improved)]
    better = [one.title for one in of_chip if len(one.worsened) < len(one.improved)]
    parts = [
        f"{summarize_names(worse, 3)} worse on the whole chip" if worse else "",
        f"{summarize_names(better, 3)} better on the whole chip" if better else "",
        f"failures on {summarize_names(causes, 2)}" if causes else "",
        f"{len(digest.newly_failed)} newly failed" if digest.newly_failed else "",
        f"{_count_values(digest.left_specification)} newly out of specification"
        if digest.left_specification
        else "",
        f"{len(digest.unfit)} more unfit" if digest.unfit else "",
        f"{len(digest.flagged)} to review" if digest.flagged else "",
    ]
    news = ", ".join(filter(None, parts)) or "nothing newly failed"
    return make_plain(f"Digest of {digest.chip_id} since {digest.label}: {news}")


def _is_of_chip(moved: MovedParameter) -> bool:
    return any(one.resource.resources[0].kind is ResourceKind.CHIP for one in moved.shared)


def make_sections(digest: Digest, zone: ZoneInfo) -> list[Section]:
    """Return the sections of a digest; those without contents are left out, except the runs.

    Parameters
    ----------
    digest : Digest
        The digest.
    zone : ZoneInfo
        Time zone of the times.
    """
    sections = {
        "Newly failed": _iter_statuses(_select_unexplained(digest)),
        "Still failing": _iter_still_failed(digest, zone),
        "Unfit": _iter_unfit(digest),
        "Set aside": _iter_statuses(digest.set_aside),
        "Out of spec": map(_make_specification_line, digest.left_specification),
        "Healthy": _iter_healthy(digest),
        "Failures": (_make_failure_line(one, zone) for one in _select_failures(digest)),
        "Moved": _iter_moved(digest.moved),
        "Unstable": map(_make_unstable_line, digest.unstable),
        "By hand": _iter_manual(digest),
        "To review": _iter_flagged(digest),
        "Stale": _list_stale(digest),
    }
    faults = (digest.failures, digest.newly_failed, digest.still_failed, digest.unfit, digest.flagged)
    most = {} if any(faults) else {"Moved": _MOST_CALM}
    found = [
        _make_runs(digest, zone),
        Section("Yield", table=_make_yield(_select_news(digest)[:_MOST_METRICS])),
        *(
            Section(title, _shorten(lines, most.get(title, _MOST_LINES.get(title, 5))))
            for title, lines in sections.items()
        ),
        Section("Next", _list_advice(digest.advice)),
        Section("Advised", _list_advised_then(digest)),
    ]
    return [one for one in found if one.has_contents]


def _shorten(lines: Iterable[Line], most: int) -> list[Line]:
    every = list(lines)
    if len(every) <= most:
        return every
    return [*every[: most - 1], Line(f"and {len(every) - most + 1} more")]


def _make_runs(digest: Digest, zone: ZoneInfo) -> Section:
    if not digest.runs:
        return Section("Runs", [Line("no run since then")])
    shown = digest.runs[-_MOST_RUNS:]
    is_long = digest.until - digest.since > _DAY
    texts = [_describe_run(one, zone, form="%m-%d %H:%M" if is_long else "%H:%M") for one in shown]
    hidden = len(digest.runs) - len(shown)
    texts += [f"and {format_count(hidden, 'earlier run')}"] if hidden else []
    if digest.laboratory:
        spent = f"laboratory time {format_duration(digest.laboratory_s, whole=True)}"
        texts = [*texts[:-1], f"{texts[-1]}; {spent}"] if len(texts[-1]) < _SHORT else [*texts, spent]
    return Section("Runs", [Line(one) for one in texts])


def _describe_run(run: ListedExecution, zone: ZoneInfo, *, form: str) -> str:
    execution = run.execution
    remark = (
        " (simulated)" if execution.simulated else f" (scope {execution.scope})" if execution.scope else ""
    )
    times = "-".join(
        one.astimezone(zone).strftime(form)
        for one in (execution.start_at, execution.end_at)
        if one is not None
    )
    results = ", ".join(describe_outcomes(execution.outcomes).values()) or _cut(execution.message, 50)
    if run.status != ExecutionStatus.COMPLETED:
        results = f"{run.status}: {results}" if results else run.status
    return ", ".join(filter(None, (f"{execution.execution_id} {execution.name}{remark}", times, results)))


def _make_yield(metrics: Sequence[MetricProgress]) -> Table:
    rows = [
        (
            f"{one.metric.title}{' (couplings)' if one.kind == 'coupling' else ''}",
            _format_within(one.within_new, one.n_new, one.n_new),
            format_number(one.metric, one.median_new, one.unit),
            _format_within(one.within, one.n, one.targets),
            _format_within(one.within_before, one.n_before, one.targets),
            format_number(one.metric, one.median_before, one.unit),
        )
        for one in metrics
    ]
    return Table(("metric", "new in spec", "new median", "in use", "before", "median before"), rows)


def _select_news(digest: Digest) -> list[MetricProgress]:
    """Return the metrics whose yield changed: values left their specification or returned to it, or are new."""
    changed = {(one.kind, one.name) for one in (*digest.left_specification, *digest.met_specification)}
    return [one for one in digest.metrics if one.n != one.n_before or (one.kind, one.name) in changed]


def _format_within(within: int | None, n: int, targets: int) -> str:
    return f"{n}/{targets} known" if within is None else f"{within}/{targets}"


def format_number(metric: Metric, value: float | None, unit: str) -> str:
    """Return a stored value in the display unit of its metric."""
    if value is None:
        return "-"
    shown = unit_symbol(metric.unit or unit)
    return use_minus_sign(f"{value * metric.scale:.4g}") + (f" {shown}" if shown else "")


def _iter_statuses(changed: Sequence[ChangedStatus]) -> Iterator[Line]:
    """Yield a line for each reason, with its targets."""
    by_reason: dict[str, list[ChangedStatus]] = {}
    for one in changed:
        by_reason.setdefault(f"{one.status} {mask_numbers(one.reason)}", []).append(one)
    for some in by_reason.values():
        reason = some[0].reason
        status = "" if some[0].status is TargetStatus.FAILED else f" {some[0].status}"
        line = f" (drive line {some[0].line})" if len(some) == 1 and some[0].line else ""
        text = f"{_name_targets(one.target for one in some)}{line}{status}"
        yield Line(f"{text}: {_cut(reason)}" if reason else text)


def _make_specification_line(change: SpecificationChange) -> Line:
    named = [
        f"{qid} ({format_number(change.metric, float(one.value), one.unit)})"
        for qid, one in change.values.items()
    ]
    specification = use_unit_symbols(change.metric.specification)
    return Line(f"{change.metric.title}, {specification}: {summarize_names(named, _MOST_NAMED)}")


def _iter_healthy(digest: Digest) -> Iterator[Line]:
    calibrated = [one.target for one in digest.newly_calibrated if one.before is TargetStatus.FAILED]
    first = [one.target for one in digest.newly_calibrated if one.before is not TargetStatus.FAILED]
    if calibrated:
        yield Line(f"calibrated again: {_name_targets(calibrated)}")
    if first:
        yield Line(f"calibrated: {_name_targets(first)}")
    if digest.met_specification:
        met = [f"{one.metric.title} of {_name_targets(one.values)}" for one in digest.met_specification]
        yield Line(f"within specification again: {'; '.join(met)}")


def _select_failures(digest: Digest) -> list[FailureGroup]:
    """Return the groups of failures, except those of targets that are listed as newly failed or as still failing."""
    told = {one.target for one in (*_select_unexplained(digest), *digest.still_failed)}
    return [one for one in digest.failures if not one.targets or not told.issuperset(one.targets)]


def _select_unexplained(digest: Digest) -> list[ChangedStatus]:
    """Return the newly failed targets that no shared cause explains: a shared one is told once, for all its targets."""
    shared = {
        target
        for group in digest.failures
        if group.kind is CauseKind.RESOURCE and not group.continues
        for target in group.targets
    }
    return [one for one in digest.newly_failed if one.target not in shared]


def _iter_still_failed(digest: Digest, zone: ZoneInfo) -> Iterator[Line]:
    """Yield one line for all the targets that were failed at the start."""
    if digest.still_failed:
        times = [one.at for one in digest.still_failed if one.at is not None]
        since = f", since {min(times).astimezone(zone):%Y-%m-%d %H:%M}" if times else ""
        yield Line(f"{_name_targets(one.target for one in digest.still_failed)}{since}")


def _iter_unfit(digest: Digest) -> Iterator[Line]:
    """Yield a line for each shared resource and set of reasons, with its targets."""
    by_reason: dict[tuple[str, str], list[str]] = {}
    for one in digest.unfit:
        by_reason.setdefault((one.shared, "; ".join(one.reasons)), []).append(one.target)
    for (shared, reason), targets in by_reason.items():
        of = f" of {shared}" if shared else ""
        yield Line(f"{_name_targets(targets)}{of}: {_cut(reason)}")


def _make_failure_line(group: FailureGroup, zone: ZoneInfo) -> Line:
    tasks, targets = summarize_names(group.tasks, _MOST_NAMED), _name_targets(group.targets)
    match group.kind:
        case CauseKind.RESOURCE:
            text = f"{group.cause}: {tasks} failed on {targets} ({len(group.targets)} of {group.examined})"
        case CauseKind.TARGET:
            text = f"{group.cause}: {tasks} failed"
        case CauseKind.ERROR:
            text = f"{tasks} failed on {targets}"
    text += f", since {group.since.astimezone(zone):%m-%d %H:%M}" if group.since is not None else ""
    return Line(f"{text}: {_cut(group.message)}" if group.message else text)


def _iter_moved(moved: Sequence[MovedParameter]) -> Iterator[Line]:
    """Yield a line for each parameter. Parameters that moved in the same results as an earlier one are named in its line."""
    lines: dict[frozenset[tuple[str, str]], tuple[str, list[str]]] = {}
    for one in moved:
        results = frozenset(
            (value.change.target, "" if value.change.after is None else value.change.after.task_id)
            for value in one.values
        )
        holder = next(
            (known for known in lines if results <= known and all(task for _, task in results)), None
        )
        if holder is None:
            lines[results | {(one.name, one.kind)}] = _describe_moved(one), []
        else:
            lines[holder][1].append(one.title)
    for text, also in lines.values():
        yield Line(f"{text}; also {summarize_names(also, _MOST_NAMED)}" if also else text)


def _describe_moved(moved: MovedParameter) -> str:
    sides = (("worse", moved.worsened), ("better", moved.improved), ("moved", moved.neutral))
    parts = [
        f"{len(values)} {word} ({summarize_names([_format_change(one, moved.metric) for one in values], 2)})"
        for word, values in sides
        if values
    ]
    shared = "".join(f"{one.resource} {'rose' if one.rose else 'fell'} together; " for one in moved.shared)
    unit = f", {unit_symbol(moved.metric.unit)}" if moved.metric is not None and moved.metric.unit else ""
    return f"{moved.title}{unit}: {shared}{', '.join(parts)}"


def _make_unstable_line(value: ComparedValue) -> Line:
    switches, after = value.switches, value.change.after
    assert switches is not None
    assert after is not None
    levels = use_minus_sign(
        f"{switches.lower:.4g} and {switches.upper:.4g} {unit_symbol(after.unit)}".rstrip()
    )
    times = [format_duration(one, whole=True) for one in (switches.dwell_lower_s, switches.dwell_upper_s)]
    return Line(
        f"{value.change.parameter} of {value.change.target}: {levels}, for {' and '.join(times)} on average"
    )


def _format_change(value: ComparedValue, metric: Metric | None) -> str:
    """Return a moved value before and after in the display unit if its metric has a better direction, else its change in combined errors."""
    change = value.change
    if metric is None or metric.evaluation.mode == "none" or change.before is None or change.after is None:
        return f"{change.target} {format_sigmas(change.signed_sigmas or 0.0)}"
    before, after = (float(one.value) * metric.scale for one in (change.before, change.after))
    decimals = max(0, 1 - math.floor(math.log10(abs(after - before))))
    return use_minus_sign(f"{change.target} {before:.{decimals}f}→{after:.{decimals}f}")


def _iter_manual(digest: Digest) -> Iterator[Line]:
    for one in digest.manual:
        what = (
            f"{summarize_names(one.parameters, _MOST_NAMED)} of {_name_targets(one.targets)}"
            if one.parameters
            else _name_targets(one.targets)
        )
        reason = f": {_cut(one.reason)}" if one.reason else ""
        change = f", {one.change}" if one.change else ""
        yield Line(f"event {one.number}: {one.username} {one.verb} {what}{change}{reason}")


def _iter_flagged(digest: Digest) -> Iterator[Line]:
    """Yield a line for each task and reasons that differ in numbers at most, with the reasons of the first target."""
    alike: dict[tuple[str, bool, str], list[FlaggedTask]] = {}
    for one in digest.flagged:
        alike.setdefault((one.task, one.is_new, mask_numbers("; ".join(one.reasons))), []).append(one)
    for some in alike.values():
        first = some[0]
        reason = f": {_cut('; '.join(first.reasons))}" if first.reasons else ""
        targets = _name_targets(one.target for one in some)
        yield Line(f"{targets}, {first.task}{'' if first.is_new else ', earlier'}{reason}")


def _list_stale(digest: Digest) -> list[Line]:
    parts = [f"{format_count(digest.too_old, 'value')} too old"] if digest.too_old else []
    parts += (
        [f"{format_count(digest.moved_inputs, 'value')} with inputs that moved"]
        if digest.moved_inputs
        else []
    )
    return [Line(", ".join(parts))] if parts else []


def _list_advised_then(digest: Digest) -> list[Line]:
    """Return what was advised at the end of a digest of the past."""
    if digest.advised_then is None:
        return []
    return _list_advice(digest.advised_then) or [Line("nothing was advised then")]


def _list_advice(advice: Sequence[Advice]) -> list[Line]:
    shown = advice[:_MOST_ADVICE]
    lines = [Line(f"{number}. {one.text}{_explain(one)}", one.command) for number, one in enumerate(shown, 1)]
    hidden = len(advice) - len(shown)
    return [*lines, Line(f"and {hidden} more")] if hidden else lines


def _explain(advice: Advice) -> str:
    """Return the reason of an action. For a check it is only the cost: other sections give the reason."""
    reason = advice.cost if advice.kind is AdviceKind.INSPECT else _cut(advice.reason, 120)
    return f" ({reason})" if reason else ""


def _cut(text: str, most: int = _LONGEST_MESSAGE) -> str:
    line = use_unit_symbols(" ".join(text.split()))
    return line if len(line) <= most else f"{line[: most - 1]}…"


def _count_values(changes: Sequence[SpecificationChange]) -> int:
    return sum(len(one.values) for one in changes)


def _name_targets(targets: Iterable[str]) -> str:
    """Return targets as ranges, with their number if there are many."""
    every = list(targets)
    named = format_targets(every)
    return (
        named
        if len(every) <= _MOST_TARGETS or len(named) <= _LONGEST_LIST
        else f"{len(every)} targets ({named})"
    )

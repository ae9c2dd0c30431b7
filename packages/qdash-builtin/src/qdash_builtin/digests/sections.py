"""Contents of a digest as sections of text and tables, for all formats of text."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from qdash_builtin.digests.digest import AdviceKind, CauseKind
from qdash_builtin.digests.failures import mask_numbers
from qdash_builtin.text_pages.page import make_plain
from qdash_builtin.text_pages.sections import Line, Section, Table
from qdash_builtin.values.resources import ResourceKind
from qdash_core.models.estimates import format_sigmas, unit_symbol
from qdash_core.models.execution import ExecutionStatus
from qdash_core.models.judgement import Fitness
from qdash_core.models.name_summary import summarize_names
from qdash_core.models.quantities import format_count, use_minus_sign, use_unit_symbols
from qdash_core.models.target_lists import format_targets
from qdash_core.models.task import describe_outcomes
from qdash_core.models.times import format_duration

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence
    from zoneinfo import ZoneInfo

    from qdash_builtin.comparisons.comparison import ComparedValue
    from qdash_builtin.digests.digest import (
        Advice,
        ChangedFitness,
        Digest,
        FailureGroup,
        FlaggedTask,
        MetricProgress,
        MovedParameter,
        SpecificationChange,
        UnfitGroup,
        UnfitTarget,
    )
    from qdash_builtin.metrics.definitions import Metric
    from qdash_builtin.runs.execution_lists import ListedExecution

_MOST_RUNS, _MOST_METRICS, _MOST_NAMED, _MOST_TARGETS = 3, 6, 4, 8
_MOST_LINES = {
    "Newly unfit": 4,
    "Set aside": 2,
    "Unstable": 2,
    "Out of spec": 3,
    "Newly fit": 2,
    "By hand": 2,
    "To review": 3,
}
"""Maximum number of lines by section; 5 for the others."""
_MOST_CALM = 3
"""Maximum number of lines of moved values of a night without faults."""
_MOST_FURTHER = 3
"""Maximum number of lines of a feature."""
_MOST_ADVICE = 6
_NEXT = "Next"
_DAY = timedelta(days=1)

_LONGEST_LIST, _SHORT = 30, 60
"""Maximum number of characters of a list of targets, and of a run with laboratory time in its line."""


def make_title(digest: Digest) -> str:
    """Return the headline of a digest in one line, for a subject or a notification."""
    failures = _select_failures(digest)
    causes = [one.cause for one in failures if one.kind is CauseKind.RESOURCE]
    others = sum(one.n for one in failures if one.kind is not CauseKind.RESOURCE and not one.continues)
    of_chip = [one for one in digest.moved if _is_of_chip(one)]
    worse = [one.title for one in of_chip if len(one.worsened) > len(one.improved)]
    better = [one.title for one in of_chip if len(one.worsened) < len(one.improved)]
    unfit = sum(len(one.members) for one in digest.newly_unfit)
    first = sum(one.before in (None, Fitness.UNKNOWN) for one in digest.newly_fit)
    again = len(digest.newly_fit) - first
    flagged = sum(one.is_new for one in digest.flagged)
    parts = [
        f"{summarize_names(worse, 3)} worse on the whole chip" if worse else "",
        f"{summarize_names(better, 3)} better on the whole chip" if better else "",
        f"failures on {summarize_names(causes, 2)}" if causes else "",
        f"{format_count(others, 'other failure' if causes else 'failure')}" if others else "",
        f"{unfit} newly unfit" if unfit else "",
        f"{again} newly fit" if again else "",
        f"{first} calibrated for the first time" if first else "",
        f"{len(digest.set_aside)} set aside" if digest.set_aside else "",
        f"{_count_values(digest.left_specification)} newly out of specification"
        if digest.left_specification
        else "",
        f"{_count_values(digest.met_specification)} within specification again"
        if digest.met_specification
        else "",
        f"{flagged} to review" if flagged else "",
    ]
    moved = sum(len(one.values) for one in digest.moved)
    calm = f"only {format_count(moved, 'moved value')}" if moved else "nothing new"
    news = ", ".join(filter(None, parts)) or calm
    return make_plain(f"Digest of {digest.chip_id} since {digest.label}: {news}")


def _is_of_chip(moved: MovedParameter) -> bool:
    return any(one.resource.resources[0].kind is ResourceKind.CHIP for one in moved.shared)


def make_sections(digest: Digest, zone: ZoneInfo) -> list[Section]:
    """Return the sections of a digest; those without contents are left out, except the runs."""
    sections = {
        "Newly unfit": map(_make_unfit_line, digest.newly_unfit),
        "Still unfit": _list_still_unfit(digest, zone),
        "Set aside": map(_make_set_aside_line, digest.set_aside),
        "Out of spec": map(_make_specification_line, digest.left_specification),
        "Newly fit": _iter_newly_fit(digest),
        "Failures": (_make_failure_line(one, zone) for one in _select_failures(digest)),
        "Moved": _iter_moved(digest.moved),
        "Unstable": (_make_unstable_line(digest, one) for one in digest.unstable),
        "By hand": _iter_manual(digest),
        "To review": _iter_flagged(digest),
        "Stale": _list_stale(digest),
    }
    most = {"Moved": _MOST_CALM} if is_calm(digest) else {}
    chip_id, options = digest.chip_id, digest.options
    commands = {
        "Moved": f"qdash compare {digest.since:%Y-%m-%dT%H:%M:%SZ} --chip {chip_id}{options}",
        "By hand": f"qdash values log {chip_id} --by-hand{options}",
        "To review": f"qdash review {chip_id}{options}",
    }
    found = [
        _make_runs(digest, zone),
        Section("Yield", table=_make_yield(_select_news(digest)[:_MOST_METRICS])),
        *(
            Section(
                title, _shorten(lines, most.get(title, _MOST_LINES.get(title, 5)), commands.get(title, ""))
            )
            for title, lines in sections.items()
        ),
        *(Section(one.title, _shorten(one.lines, _MOST_FURTHER, "")) for one in digest.further),
        Section(_NEXT, _list_advice(digest, digest.advice)),
        Section("Advised", _list_advised_then(digest)),
    ]
    return [one for one in found if one.has_contents]


def is_calm(digest: Digest) -> bool:
    """Return whether a digest tells no fault: its text has a fixed maximum of lines."""
    return not (digest.failures or digest.unfit or digest.flagged)


def limit_lines(sections: Sequence[Section], most: int, command: str) -> list[Section]:
    """Return sections with at most a number of lines, three or more; a further line counts the hidden ones and names the command that shows them.

    Advised actions are kept first, then the other sections in their order.
    """
    if sum(map(_count_lines, sections)) <= most:
        return [*sections]
    left, kept, hidden = most - 2, {}, 0
    for place, one in sorted(enumerate(sections), key=lambda placed: placed[1].title != _NEXT):
        n = 0
        if one.table is not None:
            n = len(one.table.rows) + 1 if len(one.table.rows) < left else 0
            hidden += 0 if n else len(one.table.rows)
            left -= n
        lines = []
        for line in one.lines:
            size = 1 + bool(line.command)
            if size <= left:
                lines.append(line)
                left -= size
            else:
                hidden += 1
        kept[place] = replace(one, lines=lines, table=one.table if n else None)
    rest = Section("More", [Line(f"and {format_count(hidden, 'more line')}", command)])
    shown = [kept[place] for place in range(len(sections))]
    return [one for one in (*shown[:-1], rest, *shown[-1:]) if one.has_contents]


def _count_lines(section: Section) -> int:
    rows = 0 if section.table is None else len(section.table.rows) + 1
    return rows + sum(1 + bool(one.command) for one in section.lines)


def _shorten(lines: Iterable[Line], most: int, command: str) -> list[Line]:
    """Return at most `most` lines; the last one counts the hidden ones and names the command that shows them, if there is one."""
    every = list(lines)
    if len(every) <= most:
        return every
    text = f"and {len(every) - most + 1} more"
    return [*every[: most - 1], Line(f"{text}: {command}" if command else text)]


def _make_runs(digest: Digest, zone: ZoneInfo) -> Section:
    if not digest.runs:
        return Section("Runs", [Line("no run since then")])
    shown = digest.runs[-_MOST_RUNS:]
    dated = digest.until - digest.since > _DAY
    texts = [_describe_run(one, zone, dated=dated) for one in shown]
    hidden = len(digest.runs) - len(shown)
    texts += [f"and {format_count(hidden, 'earlier run')}"] if hidden else []
    if digest.laboratory:
        spent = f"laboratory time {format_duration(digest.laboratory_s, whole=True)}"
        texts = [*texts[:-1], f"{texts[-1]}; {spent}"] if len(texts[-1]) < _SHORT else [*texts, spent]
    return Section("Runs", [Line(one) for one in texts])


def _describe_run(run: ListedExecution, zone: ZoneInfo, *, dated: bool) -> str:
    execution = run.execution
    remark = (
        " (simulated)" if execution.simulated else f" (scope {execution.scope})" if execution.scope else ""
    )
    moments = [one.astimezone(zone) for one in (execution.start_at, execution.end_at) if one is not None]
    times = "-".join(
        f"{one:%m-%d %H:%M}" if dated and one.date() != before else f"{one:%H:%M}"
        for one, before in zip(moments, [None, *(one.date() for one in moments)], strict=False)
    )
    results = ", ".join(describe_outcomes(execution.outcomes).values()) or _plain(execution.message)
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


def _make_unfit_line(group: UnfitGroup) -> Line:
    of = f" of {group.shared}" if group.shared else f" (drive line {group.line})" if group.line else ""
    return Line(f"{_name_targets(group.targets)}{of}: {_plain(group.reason)}")


def _list_still_unfit(digest: Digest, zone: ZoneInfo) -> list[Line]:
    """Return one line for all the targets that were unfit at the start: those of a resource, and those since the same day, together."""
    parts: dict[tuple[str, str], list[UnfitTarget]] = {}
    for group in digest.still_unfit:
        for one in group.members:
            day = "" if one.since is None else f"{one.since.astimezone(zone):%Y-%m-%d}"
            parts.setdefault((group.shared, day), []).append(one)
    texts = []
    for (shared, _), some in parts.items():
        since = min((one.since for one in some if one.since is not None), default=None)
        times = "" if since is None else f" since {since.astimezone(zone):%Y-%m-%d %H:%M}"
        of = f" of {shared}" if shared else ""
        texts.append(f"{_name_targets(one.target for one in some)}{of}{times}")
    return [Line("; ".join(texts))] if texts else []


def _make_set_aside_line(one: ChangedFitness) -> Line:
    return Line(f"{one.target} {one.fitness}{f': {_plain(one.note)}' if one.note else ''}")


def _make_specification_line(change: SpecificationChange) -> Line:
    named = [
        f"{qid} ({format_number(change.metric, float(one.value), one.unit)})"
        for qid, one in change.values.items()
    ]
    specification = use_unit_symbols(change.metric.specification)
    return Line(f"{change.metric.title}, {specification}: {summarize_names(named, _MOST_NAMED)}")


def _iter_newly_fit(digest: Digest) -> Iterator[Line]:
    again = [one.target for one in digest.newly_fit if one.before not in (None, Fitness.UNKNOWN)]
    first = [one.target for one in digest.newly_fit if one.before in (None, Fitness.UNKNOWN)]
    if again:
        yield Line(f"fit again: {_name_targets(again)}")
    if first:
        yield Line(f"calibrated: {_name_targets(first)}")
    if digest.met_specification:
        met = [f"{one.metric.title} of {_name_targets(one.values)}" for one in digest.met_specification]
        yield Line(f"within specification again: {'; '.join(met)}")


def _select_failures(digest: Digest) -> list[FailureGroup]:
    """Return the groups of failures, except those of targets that are listed as unfit."""
    told = {target for group in digest.unfit for target in group.targets}
    return [one for one in digest.failures if not one.targets or not told.issuperset(one.targets)]


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
    return Line(f"{text}: {_plain(group.message)}" if group.message else text)


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


def _make_unstable_line(digest: Digest, value: ComparedValue) -> Line:
    switches, after = value.switches, value.change.after
    assert switches is not None
    assert after is not None
    levels = use_minus_sign(
        f"{switches.lower:.4g} and {switches.upper:.4g} {unit_symbol(after.unit)}".rstrip()
    )
    times = [format_duration(one, whole=True) for one in (switches.dwell_lower_s, switches.dwell_upper_s)]
    title = digest.get_title(value.change.parameter)
    return Line(f"{title} of {value.change.target}: {levels}, for {' and '.join(times)} on average")


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
            f"{digest.summarize(one.parameters, _MOST_NAMED)} of {_name_targets(one.targets)}"
            if one.parameters
            else _name_targets(one.targets)
        )
        reason = f": {_plain(one.reason)}" if one.reason else ""
        change = f", {one.change}" if one.change else ""
        yield Line(f"event {one.number}: {one.username} {one.verb} {what}{change}{reason}")


def _iter_flagged(digest: Digest) -> Iterator[Line]:
    """Yield a line for each task and reasons that differ in numbers at most, with the reasons of the first target."""
    alike: dict[tuple[str, bool, str], list[FlaggedTask]] = {}
    for one in digest.flagged:
        alike.setdefault((one.task, one.is_new, mask_numbers("; ".join(one.reasons))), []).append(one)
    for some in alike.values():
        first = some[0]
        reason = f": {_plain('; '.join(first.reasons))}" if first.reasons else ""
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
    return _list_advice(digest, digest.advised_then) or [Line("nothing was advised then")]


def _list_advice(digest: Digest, advice: Sequence[Advice]) -> list[Line]:
    shown = advice[:_MOST_ADVICE]
    told = {one.reason for group in digest.unfit for one in group.members}
    lines = [
        Line(f"{number}. {one.text}{_explain(one, told)}", one.command) for number, one in enumerate(shown, 1)
    ]
    hidden = len(advice) - len(shown)
    return [*lines, Line(f"and {hidden} more: {digest.full_command}")] if hidden else lines


def _explain(advice: Advice, told: Collection[str]) -> str:
    """Return the reason of an action, unless another section tells it as those of checks, and its laboratory time."""
    is_told = advice.kind is AdviceKind.INSPECT or advice.reason in told
    parts = ["" if is_told else _plain(advice.reason), advice.cost]
    text = "; ".join(filter(None, parts))
    return f" ({text})" if text else ""


def _plain(text: str) -> str:
    return use_unit_symbols(" ".join(text.split()))


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

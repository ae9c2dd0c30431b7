"""Items of a digest that need attention: failures, values out of specification, flagged results and stale values."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from qdash_builtin.metrics.pages.specification import OUTSIDE
from qdash_core.models.marks import Mark
from qdash_core.models.name_summary import summarize_names
from qdash_ui_streamlit.display.fact_lists import (
    format_details,
    format_list,
    format_section,
    format_shortened_list,
    format_targets,
)
from qdash_ui_streamlit.display.lines import format_link
from qdash_ui_streamlit.display.quantities import use_unit_symbols
from qdash_ui_streamlit.display.statuses import format_status_html
from qdash_ui_streamlit.display.target_lists import make_target_url

if TYPE_CHECKING:
    from collections.abc import Iterable

    from qdash_builtin.digests.views import (
        DigestDocument,
        FailureGroupDocument,
        FlaggedTaskDocument,
        SpecificationChangeDocument,
        UnfitGroupDocument,
    )
    from qdash_ui_streamlit.view import View

_MOST_LINES, _MOST_TASKS, _LONGEST = 4, 3, 90
_STILL = "target that is still unfit"


def format_attention(view: View, digest: DigestDocument) -> str:
    """Return the items that need attention as HTML; the last line names the kinds without items."""
    chip_id = digest.chip_id
    outside = sum(len(one.values) for one in digest.left_specification)
    groups = list_unnamed_failures(digest)
    kinds = {
        "newly unfit target": (
            format_status_html("failed", f"{_count_targets(digest.newly_unfit)} newly unfit"),
            [_format_unfit(view, chip_id, one) for one in digest.newly_unfit],
        ),
        _STILL: (
            format_status_html("failed", f"{_count_targets(digest.still_unfit)} still unfit"),
            [_format_unfit(view, chip_id, one, timed=True) for one in digest.still_unfit],
        ),
        "failure": (
            format_status_html("failed", "Failures by shared cause"),
            [_format_group(view, chip_id, one) for one in groups],
        ),
        "value newly out of specification": (
            format_status_html(OUTSIDE, f"{outside} newly out of specification"),
            [_format_outside(view, chip_id, one) for one in digest.left_specification],
        ),
        "flagged result": (
            format_link(view.link("review", chip=chip_id), f"⚑ {len(digest.flagged)} to review"),
            [_format_flagged(view, chip_id, one) for one in digest.flagged],
        ),
        "stale value": ("Stale values", _list_stale(view, digest)),
    }
    lines = [
        f"{title}{format_shortened_list(items, _MOST_LINES)}" for title, items in kinds.values() if items
    ]
    absent = [
        name
        for name, (_, items) in kinds.items()
        if not items and name != _STILL and not (name == "failure" and digest.failures)
    ]
    if absent:
        lines.append(format_status_html("ok", f"No {', no '.join(absent)}"))
    return format_section("Needs attention", format_list(lines))


def _count_targets(groups: Iterable[UnfitGroupDocument]) -> int:
    return sum(len(one.targets) for one in groups)


def list_unnamed_failures(digest: DigestDocument) -> list[FailureGroupDocument]:
    """Return the groups of failures, except those of targets that are named as unfit."""
    unfit = {target for group in (*digest.newly_unfit, *digest.still_unfit) for target in group.targets}
    return [one for one in digest.failures if not (one.targets and unfit.issuperset(one.targets))]


def _format_unfit(view: View, chip_id: str, group: UnfitGroupDocument, *, timed: bool = False) -> str:
    """Return a group of unfit targets, with the time since when if it is `timed`."""
    links = format_targets(view, chip_id, group.targets)
    of = f" of {escape(group.shared)}" if group.shared else ""
    since = f", since {view.time(group.since)}" if timed and group.since is not None else ""
    return f"{links}{of}{since}: {_format_message(view, group.reason, group.task_id)}"


def _format_group(view: View, chip_id: str, group: FailureGroupDocument) -> str:
    tasks = f"{escape(summarize_names(group.tasks, _MOST_TASKS))} failed"
    on = f"{tasks} on {format_targets(view, chip_id, group.targets)}"
    match str(group.kind):
        case "resource":
            text = f"<b>{escape(group.cause)}</b>: {on} ({len(group.targets)} of {group.examined} measured)"
        case "target":
            text = f"<b>{escape(group.cause)}</b>: {tasks}"
        case _:
            text = on
    text += f", since {view.time(group.since)}" if group.since is not None else ""
    return f"{text}: {_format_message(view, group.message, group.task_id)}" if group.message else text


def _format_outside(view: View, chip_id: str, change: SpecificationChangeDocument) -> str:
    links = (
        f"{format_link(make_target_url(view, chip_id, target, metric=change.metric), target)}: {escape(one)}"
        for target, one in change.shown.items()
    )
    title = f"{len(change.values)} {change.title}, {use_unit_symbols(change.specification)}"
    return format_details(escape(title), format_list(links))


def _format_flagged(view: View, chip_id: str, one: FlaggedTaskDocument) -> str:
    address = view.link("review", chip=chip_id, result=one.task_id)
    reasons = f": {_shorten('; '.join(one.reasons))}" if one.reasons else ""
    return f"{format_link(address, f'{one.target}, {one.task}')}{reasons}"


def _list_stale(view: View, digest: DigestDocument) -> list[str]:
    counts = {
        Mark.TOO_OLD: (digest.too_old, "too old"),
        Mark.INPUTS_MOVED: (digest.moved_inputs, "with inputs that moved"),
    }
    return [
        format_link(view.link("chip", chip=digest.chip_id, view="values", show=mark), f"{n} {text}")
        for mark, (n, text) in counts.items()
        if n
    ]


def _format_message(view: View, message: str, task_id: str) -> str:
    """Return a message as HTML, a link to its result if there is one."""
    line = use_unit_symbols(" ".join(message.split()))
    short = line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"
    return format_link(view.link("result", result=task_id), short, title=line) if task_id else escape(short)


def _shorten(text: str) -> str:
    line = use_unit_symbols(" ".join(text.split()))
    return escape(line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…")

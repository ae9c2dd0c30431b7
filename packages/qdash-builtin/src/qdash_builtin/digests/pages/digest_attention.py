"""Facts of a digest without an advised action: failures that continue, values out of specification, and stale values."""

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
    from qdash_builtin.digests.views import (
        DigestDocument,
        FailureGroupDocument,
        SpecificationChangeDocument,
    )
    from qdash_ui_streamlit.view import View

_MOST_LINES, _MOST_TASKS, _LONGEST = 4, 3, 90


def format_attention(view: View, digest: DigestDocument) -> str:
    """Return the facts without an advised action as HTML: failures that continue, values newly out of specification, and stale values."""
    chip_id = digest.chip_id
    outside = sum(len(one.values) for one in digest.left_specification)
    kinds = (
        (
            format_status_html("failed", "Failures by shared cause"),
            [_format_group(view, chip_id, one) for one in list_unnamed_failures(digest)],
        ),
        (
            format_status_html(OUTSIDE, f"{outside} newly out of specification"),
            [_format_outside(view, chip_id, one) for one in digest.left_specification],
        ),
        ("Stale values", _list_stale(view, digest)),
    )
    lines = [f"{title}{format_shortened_list(items, _MOST_LINES)}" for title, items in kinds if items]
    return format_section("To watch", format_list(lines))


def list_unnamed_failures(digest: DigestDocument) -> list[FailureGroupDocument]:
    """Return the groups of failures, except those of targets that are named as unfit."""
    unfit = {target for group in (*digest.newly_unfit, *digest.still_unfit) for target in group.targets}
    return [one for one in digest.failures if not (one.targets and unfit.issuperset(one.targets))]


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

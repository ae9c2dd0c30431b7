"""Items of a digest that need attention: failures, values out of specification, flagged results and stale values."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

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
from qdash_ui_streamlit.display.specification import OUTSIDE
from qdash_ui_streamlit.display.statuses import format_status_html
from qdash_ui_streamlit.display.targets import make_target_url

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from qdash_core.documents.digests import (
        DigestDocument,
        FailureGroupDocument,
        FlaggedTaskDocument,
        NewStatusDocument,
        SpecificationChangeDocument,
    )
    from qdash_ui_streamlit.view import View

_MOST_LINES, _MOST_TASKS, _LONGEST = 4, 3, 90
_STILL, _UNFIT = "target that is still failing", "unfit target that is not failed"


def format_attention(view: View, digest: DigestDocument) -> str:
    """Return the items that need attention as HTML; the last line names the kinds without items."""
    chip_id = digest.chip_id
    outside = sum(len(one.values) for one in digest.left_specification)
    groups = list_unnamed_failures(digest)
    kinds = {
        "newly failed target": (
            format_status_html("failed", f"{len(digest.newly_failed)} newly failed"),
            [_format_failed(view, chip_id, some) for some in group_by_reason(digest.newly_failed)],
        ),
        _STILL: (
            format_status_html("failed", f"{len(digest.still_failed)} still failing"),
            [_format_failed(view, chip_id, some) for some in group_by_reason(digest.still_failed)],
        ),
        _UNFIT: (
            format_status_html("failed", f"{len(digest.unfit)} more unfit"),
            [_format_unfit(view, chip_id, reason, some) for reason, some in _group_unfit(digest).items()],
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
        if not items and name not in (_STILL, _UNFIT) and not (name == "failure" and digest.failures)
    ]
    if absent:
        lines.append(format_status_html("ok", f"No {', no '.join(absent)}"))
    return format_section("Needs attention", format_list(lines))


def list_unnamed_failures(digest: DigestDocument) -> list[FailureGroupDocument]:
    """Return the groups of failures, except those of a single newly failed target, and those of targets that are still failing."""
    failed = {one.target for one in digest.newly_failed}
    still = {one.target for one in digest.still_failed}
    return [
        one
        for one in digest.failures
        if not (len(one.targets) == 1 and one.targets[0] in failed)
        and not (one.targets and still.issuperset(one.targets))
    ]


def group_by_reason(changed: Iterable[NewStatusDocument]) -> list[list[NewStatusDocument]]:
    """Return targets with a new status, those with the same reason together."""
    by_reason: dict[str, list[NewStatusDocument]] = {}
    for one in changed:
        by_reason.setdefault(one.reason, []).append(one)
    return [*by_reason.values()]


def _format_failed(view: View, chip_id: str, some: Sequence[NewStatusDocument]) -> str:
    links = format_targets(view, chip_id, [one.target for one in some])
    first = some[0]
    return f"{links}: {_format_message(view, first.reason, first.task_id)}" if first.reason else links


def _group_unfit(digest: DigestDocument) -> dict[str, list[str]]:
    """Return the unfit targets that are not failed by their reasons."""
    found: dict[str, list[str]] = {}
    for one in digest.unfit:
        found.setdefault("; ".join(one.reasons), []).append(one.target)
    return found


def _format_unfit(view: View, chip_id: str, reason: str, targets: Sequence[str]) -> str:
    return f"{format_targets(view, chip_id, targets)}: {_shorten(reason)}"


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

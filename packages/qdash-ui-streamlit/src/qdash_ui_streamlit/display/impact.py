"""Texts of the impact of a result: how much depends on its values, and where."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.cli.rendering.output import format_count
from qdash_ui_streamlit.display.markdown import escape_markdown
from qdash_ui_streamlit.display.targets import make_target_url

if TYPE_CHECKING:
    from collections.abc import Iterable

    from qdash_core.documents.provenance import ImpactDocument
    from qdash_ui_streamlit.view import View

_MOST_NAMED = 5


def has_impact(impact: ImpactDocument) -> bool:
    """Return whether anything used the values of a result."""
    return bool(impact.results or impact.releases)


def describe_impact(impact: ImpactDocument) -> str:
    """Return how many results, values in use and releases depend on the values of a result, as Markdown."""
    direct = sum(one.steps == 1 for one in impact.results)
    targets = len({one.target for one in impact.values})
    at_least = "" if impact.complete else "at least "
    used = f"**{at_least}{format_count(len(impact.results), 'result')}** used them"
    ways = f" ({direct} directly, {len(impact.results) - direct} through other results)"
    parts = [used + ways if impact.results else used]
    on = f" on {format_count(targets, 'target')}" if targets else ""
    parts.append(f"**{format_count(len(impact.values), 'value')} in use**{on} depend on them")
    parts.append(
        f"**{format_count(len(impact.releases), 'release')}** contain them or values that depend on them"
    )
    return ", ".join(parts) + "."


def list_few(view: View, impact: ImpactDocument) -> list[str]:
    """Return the first values in use and results that depend on a result, as Markdown lines with links."""
    values = (
        f"[{escape_markdown(one.parameter)} of {one.target}]"
        f"({make_target_url(view, impact.chip_id, one.target, metric=one.parameter)})"
        for one in impact.values
    )
    results = (
        f"[{escape_markdown(one.name)} on {one.target}]({view.link('result', result=one.task_id)})"
        for one in impact.results
    )
    lines = [("Values in use", values, len(impact.values)), ("Results", results, len(impact.results))]
    return [f"{title}: {_list_few(links, total)}" for title, links, total in lines if total]


def _list_few(links: Iterable[str], total: int) -> str:
    few = [link for link, _ in zip(links, range(_MOST_NAMED), strict=False)]
    return ", ".join(few) + (f", and {total - len(few)} more" if total > len(few) else "")


def make_impact_url(view: View, task_id: str) -> str:
    """Return the URL of the result page with everything that used the result."""
    return view.link("result", result=task_id, impact="on")

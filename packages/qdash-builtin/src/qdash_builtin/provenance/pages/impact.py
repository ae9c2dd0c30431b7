"""Texts of the impact of a result: the results, values in use and releases that depend on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_builtin.metrics.pages.titles import load_titles
from qdash_cli.rendering.output import format_count
from qdash_ui_streamlit.display.markdown import escape_markdown
from qdash_ui_streamlit.display.target_lists import make_target_url

if TYPE_CHECKING:
    from collections.abc import Iterable

    from qdash_builtin.provenance.views.impacts import ImpactDocument
    from qdash_ui_streamlit.view import View

_MOST_NAMED = 5


def has_impact(impact: ImpactDocument) -> bool:
    """Return whether anything used the values of a result."""
    return bool(impact.results or impact.releases)


def describe_impact(impact: ImpactDocument) -> str:
    """Return the numbers of results, values in use and releases that depend on a result, as Markdown; empty if none do."""
    direct = sum(one.steps == 1 for one in impact.results)
    targets = len({one.target for one in impact.values})
    at_least = "" if impact.complete else "At least "
    texts = []
    if results := len(impact.results):
        ways = f"{direct} directly, {results - direct} through other results"
        texts.append(f"{at_least}**{format_count(results, 'result')}** used its values: {ways}.")
    if values := len(impact.values):
        on = format_count(targets, "target")
        texts.append(
            f"**{format_count(values, 'value')} in use** on {on} {_agree(values, 'depend')} on them."
        )
    if releases := len(impact.releases):
        texts.append(
            f"**{format_count(releases, 'release')}** {_agree(releases, 'contain')} them or values that depend on them."
        )
    return " ".join(texts)


def _agree(number: int, verb: str) -> str:
    return f"{verb}s" if number == 1 else verb


def list_few(view: View, impact: ImpactDocument) -> list[str]:
    """Return the first values in use and results that depend on a result, as Markdown lines with links."""
    titles = load_titles(view)
    values = (
        f"[{escape_markdown(titles.get(one.parameter, one.parameter))} of {one.target}]"
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

"""Labels of refits and users' analyses in lists."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_cli.rendering.times import format_short_time
from qdash_core.models.analysis_names import name_analysis
from qdash_core.models.estimates import unit_symbol

if TYPE_CHECKING:
    from collections.abc import Mapping
    from zoneinfo import ZoneInfo

    from qdash_builtin.runs.listed_results import ListedResult
    from qdash_builtin.runs.views.results import ResultDocument
    from qdash_core.models.task import RunParameterModel, TaskResultModel


def format_options(options: Mapping[str, RunParameterModel]) -> str:
    """Return the analysis options of a refit: `fit_window=0..60 µs, envelope=gaussian`."""
    return ", ".join(
        f"{name}={one.value}{f' {unit_symbol(one.unit)}' if one.unit else ''}"
        for name, one in options.items()
    )


def describe_refit(result: TaskResultModel | ListedResult | ResultDocument, zone: ZoneInfo) -> str:
    """Return the label of a refit or a user's analysis in a list, with its time and author; empty for a measurement."""
    if result.refit_of is None:
        return ""
    return f"{name_analysis(result.analysis_model)} {format_short_time(result.end_at, zone)} by {result.username}"

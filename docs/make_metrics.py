"""Generator of the page of the built-in metrics, from the metrics file of the feature."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_builtin.metrics.definition_file import load_builtin

if TYPE_CHECKING:
    from collections.abc import Iterator

    from qdash_builtin.metrics.definitions import Metric

_INTRODUCTION = """\
# Built-in metrics

The metrics file of a laboratory [changes and extends](features/metrics.md#the-metrics-file) these definitions. No limit is built in.

| column | meaning |
|---|---|
| better | which values are better; none: there is no best value |
| age limit | the age above which a value is marked as too old |
| tolerance | the largest change at which the value has not [moved](features/values.md#moved-inputs), in the stored unit or in per cent of the value |
| role | essential: it decides on the [status of a target](features/chips.md#status-of-a-target); by-product: of a fit, without trust, and not counted |

| metric | of | title | shown in | better | age limit | tolerance | role |
|---|---|---|---|---|---|---|---|
"""
_BETTER = {"maximize": "higher", "minimize": "lower", "none": ""}


def make_page() -> str:
    """Return the text of the page."""
    return _INTRODUCTION + "\n".join(_rows()) + "\n"


def _rows() -> Iterator[str]:
    builtin = load_builtin()
    for kind, metrics in (("qubit", builtin.qubit_metrics), ("coupling", builtin.coupling_metrics)):
        for name, metric in metrics.items():
            yield f"| `{name}` | {kind} | {' | '.join(_cells(metric))} |"


def _cells(metric: Metric) -> tuple[str, ...]:
    better = _BETTER[metric.evaluation.mode] + (", in size" if metric.evaluation.magnitude else "")
    age = "" if metric.age_limit is None else f"{metric.age_limit.days} d"
    if metric.relative_tolerance:
        tolerance = f"{metric.relative_tolerance:.0%}".replace("%", " %")
    else:
        tolerance = f"{metric.tolerance:f}".rstrip("0") if metric.tolerance else ""
    role = "essential" if metric.essential else "by-product" if metric.by_product else ""
    return metric.title, metric.unit, better, age, tolerance, role

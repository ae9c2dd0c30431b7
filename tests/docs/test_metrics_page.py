"""Page of the metrics file, against the built-in one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_builtin.metrics.definition_file import load_builtin

from .pages import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from qdash_builtin.metrics.definitions import Metric

_BETTER = {"maximize": "higher", "minimize": "lower", "none": ""}


def test_every_built_in_metric_has_its_row() -> None:
    page = (ROOT / "docs/features/metrics.md").read_text(encoding="utf-8")
    section = page.partition("### What is built in")[2].partition("\n## ")[0]
    assert [line for line in section.splitlines() if line.startswith("| `")] == list(rows())


def rows() -> Iterator[str]:
    for kind, metrics in (
        ("qubit", load_builtin().qubit_metrics),
        ("coupling", load_builtin().coupling_metrics),
    ):
        for name, metric in metrics.items():
            yield f"| `{name}` | {kind} | {' | '.join(cells(metric))} |"


def cells(metric: Metric) -> tuple[str, ...]:
    better = _BETTER[metric.evaluation.mode] + (", in size" if metric.evaluation.magnitude else "")
    limit = None if metric.threshold is None else metric.threshold.value
    age = "" if metric.age_limit is None else f"{metric.age_limit.days} d"
    return metric.title, metric.unit, better, "" if limit is None else f"{limit:g}", age

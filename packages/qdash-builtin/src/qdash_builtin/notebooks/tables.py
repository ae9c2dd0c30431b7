"""Tables of values, histories and results: pandas data frames, or plain records without pandas."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from qdash_builtin.metrics.views.metric_history import HistoryPointDocument
    from qdash_builtin.metrics.views.metrics import ChipValuesDocument
    from qdash_builtin.runs.views.results import ResultDocument

Kind = Literal["text", "number", "integer", "flag", "time"]
Table: TypeAlias = Any
"""A `pandas.DataFrame`, or a list of dictionaries if pandas is not installed."""

VALUE_COLUMNS: Mapping[str, Kind] = {
    **dict.fromkeys(("target", "kind", "metric"), "text"),
    **dict.fromkeys(("value", "error"), "number"),
    "unit": "text",
    "calibrated_at": "time",
    **dict.fromkeys(("trust", "marks", "mark_reasons"), "text"),
    "out_of_spec": "flag",
    **dict.fromkeys(("verdict", "reasons"), "text"),
    "n": "integer",
    "std": "number",
    "control": "text",
    "simulated": "flag",
    **dict.fromkeys(("execution_id", "task_id"), "text"),
}
"""Columns of values in use or selected values, with their kinds."""
HISTORY_COLUMNS: Mapping[str, Kind] = {
    **dict.fromkeys(("calibrated_at", "start_at"), "time"),
    **dict.fromkeys(("value", "error"), "number"),
    **dict.fromkeys(("unit", "verdict", "reasons", "decision", "decided_by", "decision_reason"), "text"),
    "decided_at": "time",
    "in_use": "flag",
    **dict.fromkeys(("marks", "mark_reasons", "username"), "text"),
    "manual": "flag",
    **dict.fromkeys(("refit_of", "analysis_model"), "text"),
    **dict.fromkeys(("saved", "simulated"), "flag"),
    **dict.fromkeys(("scope", "task", "control", "cooldown_id", "execution_id", "task_id"), "text"),
}
"""Columns of the history of a metric, with their kinds."""
RESULT_COLUMNS: Mapping[str, Kind] = {
    **dict.fromkeys(("start_at", "end_at"), "time"),
    **dict.fromkeys(("task", "target", "outcome", "status", "verdict", "message", "username"), "text"),
    "attempt": "integer",
    **dict.fromkeys(("lab_start_s", "lab_s"), "number"),
    **dict.fromkeys(("has_raw_data", "simulated"), "flag"),
    **dict.fromkeys(("refit_of", "analysis_model", "rerun_of", "scope", "tags", "cooldown_id"), "text"),
    **dict.fromkeys(("execution_id", "task_id"), "text"),
}
"""Columns of task results, with their kinds; columns of the estimates follow."""

_DTYPES: Mapping[Kind, str] = {
    "text": "string",
    "number": "float64",
    "integer": "Int64",
    "flag": "boolean",
    "time": "datetime64[us, UTC]",
}


def make_value_table(values: ChipValuesDocument) -> Table:
    """Return a table with a row for each value; a failure without a value has none."""
    return _make_table(
        VALUE_COLUMNS,
        [
            {
                **value,
                "target": target,
                "kind": kind,
                "metric": metric,
                "reasons": _join(value.get("reasons"), "; "),
                **_describe_marks(value.get("marks"), value.get("mark_reasons")),
            }
            for kind, targets in (("qubit", values.qubits), ("coupling", values.couplings))
            for target, known in targets.items()
            for metric, value in known.items()
            if "value" in value
        ],
    )


def make_history_table(points: Iterable[HistoryPointDocument]) -> Table:
    """Return a table with a row for each recorded value of a metric."""
    return _make_table(
        HISTORY_COLUMNS,
        [
            {
                **vars(point),
                "reasons": _join(point.reasons, "; "),
                "decision": point.decision and point.decision.verdict,
                "decided_by": point.decision and point.decision.username,
                "decision_reason": point.decision and point.decision.reason,
                "decided_at": point.decision and point.decision.decided_at,
                **_describe_marks(point.marks, point.mark_reasons),
            }
            for point in points
        ],
    )


def make_result_table(results: Iterable[ResultDocument]) -> Table:
    """Return a table with a row for each result.

    The estimates follow the other columns, each as `NAME [UNIT]` and `NAME error [UNIT]`, the unit of a plain number as 1.
    """
    columns, rows = dict(RESULT_COLUMNS), []
    for result in results:
        row = {
            **vars(result),
            "task": result.name,
            "target": result.qid,
            "outcome": result.outcome_in_force,
            "tags": _join(result.tags, ", "),
            "has_raw_data": bool(result.raw_data_path),
        }
        for name, estimate in result.output_parameters.items():
            unit = estimate.unit or "1"
            row |= {f"{name} [{unit}]": estimate.value, f"{name} error [{unit}]": estimate.error}
            columns |= dict.fromkeys((f"{name} [{unit}]", f"{name} error [{unit}]"), "number")
        rows.append(row)
    return _make_table(columns, rows)


def _make_table(columns: Mapping[str, Kind], rows: Sequence[Mapping[str, Any]]) -> Table:
    """Return rows as a data frame, or as dictionaries without pandas; absent and empty fields are NA or None."""
    values = {name: [_clean(row.get(name), kind) for row in rows] for name, kind in columns.items()}
    try:
        import pandas as pd
    except ImportError:
        return [dict(zip(values, row, strict=True)) for row in zip(*values.values(), strict=True)]
    return pd.DataFrame(
        {name: pd.Series(values[name], dtype=_DTYPES[kind]) for name, kind in columns.items()}
    )


def _clean(value: Any, kind: Kind) -> Any:
    """Return None for an empty text, plain text for a member of an enumeration, and a time in UTC for its text."""
    if not isinstance(value, str):
        return value
    return datetime.fromisoformat(value).astimezone(UTC) if kind == "time" else str(value) or None


def _join(texts: Iterable[str] | None, separator: str) -> str | None:
    return None if texts is None else separator.join(texts) or None


def _describe_marks(marks: Iterable[str] | None, reasons: Iterable[Any] | None) -> dict[str, str | None]:
    """Return the columns of marks: `too-old, disputed` and their reasons."""
    given = (one["reason"] if isinstance(one, dict) else one.reason for one in reasons or ())
    return {"marks": _join(marks, ", "), "mark_reasons": _join(given, "; ")}

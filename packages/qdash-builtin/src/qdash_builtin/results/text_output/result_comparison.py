"""Text of the comparison of a rerun with its original."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from qdash_cli.rendering.output import format_count, format_reasons, print_message, print_table
from qdash_cli.rendering.times import format_time
from qdash_core.models.estimates import unit_symbol
from qdash_core.models.quantities import format_quantity, use_minus_sign
from qdash_core.models.times import format_duration

if TYPE_CHECKING:
    from collections.abc import Sequence
    from zoneinfo import ZoneInfo

    from qdash_builtin.results.views.refits import RefitOutcomeDocument
    from qdash_builtin.results.views.result_comparisons import (
        ComparedResultDocument,
        DifferenceDocument,
        OutputComparisonDocument,
        ResultComparisonDocument,
    )
    from qdash_core.models.chip import ParameterModel
    from qdash_core.models.task import InputModel

_LONGEST_VALUE = 30
"""Number of characters after which a value is shortened: a swept range may have thousands of points."""


def show_result_comparison(found: ResultComparisonDocument, zone: ZoneInfo) -> None:
    """Print both results side by side, then the differences in inputs, run parameters, software and laboratory."""
    print_message(f"{found.name} on {found.qid or 'the chip'} of {found.chip_id}")
    facts = _list_facts(found.first, found.second, zone)
    print_table(("", "original", "rerun"), facts, fold=("original", "rerun"))
    if found.outputs:
        print_message()
        print_compared_outputs(found.outputs, "rerun")
    for text in found.remarks:
        print_message(text)
    print_message()
    if found.inputs:
        inputs = [(one.name, format_estimate(one.first), format_estimate(one.second)) for one in found.inputs]
        print_table(("input", "original", "rerun"), inputs, title="Inputs: differences")
    print_message(f"{format_count(found.n_equal_inputs, 'input')} equal, {len(found.inputs)} different")
    _show_differences("Run parameters", "run parameter", found.settings)
    if found.options:
        _show_differences("Analysis options", "option", found.options)
    for text in found.unrecorded:
        print_message(text)
    if all(found.software_recorded):
        _show_differences("Software", "distribution", found.software)
    known = all([*found.design_recorded, *found.note_recorded])
    _show_differences("Laboratory" if known else "Laboratory, as recorded", "", found.laboratory)


def _list_facts(
    first: ComparedResultDocument, second: ComparedResultDocument, zone: ZoneInfo
) -> list[tuple[str, object, object]]:
    quality = dict.fromkeys([*first.quality, *second.quality])
    rows: list[tuple[str, object, object]] = [
        ("result", first.task_id, second.task_id),
        ("execution", first.execution_id, second.execution_id),
        ("measured", _format_start(first, zone), _format_start(second, zone)),
        ("refitted", _format_refit(first, zone), _format_refit(second, zone)),
        ("laboratory time", _format_laboratory_time(first), _format_laboratory_time(second)),
        ("cool-down", first.cooldown_id, second.cooldown_id),
        ("outcome", format_outcome(first), format_outcome(second)),
        ("r2", format_number(first.r2), format_number(second.r2)),
        *((name, format_number(first.quality.get(name)), format_number(second.quality.get(name))) for name in quality),
    ]  # fmt: skip
    return [row for row in rows if row[1] or row[2]]


def format_outcome(result: ComparedResultDocument | RefitOutcomeDocument) -> str:
    """Return verdict or status of a result, with the reason if it is not accepted."""
    outcome = str(result.verdict if result.status == "completed" and result.verdict else result.status)
    reason = format_reasons(result.reasons) or result.message
    return outcome if outcome == "accepted" or not reason else f"{outcome}: {reason}"


def _format_start(result: ComparedResultDocument, zone: ZoneInfo) -> str:
    measured = result.measurement
    return format_time(measured.start_at or measured.end_at, zone)


def _format_refit(result: ComparedResultDocument, zone: ZoneInfo) -> str:
    return f"{format_time(result.end_at, zone)} by {result.username}" if result.refit_of else ""


def _format_laboratory_time(result: ComparedResultDocument) -> str:
    return "" if result.lab_start_s is None else f"{format_duration(result.lab_start_s)} into the run"


def format_number(value: float | None) -> str:
    """Return a figure of merit as text, or nothing for None."""
    return "" if value is None else use_minus_sign(f"{value:.4g}")


def format_estimate(known: ParameterModel | InputModel | None) -> str:
    """Return a value with error and unit, or `-` for None."""
    return "-" if known is None else format_quantity(known.value, known.error, known.unit)


def print_compared_outputs(outputs: Sequence[OutputComparisonDocument], second: str) -> None:
    """Print a table of the outputs of two results; `second` is the heading of the second one."""
    rows = [
        (
            one.name,
            format_estimate(one.first),
            format_estimate(one.second),
            format_difference(one),
            "" if one.sigmas is None else f"{one.sigmas:.1f}",
        )
        for one in outputs
    ]
    print_table(("output", "original", second, "difference", "sigma"), rows)


def format_difference(output: OutputComparisonDocument) -> str:
    """Return the difference of an output with sign and unit, or nothing if there is none."""
    known = output.second or output.first
    if output.difference is None or known is None:
        return ""
    return f"{use_minus_sign(f'{output.difference:+.3g}')} {unit_symbol(known.unit)}".rstrip()


def _show_differences(what: str, column: str, differences: Sequence[DifferenceDocument]) -> None:
    if not differences:
        print_message(f"{what}: no difference")
        return
    print_message()
    rows = [(one.name, _format_any(one.first), _format_any(one.second)) for one in differences]
    print_table((column, "original", "rerun"), rows, title=f"{what}: differences", fold=(column,))


def _format_any(value: object) -> str:
    if value is None:
        return "-"
    text = value if isinstance(value, str) else json.dumps(value)
    return text if len(text) <= _LONGEST_VALUE else f"{text[:_LONGEST_VALUE]}…"

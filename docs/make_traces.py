"""Generator of the page of measured traces of other groups and what the fits make of them.

How a trace is read and fitted, and why some results differ, is taken from `tests/analysis/test_measured_traces.py`.
"""

from __future__ import annotations

import runpy
from dataclasses import dataclass
from math import hypot
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qdash_analysis import Estimate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from qdash_analysis import FitResult

_TEST = Path(__file__).parents[1] / "tests" / "analysis" / "test_measured_traces.py"

_INTRODUCTION = """\
# Measured traces of other groups

Real data with published results, and what the fits make of them. The files lie in `tests/analysis/traces`; each names its
source and licence: qibocal (Apache-2.0), quantify-core (BSD-3-Clause), qua-libs (BSD-3-Clause) and PycQED_py3 (MIT). Two resonators of
scresonators serve for comparison only and are not distributed, because these files are older than the project's licence;
an AllXY trace of quantify is left out because no fit is made of it.

The distance is that of ours from the reference in units of the tolerance: the source's own where it gives one, else
two combined errors. A result within the tolerance widened by our error agrees; for any other the last column says why ours
is taken. Agreement means that the same model gives the same number, not that it is true.
"""


@dataclass(frozen=True, slots=True)
class Row:
    """One parameter of one trace: reference and ours as text, and their distance where both are numbers."""

    file: str
    kind: str
    parameter: str = ""
    reference: str = ""
    ours: str = ""
    distance: str = ""
    remark: str = ""

    def __str__(self) -> str:
        cells = (
            self.file,
            self.kind,
            self.parameter and f"`{self.parameter}`",
            self.reference,
            self.ours,
            self.distance,
            self.remark,
        )
        return f"| {' | '.join(cells)} |"


def make_page() -> str:
    """Return the text of the page."""
    head = (
        "| file | kind | parameter | reference | ours | distance in tolerances | remark |\n"
        "|---|---|---|---|---|---|---|"
    )
    return "\n".join([_INTRODUCTION, head, *(str(row) for row in rows())]) + "\n"


def rows() -> Iterator[Row]:
    """Fit every trace."""
    known = runpy.run_path(str(_TEST))
    for path in known["FILES"]:
        trace, x, y = known["load"](path)
        result: FitResult = known["fit"](trace, x, y)
        if not trace["reference"]:
            yield from _without_reference(path.stem, trace, result)
        for name, given in trace["reference"].items():
            row = Row(path.stem, trace["kind"], name)
            expected = known["reference_value"](trace, name, given)
            estimate = result.parameters.get(name)
            if estimate is None:
                reason = known["LEFT_OUT"].get((path.stem, name)) or known["NOT_GIVEN"][name]
                yield _changed(row, reference=_estimate(expected, given), remark=reason)
            else:
                _, why = known["KNOWINGLY_DIFFERENT"].get((path.stem, name), (None, ""))
                yield _compared(row, estimate, expected, given, why)


def _without_reference(file: str, trace: dict[str, Any], result: FitResult) -> Iterator[Row]:
    """Yield what a trace without a published number gives: a refusal, or what was found."""
    asked = {"refuse": "to be refused", "ambiguous": "cannot be told"}.get(trace["expect"], "none published")
    if not result.success:
        yield Row(file, trace["kind"], reference=asked, ours="refused", remark=result.message)
        return
    _, _, note = result.message.partition("; ")
    for name, estimate in result.parameters.items():
        ours = str(estimate)
        yield Row(file, trace["kind"], name, asked, ours, remark=note)


def _compared(row: Row, estimate: Estimate, expected: float, given: dict[str, Any], why: str) -> Row:
    tolerance = given.get("tolerance") or 2 * hypot(estimate.error or 0.0, given["error"])
    distance = abs(estimate.value - expected) / tolerance
    return _changed(
        row,
        reference=_estimate(expected, given),
        ours=str(estimate),
        distance=f"{distance:.2f}",
        remark=why or ("the tolerance is narrower than the noise" if distance > 1 else ""),
    )


def _changed(row: Row, **cells: str) -> Row:
    return Row(row.file, row.kind, row.parameter, **cells)


def _estimate(value: float, given: dict[str, Any]) -> str:
    return str(Estimate(value, given["error"], given["unit"]))

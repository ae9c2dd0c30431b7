"""Coverage of the error bars of every fit, written to `benchmarks/coverage.md`, `coverage_ranges.md` and `coverage_outside.md`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.table import Row
from tests.analysis.coverage import Honesty, Population, measure
from tests.analysis.populations import POPULATIONS
from tests.analysis.populations_outside_models import OUTSIDE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

FOLDER = Path(__file__).parent
SEED = 20240607
OUTSIDE_TRACES = 200

FITS = """# Coverage of the error bars

{traces:,} simulated traces for each row, drawn at random over [wide ranges](coverage_ranges.md); half of the fits get the noise. Measured by
`python -m benchmarks --only coverage`; `tests/analysis/test_coverage.py` draws the same traces. [Error bars](../docs/error-bars.md#coverage) says how to
read the table.

| column | meaning |
|---|---|
| within 1 sigma, within 2 sigma, beyond 5 sigma | shares of the accepted traces by the magnitude of their pull, (estimate − truth) / error |
| interval | for quantum states, whose raw estimate is judged here: share of traces with the truth in the interval of possible values; 68 %, and up to 84 % within one error of a pure state |
| refused | share of traces without a detected effect, which have no estimates. An accepted trace may lack a parameter that it does not determine |

| fit | parameter | accepted | within 1 sigma | within 2 sigma | beyond 5 sigma | mean pull | interval | refused |
|---|---|---|---|---|---|---|---|---|
"""

RANGES = """# Ranges of the coverage tests

Ranges from which the traces of the [coverage of the error bars](coverage.md) are drawn, by population. Written by `python -m benchmarks --only coverage`.

"""

OUTSIDE_FITS = """# Traces outside the models

{traces} traces of each kind that the model of the fit does not describe, or that few points describe. A fit should refuse them, or contain the
difference in its error. The shares within one, two and five errors of the right value are those of the accepted traces. The last column is the
limit that [`test_outside_models.py`](../tests/analysis/test_outside_models.py) sets to the share of all traces that are accepted with a value
beyond five errors. [Tests of a fit](../docs/fit-tests.md) describes the tests that refuse them. Written by `python -m benchmarks --only coverage`.

| kind | parameter | accepted | refused | within 1 error | within 2 | within 5 | most beyond 5, of all |
|---|---|---|---|---|---|---|---|
"""


def rows(folder: Path, *, quick: bool) -> Iterator[Row]:
    """Measure all populations, and store the pages."""
    traces = 20 if quick else 1000
    found = {name: measure(population, traces=traces, seed=SEED) for name, population in POPULATIONS.items()}
    fits = [row for name, honesty in found.items() for row in _rows(name, honesty)]
    if not quick:
        outside = {name: kind.population for name, kind in OUTSIDE.items()}
        pages = {
            "coverage.md": FITS.format(traces=traces) + _join(fits),
            "coverage_ranges.md": RANGES + _join(_list_ranges(POPULATIONS)),
            "coverage_outside.md": OUTSIDE_FITS.format(traces=OUTSIDE_TRACES)
            + _join([row for name in outside for row in _rows_outside(name)])
            + "\n## Ranges\n\n"
            + _join(_list_ranges(outside)),
        }
        for name, page in pages.items():
            (FOLDER / name).write_text(page, encoding="utf-8")
    accepted = [of for honesty in found.values() for of in honesty.parameters.values() if of.accepted]
    of_fits = f"of {len(found)} fits, over their parameters"
    for what, shares in (
        ("within one standard error", [of.within_one for of in accepted]),
        ("within two", [of.within_two for of in accepted]),
        ("beyond five", [of.beyond_five for of in accepted]),
    ):
        yield Row.of(f"share of the estimates {of_fits}: {what}", "%", [100 * one for one in shares])


def _join(lines: list[str]) -> str:
    return "\n".join([*lines, ""])


def _list_ranges(populations: Mapping[str, Population]) -> list[str]:
    return [f"- `{name}`: {population.ranges}." for name, population in populations.items()]


def _rows(name: str, found: Honesty) -> list[str]:
    return [
        f"| {name} | {parameter} | {of.accepted} | {of.within_one:.1%} | {of.within_two:.1%} | {of.beyond_five:.1%} | "
        f"{of.mean_pull:+.2f} | {'' if of.interval is None else f'{of.interval:.1%}'} | {found.refused / found.traces:.1%} |"
        for parameter, of in found.parameters.items()
    ]


def _rows_outside(name: str) -> list[str]:
    kind = OUTSIDE[name]
    found = measure(kind.population, traces=OUTSIDE_TRACES, seed=SEED)
    return [
        f"| {name} | {parameter} | {of.accepted / found.traces:.1%} | {found.refused / found.traces:.1%} | "
        + (
            f"{of.within_one:.0%} | {of.within_two:.0%} | {1 - of.beyond_five:.1%}"
            if of.accepted
            else " | | "
        )
        + f" | {kind.most_wrong:.1%} |"
        for parameter, of in found.parameters.items()
    ]

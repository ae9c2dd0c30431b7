"""Maps of a chip as SVG: the values of a metric at the positions of qubits or couplings, with signs of statuses and marks.

They hold numbers, fixed tags and escaped text only. Classes: `c0` to `c9` from the least to the greatest value, `w` without a value, `o`
for the couplings behind qubits, `q` for the qubits beside couplings.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from qdash_builtin.figures.positions import compute_positions
from qdash_core.models.chip import TargetStatus
from qdash_core.models.marks import format_signs
from qdash_core.models.quantities import format_quantity
from qdash_core.models.targets import split_coupling

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from qdash_builtin.figures.positions import Place
    from qdash_builtin.metrics.definitions import Metric
    from qdash_core.chips.chip import Chip
    from qdash_core.models.chip import CouplingModel, QubitModel
    from qdash_core.models.chip_values import KnownValue

STATUS_SIGNS = {
    TargetStatus.FAILED: "✗",
    TargetStatus.DEAD: "☠",
    TargetStatus.EXCLUDED: "⊘",
    TargetStatus.PENDING: "·",
}
"""Signs of the statuses of targets that are not calibrated."""
_CELL = 58
_WIDE, _HIGH = 50, 42
_LEVELS = 10
_ENLARGED = 1.2
"""Width of a map on a wide page, in its own units."""


class ChipMap:
    """Map of a chip on which metrics are drawn."""

    def __init__(self, chip: Chip, statuses: Mapping[str, TargetStatus]) -> None:
        self._chip, self._statuses = chip, statuses
        found = compute_positions(chip.topology)
        left = min((x for x, _ in found.values()), default=0.0)
        top = min((y for _, y in found.values()), default=0.0)
        self.places: Mapping[str, Place] = {qid: (x - left, y - top) for qid, (x, y) in found.items()}
        """Positions of the qubits, from 0 in both directions."""

    def draw(
        self, name: str, metric: Metric | None, values: Mapping[str, KnownValue], *, of_couplings: bool
    ) -> str:
        """Return the map of the values of a metric by target; targets without a value are hollow."""
        wide = max((x for x, _ in self.places.values()), default=0.0) * _CELL + _CELL
        high = max((y for _, y in self.places.values()), default=0.0) * _CELL + _CELL
        scale = _Scale(name, metric, values)
        draw = self._draw_couplings if of_couplings else self._draw_qubits
        return (
            f'<svg class="map" xmlns="http://www.w3.org/2000/svg" width="{_ENLARGED * wide:.0f}" viewBox="0 0 {wide:.0f} {high:.0f}" role="img" '
            f'aria-label="{escape(scale.title)}">{"".join(draw(scale))}</svg>'
        )

    def _draw_qubits(self, scale: _Scale) -> Iterator[str]:
        lines = "".join(
            f"M{a:.0f} {b:.0f}L{c:.0f} {d:.0f}"
            for (a, b), (c, d) in (self._find_ends(one) for one in self._chip.couplings)
        )
        yield f'<path class="o" d="{lines}"/>'
        for qid, qubit in self._chip.qubits.items():
            x, y = self._find_middle(qid)
            box = f"M{x - _WIDE / 2:.0f} {y - _HIGH / 2:.0f}h{_WIDE}v{_HIGH}h-{_WIDE}z"
            level = scale.find_level(qid)
            number = f'<text class="n" x="{x - _WIDE / 2 + 4:.0f}" y="{y - 6:.0f}">{qid}</text>'
            signs = self._list_signs(qubit, scale)
            beside = (
                f'<text class="s" x="{x + _WIDE / 2 - 4:.0f}" y="{y - 6:.0f}">{escape(signs)}</text>'
                if signs
                else ""
            )
            value = f'<text x="{x:.0f}" y="{y + 13:.0f}">{scale.format_value(qid)}</text>'
            yield f'<g class="{level}">{self._describe(qubit, scale)}<path d="{box}"/>{number}{beside}{value}</g>'

    def _draw_couplings(self, scale: _Scale) -> Iterator[str]:
        for qid in self._chip.qubits:
            x, y = self._find_middle(qid)
            yield f'<g class="q"><circle cx="{x:.0f}" cy="{y:.0f}" r="11"/><text x="{x:.0f}" y="{y + 4:.0f}">{qid}</text></g>'
        for qid, coupling in self._chip.couplings.items():
            (a, b), (c, d) = self._find_ends(qid, shortened=True)
            text = f"{scale.format_value(qid)}{self._list_signs(coupling, scale)}"
            yield (
                f'<g class="k {scale.find_level(qid)}">{self._describe(coupling, scale)}<path d="M{a:.0f} {b:.0f}L{c:.0f} {d:.0f}"/>'
                f'<text x="{(a + c) / 2:.0f}" y="{(b + d) / 2 + 4:.0f}">{escape(text)}</text></g>'
            )

    def _find_middle(self, qid: str) -> Place:
        x, y = self.places[qid]
        return (x + 0.5) * _CELL, (y + 0.5) * _CELL

    def _find_ends(self, coupling: str, *, shortened: bool = False) -> tuple[Place, Place]:
        (a, b), (c, d) = (self._find_middle(qid) for qid in split_coupling(coupling))
        part = 0.22 if shortened else 0.0
        return (a + part * (c - a), b + part * (d - b)), (c - part * (c - a), d - part * (d - b))

    def _list_signs(self, target: QubitModel | CouplingModel, scale: _Scale) -> str:
        marks = scale.values[target.qid].marks if target.qid in scale.values else ()
        status = self._statuses.get(target.qid)
        return ("" if status is None else STATUS_SIGNS.get(status, "")) + format_signs(marks)

    def _describe(self, target: QubitModel | CouplingModel, scale: _Scale) -> str:
        """Return the tooltip of a target."""
        known = scale.values.get(target.qid)
        value = "no value"
        if known is not None:
            one = known.parameter
            value = format_quantity(one.value, one.error, one.unit)
            value += "".join(f"; {mark.mark}: {mark.reason}" for mark in known.marks)
        status = self._statuses.get(target.qid, "status unknown")
        return f"<title>{escape(f'{target.qid}: {value}; {status}')}</title>"


class _Scale:
    """Colour levels and displayed numbers of the values of a metric."""

    def __init__(self, name: str, metric: Metric | None, values: Mapping[str, KnownValue]) -> None:
        self.title = name if metric is None else metric.title
        self.values = values
        self._factor = 1.0 if metric is None else metric.scale
        numbers = [float(one.parameter.value) for one in values.values()]
        self._low, self._high = min(numbers, default=0.0), max(numbers, default=0.0)

    def find_level(self, target: str) -> str:
        """Return the class of a target: its level, or `w` without a value."""
        if target not in self.values:
            return "w"
        place = (float(self.values[target].parameter.value) - self._low) / ((self._high - self._low) or 1.0)
        return f"c{min(int(place * _LEVELS), _LEVELS - 1)}"

    def format_value(self, target: str) -> str:
        """Return the number of a target in the display unit, empty without a value."""
        if target not in self.values:
            return ""
        return f"{float(self.values[target].parameter.value) * self._factor:.4g}".replace(
            "-", "\N{MINUS SIGN}"
        )

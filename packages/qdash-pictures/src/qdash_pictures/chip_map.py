"""Map of a chip with a metric: qubits as discs, couplings as bars, coloured by value."""

from __future__ import annotations

from html import escape
from statistics import median
from typing import TYPE_CHECKING, Any

from qdash_core.errors import InvalidInputError
from qdash_core.models.chip import TargetStatus
from qdash_core.models.marks import Mark
from qdash_core.models.targets import split_coupling
from qdash_core.parsing.similar_names import suggest
from qdash_core.tasks.figure_layout import quantity, titled_layout
from qdash_pictures.chip_targets import (
    BADGE,
    FAILED_COLOUR,
    NO_VALUE,
    Sheet,
    Spot,
    draw_bar_texts,
    draw_bars,
    draw_discs,
    draw_failed,
    draw_marks,
    draw_numbered_qubits,
    draw_plain_lines,
)
from qdash_pictures.value_scale import make_scale

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from qdash_core.chips.chip import Chip
    from qdash_core.models.chip import CouplingModel, QubitModel
    from qdash_core.models.chip_values import ChipValues, KnownValue
    from qdash_pictures.chip_targets import Place
    from qdash_pictures.value_scale import ValueScale

LABELLED = 150
"""Number of qubits up to which a map has texts by default."""
_CELL, _LONGEST_SIDE, _SMALLEST_CELL = 66, 1100, 14
"""Pixels between neighbours: with texts; and without, as fit into the side, but not fewer."""
_AROUND = 0.6
"""Cells around the outermost qubits."""
_RIGHT, _TOP, _BOTTOM = 130, 66, 56
_LEAST_WIDTH, _LEAST_HEIGHT = 330, 170
"""Pixels: room for the title, and for the colour bar."""


def chip_map(
    chip: Chip,
    values: ChipValues,
    metric: str,
    *,
    places: Mapping[str, Place],
    all_labels: bool = False,
) -> dict[str, Any]:
    """Return a map of a chip coloured by a metric, as Plotly JSON.

    Parameters and errors are those of `Pictures.chip_map`. Maps of more than `LABELLED` qubits have texts only with
    `all_labels`.
    """
    found = _select_values(chip, values, metric)
    middles = {
        coupling: _compute_middle(*(places[qid] for qid in split_coupling(coupling)))
        for coupling in chip.couplings
    }
    qubits, couplings = _make_spots(chip.qubits, places, found), _make_spots(chip.couplings, middles, found)
    labelled = all_labels or len(places) <= LABELLED
    sheet = Sheet(
        places, _scale(metric, [*qubits, *couplings]), _compute_cell_size(places, labelled=labelled), labelled
    )
    on_qubits, on_couplings = (any(spot.known for spot in spots) for spots in (qubits, couplings))
    shown = (qubits if on_qubits else []) + (couplings if on_couplings else [])
    data = [
        *(draw_bars(couplings, sheet) if on_couplings else [draw_plain_lines(chip.couplings, sheet)]),
        *(draw_discs(qubits, sheet) if on_qubits else [draw_numbered_qubits(qubits, sheet)]),
        *draw_failed([*qubits, *couplings], sheet),
        *draw_marks(shown, sheet),
        *_make_legend_entries(shown, [*qubits, *couplings]),
    ]
    _keep_one_colour_bar(data)
    layout = _make_layout(f"{metric} of {chip.header.chip_id}", _summarise(shown, sheet.scale), sheet)
    layout["annotations"] = draw_bar_texts(couplings, sheet) if on_couplings and labelled else []
    return {"data": data, "layout": layout}


def list_metrics(values: ChipValues) -> list[str]:
    """Return the metrics with a value on a chip, in order."""
    targets = (*values.qubits.values(), *values.couplings.values())
    return sorted({name for known in targets for name in known})


def _select_values(chip: Chip, values: ChipValues, metric: str) -> dict[str, KnownValue]:
    known = list_metrics(values)
    chip_id = chip.header.chip_id
    if not known:
        raise InvalidInputError(
            f"nothing is calibrated yet on chip {chip_id}: `qdash calibrate {chip_id} --flow bring-up`"
        )
    if metric not in known:
        raise InvalidInputError(
            f"chip {chip_id} has no value of {metric!r}{suggest(metric, known)}; it has {', '.join(known)}"
        )
    targets = {**values.qubits, **values.couplings}
    return {target: had[metric] for target, had in targets.items() if metric in had}


def _make_spots(
    targets: Mapping[str, QubitModel] | Mapping[str, CouplingModel],
    places: Mapping[str, Place],
    found: Mapping[str, KnownValue],
) -> list[Spot]:
    spots = []
    for qid, target in targets.items():
        known = found.get(qid)
        parameter, marks = (None, ()) if known is None else (known.parameter, known.marks)
        spots.append(Spot(qid, places[qid], target.status, parameter, marks))
    return spots


def _scale(metric: str, spots: Sequence[Spot]) -> ValueScale:
    """Return the scale for the coloured values, or for those of set-aside targets if there are no others."""
    known = [spot.known for spot in spots if spot.value is not None]
    known = known or [spot.known for spot in spots]
    parameters = [parameter for parameter in known if parameter is not None]
    return make_scale(metric, parameters[0].unit, [float(parameter.value) for parameter in parameters])


def _compute_middle(first: Place, second: Place) -> Place:
    return (first[0] + second[0]) / 2, (first[1] + second[1]) / 2


def _compute_cell_size(places: Mapping[str, Place], *, labelled: bool) -> float:
    if labelled:
        return _CELL
    return max(_SMALLEST_CELL, min(_CELL, _LONGEST_SIDE / (max(_compute_extent(places)) + 1)))


def _compute_extent(places: Mapping[str, Place]) -> tuple[float, float]:
    xs, ys = zip(*places.values(), strict=True)
    return max(xs) - min(xs), max(ys) - min(ys)


def _make_legend_entries(shown: Sequence[Spot], every: Sequence[Spot]) -> list[dict[str, Any]]:
    """Return the legend entries of targets without colour, of failed ones and of marks, with their counts."""
    kinds = {
        NO_VALUE: [spot for spot in shown if spot.known is None and not spot.status.set_aside],
        "excluded": [spot for spot in shown if spot.status is TargetStatus.EXCLUDED],
        "dead": [spot for spot in shown if spot.status is TargetStatus.DEAD],
    }
    entries = [
        _make_entry(
            f"{kind}: {len(spots)}",
            {
                "symbol": spots[0].symbol,
                "color": spots[0].ground,
                "line": {"color": spots[0].outline, "width": 2},
            },
        )
        for kind, spots in kinds.items()
        if spots
    ]
    if failed := [spot for spot in every if spot.status is TargetStatus.FAILED]:
        ring = {"symbol": failed[0].failed_symbol, "color": FAILED_COLOUR, "line": {"width": 3}}
        entries.append(_make_entry(f"failed: {len(failed)}", ring))
    drawn = [one.mark for spot in shown if spot.value is not None for one in spot.marks]
    entries += [
        _make_entry(f"{escape(mark.sign)} {mark}: {drawn.count(mark)}", BADGE)
        for mark in Mark
        if mark in drawn
    ]
    return entries


def _make_entry(name: str, marker: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [None],
        "y": [None],
        "name": name,
        "marker": {"size": 14, **marker},
    }


def _keep_one_colour_bar(data: Sequence[dict[str, Any]]) -> None:
    scaled = [trace["marker"] for trace in data if trace.get("marker", {}).get("showscale")]
    for marker in scaled[1:]:
        marker["showscale"] = False


def _make_layout(title: str, summary: str, sheet: Sheet) -> dict[str, Any]:
    xs, ys = zip(*sheet.places.values(), strict=True)
    across, down = _compute_extent(sheet.places)
    sides: dict[str, dict[str, Any]] = {
        "xaxis": {"range": [min(xs) - _AROUND, max(xs) + _AROUND]},
        "yaxis": {"range": [max(ys) + _AROUND, min(ys) - _AROUND], "scaleanchor": "x"},
    }
    return {
        **titled_layout(title, summary, size=17, top=24),
        **{name: {"visible": False, "constrain": "domain", **side} for name, side in sides.items()},
        "width": round(max((across + 2 * _AROUND) * sheet.cell, _LEAST_WIDTH) + _RIGHT),
        "height": round(max((down + 2 * _AROUND) * sheet.cell, _LEAST_HEIGHT) + _TOP + _BOTTOM),
        "margin": {"l": 20, "r": _RIGHT - 20, "t": _TOP, "b": _BOTTOM},
        "legend": {"orientation": "h", "x": 0, "y": 0, "yanchor": "top"},
        "hovermode": "closest",
    }


def _summarise(shown: Sequence[Spot], scale: ValueScale) -> str:
    """Return a summary such as `25 of 27 qubits, median 81.2 µs`, with the number of values beyond the colour bar."""
    values = [spot.value for spot in shown if spot.value is not None]
    kinds = sorted({("couplings" if "-" in spot.target else "qubits") for spot in shown})
    counted = f"{len(values)} of {len(shown)} {' and '.join(kinds)}"
    if not values:
        return counted
    unit = next(spot.known.unit for spot in shown if spot.known)
    beyond = scale.count_beyond(values)
    parts = (
        counted,
        f"median {quantity(f'{median(values):.5g}', unit)}",
        scale.remark,
        f"{beyond} beyond the colour bar" if beyond else "",
    )
    return ", ".join(filter(None, parts))

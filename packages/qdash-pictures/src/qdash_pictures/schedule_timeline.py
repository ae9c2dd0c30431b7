"""Timeline of a schedule: the targets measured on each resource over laboratory time."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from qdash_core.errors import InvalidInputError
from qdash_core.models.targets import by_number
from qdash_core.scheduling.blocks import split_groups
from qdash_core.tasks.colours import DISTINCT, INK, PALE, PAPER, choose_text_colour
from qdash_core.tasks.figure_layout import titled_layout

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from qdash_core.hooks.pictures import MeasuredBlock, Measurement
    from qdash_core.models.execution import ExecutionModel
    from qdash_core.scheduling.makespan import Timeline
    from qdash_core.scheduling.schedule import Schedule

_CHIP = "chip"

Drawn = dict[str, Any]
_WIDTH, _TOP, _BOTTOM = 1000, 70, 60
_BESIDE, _CHARACTER = 30, 7
"""Pixels of the margin beside row names and labels, and of one of their characters."""
_ROW, _LEAST_ROW, _HIGHEST, _LOWEST = 22, 3, 1400, 160
"""Pixels of a row, of a row where there are many, and of all rows together."""
_LETTERED_ROW = 16
"""Row height in pixels below which no text fits into the bars. Plotly would measure thousands of texts for seconds, then hide them."""
_NAMED_ROWS = 70
"""Rows up to which each has its name beside it."""
_LONGEST_LEGEND = 28
_NARROWEST_BLOCK = 0.015
"""Part of the duration from which a block has room for its number."""
_PATTERNS = ("", "/", "x", "-")
"""Hatch patterns that distinguish labels of the same colour."""
_LOOKS = len(DISTINCT) * len(_PATTERNS)
_STROKES = {"fillmode": "overlay", "fgcolor": PAPER, "fgopacity": 0.55, "size": 6, "solidity": 0.2}
_UNITS = (("h", 3600.0, 2 * 3600.0), ("min", 60.0, 10 * 60.0))
"""Units of time, their length in s, and the length of a schedule in s from which they are used. Otherwise s."""


@dataclass(frozen=True, slots=True)
class Bar:
    """Measurement of one target, drawn as a bar.

    Times are in laboratory time. The label is the task or group of the target, and gives the colour; `row` is a
    resource or a target.
    """

    target: str
    label: str
    start_s: float
    end_s: float
    row: str


@dataclass(frozen=True, slots=True)
class PlannedBlock:
    """Block of a schedule between two barriers.

    The strategy is empty if none made the blocks; `number` counts in its stage, from 1. Times are in laboratory time.
    """

    strategy: str
    number: int
    start_s: float
    end_s: float


def schedule_timeline(
    bars: Sequence[Bar], *, title: str, bound_s: float | None = None, blocks: Sequence[MeasuredBlock] = ()
) -> dict[str, Any]:
    """Return a schedule as a timeline, as Plotly JSON.

    Bars are in the order of the legend. The bound of the duration is in laboratory time; `blocks` run one after
    another, and are drawn as numbers between vertical lines. Raises InvalidInputError if there is no bar.
    """
    if not bars:
        raise InvalidInputError(f"{title}: there are no measurements to draw")
    end_s = max(bar.end_s for bar in bars)
    unit, length_s = _choose_unit(max(end_s, bound_s or 0.0))
    rows = sorted({bar.row for bar in bars}, key=sort_rows)
    place = {row: number for number, row in enumerate(rows)}
    labels = list(dict.fromkeys(bar.label for bar in bars))
    named = len(labels) <= _LONGEST_LEGEND
    looks = [number if named else number % _LOOKS for number in range(len(labels))]
    drawn = dict(zip(labels, looks, strict=True))
    height = _compute_height(len(rows))
    data = [
        _draw_bars(
            [bar for bar in bars if drawn[bar.label] == look],
            place,
            look=look,
            unit=(unit, length_s),
            named=named,
            lettered=height >= _LETTERED_ROW * len(rows),
        )
        for look in dict.fromkeys(looks)
    ]
    ends = (
        [("end", end_s, "solid")]
        if bound_s is None
        else [("end", end_s, "solid"), ("lower bound", bound_s, "dash")]
    )
    layout = _make_layout(
        title,
        _summarise(end_s, bound_s, unit, length_s) + _describe_blocks(blocks),
        rows,
        unit,
        height=height,
        legend=labels if named else [],
    )
    layout["xaxis"]["range"] = [0, 1.02 * max(end_s, bound_s or 0.0) / length_s]
    layout["shapes"] = [_draw_vertical_line(seconds / length_s, dash) for _, seconds, dash in ends]
    layout["shapes"] += [_draw_vertical_line(one.start_s / length_s, "dot") for one in blocks if one.start_s]
    numbers = [
        _draw_block_number(one, length_s)
        for one in blocks
        if one.end_s - one.start_s >= _NARROWEST_BLOCK * end_s
    ]
    if numbers:
        layout["annotations"] = [*layout.get("annotations", ()), *numbers]
    return {"data": data, "layout": layout}


def make_schedule_timeline(schedule: Schedule, *, title: str) -> dict[str, Any]:
    """Return the timeline of a schedule in which each target starts as soon as its resources are free, but not before a barrier.

    Couplings are drawn on each multiplexer that they occupy, coloured by group; where there are none, and for qubits,
    every target has a row of its own.
    """
    group_of = {
        target: f"group {number}" for number, group in enumerate(schedule.groups, 1) for target in group
    }
    bars = make_timeline_bars(schedule.timeline, group_of)
    on_muxes = repeat_on_resources(bars, schedule.occupied.resources, "mux")
    everywhere = {bar.target for bar in on_muxes} == set(group_of)
    shown = on_muxes if schedule.kind == "coupling" and everywhere else bars
    by_group = sorted(shown, key=lambda bar: sort_rows(bar.label))
    blocks = _list_planned_blocks(schedule) if schedule.colouring.barriers else []
    return schedule_timeline(by_group, title=title, bound_s=schedule.makespan_lower_bound_s, blocks=blocks)


def _list_planned_blocks(schedule: Schedule) -> list[PlannedBlock]:
    start_s, end_s = schedule.timeline.start_s, schedule.timeline.end_s
    found = []
    for number, groups in enumerate(split_groups(schedule.groups, schedule.colouring.barriers), 1):
        targets = [target for group in groups for target in group]
        begin_s, ended_s = min(map(start_s.__getitem__, targets)), max(map(end_s.__getitem__, targets))
        found.append(PlannedBlock(schedule.colouring.strategy, number, begin_s, ended_s))
    return found


def make_run_timeline(
    execution: ExecutionModel,
    measurements: Iterable[Measurement],
    *,
    bound_s: float | None = None,
    blocks: Sequence[MeasuredBlock] = (),
) -> dict[str, Any]:
    """Return the timeline of the measurements of a run, one row per target, coloured by task, with the blocks of its stages.

    Raises InvalidInputError if the run has no measurements.
    """
    title = f"{execution.name} on {execution.chip_id}, {execution.execution_id}"
    return schedule_timeline(make_measurement_bars(measurements), title=title, bound_s=bound_s, blocks=blocks)


def make_timeline_bars(timeline: Timeline, labels: Mapping[str, str]) -> list[Bar]:
    """Return the bars of a list schedule, each in the row of its target, in order of start.

    Labels are by target, such as its group.
    """
    return [
        Bar(target, labels[target], start_s, timeline.end_s[target], target)
        for target, start_s in sorted(timeline.start_s.items(), key=lambda begun: begun[1])
    ]


def make_measurement_bars(measurements: Iterable[Measurement]) -> list[Bar]:
    """Return the bars of measurements, each in the row of its target, without those of zero duration."""
    return [
        Bar(one.target or _CHIP, one.task, one.lab_start_s, one.lab_end_s, one.target or _CHIP)
        for one in measurements
        if one.lab_end_s > one.lab_start_s
    ]


def repeat_on_resources(
    bars: Iterable[Bar], resources: Mapping[str, Collection[str]], kind: str
) -> list[Bar]:
    """Return a bar for each resource of a kind that a target occupies, in the row of that resource.

    `kind` is the first word of the resources to show, as in `"mux 3"`; `resources` are those of each target, as in
    `Conflicts`.
    """
    return [
        replace(bar, row=resource)
        for bar in bars
        for resource in sorted(resources.get(bar.target, ()), key=sort_rows)
        if resource.partition(" ")[0] == kind
    ]


def sort_rows(row: str) -> tuple[object, ...]:
    """Sort rows by kind and number: `mux 2` before `mux 10`, qubits before couplings, `0-1` before `0-10`."""
    kind, _, name = row.rpartition(" ")
    numbered = name.replace("-", "").isdecimal()
    return (kind, not numbered, "-" in name, by_number(name) if numbered else (), name)


def _draw_bars(
    bars: Sequence[Bar],
    place: Mapping[str, int],
    *,
    look: int,
    unit: tuple[str, float],
    named: bool,
    lettered: bool,
) -> Drawn:
    """Draw the bars of one label, or of several labels of one style if there are too many for a legend."""
    name, length_s = unit
    colour = DISTINCT[look % len(DISTINCT)]
    pattern = _PATTERNS[look // len(DISTINCT) % len(_PATTERNS)]
    return {
        "type": "bar",
        "orientation": "h",
        "name": bars[0].label,
        "showlegend": named,
        "base": [round(bar.start_s / length_s, 6) for bar in bars],
        "x": [round((bar.end_s - bar.start_s) / length_s, 6) for bar in bars],
        "y": [place[bar.row] for bar in bars],
        "width": 0.86,
        **(_draw_bar_texts(bars, choose_text_colour(colour)) if lettered else {}),
        "marker": {
            "color": colour,
            "line": {"color": PAPER, "width": 0.5},
            **({"pattern": {"shape": pattern, **_STROKES}} if pattern else {}),
        },
        "hovertext": [
            f"{bar.target}: {bar.label}<br>{bar.start_s / length_s:.4g} to {bar.end_s / length_s:.4g} {name}"
            for bar in bars
        ],
        "hoverinfo": "text",
    }


def _draw_bar_texts(bars: Sequence[Bar], colour: str) -> Drawn:
    """Return the texts inside the bars: the targets, unless the row is named after them."""
    return {
        "text": ["" if bar.row == bar.target else bar.target for bar in bars],
        "textposition": "inside",
        "insidetextanchor": "middle",
        "textangle": 0,
        "textfont": {"color": colour, "size": 10},
    }


def _choose_unit(length_s: float) -> tuple[str, float]:
    """Return the unit of time for a schedule of this length, and its length in s."""
    return next(((name, size) for name, size, least in _UNITS if length_s >= least), ("s", 1.0))


def _draw_vertical_line(place: float, dash: str) -> Drawn:
    line = {"color": INK, "width": 1.5, "dash": dash}
    return {"type": "line", "x0": place, "x1": place, "yref": "paper", "y0": 0, "y1": 1, "line": line}


def _draw_block_number(block: MeasuredBlock, length_s: float) -> Drawn:
    return {
        "x": (block.start_s + block.end_s) / 2 / length_s,
        "y": 1,
        "yref": "paper",
        "yanchor": "bottom",
        "text": str(block.number),
        "showarrow": False,
        "font": {"size": 11},
    }


def _describe_blocks(blocks: Sequence[MeasuredBlock]) -> str:
    """Return the strategies of blocks, such as `; synchronized in 4 blocks (dotted lines)`."""
    if not blocks:
        return ""
    counts: dict[str, int] = {}
    for block in blocks:
        counts[block.strategy] = counts.get(block.strategy, 0) + 1
    named = (f"{strategy or 'given groups'} in {count} blocks" for strategy, count in counts.items())
    return f"; {', '.join(named)} (dotted lines)"


def _summarise(end_s: float, bound_s: float | None, unit: str, length_s: float) -> str:
    """Return a summary such as `Ends after 13.0 s (solid line), 5.7 % above the lower bound of 12.3 s (dashed line)`."""
    ended = f"Ends after {end_s / length_s:.4g} {unit} (solid line)"
    if bound_s is None or bound_s <= 0:
        return ended
    above = end_s / bound_s - 1
    bound = f"lower bound of {bound_s / length_s:.4g} {unit} (dashed line)"
    return (
        f"{ended}, {100 * above:.1f} % above the {bound}" if above >= 0.0005 else f"{ended}, at the {bound}"
    )


def _compute_height(rows: int) -> int:
    """Return the total height of all rows, in pixels."""
    return min(max(rows * _ROW, _LOWEST), max(_HIGHEST, rows * _LEAST_ROW))


def _make_layout(
    title: str, summary: str, rows: Sequence[str], unit: str, *, height: int, legend: Sequence[str]
) -> Drawn:
    left, right = (2 * _BESIDE + _CHARACTER * max(map(len, names), default=0) for names in (rows, legend))
    every = -(-len(rows) // _NAMED_ROWS)
    return {
        **titled_layout(title, summary, size=17, top=24),
        "barmode": "overlay",
        "xaxis": {"title": {"text": f"Laboratory time ({unit})"}, "gridcolor": PALE, "zeroline": False},
        "yaxis": {
            "range": [len(rows) - 0.4, -0.6],
            "tickvals": list(range(0, len(rows), every)),
            "ticktext": list(rows[::every]),
            "tickfont": {"size": 11},
            "showgrid": False,
            "zeroline": False,
        },
        "uniformtext": {"mode": "hide", "minsize": 8},
        "legend": {"x": 1.01, "y": 1, "font": {"size": 11}, "tracegroupgap": 0},
        "showlegend": bool(legend),
        "width": _WIDTH + left + right,
        "height": height + _TOP + _BOTTOM,
        "margin": {"l": left, "r": right, "t": _TOP, "b": _BOTTOM},
        "hovermode": "closest",
    }

"""Default figure of a task without its own: raw data as points, with the fit of the result."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from qdash_core.models.estimates import unit_symbol
from qdash_core.tasks.colours import DISTINCT, GREY, INK
from qdash_core.tasks.figure_layout import axis_title, quantity, titled_layout

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    import numpy as np
    from numpy.typing import NDArray

    from qdash_core.models.estimates import Parameter
    from qdash_core.models.raw_data import RawData
    from qdash_core.tasks.base import TaskOutput

Drawn = dict[str, Any]


def points(raw: RawData, output: TaskOutput, *, title: str, declared: Iterable[str] = ()) -> Drawn | None:
    """Draw all one-dimensional arrays against the first one of equal length, or return None if there are none.

    Parameters
    ----------
    raw : RawData
        An array of complex numbers is drawn as its two quadratures, I and Q. NaN and infinities leave gaps.
    output : TaskOutput
        Its values are shown below the title. Of its note, `fit` is drawn as a line: `{"x": [...], "y": [...]}`, in the units of
        the arrays.
    declared : iterable of str
        Names and patterns of arrays, in the order in which they are tried as the horizontal axis, before all others. A
        single array is drawn against the point number.
    """
    arrays = {name: raw[name] for name in _sort_names(raw.arrays, declared) if raw[name].ndim == 1}
    arrays = {name: values for name, values in arrays.items() if values.size}
    x_name = next((name for name, values in arrays.items() if values.dtype.kind != "c"), None)
    if not arrays:
        return None
    drawn = {name: values for name, values in arrays.items() if name != x_name}
    if x_name is not None:
        drawn = {name: values for name, values in drawn.items() if len(values) == len(arrays[x_name])}
    if not drawn:
        x_name, drawn = None, {next(iter(arrays)): next(iter(arrays.values()))}
    x = None if x_name is None else _to_list(arrays[x_name])
    traces = [
        _make_trace(name, x, y)
        for shown, values in drawn.items()
        for name, y in _split_complex(shown, values)
    ]
    for number, trace in enumerate(traces):
        trace["marker"] = {"color": DISTINCT[number % len(DISTINCT)], "size": 5}
    across = "Point" if x_name is None else axis_title(x_name, raw.arrays[x_name][1])
    layout = _make_layout(title, _format_values(output), across, _make_vertical_title(drawn, raw))
    return {"data": [*traces, *_fit(output)], "layout": layout}


def _sort_names(names: Mapping[str, object], declared: Iterable[str]) -> list[str]:
    """Return the names of arrays, the declared ones first."""
    wanted = [name for pattern in declared for name in names if fnmatchcase(name, pattern)]
    return list(dict.fromkeys([*wanted, *names]))


def _split_complex(name: str, values: NDArray[Any]) -> Iterator[tuple[str, NDArray[np.float64]]]:
    if values.dtype.kind == "c":
        yield f"{name} I", values.real
        yield f"{name} Q", values.imag
    else:
        yield name, values


def _make_trace(name: str, x: list[float | None] | None, y: NDArray[np.float64]) -> Drawn:
    numbers = list(range(len(y)))
    return {
        "type": "scatter",
        "mode": "markers",
        "name": name,
        "x": numbers if x is None else x,
        "y": _to_list(y),
    }


def _to_list(values: NDArray[Any]) -> list[float | None]:
    import numpy as np

    return [
        float(value) if finite else None for value, finite in zip(values, np.isfinite(values), strict=True)
    ]


def _fit(output: TaskOutput) -> list[Drawn]:
    """Return the fitted curve in the note of a result; a `fit` in another format is ignored."""
    match output.note.get("fit"):
        case {"x": list(x), "y": list(y)} if len(x) == len(y):
            line = {"color": INK, "width": 1.5}
            return [{"type": "scatter", "mode": "lines", "name": "Fit", "x": x, "y": y, "line": line}]
        case _:
            return []


def _format_values(output: TaskOutput) -> str:
    return ", ".join(
        f"{name} = {quantity(_format_with_error(found), found.unit)}"
        for name, found in output.parameters.items()
    )


def _format_with_error(found: Parameter) -> str:
    return f"{found.value:.4g}" if found.error is None else f"{found.value:.4g} ± {found.error:.2g}"


def _make_vertical_title(drawn: Mapping[str, object], raw: RawData) -> str:
    """Return the title of the vertical axis: the name of a single array, or the common unit of several."""
    units = {raw.arrays[name][1] for name in drawn}
    if len(drawn) == 1:
        (name,) = drawn
        return axis_title(name, *units)
    return f"({unit_symbol(units.pop())})" if len(units) == 1 and units != {""} else ""


def _make_layout(title: str, below: str, across: str, upwards: str) -> Drawn:
    axis = {"showline": True, "linecolor": GREY, "ticks": "outside", "zeroline": False}
    return {
        **titled_layout(title, below, size=16, top=14),
        "xaxis": {**axis, "title": {"text": across}},
        "yaxis": {**axis, "title": {"text": upwards}},
        "margin": {"l": 70, "r": 20, "t": 70, "b": 55},
    }

"""Figure of a refit: a drag sets its window, a click leaves a point out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from qdash_builtin.figures.views import FigureDocument
from qdash_builtin.results.pages.result_figures import draw_plotly, name_figure
from qdash_core.errors import InvalidInputError
from qdash_ui_streamlit.components.figure import PointPicking
from qdash_ui_streamlit.display.markdown import format_sentence
from qdash_ui_streamlit.display.notices import show_empty

if TYPE_CHECKING:
    from collections.abc import Callable

    from qdash_builtin.results.views.refits import FitPointsDocument, RefitPreviewDocument
    from qdash_ui_streamlit.view import View

WINDOW, EXCLUDED = "fit_window", "exclude"
_OUTSIDE = {"fillcolor": "#787c82", "opacity": 0.14, "line": {"width": 0}, "layer": "below"}


def draw_refit_figure(view: View, preview: RefitPreviewDocument, *, place: str) -> None:
    """Draw the figure of a refit. Drags and clicks change the fields of the window and the excluded points.

    The keys of these fields begin with `place`.
    """
    if preview.figure is None:
        show_empty("The task draws no figure of these data.")
        return
    points = preview.points
    if points is None:
        st.caption("The figure does not show the points of the fit: type the options.")
    else:
        st.caption(
            "Drag over the points to fit them only; click a point to leave it out, and again to fit it. "
            "Crosses: left out. Dashed: the original."
        )
    draw_plotly(
        view,
        mark_window(preview.figure, points),
        key=f"{place}.figure",
        label=f"Refit: {name_figure(preview.name, preview.qid)}",
        picking=None if points is None else _make_picking(points, place),
    )
    if problem := st.session_state.get(f"{place}.problem"):
        st.warning(problem, icon=":material/warning:")


def _make_picking(points: FitPointsDocument, place: str) -> PointPicking:
    def write(name: str, choose: Callable[[], str]) -> None:
        st.session_state.pop(f"{place}.problem", None)
        try:
            st.session_state[f"{place}.{name}"] = choose()
        except InvalidInputError as error:
            st.session_state[f"{place}.problem"] = f"{format_sentence(str(error))}."

    return PointPicking(
        points.xaxis,
        lambda low, high: write(WINDOW, lambda: points.select_window(low, high)),
        lambda x: write(
            EXCLUDED, lambda: points.toggle_point(x, st.session_state.get(f"{place}.{EXCLUDED}") or "")
        ),
    )


def mark_window(figure: FigureDocument, points: FitPointsDocument | None) -> FigureDocument:
    """Return a figure that is shaded where points were measured but none is fitted, below and above those that are."""
    kept = (
        []
        if points is None
        else [points.locate(one) for one, is_kept in zip(points.values, points.kept, strict=True) if is_kept]
    )
    if points is None or not kept:
        return figure
    first, last = points.locate(points.values[0]), points.locate(points.values[-1])
    shades = [
        {
            **_OUTSIDE,
            "type": "rect",
            "xref": points.xaxis,
            "yref": "paper",
            "x0": low,
            "x1": high,
            "y0": 0,
            "y1": 1,
        }
        for low, high in ((first, kept[0]), (kept[-1], last))
        if low < high
    ]
    layout = {**figure.layout, "shapes": [*(figure.layout.get("shapes") or ()), *shades]}
    return FigureDocument(data=figure.data, layout=layout)

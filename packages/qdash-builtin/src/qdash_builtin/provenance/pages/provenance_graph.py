"""Graph of the origin and use of a value or result on the pages of targets and results."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from qdash_builtin.provenance.pages.provenance import provenance
from qdash_ui_streamlit.display.fragments import fragment

if TYPE_CHECKING:
    from qdash_builtin.chips.pages.target_data import TargetData
    from qdash_builtin.runs.views.results import RecordedResult
    from qdash_ui_streamlit.view import View

_PARAM = "origin"
"""Query parameter that is set while a graph is open."""


def draw_value_origin(view: View, data: TargetData, metric: str, *, opened: bool = False) -> None:
    """Draw the graph of the value in use of a metric, if there is one. No request until it is opened, by the user, the URL or `opened`."""
    value = data.values.get(metric)
    if value is None:
        return
    chip_id, target = data.chip.chip_id, data.target.id
    source = view.host_path(f"chips/{chip_id}/provenance", target=target, metric=metric)
    version = f"{value.get('task_id')} {value['value']} {value.get('calibrated_at')}"
    control = getattr(data.target, "control", None)
    label = "Where the value in use comes from, and what used it"
    _draw_graph(view, chip_id, f"{source}&", f"{target}.{metric}", label, control, version, opened=opened)


def draw_result_origin(view: View, result: RecordedResult, *, opened: bool = False) -> None:
    """Draw the graph of a result, as `draw_value_origin`."""
    source = view.host_path(f"task-results/{result.task_id}/provenance")
    version = ", ".join(f"{name} {one.decided_at}" for name, one in result.decisions.items())
    label = "Where its inputs come from, and what used its values"
    _draw_graph(
        view, result.chip_id, f"{source}?", result.task_id, label, result.control, version, opened=opened
    )


@fragment
def _draw_graph(
    view: View,
    chip_id: str,
    source: str,
    place: str,
    label: str,
    control: str | None,
    version: str,
    *,
    opened: bool,
) -> None:
    key = f"provenance.{place}"
    named = view.param(_PARAM) is not None
    provenance(
        view,
        chip_id,
        source,
        key=key,
        label=label,
        control=control,
        version=version,
        opened=opened or named,
        scrolls=named,
        on_opened=lambda: view.set_params(**{_PARAM: "on" if st.session_state[key]["opened"] else None}),
    )

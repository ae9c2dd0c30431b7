"""Schedules of a chip side by side on maps, stepped through by the browser without a run of the script."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qdash_ui_streamlit.components.assets import make_component

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_builtin.chips.pages.chip_layout import ChipLayout
    from qdash_builtin.chips.views.schedules import ScheduleDocument
    from qdash_core.models.targets import TargetKind

_HTML = """<div class="schedules" data-testid="schedules">
<div class="steps" role="group" aria-label="Steps">
  <button type="button" class="play" data-testid="play">▶ Play</button>
  <button type="button" class="back" aria-label="◀ previous group" title="Previous group">◀</button>
  <input type="range" min="0" value="0" step="1" aria-label="Step" data-testid="step">
  <button type="button" class="next" aria-label="▶ next group" title="Next group">▶</button>
  <output data-testid="step-text"></output>
  <button type="button" class="large" aria-pressed="false">Larger maps</button>
</div>
<div class="maps"></div>
<div class="why" role="status" data-testid="why"></div>
</div>"""
_maps = make_component(
    __file__, html=_HTML, parts=("neighbour", "legible_texts", "../chip_map/scale", "map", "exclusions")
)


def schedule_maps(
    chip_id: str,
    layout: ChipLayout,
    kind: TargetKind,
    schedules: Mapping[str, ScheduleDocument],
    *,
    key: str,
    step: int | None = None,
) -> None:
    """Show the groups of schedules on maps of a chip, all groups or one step at a time.

    Parameters
    ----------
    schedules : mapping of str to ScheduleDocument
        Schedules by title.
    step : int or None
        First step, which the address then holds as `step` (0: all groups), or None to begin with all groups and leave the address.
    """
    data: dict[str, Any] = {
        "chip_id": chip_id,
        "qubits": layout.qubits,
        "couplings": layout.couplings,
        "kind": kind,
        "step": step or 0,
        "in_address": step is not None,
        "schedules": [_make_map_data(title, one) for title, one in schedules.items()],
    }
    _maps(key=key, data=data)


def _make_map_data(title: str, schedule: ScheduleDocument) -> dict[str, Any]:
    return {
        "title": title,
        "groups": schedule.groups,
        "durations_s": schedule.group_durations_s,
        "barriers": schedule.barriers,
        "resources": schedule.resources,
        "lower_bound": schedule.lower_bound,
        "limited_by": schedule.limited_by,
        "proved_optimal": schedule.proved_optimal,
        "makespan_s": schedule.makespan_s,
        "makespan_lower_bound_s": schedule.makespan_lower_bound_s,
    }

"""Map of a chip with qubits and couplings coloured by a metric, loaded and updated by the browser."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from qdash_builtin.metrics.pages.marks import WORDS
from qdash_core.errors import InvalidInputError
from qdash_ui_streamlit.components.assets import make_component
from qdash_ui_streamlit.components.event_kinds import ALL
from qdash_ui_streamlit.display.target_lists import ChipTargets, parse_target_list

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from qdash_builtin.chips.pages.chip_layout import ChipLayout
    from qdash_ui_streamlit.view import View

_HTML = """<div class="chip">
<div class="row">
  <label>Qubits <select class="qubit" data-testid="qubit-metric"></select></label>
  <label>Couplings <select class="coupling" data-testid="coupling-metric"></select></label>
  <span class="end" role="group" aria-label="View of the map">
    <button type="button" class="away" aria-label="− zoom out" title="Zoom out (−)">−</button>
    <button type="button" class="in" aria-label="+ zoom in" title="Zoom in (+)">+</button>
    <button type="button" class="home" title="Show the whole chip (key 0)">Whole chip</button>
  </span>
</div>
<div class="problem" role="alert" hidden><span></span> <button type="button" class="again">Try again</button></div>
<div class="legend" data-testid="legend"></div>
<p class="unseen" id="map-keys">Arrow keys move to the next qubit or coupling, Enter opens it, Space selects it, Escape clears the selection.</p>
<div class="stage"><svg class="map" role="group" aria-describedby="map-keys" data-testid="chip-map" preserveAspectRatio="xMidYMid meet"></svg>
<div class="tip" aria-hidden="true" hidden></div></div>
<div class="running" data-testid="running"></div>
<div class="unseen" role="status" data-testid="news"></div>
<div class="row choosing" role="group" aria-label="Selection">
  <label>Select <select aria-label="Select qubits or couplings"><option value="qubit">qubits</option><option value="coupling">couplings</option></select></label>
  <button type="button" class="line" aria-pressed="false" title="Draw a line around targets, here or with Shift held">Lasso</button>
  <form><input aria-label="Targets to select" data-testid="choose-list"><button>By list</button></form>
  <span class="states"></span><span role="alert"></span>
</div>
<div class="row chosen-bar"><span role="status" data-testid="chosen"></span>
  <button type="button" class="clear">Clear</button></div>
</div>"""
_PARAMS = {"qubit": "metric", "coupling": "coupling_metric"}
_CHOSEN = "targets"
_PARTS = (
    "neighbour",
    "legible_texts",
    "judgement",
    "scale",
    "data",
    "drawing",
    "gestures",
    "selection",
    "legend",
    "news",
)
_map = make_component(__file__, html=_HTML, parts=_PARTS)


def chip_map(
    view: View,
    chip_id: str,
    layout: ChipLayout,
    *,
    query: Mapping[str, Any],
    run: int,
) -> list[str]:
    """Show the map of a chip with the metrics and the target in the URL; return the selected targets.

    Its query parameters are `metric`, `coupling_metric`, which may be `none`, `target`, and `targets` for the selected ones; the
    map updates them.

    Parameters
    ----------
    query : mapping
        Query of `/metrics/chips` for the values.
    run : int
        Number of the page load; a new one makes the browser load the values again.
    """
    key = f"chip_map.{chip_id}"
    listed = f"{key}.list"
    chip = ChipTargets(chip_id, tuple(qid for qid, *_ in layout.qubits), tuple(layout.couplings))
    known = {*chip.qubits, *chip.couplings}
    target = view.param("target")
    chosen = [one for one in (view.param(_CHOSEN) or "").split(",") if one in known]
    data = {
        "chip_id": chip_id,
        "kinds": ALL,
        "version": layout.version,
        "qubits": layout.qubits,
        "couplings": layout.couplings,
        "metric": view.param("metric"),
        "coupling_metric": view.param("coupling_metric"),
        "target": target if target in known else None,
        "nothing": "no value" if query else "never measured",
        "in_use": not query,
        "mark_words": WORDS,
        "chosen": chosen,
        "list": st.session_state.setdefault(listed, {"number": 0, "problem": ""}),
        "run": run,
        "addresses": {
            "values": view.host_path(f"metrics/chips/{chip_id}", **query),
            "chip": view.host_path(f"chips/{chip_id}"),
            "definitions": view.host_path("metrics/definitions", chip_id=chip_id),
            "issues": view.host_path(f"chips/{chip_id}/open-issues"),
        },
        "lists": {
            "values": view.link("chip", chip=chip_id, view="values"),
            "qubit": view.link("qubit", chip=chip_id),
            "coupling": view.link("coupling", chip=chip_id),
        },
    }

    def read_state(name: str) -> dict[str, Any]:
        found: dict[str, Any] = st.session_state[key][name]
        return found

    def select_metrics() -> None:
        for kind, metric in read_state("measured").items():
            view.set_params(**{_PARAMS[kind]: metric})

    def select(targets: Iterable[str]) -> None:
        view.set_params(**{_CHOSEN: ",".join(targets) or None})

    def select_list() -> None:
        """Select the targets of a list, or show why it is invalid; the number tells the browser that the answer is new."""
        sent, problem = read_state("listed"), ""
        try:
            select(parse_target_list(sent["text"], sent["kind"], chip))
        except InvalidInputError as error:
            problem = str(error)
        st.session_state[listed] = {"number": st.session_state[listed]["number"] + 1, "problem": problem}

    _map(
        key=key,
        data=data,
        on_measured_change=select_metrics,
        on_opened_change=lambda: view.set_params(target=read_state("opened")["target"]),
        on_chosen_change=lambda: select(read_state("chosen")["targets"]),
        on_listed_change=select_list,
    )
    return chosen

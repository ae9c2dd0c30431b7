"""First run of a new project: a simulated chip is created and calibrated with one click."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import streamlit as st

from qdash_builtin.chips.pages.chip_sources import create_twin, load_devices, order_devices
from qdash_builtin.runs.operations.executions import execution_progress, submit_run
from qdash_builtin.runs.pages.progress import progress
from qdash_core.errors import ConflictError, QDashError
from qdash_core.models.request import RunRequest, TargetSelection
from qdash_ui_streamlit.components.event_kinds import ALL_BUT_TASKS
from qdash_ui_streamlit.components.event_rerun import rerun_on_events
from qdash_ui_streamlit.display.notices import show_problem
from qdash_ui_streamlit.display.reruns import rerun

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_ui_streamlit.view import View

FOLLOWED_RUN = "first"
"""Query parameter that contains the first run while the user follows it."""
_FLOW = "bring-up"
_COMMANDS = """
```
qdash chip create NAME --topology heavy-hex-27 --backend BACKEND
qdash calibrate NAME --flow bring-up
```
"""


def draw_first_run(view: View) -> None:
    """Draw the form that creates a first chip."""
    st.header("No chip yet")
    if not view.edits:
        st.markdown(
            f"Project **{view.project_id}** has no chip, and your role in it is {view.me.role or 'none'}: its owner or an "
            "editor can create one. It then appears here."
        )
        return
    devices = load_devices(view)
    if devices:
        _draw_form(view, devices)
        st.subheader("A chip in your laboratory", anchor=False)
    st.markdown(
        f"[Create a chip]({view.link('new-chip')}) from a topology or a file, for an installed backend, or in a "
        f"terminal:\n{_COMMANDS}"
    )


def draw_followed_run(view: View, execution_id: str) -> None:
    """Show the first run until it has ended, and then the link to the chip."""
    rerun_on_events("first.ended", ALL_BUT_TASKS, execution_id=execution_id)
    far = view.ask(execution_progress, execution_id)
    st.header(f"First run of {far.chip_id}")
    progress(view, execution_id)
    if not far.status.terminal:
        st.markdown(
            f"Values appear on the [map of the chip]({view.link('chip', chip=far.chip_id)}) as they are measured. "
            "You can leave this page: the run continues."
        )
        return
    if st.button(f"Open chip {far.chip_id}", type="primary"):
        view.go("chip", chip=far.chip_id)


def _draw_form(view: View, devices: Mapping[str, int]) -> None:
    st.markdown(
        "Start with a **twin**: a simulated chip made from the published data of a real processor. It is "
        f"measured and calibrated like a real chip, with the flow `{_FLOW}`."
    )
    names = order_devices(devices)
    device = st.selectbox("Device", names, format_func=lambda name: f"{name}, {devices[name]} qubits")
    chip_id = st.text_input("Chip name", value=device, max_chars=64, key=f"first.name.{device}").strip()
    size = devices[device]
    n_qubits = st.slider(
        "Number of qubits to calibrate, from qubit 0", 1, size, size, key=f"first.qubits.{device}"
    )
    if not st.button("Create and calibrate", type="primary", disabled=not chip_id):
        return
    try:
        with st.spinner(f"Creating chip {chip_id}", show_time=True):
            execution_id = start_first_run(view, chip_id, device, None if n_qubits == size else n_qubits)
    except QDashError as error:
        show_problem(error)
        return
    view.set_params(**{FOLLOWED_RUN: execution_id})
    rerun()


def start_first_run(view: View, chip_id: str, device: str, n_qubits: int | None) -> str:
    """Create a twin, submit its first run, and return the id of its execution.

    Parameters
    ----------
    chip_id, device : str
        Chip name, and device that it simulates. An existing chip is used unchanged.
    n_qubits : int or None
        Number of qubits, the first ones, or None for all.
    """
    # The chip exists if the user pressed twice, or if the first submission failed.
    with suppress(ConflictError):
        create_twin(view, chip_id, device)
    qubits = None if n_qubits is None else tuple(str(number) for number in range(n_qubits))
    run = RunRequest(chip_id=chip_id, flow=_FLOW, targets=TargetSelection(qubits=qubits), tags=("first run",))
    submitted = view.ask(submit_run.once(f"first-run-{chip_id}"), asked=run)
    return str(submitted.execution_id)

"""First steps of a new project, from a simulated chip to an instrument of the laboratory; the records of the project show which are done."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from qdash_builtin.chips.pages.chip_sources import create_twin, load_devices, order_devices
from qdash_builtin.home.operations.backends import list_backends
from qdash_builtin.people.operations.auth import set_preferences
from qdash_builtin.people.operations.members import list_members
from qdash_builtin.people.requests import PreferencesRequest
from qdash_builtin.runs.operations.executions import submit_run
from qdash_builtin.runs.pages.progress import progress
from qdash_cli.rendering.output import format_count
from qdash_core.errors import QDashError
from qdash_core.models.execution import ExecutionStatus
from qdash_core.models.request import RunRequest, TargetSelection
from qdash_ui_streamlit.display.markdown import escape_markdown
from qdash_ui_streamlit.display.notices import show_empty, show_problem
from qdash_ui_streamlit.display.reruns import rerun
from qdash_ui_streamlit.display.session_cache import cache_in_session
from qdash_ui_streamlit.forms.confirm_action import perform_action
from qdash_ui_streamlit.session import refresh_user

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from concurrent.futures import Future

    from qdash_builtin.chips.views.chips import ChipHeader
    from qdash_builtin.overview.pages.overview_data import OverviewData
    from qdash_builtin.people.views.people import MemberDocument
    from qdash_builtin.runs.views.executions import ExecutionHeader
    from qdash_core.documents.pages import PageOf
    from qdash_ui_streamlit.view import View

TITLES = (
    "Create a simulated chip",
    "Calibrate it",
    "Check the result",
    "Connect your instrument",
    "Invite colleagues or set a timetable",
)
"""Titles of the steps, as in `docs/features/overview.md`."""
_FLOW = "bring-up"
_ALL_DONE = "qdash.first-steps.done"
"""Key of the project of the session whose steps are all done: its state is not loaded again."""
_MOST_MEMBERS = 2
_FEW_RUNS = 3
"""Maximum number of runs of a project whose steps are open; later they are one line, below which the night begins."""


@dataclass(frozen=True, slots=True)
class ProjectState:
    """Records of a project that tell which steps are done.

    Parameters
    ----------
    chip : ChipHeader or None
        Calibrated chip, else the newest simulated chip, else the newest chip, or None if there is none.
    run, calibration : ExecutionHeader or None
        Its newest run, and the newest completed run with accepted results.
    own_chip : ChipHeader or None
        Newest chip of a backend that is not simulated, or None.
    own_run : ExecutionHeader or None
        Newest completed run on a chip of such a backend, or None.
    backends : sequence of str
        Installed backends that are not simulated.
    has_colleagues : bool
        Whether the project has other members or invited ones.
    is_new : bool
        Whether the project has few runs: then the steps are open.
    """

    chip: ChipHeader | None
    is_simulated: bool
    run: ExecutionHeader | None
    calibration: ExecutionHeader | None
    own_chip: ChipHeader | None
    own_run: ExecutionHeader | None
    backends: Sequence[str]
    has_colleagues: bool
    has_timetable: bool
    is_new: bool

    @property
    def n_undecided(self) -> int:
        """Number of results of the calibration that await a decision."""
        return 0 if self.calibration is None else self.calibration.outcomes.get("flagged", 0)

    @property
    def done(self) -> tuple[bool, ...]:
        """True for each step that is done, in the order of `TITLES`."""
        return (
            self.chip is not None,
            self.calibration is not None,
            self.calibration is not None and not self.n_undecided,
            self.own_run is not None,
            self.has_colleagues or self.has_timetable,
        )


def request_members(view: View) -> Future[PageOf[MemberDocument]] | None:
    """Request the first members of the project for the steps, beside the data of the overview; None if no steps are drawn."""
    if not view.edits or view.me.user.hides_guide or st.session_state.get(_ALL_DONE) == view.project_id:
        return None
    pool = ThreadPoolExecutor(1)
    asked = list_members.paged(limit=_MOST_MEMBERS)
    requested = pool.submit(view.ask, asked, view.project_id, status=("active", "pending"))
    pool.shutdown(wait=False)
    return requested


def draw_first_steps(
    view: View, found: OverviewData, members: Future[PageOf[MemberDocument]] | None
) -> str | None:
    """Draw the steps until all are done or the user has hidden them, and return the execution whose progress they show, or None."""
    if members is None:
        if not found.chips:
            _draw_no_chip(view)
        return None
    state = _load_state(view, found, members)
    if all(state.done):
        st.session_state[_ALL_DONE] = view.project_id
        return None
    _draw_steps(view, state)
    return None if state.run is None or state.calibration is not None else state.run.execution_id


def _load_state(view: View, found: OverviewData, members: Future[PageOf[MemberDocument]]) -> ProjectState:
    """Return the state of the project; the installed backends are loaded once in a session."""
    backends = cache_in_session(
        "first-steps.backends", view.project_id, lambda: [*view.every_offered(list_backends)]
    )
    return find_state(
        found,
        simulated={one.name for one in backends if one.simulated},
        backends=[one.name for one in backends if one.installed and not one.simulated],
        n_members=len(members.result().items),
    )


def find_state(
    found: OverviewData, *, simulated: set[str], backends: Sequence[str], n_members: int
) -> ProjectState:
    """Return the state of a project, from the data of the overview, the simulated and the other backends, and the number of members."""
    own = [one for one in found.chips if one.backend not in simulated]
    twins = [one for one in found.chips if one.backend in simulated]
    chips = {one.chip_id: one for one in found.chips}
    names = {one.chip_id for one in own}
    completed = [one for one in found.last if one.status is ExecutionStatus.COMPLETED]
    calibration = next(
        (one for one in completed if one.chip_id in chips and one.outcomes.get("accepted")), None
    )
    chip = next(iter(twins or own), None) if calibration is None else chips[calibration.chip_id]
    return ProjectState(
        chip=chip,
        is_simulated=chip in twins,
        run=next((one for one in found.last if chip is not None and one.chip_id == chip.chip_id), None),
        calibration=calibration,
        own_chip=next(iter(own), None),
        own_run=next((one for one in completed if one.chip_id in names), None),
        backends=backends,
        has_colleagues=n_members > 1,
        has_timetable=bool(found.timetables),
        is_new=len(found.last) <= _FEW_RUNS,
    )


# ----------------------------------------------------------------------------------------------------- what is drawn


def _draw_no_chip(view: View) -> None:
    if view.edits:
        show_empty(
            "There is no chip yet.",
            f"[Create a chip]({view.link('new-chip')}). To see the first steps again, use [Settings]({view.link('settings')}).",
        )
        return
    show_empty(
        f"Project {escape_markdown(view.project_id)} has no chip yet.",
        f"Your role in it is {view.me.role or 'none'}: its [owner or an editor]({view.link('members')}) can create one. "
        "It then appears here, with its values, runs and figures.",
    )


def _draw_steps(view: View, state: ProjectState) -> None:
    done = state.done
    current = done.index(False)
    draws: tuple[Callable[[], None], ...] = (
        partial(_draw_chip, view, state),
        partial(_draw_calibration, view, state),
        partial(_draw_check, view, state),
        partial(_draw_instrument, view, state),
        partial(_draw_colleagues, view, state),
    )
    with st.container(border=True, key="first-steps", gap="xsmall"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.subheader("First steps", anchor="first-steps", width="content")
            st.caption(f"{sum(done)} of {len(done)} done. Next: {TITLES[current].lower()}.", width="stretch")
            is_shown = state.is_new or st.toggle("Show", key="first-steps.show")
            if st.button("Hide first steps", icon=":material/visibility_off:", key="first-steps.hide"):
                _hide(view)
        if not is_shown:
            return
        for number, (title, is_done, draw) in enumerate(zip(TITLES, done, draws, strict=True)):
            icon = "check_circle" if is_done else "radio_button_unchecked"
            # The third step is done without an action: it stays open until the next one is, so that the result is looked at.
            is_open = number == (2 if current == 3 else current)
            label = f"{number + 1}. {title}: {'done' if is_done else 'to do'}"
            with st.expander(label, expanded=is_open, icon=f":material/{icon}:"):
                draw()


def _hide(view: View) -> None:
    body = PreferencesRequest(hides_guide=True)
    if perform_action(
        lambda: view.ask(set_preferences, body=body),
        "The first steps are hidden; *Settings* shows them again.",
    ):
        refresh_user()
        rerun()


def _draw_chip(view: View, state: ProjectState) -> None:
    if state.chip is not None:
        what = "simulated" if state.is_simulated else f"of backend {escape_markdown(state.chip.backend)}"
        address = view.link("chip", chip=state.chip.chip_id)
        st.markdown(
            f"Chip [{escape_markdown(state.chip.chip_id)}]({address}), {what}, has {format_count(state.chip.size, 'qubit')}."
        )
        return
    devices = load_devices(view)
    if not devices:
        st.markdown(
            f"This host has no simulated chips. [Create a chip]({view.link('new-chip')}) for an installed backend, or in a terminal: "
            "`qdash chip create NAME --topology heavy-hex-27 --backend BACKEND`"
        )
        return
    st.markdown(
        "A **twin** is a simulated chip made from the published data of a real processor. It is measured and calibrated like a "
        "real chip, so you can learn and test everything without an instrument. In a terminal: `qdash twin create NAME --device DEVICE`"
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        device = st.selectbox(
            "Size",
            order_devices(devices),
            format_func=lambda name: f"{devices[name]} qubits, as {name}",
            key="first-steps.device",
            width=260,
        )
        # One field for all sizes: what is typed while the size changes stays.
        typed = st.text_input("Chip id", placeholder=device, max_chars=64, key="first-steps.chip", width=260)
        chip_id = typed.strip() or device
        if not st.button("Create chip", type="primary", key="first-steps.create"):
            return
    try:
        with st.spinner(f"Creating chip {chip_id}", show_time=True):
            create_twin(view, chip_id, device)
    except QDashError as error:
        show_problem(error)
        return
    rerun()


def _draw_calibration(view: View, state: ProjectState) -> None:
    chip, run = state.chip, state.run
    if chip is None:
        st.markdown(
            f"Flow `{_FLOW}` calibrates each qubit from the first scan to its gates. Each measurement has a fit."
        )
        return
    if run is not None and state.calibration is None:
        progress(view, run.execution_id)
        if not (run.status.terminal or run.interrupted):
            values = view.link("chip", chip=chip.chip_id)
            st.markdown(
                f"Values appear on the [map]({values}) as they are measured. You can leave: it continues."
            )
            return
    if state.calibration is not None:
        address = view.link("execution", execution=state.calibration.execution_id)
        st.markdown(f"[{escape_markdown(state.calibration.name)}]({address}) has completed.")
        return
    if not state.is_simulated:
        address = view.link("run", chip=chip.chip_id, flow=_FLOW)
        st.markdown(f"[Prepare the run]({address}): begin with *Dry run*, which measures nothing.")
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        n_qubits = st.slider(
            "Qubits to calibrate, from qubit 0",
            1,
            max(chip.size, 2),
            chip.size,
            key="first-steps.qubits",
            width=260,
        )
        if not st.button("Calibrate", type="primary", icon=":material/play_arrow:", key="first-steps.go"):
            st.caption(
                f"In a terminal: `qdash calibrate {escape_markdown(chip.chip_id)} --flow {_FLOW}`",
                width="content",
            )
            return
    try:
        _submit(view, chip, run, n_qubits)
    except QDashError as error:
        show_problem(error)
        return
    rerun()


def _submit(view: View, chip: ChipHeader, last: ExecutionHeader | None, n_qubits: int) -> None:
    """Submit the calibration of the first qubits of a chip, once after the last run."""
    qubits = None if n_qubits >= chip.size else tuple(str(number) for number in range(n_qubits))
    run = RunRequest(
        chip_id=chip.chip_id, flow=_FLOW, targets=TargetSelection(qubits=qubits), tags=("first run",)
    )
    before = "" if last is None else last.execution_id
    view.ask(submit_run.once(f"first-{chip.chip_id}-{chip.installed_at.timestamp():.0f}-{before}"), asked=run)


def _draw_check(view: View, state: ProjectState) -> None:
    run = state.calibration
    if run is None:
        st.markdown("The map shows each value with its error, and each result its data, fit and verdict.")
        return
    counted = ", ".join(f"{count} {outcome}" for outcome, count in run.outcomes.items() if count)
    places = {
        "the map with the values": view.link("chip", chip=run.chip_id),
        "the fits": view.link("chip", chip=run.chip_id, view="figures"),
        "each result of the run": view.link("execution", execution=run.execution_id),
    }
    links = ", ".join(f"[{title}]({address})" for title, address in places.items())
    st.markdown(f"{format_count(sum(run.outcomes.values()), 'result')}: {counted}. Check {links}.")
    if state.n_undecided:
        address = view.link("review", chip=run.chip_id)
        st.markdown(f"[Decide on {format_count(state.n_undecided, 'flagged result')}]({address}).")


def _draw_instrument(view: View, state: ProjectState) -> None:
    installed = ", ".join(f"`{name}`" for name in state.backends) or "none"
    chip = state.own_chip
    create = f"[Create a chip]({view.link('new-chip')}) of that backend, or import its files: `qdash import FOLDER --as CHIP`."
    if chip is not None:
        dry = view.link("run", chip=chip.chip_id, flow=_FLOW)
        create = (
            f"Chip [{escape_markdown(chip.chip_id)}]({view.link('chip', chip=chip.chip_id)}) has backend "
            f"`{chip.backend}`. [Dry run]({dry}): it checks the plan and measures nothing."
        )
    st.markdown(
        f"""
1. Backends of instruments on this host: {installed} ([plugins]({view.link("plugins")})). Install others where `qdash up` runs, and
   restart it: `pip install 'qdash[qubex]'` for instruments of QuEL by qubex, or the plugin of your laboratory. `qdash plugins new`
   creates the files of a new one for any other control software. Values of qibolab are imported: `qdash import FOLDER`.
2. Settings are variables of the process that runs `qdash up`, such as `QDASH_QUBEX_CONFIG` and `QDASH_QUBEX_SYSTEM`; secrets stay there.
   `qdash doctor` checks those of QDash and shows no secret; a backend checks its own when it connects.
3. {create}
4. Check the connection while no run is active: `qdash lab check CHIP`. Then run one task on one qubit.
"""
    )


def _draw_colleagues(view: View, state: ProjectState) -> None:
    members = "other members" if state.has_colleagues else "no other members"
    timetables = "timetables" if state.has_timetable else "no timetable"
    st.markdown(
        f"The project has {members} and {timetables}. [Invite a colleague]({view.link('members')}) to read or to run. "
        f"[Set a timetable]({view.link('timetables')}), so that flow `check` runs each night, and a digest is sent in the morning."
    )

"""Preview of the order of measurement: the groups of several strategies on maps and in tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import streamlit as st

from qdash_builtin.chips.operations.schedules import chip_schedule, list_strategies
from qdash_builtin.chips.operations.topology import chip_topology
from qdash_builtin.chips.pages.chip_layout import make_layout
from qdash_builtin.chips.pages.schedule_maps import schedule_maps
from qdash_builtin.chips.requests.schedules import ScheduleFilter
from qdash_builtin.runs.pages.run_validation import select_fitting_targets
from qdash_core.errors import QDashError
from qdash_core.models.target_lists import format_targets
from qdash_ui_streamlit.components.table import Column, table
from qdash_ui_streamlit.display.markdown import escape_markdown
from qdash_ui_streamlit.display.notices import show_empty, show_problem
from qdash_ui_streamlit.display.session_cache import cache_in_session
from qdash_ui_streamlit.display.times import format_duration

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from qdash_builtin.chips.pages.chip_layout import ChipLayout
    from qdash_builtin.chips.views.schedules import ScheduleDocument
    from qdash_builtin.chips.views.strategies import StrategyDocument
    from qdash_builtin.runs.pages.runnable import Runnable
    from qdash_core.models.request import RunRequest
    from qdash_core.models.targets import TargetKind
    from qdash_ui_streamlit.display.target_lists import ChipTargets
    from qdash_ui_streamlit.view import View

KINDS: dict[TargetKind, str] = {"qubit": "Qubits", "coupling": "Couplings"}
"""Titles of the kinds of target."""
MOST_STRATEGIES = 4
"""Largest number of strategies side by side."""
_SHOWN_AT_FIRST = 2
_LAYOUT = "qdash.schedule.layout"
_SUMMARY = (
    Column("strategy", "Strategy"),
    Column("groups", "Groups", "number"),
    Column("bound", "Lower bound", "number", help="No schedule has fewer groups"),
    Column(
        "makespan",
        "Laboratory time",
        help="Expected, if each target starts as soon as its resources are free, but not before a barrier",
    ),
    Column("least", "At least", help="No schedule is shorter"),
    Column("by_groups", "Group by group", help="Laboratory time if every group waits for the one before"),
)


@dataclass(frozen=True, slots=True)
class ScheduleSelection:
    """Schedules to compare.

    Parameters
    ----------
    flow : str or None
        Flow or task whose tasks are scheduled, or None for the default flow of the kind.
    targets : sequence of str
        Targets; none: all of the chip.
    """

    chip_id: str
    kind: TargetKind
    strategies: Sequence[str]
    flow: str | None = None
    targets: Sequence[str] = ()
    max_parallel: int | None = None
    one_of_each_mux: bool = False

    @property
    def query(self) -> dict[str, Any]:
        """Arguments of `chip_schedule`, without the strategy."""
        return {
            "kind": self.kind,
            "target": tuple(self.targets),
            "flow": self.flow,
            "max_parallel": self.max_parallel,
            "one_of_each_mux": self.kind == "qubit" and self.one_of_each_mux,
        }


def make_schedule_url(view: View, selection: ScheduleSelection) -> str:
    """Return the URL of the schedule page with a selection."""
    return view.link(
        "schedule",
        chip=selection.chip_id,
        kind=selection.kind,
        flow=selection.flow,
        targets=format_targets(selection.targets) or None,
        max_parallel=selection.max_parallel,
        one_of_each_mux="on" if selection.one_of_each_mux else None,
        **{f"{selection.kind}_strategies": ",".join(selection.strategies) or None},
    )


def load_strategies(view: View, kind: TargetKind) -> list[StrategyDocument]:
    """Return the strategies for a kind of target, the default one first."""
    found = [one for one in view.every(list_strategies) if one.kind == kind]
    return sorted(found, key=lambda one: not one.default)


def choose_strategies(known: Sequence[StrategyDocument], preferred: Sequence[str] = ()) -> list[str]:
    """Return the strategies that are compared at first: the preferred ones, then the first ones, two in all."""
    names = [one.name for one in known]
    first = [one for one in preferred if one in names]
    return list(dict.fromkeys([*first, *names]))[: max(_SHOWN_AT_FIRST, len(first))][:MOST_STRATEGIES]


def load_layout(view: View, chip_id: str) -> ChipLayout:
    """Return the positions of the qubits of a chip, requested once while the chip stays."""
    return cache_in_session(
        _LAYOUT, (view.project_id, chip_id), lambda: make_layout(view.ask(chip_topology, chip_id))
    )


def draw_schedules(view: View, selection: ScheduleSelection, *, key: str, step: int | None = None) -> None:
    """Draw the schedules side by side: summary, maps, and the groups as a table. One request for each strategy.

    `step` is as in `schedule_maps`.
    """
    found: dict[str, ScheduleDocument] = {}
    for name in selection.strategies:
        try:
            found[name] = view.ask(
                chip_schedule, selection.chip_id, ScheduleFilter(strategy=name, **selection.query)
            )
        except QDashError as error:
            st.markdown(f"**{escape_markdown(name)}**")
            show_problem(error)
    if not found:
        return
    if not any(one.groups for one in found.values()):
        show_empty(
            f"No {selection.kind} of chip {selection.chip_id} can be measured: all are excluded or dead."
        )
        return
    rows = [_summarize(name, one) for name, one in found.items()]
    table(view, _SUMMARY, rows, key=f"{key}.summary", label="Strategies", filtered=False)
    schedule_maps(
        selection.chip_id,
        load_layout(view, selection.chip_id),
        selection.kind,
        found,
        key=f"{key}.maps.{selection.chip_id}.{selection.kind}",
        step=step,
    )
    with st.expander("Groups as a table"):
        table(
            view,
            [Column("group", "Group", "number"), *(Column(name, name) for name in found)],
            list_groups(found),
            key=f"{key}.groups",
            label="Groups of each strategy",
            filtered=False,
        )


def _summarize(name: str, schedule: ScheduleDocument) -> dict[str, Any]:
    return {
        "strategy": name,
        "groups": len(schedule.groups),
        "bound": schedule.lower_bound,
        "makespan": format_duration(schedule.makespan_s),
        "least": format_duration(schedule.makespan_lower_bound_s),
        "by_groups": format_duration(schedule.makespan_by_groups_s),
    }


def list_groups(schedules: Mapping[str, ScheduleDocument]) -> list[dict[str, Any]]:
    """Return table rows with the targets of each group, and its expected time, of every strategy."""
    longest = max(len(one.groups) for one in schedules.values())
    return [
        {
            "group": number + 1,
            **{
                name: _describe_group(one, number)
                for name, one in schedules.items()
                if number < len(one.groups)
            },
        }
        for number in range(longest)
    ]


def _describe_group(schedule: ScheduleDocument, number: int) -> str:
    waits = "after a barrier; " if number + 1 in schedule.barriers else ""
    span = f"{format_duration(schedule.group_durations_s[number])}: " if schedule.group_durations_s else ""
    return f"{waits}{span}{', '.join(schedule.groups[number])}"


def draw_schedule_preview(
    view: View, chip: ChipTargets, runnable: Runnable, request: RunRequest | None, *, key: str
) -> None:
    """Draw a switch that shows the schedules of the run of a form, if its tasks are on qubits or couplings."""
    if runnable.kind == "chip" or runnable.is_user_flow or request is None:
        return
    if not st.toggle(
        "Preview the order of measurement",
        key=f"{key}.schedule",
        help="Groups of several strategies on the map, with lower bound and laboratory time",
    ):
        return
    kind = _select_kind(runnable, request, key=key)
    known = load_strategies(view, kind)
    strategies = st.pills(
        f"Strategies, at most {MOST_STRATEGIES}",
        [one.name for one in known],
        selection_mode="multi",
        default=choose_strategies(known, request.scheduling.strategies),
        key=f"{key}.schedule.{kind}",
    )[:MOST_STRATEGIES]
    named = [*(request.targets.qubits or ()), *(request.targets.couplings or ())]
    targets = select_fitting_targets(named, kind, chip)
    if named and not targets:
        show_empty(f"No {kind} is among the targets of the run.")
        return
    selection = ScheduleSelection(
        chip.chip_id,
        kind,
        strategies,
        runnable.name,
        targets,
        request.scheduling.max_parallel,
        bool(request.scheduling.one_of_each_mux),
    )
    draw_schedules(view, selection, key=f"{key}.schedules")
    st.markdown(f"[Open on the page Schedule]({make_schedule_url(view, selection)})")


def _select_kind(runnable: Runnable, request: RunRequest, *, key: str) -> TargetKind:
    """Return the kind of the targets; of a flow, which may measure both, it is a choice."""
    if runnable.kind == "qubit" or runnable.kind == "coupling":
        return runnable.kind
    default: TargetKind = "qubit" if request.targets.couplings is None else "coupling"
    return st.segmented_control(
        "Kind of target",
        list(KINDS),
        format_func=KINDS.__getitem__,
        default=default,
        required=True,
        key=f"{key}.schedule.kind",
    )

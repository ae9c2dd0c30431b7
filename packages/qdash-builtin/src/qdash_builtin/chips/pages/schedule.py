"""Schedule page: groups of targets that are measured together, by strategy, on the map of a chip."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import streamlit as st

from qdash_builtin.chips.pages.schedule_preview import (
    KINDS,
    MOST_STRATEGIES,
    ScheduleSelection,
    choose_strategies,
    draw_schedules,
    load_layout,
    load_strategies,
)
from qdash_builtin.flows.operations import list_flows
from qdash_builtin.runs.pages.chip_tasks import load_chip_tasks
from qdash_core.errors import InvalidInputError
from qdash_ui_streamlit.display.markdown import begin_sentence, escape_markdown
from qdash_ui_streamlit.display.notices import show_no_chip
from qdash_ui_streamlit.display.target_lists import ChipTargets, parse_target_list
from qdash_ui_streamlit.forms.option_lists import load_chips
from qdash_ui_streamlit.forms.query_params import (
    draw_choice,
    draw_pills,
    draw_select,
    draw_text_field,
    draw_toggle,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from qdash_builtin.runs.views.tasks import TaskOnChip
    from qdash_core.models.targets import TargetKind
    from qdash_ui_streamlit.view import View

_EXAMPLES: dict[TargetKind, str] = {"qubit": "all, or 0-3, 7", "coupling": "all, or 0-1, 3-2"}
_LARGEST = 10_000


def render(view: View) -> None:
    """Draw the page."""
    st.title("Schedule", anchor=False)
    chip_id, chips = load_chips(view)
    if chip_id is None:
        show_no_chip(view)
        return
    st.markdown("Targets in groups that are measured together. Nothing is measured or queued here.")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        draw_choice(view, "chip", "Chip", chips, width=180)
        kind = cast("TargetKind", draw_choice(view, "kind", "Targets", list(KINDS), width=140))
        flows = [
            one.name for one in view.every_offered(list_flows.paged(limit=200)) if one.kind == "installed"
        ]
        tasks = list_schedulable_tasks(load_chip_tasks(view, chip_id), kind)
        flow = draw_select(
            view,
            "flow",
            "Flow or task",
            [*flows, *tasks],
            any_text="the usual flow",
            format_option=lambda one: f"{one} (task)" if one in tasks and one not in flows else one,
            width=220,
        )
        typed = draw_text_field(view, "targets", f"{KINDS[kind]}", placeholder=_EXAMPLES[kind])
        limit = draw_text_field(view, "max_parallel", "At once, at most", placeholder="no limit")
        muxes = kind == "qubit" and draw_toggle(view, "one_of_each_mux", "One of each multiplexer")
    known = load_strategies(view, kind)
    strategies = draw_pills(
        view,
        f"{kind}_strategies",
        f"Strategies, at most {MOST_STRATEGIES}",
        [one.name for one in known],
        default=choose_strategies(known),
        most=MOST_STRATEGIES,
    )
    with st.expander("Strategies in words"):
        st.markdown(
            "\n".join(
                f"- **{escape_markdown(one.name)}**: {escape_markdown(one.description)}" for one in known
            )
        )
    layout = load_layout(view, chip_id)
    chip = ChipTargets(chip_id, [qid for qid, *_ in layout.qubits], layout.couplings)
    try:
        targets = parse_target_list(typed or "", kind, chip)
        max_parallel = parse_limit(limit)
    except InvalidInputError as error:
        st.error(escape_markdown(begin_sentence(str(error))), icon=":material/error:")
        return
    draw_schedules(
        view,
        ScheduleSelection(chip_id, kind, strategies, flow, targets, max_parallel, muxes),
        key="schedule",
        step=parse_step(view.param("step")),
    )


def list_schedulable_tasks(tasks: Iterable[TaskOnChip], kind: TargetKind) -> list[str]:
    """Return the names of the tasks on a kind of target that are available on the chip."""
    return [one.name for one in tasks if one.why_not is None and one.task_type == kind]


def parse_step(text: str | None) -> int:
    """Return the step in the address; 0 (all groups) for an absent or invalid one."""
    known = text is not None and text.isascii() and text.isdecimal() and len(text) <= len(str(_LARGEST))
    return int(text) if known and text is not None else 0


def parse_limit(text: str | None) -> int | None:
    """Return the typed limit of targets at once, or None for no limit; raise InvalidInputError if it is no whole number from 1."""
    if text is None:
        return None
    if (
        not text.isascii()
        or not text.isdecimal()
        or len(text) > len(str(_LARGEST))
        or not 1 <= int(text) <= _LARGEST
    ):
        raise InvalidInputError(
            f"at once, at most {text!r}: type a whole number from 1 to {_LARGEST}, or leave it empty"
        )
    return int(text)

"""Start of a run from a form: now, or by a new timetable."""

from __future__ import annotations

from dataclasses import replace
from datetime import time
from typing import TYPE_CHECKING, Any
from zoneinfo import available_timezones

import streamlit as st

from qdash_builtin.runs.pages.run_submission import draw_submission
from qdash_builtin.timetables.calendar import describe_cron, get_zone
from qdash_builtin.timetables.models.timetable import Cron
from qdash_builtin.timetables.operations import create_timetable
from qdash_builtin.timetables.pages.timetable_validation import (
    NAME,
    WEEKDAYS,
    WHEN,
    WITHIN,
    ZONE,
    TimetableFormValues,
    validate_timetable_form,
)
from qdash_builtin.timetables.runs import RunActivity
from qdash_ui_streamlit.display.markdown import begin_sentence, escape_markdown
from qdash_ui_streamlit.forms.confirm_action import perform_action
from qdash_ui_streamlit.forms.time_params import EARLIEST, LATEST

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streamlit.delta_generator import DeltaGenerator

    from qdash_builtin.timetables.activity import Activity
    from qdash_builtin.timetables.models.timetable import Missed
    from qdash_builtin.timetables.pages.timetable_validation import Kind, ValidatedTimetableForm
    from qdash_core.models.request import RunRequest
    from qdash_ui_streamlit.view import View

_NOW = "Now"
_KINDS: dict[str, Kind] = {
    "Once": "once",
    "Every day": "daily",
    "On weekdays": "weekly",
    "At intervals": "every",
    "By cron": "cron",
    "After each cool-down": "cooldown",
}
_USUAL = time(22)
_MISSED: dict[Missed, str] = {
    "skip": "Skip them",
    "once": "One start for all of them",
}


def draw_start(
    view: View, request: RunRequest | None, *, key: str, timetable_only: bool = False, in_dialog: bool = False
) -> None:
    """Draw the controls that start the run of a form. A user without permission to run sees the preview.

    The request is None if the form has errors; `in_dialog` as for `draw_submission`.
    """
    if timetable_only and view.edits:
        draw_timetable_start(view, _plan(request), key=key)
        return
    row = st.container(horizontal=True, vertical_alignment="bottom")
    with row:
        how = _draw_choice([_NOW, *_KINDS], _NOW, key=key) if view.edits else _NOW
    if how == _NOW:
        draw_submission(view, request, key=key, row=row, forecast=True, in_dialog=in_dialog)
    else:
        _draw_timetable_form(view, _plan(request), _KINDS[how], key=key, row=row)


def _plan(request: RunRequest | None) -> RunActivity | None:
    return None if request is None else RunActivity(request)


def draw_timetable_start(view: View, wanted: Activity[Any] | None, *, key: str) -> None:
    """Draw the controls that create a timetable of an activity; None if its form has errors."""
    row = st.container(horizontal=True, vertical_alignment="bottom")
    with row:
        kind = _KINDS[_draw_choice([*_KINDS], "Every day", key=key)]
    _draw_timetable_form(view, wanted, kind, key=key, row=row)


def _draw_choice(offered: Sequence[str], usual: str, *, key: str) -> str:
    return st.selectbox("When to start", offered, index=offered.index(usual), key=f"{key}.begins", width=160)


def _draw_timetable_form(
    view: View, wanted: Activity[Any] | None, kind: Kind, *, key: str, row: DeltaGenerator
) -> None:
    """Draw the fields of a timetable, those of its time in the row, its first starts, and the button that creates it."""
    at: dict[str, Any] = {}
    filled = _draw_fields(view, kind, key=key, at=at, row=row)
    if wanted is None:
        st.markdown("Correct the marked fields first.")
        return
    found = validate_timetable_form(filled, wanted, view.now())
    _show_first_starts(view, found, filled.zone)
    # Not greyed while a name is missing: a user clicks it while the page does not yet know the typed name.
    make = st.button("Create timetable", type="primary", icon=":material/schedule:", key=f"{key}.make")
    for name, problem in found.problems.items():
        if name != NAME or filled.name or make:
            at[name].error(escape_markdown(begin_sentence(problem)), icon=":material/error:")
    if make and (body := found.body) is not None:
        created = perform_action(
            lambda: view.ask(create_timetable, body=body), f"Timetable {body.name} created."
        )
        if created:
            view.go("timetables", timetable=body.name, chip=view.param("chip"))


def _draw_fields(
    view: View, kind: Kind, *, key: str, at: dict[str, Any], row: DeltaGenerator
) -> TimetableFormValues:
    """Draw the fields; return their values, and the placeholder for errors of each field."""
    with row:
        name = st.text_input(
            "Name of the timetable", key=f"{key}.name", placeholder="night", max_chars=64, width=220
        )
        when = _draw_schedule_fields(view, kind, key=key)
        zones = sorted({view.zone.key, *available_timezones()})
        zone = st.selectbox(
            "Time zone", zones, index=zones.index(view.zone.key), key=f"{key}.zone", width=220
        )
    for one in (NAME, WHEN, ZONE):
        at[one] = st.empty()
    with st.expander("Missed starts, maximum delay and last day"):
        missed = st.radio(
            "Starts missed while no worker was running",
            [*_MISSED],
            format_func=_MISSED.__getitem__,
            key=f"{key}.missed",
            horizontal=True,
        )
        within = st.text_input(
            "Maximum delay",
            key=f"{key}.within",
            placeholder="no limit",
            help="For example 2h or 30min. A run that waits longer for its chip or a worker is not started.",
        )
        at[WITHIN] = st.empty()
        last_day = st.date_input(
            "Last day",
            None,
            EARLIEST,
            LATEST,
            key=f"{key}.last_day",
            format="YYYY-MM-DD",
            help="No run is started after this day.",
        )
    return TimetableFormValues(
        name.strip(), kind, zone, **when, missed=missed, within=within.strip(), last_day=last_day
    )


def _draw_schedule_fields(view: View, kind: Kind, *, key: str) -> dict[str, Any]:
    match kind:
        case "once":
            today = view.now().astimezone(view.zone).date()
            day = st.date_input(
                "Day", today, min_value=today, format="YYYY-MM-DD", key=f"{key}.day", width=150
            )
            at = st.time_input("Time", value=None, step=300, key=f"{key}.at", width=120)
            return {"day": day, "at": at}
        case "daily" | "weekly":
            days = (
                st.pills(
                    "Days",
                    list(WEEKDAYS),
                    selection_mode="multi",
                    default=WEEKDAYS[:5],
                    key=f"{key}.days",
                    width="content",
                )
                if kind == "weekly"
                else ()
            )
            return {"days": days, "at": st.time_input("Time", _USUAL, step=300, key=f"{key}.at", width=120)}
        case "every":
            hint = "For example 6h or 30min, at least 1min. The first start is one interval from now."
            return {
                "every": st.text_input("Every", placeholder="6h", help=hint, key=f"{key}.every", width=160)
            }
        case "cron":
            hint = "Minute, hour, day of month, month, day of week: `0 2 * * 1-5` means 02:00 from Monday to Friday."
            cron = st.text_input("Cron expression", "0 2 * * *", help=hint, key=f"{key}.cron", width=160)
            return {"cron": " ".join(cron.split())}
        case "cooldown":
            st.caption("Once a cool-down of the chip is marked as cold.", width="content")
            return {}


def _show_first_starts(view: View, found: ValidatedTimetableForm, zone: str) -> None:
    """Show the cron expression in words, and the first starts in the zone of the timetable, which need not be the user's."""
    if found.when is None or not found.starts:
        return
    in_zone = replace(view, zone=get_zone(zone))
    words = f"**{describe_cron(found.when.expression)}.** " if isinstance(found.when, Cron) else ""
    times = "".join(f"<li>{in_zone.time(one)}</li>" for one in found.starts)
    st.markdown(f"{words}{'Only start' if len(found.starts) == 1 else 'First starts'}:")
    st.html(f"<ol>{times}</ol>")

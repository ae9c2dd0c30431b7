"""Selection of chip values by time and aggregation, stored in the URL."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import streamlit as st

from qdash_builtin.cooldowns.operations.cooldowns import cooldowns_of_chip
from qdash_core.errors import InvalidInputError
from qdash_ui_streamlit.forms.time_params import draw_time_input, format_time, read_time

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_builtin.cooldowns.views import CooldownDocument
    from qdash_builtin.metrics.views.metric_history import CooldownPeriodDocument
    from qdash_ui_streamlit.view import View

MODES = {"latest": "Latest", "best": "Best", "average": "Average", "median": "Median"}
"""Titles of the aggregations of several results into one value."""
ANY, BETWEEN, NOTHING = "any", "between", "nothing"
_DEFAULT_RANGE = timedelta(days=7)
_COOLDOWN = "cooldown:"
_KIND_NAMES = {
    NOTHING: "None",
    BETWEEN: "Time range …",
}


@dataclass(frozen=True, slots=True)
class ValueSelection:
    """Selection of the values of a chip; `mode` is one of `MODES`.

    Parameters
    ----------
    since, until : datetime or None
        Start (inclusive) and end (exclusive) of the time range.
    """

    mode: str = "latest"
    cooldown: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    def arguments(self) -> dict[str, Any]:
        """Return the selection as arguments of an operation on `/metrics/chips`; empty for current values."""
        given = {"cooldown_id": self.cooldown, "since": self.since, "until": self.until}
        known = {name: value for name, value in given.items() if value is not None}
        return known if self.mode == "latest" else {"mode": self.mode, **known}

    def query(self) -> dict[str, str]:
        """Return the selection as the query of a URL below `metrics/chips`; empty for the current values."""
        return {
            name: format_time(value) if isinstance(value, datetime) else value
            for name, value in self.arguments().items()
        }

    def get_point_in_time(self) -> str | None:
        """Return the point in time of the values for a comparison, or None for a time range and for combined results."""
        if self.mode != "latest":
            return None
        if self.cooldown is not None:
            return f"cooldown:{self.cooldown}"
        return None if self.since or self.until else "now"

    def describe(self, view: View, any_text: str = "") -> str:
        """Return a short description, with times in the user's time zone; `any_text` replaces that of no period."""
        made = MODES[self.mode].lower()
        if self.cooldown is not None:
            return f"{made}, cool-down {self.cooldown}"
        ends = [
            f"{word} {view.moment(moment)}"
            for word, moment in (("from", self.since), ("to", self.until))
            if moment is not None
        ]
        # Results are combined over the current cool-down, if there is one.
        always = "any time" if self.mode == "latest" else "current cool-down or else any time"
        return f"{made}, {' '.join(ends) or any_text or always}"


def read_selection(view: View) -> ValueSelection:
    """Return the selection of values in the URL.

    Raises
    ------
    InvalidInputError
        If a query parameter is invalid.
    """
    mode = view.param("mode") or "latest"
    if mode not in MODES:
        raise InvalidInputError(f"invalid mode={mode} in the URL: use one of {', '.join(MODES)}")
    return _read_period(view, mode, "")


def read_comparison(view: View) -> ValueSelection | None:
    """Return the selection of values to compare with, from the URL, or None.

    Raises
    ------
    InvalidInputError
        If a query parameter is invalid.
    """
    second = _read_period(view, read_selection(view).mode, "than_")
    return None if view.param("than") is None and second == ValueSelection(second.mode) else second


def list_cooldowns_of_chip(view: View, chip_id: str) -> list[CooldownDocument]:
    """Return the cool-downs of a chip, newest first."""
    return list(view.every_offered(cooldowns_of_chip, chip_id))


def draw_range_selector(
    view: View,
    chip_id: str,
    *,
    cooldowns: Sequence[CooldownDocument | CooldownPeriodDocument] | None = None,
) -> ValueSelection:
    """Draw the choice of the values to show in the present row, and return the selection.

    The cool-downs are those of the chip; None to request them.
    """
    if cooldowns is None:
        cooldowns = list_cooldowns_of_chip(view, chip_id)
    st.session_state["range.mode"] = read_selection(view).mode
    st.segmented_control(
        "Value",
        list(MODES),
        format_func=MODES.__getitem__,
        key="range.mode",
        on_change=_set_mode,
        args=(view,),
        help="How several results are combined into one value",
    )
    any_text = name_any(view, cooldowns)
    _draw_period_selector(view, cooldowns, "Measured", prefix="", choices=(ANY,), any_text=any_text)
    return read_selection(view)


def draw_comparison_selector(
    view: View,
    cooldowns: Sequence[CooldownDocument | CooldownPeriodDocument],
    label: str = "Compare with",
    *,
    is_optional: bool = True,
) -> ValueSelection | None:
    """Draw the choice of the values to compare with, and return the selection, or None."""
    choices = (NOTHING, ANY) if is_optional else (ANY,)
    any_text = name_any(view, cooldowns)
    _draw_period_selector(view, cooldowns, label, prefix="than_", choices=choices, any_text=any_text)
    return read_comparison(view)


def draw_period_selector(view: View, chip_id: str, label: str) -> ValueSelection:
    """Draw the choice of a cool-down or time range, and return it as a selection of the latest values."""
    _draw_period_selector(view, list_cooldowns_of_chip(view, chip_id), label, prefix="", choices=(ANY,))
    return _read_period(view, "latest", "")


def name_any(view: View, cooldowns: Sequence[CooldownDocument | CooldownPeriodDocument]) -> str:
    """Return the name of the values without a period: several results are combined over the current cool-down."""
    is_limited = read_selection(view).mode != "latest" and any(one.ended_at is None for one in cooldowns)
    return "Current cool-down" if is_limited else "Any time"


def _read_period(view: View, mode: str, prefix: str) -> ValueSelection:
    since, until = (read_time(view, prefix + name) for name in ("since", "until"))
    return ValueSelection(mode, view.param(prefix + "cooldown"), since, until)


def _set_mode(view: View) -> None:
    mode = st.session_state["range.mode"]
    view.set_params(mode=None if mode in (None, "latest") else mode)


def _draw_period_selector(
    view: View,
    there: Sequence[CooldownDocument | CooldownPeriodDocument],
    label: str,
    *,
    prefix: str,
    choices: Sequence[str],
    any_text: str = "Any time",
) -> None:
    period = _read_period(view, "latest", prefix)
    cooldowns = {_COOLDOWN + one.cooldown_id: one for one in there}
    named = None if period.cooldown is None else _COOLDOWN + period.cooldown
    kinds = [*choices, *cooldowns, *([named] if named and named not in cooldowns else []), BETWEEN]
    key = f"range.{prefix}period"
    kind = _period_kind(view, period, prefix)
    st.session_state[key] = kind if kind in kinds else ANY
    st.selectbox(
        label,
        kinds,
        format_func=lambda kind: any_text if kind == ANY else _format_kind(view, kind, cooldowns.get(kind)),
        key=key,
        on_change=_set_kind,
        args=(view, key, prefix),
        width=270,
    )
    if st.session_state[key] == BETWEEN:
        for name, moment in (("since", period.since), ("until", period.until)):
            draw_time_input(view, prefix + name, moment)


def _period_kind(view: View, period: ValueSelection, prefix: str) -> str:
    if period.cooldown is not None:
        return _COOLDOWN + period.cooldown
    if period.since or period.until:
        return BETWEEN
    return NOTHING if prefix and view.param("than") is None else ANY


def _format_kind(view: View, kind: str, cooldown: CooldownDocument | CooldownPeriodDocument | None) -> str:
    if not kind.startswith(_COOLDOWN):
        return _KIND_NAMES[kind]
    name = f"Cool-down {kind.removeprefix(_COOLDOWN)}"
    if cooldown is None:
        return name
    begin, end = (
        "now" if moment is None else f"{moment.astimezone(view.zone):%Y-%m-%d}"
        for moment in (cooldown.started_at, cooldown.ended_at)
    )
    return f"{name} ({begin} to {end})"


def _set_kind(view: View, key: str, prefix: str) -> None:
    kind = st.session_state[key]
    cooldown = kind.removeprefix(_COOLDOWN) if kind.startswith(_COOLDOWN) else None
    since = (
        format_time((view.now() - _DEFAULT_RANGE).replace(second=0, microsecond=0))
        if kind == BETWEEN
        else None
    )
    changes = {"cooldown": cooldown, "since": since, "until": None}
    view.set_params(**{prefix + name: value for name, value in changes.items()})
    if prefix:
        view.set_params(than=ANY if kind == ANY else None)

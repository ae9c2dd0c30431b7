"""Timeline of cool-downs: one row for each cryostat or chip, one bar for each cool-down."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC
from html import escape
from typing import TYPE_CHECKING

import streamlit as st

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from qdash_builtin.cooldowns.views import CooldownDocument
    from qdash_ui_streamlit.view import View

_TICKS = 4
"""Number of intervals of the axis."""
_SHORTEST, _SHORTEST_WITH_TEXT = 1.0, 5.0
"""Smallest width of a bar, and of one with its text, in percent."""
_STYLE = """<style>
div.cooldowns { display: grid; grid-template-columns: minmax(5rem, max-content) 1fr; gap: 0.3rem 0.8rem; align-items: center; }
div.cooldowns .name { max-width: 14rem; overflow-wrap: anywhere; }
div.cooldowns .track { position: relative; height: 2rem; border-left: 1px solid rgba(128, 128, 128, 0.5);
  background: repeating-linear-gradient(to left, rgba(128, 128, 128, 0.5) 0 1px, transparent 1px 25%); }
div.cooldowns .track a { color: inherit; position: absolute; top: 0.2rem; height: 1.6rem; line-height: 1.5rem; box-sizing: border-box;
  text-indent: 0.3rem; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; text-decoration: none;
  border: 1px solid #7b858c; border-radius: 0.3rem; background: rgba(123, 133, 140, 0.22); }
div.cooldowns .track a.running { border: 2px solid #2b83ba; border-right-style: dashed; background: rgba(43, 131, 186, 0.2); line-height: 1.35rem; }
div.cooldowns .track a:hover, div.cooldowns .track a:focus-visible { text-decoration: underline; z-index: 1; }
div.cooldowns .axis { position: relative; height: 1.3rem; font-size: 0.8rem; }
div.cooldowns .axis span { position: absolute; white-space: nowrap; transform: translateX(-50%); }
div.cooldowns .axis span:first-child { transform: none; }
div.cooldowns .axis span:last-child { transform: translateX(-100%); }
@media (max-width: 640px) { div.cooldowns .axis span:nth-child(even):not(:last-child) { display: none; } }
</style>"""


@dataclass(frozen=True, slots=True)
class TimelineRow:
    """Row of the timeline.

    Parameters
    ----------
    name : str
        Name of the cryostat or chip as HTML.
    bars : mapping of str to CooldownDocument
        Cool-downs by the text of their bars.
    """

    name: str
    bars: Mapping[str, CooldownDocument]


def draw_cooldown_timeline(view: View, rows: Sequence[TimelineRow], *, now: datetime) -> None:
    """Draw the timeline from the first start to the last end; a cool-down that has not ended reaches to now."""
    html = format_timeline(view, rows, now=now)
    if html:
        st.html(html)


def format_timeline(view: View, rows: Sequence[TimelineRow], *, now: datetime) -> str:
    """Return the timeline as HTML, empty without cool-downs."""
    shown = [one for row in rows for one in row.bars.values()]
    if not shown:
        return ""
    begin = min(one.started_at for one in shown)
    end = max(one.ended_at or max(now, one.started_at) for one in shown)
    whole = max((end - begin).total_seconds(), 1.0)

    def find_place(moment: datetime) -> float:
        return 100.0 * min(max((moment - begin).total_seconds() / whole, 0.0), 1.0)

    def format_bar(text: str, one: CooldownDocument) -> str:
        left = min(find_place(one.started_at), 100.0 - _SHORTEST)
        width = max(find_place(one.ended_at or now) - left, _SHORTEST)
        running = one.ended_at is None
        shown = f"{'◐ ' if running else ''}{text}" if width >= _SHORTEST_WITH_TEXT else ""
        return (
            f'<a href="{escape(view.link("cooldown", cooldown=one.cooldown_id))}"'
            f' aria-label="{escape(text)}" title="{escape(describe_cooldown(view, one))}"'
            f'{" class=running" if running else ""} style="left:{left:.2f}%;width:{width:.2f}%">{escape(shown)}</a>'
        )

    ticks = [begin + place * (end - begin) / _TICKS for place in range(_TICKS + 1)]
    dates = [f"{one.astimezone(view.zone):%Y-%m-%d}" for one in ticks]
    axis = "".join(
        f'<span style="left:{100 * place / _TICKS:.0f}%">{text}</span>'
        for place, text in enumerate(dates)
        if place in (0, _TICKS) or text not in (dates[place - 1], dates[-1])
    )
    drawn = "".join(
        f'<div class="name">{row.name}</div><div class="track">'
        f"{''.join(format_bar(text, one) for text, one in sorted(row.bars.items(), key=lambda bar: bar[1].started_at))}</div>"
        for row in rows
    )
    return f'{_STYLE}<div class="cooldowns">{drawn}<div></div><div class="axis" aria-hidden="true">{axis}</div></div>'


def describe_cooldown(view: View, one: CooldownDocument) -> str:
    """Return id, cryostat, times and chips of a cool-down as text."""
    begin = f"{one.started_at.astimezone(view.zone):%Y-%m-%d}"
    end = "now" if one.ended_at is None else f"{one.ended_at.astimezone(view.zone):%Y-%m-%d}"
    chips = f"chips {', '.join(one.chip_ids)}" if one.chip_ids else "no chip"
    return f"{one.cooldown_id} in {one.cryo_id}, {begin} to {end}, {chips}"


def measure_duration(one: CooldownDocument, now: datetime) -> float:
    """Return the duration of a cool-down until its end or now, in seconds."""
    end = one.ended_at or max(now.astimezone(UTC), one.started_at)
    return (end - one.started_at).total_seconds()

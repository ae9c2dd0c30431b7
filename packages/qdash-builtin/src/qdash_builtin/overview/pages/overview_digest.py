"""Digest of a chip on the overview: runs, changes and failures since a point in time, with advice."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from qdash_builtin.digests.pages.digest_advice import draw_advice
from qdash_builtin.digests.pages.digest_facts import draw_facts
from qdash_builtin.overview.pages.overview_data import load_digest
from qdash_builtin.values.point_in_time import YESTERDAY_EVENING
from qdash_ui_streamlit.components.event_kinds import ALL
from qdash_ui_streamlit.components.event_rerun import rerun_on_events
from qdash_ui_streamlit.display.fragments import fragment
from qdash_ui_streamlit.display.markdown import escape_markdown
from qdash_ui_streamlit.forms.query_params import draw_select

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from concurrent.futures import Future

    from qdash_builtin.digests.views import DigestDocument
    from qdash_builtin.overview.pages.overview_data import OverviewData, RequestedDigest
    from qdash_ui_streamlit.view import View

_DAY = "24h"
NIGHTS = {"last-night": "last night", "night-before-last": "the night before last"}
"""Nights from 18:00 to 12:00, in words, by their text in the URL."""
WAITING = '<p role="status" style="min-height: 30rem">Preparing the digest …</p>'
"""Placeholder while the host makes the digest, of about its height, so that the rest of the page stays in place."""
_REDRAWN_S = 30.0
"""Minimum time between two digests that are made because results or values changed, in seconds: a run changes many."""


def draw_digest_head(view: View, found: OverviewData) -> None:
    """Draw the heading, and the choice of the chip and of the start, both in the URL."""
    asked = found.digest
    if asked is None:
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.header("Digest", anchor="digest", width="content")
        chips = [one.chip_id for one in found.chips]
        if len(chips) > 1 or view.param("chip"):
            newest = f"{asked.newest_chip_id} (newest run)"
            others = [one for one in chips if one != asked.newest_chip_id]
            draw_select(view, "chip", "Chip", others, any_text=newest, clears=("since", "until"), width=220)
        starts = list_starts(found, asked)
        draw_select(
            view,
            "since",
            "Since",
            [*starts],
            any_text=YESTERDAY_EVENING,
            clears=("until",),
            format_option=lambda one: starts.get(one, one),
            width=260,
        )
        before = None if asked.since in NIGHTS else asked.since
        changes = view.link("compare", chip=asked.chip_id, before=before)
        fits = view.link("chip", chip=asked.chip_id, view="figures")
        st.markdown(f"[Changes]({changes}) · [Fits]({fits})", width="content")


def list_starts(found: OverviewData, asked: RequestedDigest) -> Mapping[str, str]:
    """Return the starts other than the default in words, by their text in the URL."""
    release = asked.release.result()
    return {
        _DAY: "last 24 hours",
        **NIGHTS,
        **({} if release is None else {f"release:{release}": f"last release, {release}"}),
        **{
            one.execution_id: f"end of {one.execution_id}, {one.name}"
            for one in found.last
            if one.chip_id == asked.chip_id and one.end_at is not None
        },
    }


@fragment
def draw_digest(view: View, asked: RequestedDigest, first: Iterator[Future[DigestDocument]]) -> None:
    """Draw a digest, and redraw it when results or values change. `first` yields the requested digest once."""
    rerun_on_events("overview.digest", ALL, chip_id=asked.chip_id, at_most_every_s=_REDRAWN_S)
    requested = next(first, None)
    digest = (
        load_digest(view, asked.chip_id, asked.since, asked.until)
        if requested is None
        else requested.result()
    )
    st.markdown(f"**{escape_markdown(digest.title)}**")
    if not digest.runs:
        start = f"{YESTERDAY_EVENING} ({digest.label})" if asked.since is None else digest.label
        st.info(f"No run since {escape_markdown(start)}.", icon=":material/inbox:")
    draw_facts(view, digest)
    draw_advice(view, digest)

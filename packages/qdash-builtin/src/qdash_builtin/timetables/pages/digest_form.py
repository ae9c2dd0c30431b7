"""Form of a timetable that sends digests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from qdash_builtin.timetables.digests import DigestActivity
from qdash_builtin.timetables.models.digest_request import DigestRequest
from qdash_builtin.timetables.pages.run_start import draw_timetable_start
from qdash_ui_streamlit.display.fragments import fragment

if TYPE_CHECKING:
    from qdash_ui_streamlit.view import View


@fragment
def draw_digest_form(view: View, chip_id: str, *, key: str) -> None:
    """Draw the fields of a digest and of its timetable, and the button that creates it."""
    since = st.text_input(
        "Start of the digest",
        key=f"{key}.since",
        placeholder="18:00 the day before",
        max_chars=256,
        help="A time of day such as 18:00 (the last one), a duration before the digest such as 12h, an execution (its end), or release:NAME.",
        width=220,
    ).strip()
    st.caption("The workers send digests by e-mail or webhook, as their settings `QDASH_NOTIFY_*` say.")
    digest = DigestActivity(DigestRequest(chip_id=chip_id, since=since or None))
    draw_timetable_start(view, digest, key=key)

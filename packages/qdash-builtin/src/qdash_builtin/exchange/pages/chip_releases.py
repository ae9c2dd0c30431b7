"""Releases view of a chip: the list, and links to the comparison with a release and the reversion to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote
from uuid import uuid4

import streamlit as st

from qdash_builtin.exchange.operations.releases import (
    compare_releases,
    create_release,
    delete_release,
    list_releases,
)
from qdash_builtin.exchange.requests.releases import ReleaseRequest
from qdash_ui_streamlit.components.event_kinds import ALL
from qdash_ui_streamlit.components.event_rerun import rerun_on_events
from qdash_ui_streamlit.components.table import Column, table
from qdash_ui_streamlit.display.download_link import draw_report_link
from qdash_ui_streamlit.display.fragments import dialog, fragment
from qdash_ui_streamlit.display.notices import show_empty
from qdash_ui_streamlit.forms.confirm_action import confirm_action
from qdash_ui_streamlit.forms.query_params import draw_choice
from qdash_ui_streamlit.forms.request_form import RequestForm

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_builtin.exchange.views.releases import ReleaseHeader
    from qdash_ui_streamlit.view import View

_RELEASES = (
    Column("name", "Release", link="href", help="Compares it with the present values"),
    Column("at", "Created", "time"),
    Column("by", "By", "user"),
    Column("values", "Values", "number"),
    Column("note", "Note"),
)


@fragment
def render(view: View, chip_id: str) -> None:
    """Draw the releases of a chip, and the actions on one of them."""
    rerun_on_events("releases", ALL, chip_id=chip_id, at_most_every_s=5.0)
    releases = list(view.every(list_releases, chip_id))
    if view.edits and st.button("Create release …", icon=":material/bookmark_add:", key="releases.create"):
        dialog("Create a release")(draw_release_form)(view, chip_id, uuid4().hex)
    if not releases:
        show_empty("No releases yet.", "A release keeps the accepted values of the chip under a name.")
        return
    rows = [_make_row(view, one) for one in releases]
    table(view, _RELEASES, rows, key="releases.list", label="Releases", shown=20)
    _draw_release(view, chip_id, releases)


def draw_release_form(view: View, chip_id: str, once: str) -> None:
    """Draw the form that creates a release of the present values, sent with an idempotency key."""
    st.markdown("It keeps the accepted values with design values, directions, wiring and metrics file.")
    RequestForm(
        view=view,
        model=ReleaseRequest,
        send=lambda body: view.ask(create_release.once(once), chip_id, body=body),
        place="releases.new",
        label="Create",
        success="Release created.",
        in_dialog=True,
    ).draw()


def _make_row(view: View, release: ReleaseHeader) -> dict[str, Any]:
    return {
        "name": release.name,
        "href": view.link("compare", chip=release.chip_id, before=f"release:{release.name}"),
        "at": release.created_at,
        "by": release.username,
        "values": release.n_values,
        "note": release.note or "",
    }


def _draw_release(view: View, chip_id: str, releases: Sequence[ReleaseHeader]) -> None:
    """Draw the actions on a release, by default the newest one, and its differences in design and wiring."""
    st.header("Release", anchor="release")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = draw_choice(view, "release", "Release", [one.name for one in releases])
        path = f"chips/{quote(chip_id, safe='')}/releases/{quote(name, safe='')}"
        draw_report_link(view, path, name=f"{chip_id}-{name}")
        if view.edits and st.button("Delete …", icon=":material/delete:", key="releases.delete"):
            confirm_action(
                f"Delete release {name}?",
                "The values of the chip stay. The release cannot be restored.",
                label="Delete",
                act=lambda: view.ask(delete_release, chip_id, name),
                success="Release deleted.",
            )
    point = f"release:{name}"
    difference = view.link("compare", chip=chip_id, before=point)
    reversion = view.link("chip", chip=chip_id, view="changes", revert=point)
    st.markdown(
        f"[Compare {name} with the present values]({difference}) · [Preview a reversion to {name}]({reversion})"
    )
    compared = view.ask(compare_releases, chip_id, first=name)
    if compared.designs:
        st.caption(f"Design values differ: {', '.join(compared.designs)}.")
    if compared.same_wiring is False:
        st.caption("The wiring differs.")

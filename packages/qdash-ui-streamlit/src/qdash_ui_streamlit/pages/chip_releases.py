"""Releases view of a chip: the list, the differences on the map, and reversion to a release."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any
from urllib.parse import quote
from uuid import uuid4

import streamlit as st

from qdash_client.generated.api.releases import (
    compare_releases,
    create_release,
    delete_release,
    list_releases,
)
from qdash_client.generated.api.topology import chip_topology
from qdash_client.generated.models.release_request import ReleaseRequest
from qdash_ui_streamlit.components.event_rerun import rerun_on_events
from qdash_ui_streamlit.components.table import Column, table
from qdash_ui_streamlit.display.chip_layout import make_layout
from qdash_ui_streamlit.display.download_link import draw_report_link
from qdash_ui_streamlit.display.fragments import dialog, fragment
from qdash_ui_streamlit.display.notices import show_empty
from qdash_ui_streamlit.display.targets import make_target_url
from qdash_ui_streamlit.display.value_changes import format_value_or_none
from qdash_ui_streamlit.forms.confirm_action import confirm_action, draw_dialog_buttons
from qdash_ui_streamlit.forms.query_params import draw_choice
from qdash_ui_streamlit.pages.difference_map import make_difference_map

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_core.documents.chip_days import ValueChangeDocument
    from qdash_core.documents.releases import ReleaseHeader
    from qdash_ui_streamlit.view import View

_PRESENT = "now"
_ALL = "all parameters"
_RELEASES = (
    Column("name", "Release", link="href", help="Compares it with the present values"),
    Column("at", "Created", "time"),
    Column("by", "By"),
    Column("values", "Values", "number"),
    Column("note", "Note"),
)


@fragment
def render(view: View, chip_id: str) -> None:
    """Draw the releases of a chip, and the comparison of two of them."""
    rerun_on_events("releases", kinds=("release.*", "value.*"), chip_id=chip_id)
    releases = list(view.every(list_releases, chip_id))
    if view.edits and st.button("Create release …", icon=":material/bookmark_add:", key="releases.create"):
        dialog("Create a release")(draw_release_form)(view, chip_id, uuid4().hex)
    if not releases:
        show_empty("No releases yet.", "A release keeps the accepted values of the chip under a name.")
        return
    rows = [_make_row(view, one) for one in releases]
    table(view, _RELEASES, rows, key="releases.list", label="Releases", shown=20)
    _draw_comparison(view, chip_id, releases)


def draw_release_form(view: View, chip_id: str, once: str) -> None:
    """Draw the form that creates a release of the present values, sent with an idempotency key."""
    st.markdown("It keeps the accepted values with design values, directions, wiring and metrics file.")
    name = st.text_input("Name", placeholder="the day", key="releases.name")
    note = st.text_input("Note", key="releases.note")
    body = ReleaseRequest(name=name.strip() or None, note=note)
    draw_dialog_buttons(
        "Create",
        lambda: view.ask(create_release, chip_id, body=body, idempotency_key=once),
        "Release created",
        key="releases.create.go",
    )


def _make_row(view: View, release: ReleaseHeader) -> dict[str, Any]:
    return {
        "name": release.name,
        "href": view.link("chip", chip=release.chip_id, view="releases", release=release.name),
        "at": release.created_at,
        "by": release.username,
        "values": release.n_values,
        "note": release.note or "",
    }


def _draw_comparison(view: View, chip_id: str, releases: Sequence[ReleaseHeader]) -> None:
    """Draw the differences between a release, by default that in the URL, and another or the present values."""
    names = [one.name for one in releases]
    st.header("Differences", anchor="differences")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        before = draw_choice(view, "release", "Release", names)
        after = draw_choice(view, "than", "Compared with", [_PRESENT, *names])
        path = f"chips/{quote(chip_id, safe='')}/releases/{quote(before, safe='')}"
        draw_report_link(view, path, name=f"{chip_id}-{before}")
        if view.edits and st.button("Delete …", icon=":material/delete:", key="releases.delete"):
            confirm_action(
                f"Delete release {before}?",
                "The values of the chip stay. The release cannot be restored.",
                label="Delete",
                act=lambda: view.ask(delete_release, chip_id, before),
                success="Release deleted",
            )
    compared = view.ask(compare_releases, chip_id, first=before, second=after)
    if compared.values:
        layout = make_layout(view.ask(chip_topology, chip_id))
        shown = _choose_parameter(compared.values)
        figure = make_difference_map(
            layout, [one for one in compared.values if shown in (_ALL, one.parameter)]
        )
        st.plotly_chart(figure, key="releases.map", config={"displaylogo": False})
        st.caption(
            "The darker a target, the larger its difference in standard deviations, up to 5; grey: none."
        )
        rows = [_make_change_row(view, chip_id, one) for one in compared.values]
        table(view, _make_columns(before, after), rows, key="releases.changes", label="Differences", shown=50)
    else:
        show_empty(f"{before} and {after} have the same values.")
    if compared.designs:
        st.caption(f"Design values differ: {', '.join(compared.designs)}.")
    if not compared.same_wiring:
        st.caption("The wiring differs.")
    address = view.link("chip", chip=chip_id, view="changes", revert=f"release:{before}")
    st.markdown(f"[Preview a reversion to {before}]({address})")


def _choose_parameter(changes: Sequence[ValueChangeDocument]) -> str:
    """Draw the choice of the parameter on the map, by default the one that differs on most targets, and return it."""
    numbers = Counter(one.parameter for one in changes)
    names = [_ALL, *sorted(numbers)]
    first = numbers.most_common(1)[0][0]
    return str(
        st.selectbox(
            "Parameter on the map", names, index=names.index(first), key="releases.parameter", width=240
        )
    )


def _make_columns(before: str, after: str) -> tuple[Column, ...]:
    return (
        Column("target", "Target", link="href"),
        Column("parameter", "Parameter"),
        Column("before", before),
        Column("after", after),
        Column("sigmas", "σ", "number", help="Difference in standard deviations"),
    )


def _make_change_row(view: View, chip_id: str, change: ValueChangeDocument) -> dict[str, Any]:
    return {
        "target": change.target,
        "href": make_target_url(view, chip_id, change.target),
        "parameter": change.parameter,
        "before": format_value_or_none(change.before),
        "after": format_value_or_none(change.after),
        "sigmas": None if change.sigmas is None else round(change.sigmas, 1),
    }

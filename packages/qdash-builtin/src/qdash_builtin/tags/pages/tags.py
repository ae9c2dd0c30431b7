"""Tags page: the tags of the project with their use; rename, merge and remove them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from qdash_builtin.tags.operations import add_tag, list_tag_use, replace_tags
from qdash_builtin.tags.requests import TagReplacementRequest, TagRequest
from qdash_builtin.tags.service import MOST_REPLACED
from qdash_builtin.tags.tag_use import TagUse
from qdash_ui_streamlit.components.event_kinds import ALL_BUT_TASKS
from qdash_ui_streamlit.components.event_rerun import rerun_on_events
from qdash_ui_streamlit.components.table import Column, table
from qdash_ui_streamlit.display.fragments import fragment
from qdash_ui_streamlit.display.markdown import escape_markdown
from qdash_ui_streamlit.forms.buttons import press_when_possible
from qdash_ui_streamlit.forms.confirm_action import confirm_action
from qdash_ui_streamlit.forms.request_form import RequestForm

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from qdash_builtin.tags.views import UsedTagDocument
    from qdash_ui_streamlit.view import View

_PAGE = 200
_COLUMNS = (
    Column("name", "Tag"),
    Column("n_executions", "Executions", "number", link="executions"),
    Column("n_results", "Results", "number", link="results"),
    Column("n_flows", "Flows", "number", help="Saved flows whose runs get the tag"),
    Column("n_timetables", "Timetables", "number", help="Timetables whose runs get the tag"),
    Column("username", "First used by", "user"),
    Column("created_at", "Since", "time"),
)


def render(view: View) -> None:
    """Draw the page."""
    st.title("Tags")
    if view.edits:
        RequestForm(
            view=view,
            model=TagRequest,
            send=lambda body: view.ask(add_tag, body=body),
            place="tags.new",
            label="Add",
            success="Tag added to the list.",
        ).draw()
    _draw_tags(view)


@fragment
def _draw_tags(view: View) -> None:
    rerun_on_events("tags.rerun", ALL_BUT_TASKS, at_most_every_s=5.0)
    tags = {one.name: one for one in view.every(list_tag_use.paged(limit=_PAGE))}
    chosen = table(
        view,
        _COLUMNS,
        [_make_row(view, one) for one in tags.values()],
        key="tags.table",
        label="Tags",
        chosen_by="name" if view.edits else "",
        empty="No tags yet. Runs get tags in their form, and by --tag on the command line.",
    )
    if view.edits and tags:
        _draw_actions(view, tags, [name for name in chosen if name in tags])


def _make_row(view: View, tag: UsedTagDocument) -> dict[str, object]:
    fields = ("name", "n_executions", "n_results", "n_flows", "n_timetables", "username", "created_at")
    return {
        **{name: getattr(tag, name) for name in fields},
        "executions": view.link("executions", tag=tag.name),
        "results": view.link("executions", view="results", tag=tag.name),
    }


def _draw_actions(view: View, tags: Mapping[str, UsedTagDocument], chosen: Sequence[str]) -> None:
    """Draw the field for a new name, and the buttons for the selected tags."""
    if not chosen:
        st.caption("Select tags to rename, merge or remove them.")
        return
    if len(chosen) > MOST_REPLACED:
        st.warning(f"Select at most {MOST_REPLACED} tags.")
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        label = "New name" if len(chosen) == 1 else "Name of the merged tag"
        name = st.text_input(label, key="tags.to", max_chars=64, width=240).strip()
        merges = len(chosen) > 1 or name in tags
        label = "Merge …" if merges else "Rename …"
        problem = "" if name else "Enter a name first."
        if press_when_possible(label, problem, key="tags.rename", kind="secondary"):
            _confirm(view, tags, chosen, name)
        if st.button("Remove …", icon=":material/delete:", key="tags.remove"):
            _confirm(view, tags, chosen, None)


def _confirm(
    view: View, tags: Mapping[str, UsedTagDocument], chosen: Sequence[str], name: str | None
) -> None:
    fields = ("n_executions", "n_results", "n_flows", "n_timetables")
    use = TagUse(**{field: sum(getattr(tags[one], field) for one in chosen) for field in fields})
    shown = ", ".join(f"**{escape_markdown(one)}**" for one in chosen)
    change = "removed from" if name is None else f"replaced by **{escape_markdown(name)}** in"
    label = "Remove" if name is None else "Replace"
    confirm_action(
        f"{label} {len(chosen)} tag{'s' if len(chosen) > 1 else ''}?",
        f"{shown} will be {change} {use}. This cannot be undone.",
        label=label,
        act=partial(view.ask, replace_tags, body=TagReplacementRequest(names=[*chosen], to=name)),
        success="The tags were replaced." if name else "The tags were removed.",
    )

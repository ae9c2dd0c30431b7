"""Projects page: the user's projects, a new one, and the edit and deletion of the selected one."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import streamlit as st

from qdash_builtin.people.deletion import find_deletion_obstacle
from qdash_builtin.people.operations.members import leave_project
from qdash_builtin.people.operations.projects import (
    create_project,
    delete_project,
    edit_project,
    list_projects,
    show_project,
)
from qdash_builtin.people.requests import ProjectEdit, ProjectRequest
from qdash_core.models.ids import ID_RULE
from qdash_core.models.token import TokenScope
from qdash_ui_streamlit.components.table import Column, table
from qdash_ui_streamlit.display.facts import draw_facts
from qdash_ui_streamlit.display.fragments import dialog, fragment
from qdash_ui_streamlit.display.markdown import escape_markdown
from qdash_ui_streamlit.display.reruns import rerun
from qdash_ui_streamlit.forms.confirm_action import confirm_action
from qdash_ui_streamlit.forms.form_fields import capitalise
from qdash_ui_streamlit.forms.request_form import RequestForm
from qdash_ui_streamlit.session import refresh_user

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_builtin.people.views.people import ProjectDocument
    from qdash_ui_streamlit.view import View

_COLUMNS = (
    Column("project", "Project", link="page", help="Opens the project"),
    Column("name", "Name"),
    Column("role", "Your role"),
    Column("owner", "Owner"),
    Column("selected", "Selected as"),
    Column("description", "Description"),
)
_RULES = f"{capitalise(ID_RULE)}; unique on the host. It cannot be changed later."


def render(view: View) -> None:
    """Draw the page."""
    st.title("Projects", anchor=False)
    projects = [one for one in view.every(list_projects.paged(limit=200)) if one.status == "active"]
    if _writes(view) and st.button("New project …", icon=":material/add:", key="projects.new"):
        dialog("New project")(draw_project_form)(view)
    _draw_list(view, projects)
    _draw_leaving(view, projects)
    if view.me.role is not None:
        _draw_project(view)


def _writes(view: View) -> bool:
    return view.me.token.scope.includes(TokenScope.WRITE)


def _draw_list(view: View, projects: Sequence[ProjectDocument]) -> None:
    rows = [
        {
            "project": one.project_id,
            "page": f"/projects?project={one.project_id}",
            "name": one.name,
            "description": one.description or "",
            "role": one.role,
            "owner": one.owner,
            "selected": _describe_selection(view, one.project_id),
        }
        for one in projects
    ]
    empty = "You are not a member of any project: ask for an invitation, or create one."
    table(view, _COLUMNS, rows, key="projects", label="Your projects", empty=empty)


def _describe_selection(view: View, project_id: str) -> str | None:
    parts = ["current"] if project_id == view.project_id else []
    if project_id == view.me.user.default_project_id:
        parts.append("default")
    return ", ".join(parts) or None


# -------------------------------------------------------------------------------------------------------- new project


def draw_project_form(view: View) -> None:
    """Draw the form of a new project, and open the project when it is created."""
    st.markdown("You own it. Other users see it after you invite them.")

    def open_project(project: ProjectDocument) -> None:
        refresh_user()
        view.go("projects", project=project.project_id)

    RequestForm(
        view=view,
        model=ProjectRequest,
        send=lambda body: view.ask(create_project, body=body),
        place="projects.create",
        label="Create project",
        success="Project created.",
        long_texts=("description",),
        then=open_project,
        in_dialog=True,
    ).draw()


# ----------------------------------------------------------------------------------------------------------- leaving


def _draw_leaving(view: View, projects: Sequence[ProjectDocument]) -> None:
    others = [one.project_id for one in projects if one.project_id not in view.me.user.owns]
    if not others or not _writes(view):
        return
    with st.form("leave", border=False), st.container(horizontal=True, vertical_alignment="bottom"):
        project_id = st.selectbox("Leave a project", others, width=240)
        if st.form_submit_button("Leave"):
            confirm_action(
                f"Leave project {project_id}?",
                f"You lose access to **{escape_markdown(project_id)}** until you are invited again. "
                "Your records there are kept.",
                label="Leave",
                act=lambda: _leave(view, project_id),
                success=f"You have left {project_id}.",
            )


def _leave(view: View, project_id: str) -> None:
    view.ask(leave_project, project_id)
    _deselect(view, project_id)


def _deselect(view: View, project_id: str) -> None:
    """Go back to the default project if a project that the user has no longer is selected."""
    refresh_user()
    if view.param("project") == project_id:
        view.set_params(project=None)


# ------------------------------------------------------------------------------------------------------ current project


def _draw_project(view: View) -> None:
    project, version = view.ask_versioned(show_project, view.project_id)
    st.header(f"Project {escape_markdown(project.project_id)}", divider="gray", anchor=False)
    draw_facts(
        {
            "Owner": escape(project.owner),
            "Created": view.time(project.created_at),
            "Description": escape(project.description) if project.description else None,
            "Labels": escape(", ".join(project.tags)) or None,
            **{what.capitalize(): str(count) for what, count in (project.contents or {}).items()},
            "Members": f'<a href="{escape(view.link("members"))}">Members and tokens</a>',
        }
    )
    if not view.owns:
        st.caption("Owners of the project edit and delete it.")
        return
    draw_edit_form(view, project, version)
    _draw_deletion(view, project)


@fragment
def draw_edit_form(view: View, project: ProjectDocument, version: str) -> None:
    """Draw the form that changes a project; a change of another user since this version is not overwritten."""
    RequestForm(
        view=view,
        model=ProjectEdit,
        send=lambda body: view.ask(edit_project.at_version(version), project.project_id, body=body),
        place="projects.edit",
        label="Save",
        success="Project saved.",
        present=dict(project),
        version=version,
        long_texts=("description",),
        then=lambda _project: rerun(),
    ).draw()


def _draw_deletion(view: View, project: ProjectDocument) -> None:
    """Draw the button that deletes an empty project, or the reason why it cannot be deleted."""
    obstacle = find_deletion_obstacle(project.project_id, project.contents or {})
    if obstacle is not None:
        st.caption(escape_markdown(f"{capitalise(obstacle)}."))
    elif st.button("Delete project …", icon=":material/delete:", key="projects.delete"):
        project_id = project.project_id
        confirm_action(
            f"Delete project {project_id}?",
            f"**{escape_markdown(project_id)}** is deleted with its memberships, invitations, tags and timetables. Members get "
            "another default project. The audit log stays.",
            label="Delete project",
            act=lambda: _delete(view, project_id),
            success=f"Project {project_id} deleted.",
        )


def _delete(view: View, project_id: str) -> None:
    view.ask(delete_project, project_id)
    _deselect(view, project_id)

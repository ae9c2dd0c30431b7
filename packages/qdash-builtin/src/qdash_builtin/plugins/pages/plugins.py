"""Plugins and health page: installed and disabled plugins, host, workers, backends and settings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st
from importlib_metadata import version

from qdash_builtin.home.operations.backends import list_backends
from qdash_builtin.plugins.operations import list_plugins
from qdash_builtin.runs.operations.settings import show_settings
from qdash_builtin.runs.operations.workers import list_workers
from qdash_core.errors import LoginError, NotOfferedError, QDashError
from qdash_ui_streamlit.components.table import Column, table
from qdash_ui_streamlit.display.notices import show_errors
from qdash_ui_streamlit.display.statuses import format_status_html
from qdash_ui_streamlit.process_cache import get_installed_pages

if TYPE_CHECKING:
    from qdash_builtin.plugins.views import PluginDocument
    from qdash_ui_streamlit.view import View

_PAGE = 200
_MOST_NAMED = 4
"""Largest number of contributions of a plugin that are named; more are only counted."""
_DISTRIBUTIONS = ("qdash-ui-streamlit", "qdash-remote", "qdash-core", "streamlit")


def render(view: View) -> None:
    """Draw the page."""
    st.title("Plugins and health")
    for draw in (
        _draw_health,
        _draw_plugins,
        _draw_disabled_pages,
        _draw_workers,
        _draw_backends,
        _draw_settings,
    ):
        with show_errors():
            draw(view)
    st.header("Versions of the dashboard", divider="gray")
    columns = [Column("name", "Distribution", "code"), Column("version", "Version")]
    rows = [{"name": name, "version": version(name)} for name in _DISTRIBUTIONS]
    table(view, columns, rows, key="versions", label="Versions of the dashboard")


def list_contributions(plugin: PluginDocument) -> str:
    """Return the contributions of a plugin as text: `backends: fake; tasks: 37`."""
    kinds = []
    for hook, names in plugin.provides.items():
        if names:
            message = ", ".join(names) if len(names) <= _MOST_NAMED else str(len(names))
            kinds.append(f"{hook.removeprefix('qdash_').replace('_', ' ')}: {message}")
    return "; ".join(kinds)


def list_replaced_tasks(plugin: PluginDocument) -> str:
    """Return the tasks of other plugins that a plugin replaces as text: `CheckT1 of qdash-tasks on fake`."""
    return "; ".join(
        f"{one.name} of {one.of.distribution or one.of.plugin} on {one.backend}"
        for one in plugin.replaces or ()
    )


def _draw_health(view: View) -> None:
    st.header("Host", divider="gray")
    try:
        view.connection.get("/ready")
    except LoginError:
        raise
    except QDashError as error:
        st.html(f"<p>{format_status_html('failed')}</p>")
        st.error(f"The host is not ready: {error}", icon=":material/cloud_off:")
    else:
        st.html(f"<p>{format_status_html('ok')}: host and store respond.</p>")


def _draw_plugins(view: View) -> None:
    st.header("Plugins of the host", divider="gray")
    columns = [
        Column("name", "Plugin"),
        Column("status", "Status", "status"),
        Column("distribution", "Distribution"),
        Column("version", "Version"),
        Column("gives", "Provides"),
        Column("error", "Reason"),
    ]
    rows: list[dict[str, Any]] = [
        {
            "name": one.name,
            "status": one.status,
            "distribution": one.distribution,
            "version": one.version,
            "gives": list_contributions(one),
            "replaces": list_replaced_tasks(one),
            "error": one.error or one.last_failure or one.slow_import,
        }
        for one in view.every(list_plugins.paged(limit=_PAGE))
    ]
    if any(row["replaces"] for row in rows):
        columns.append(Column("replaces", "Replaces", help="Tasks of other plugins, by backend"))
    table(view, columns, rows, key="plugins", label="Plugins of the host")


def _draw_disabled_pages(view: View) -> None:
    """Draw the pages of plugins that are disabled in the process of the dashboard."""
    found = get_installed_pages()
    st.header("Disabled pages of the dashboard", divider="gray")
    columns = [Column("title", "Page or plugin"), Column("why", "Reason")]
    rows = [{"title": title, "why": why} for title, why in found.set_aside.items()]
    table(
        view,
        columns,
        rows,
        key="disabled_pages",
        label="Disabled pages",
        empty="None: all installed pages are shown.",
    )


def _draw_workers(view: View) -> None:
    st.header("Workers", divider="gray")
    columns = [
        Column("host", "Machine"),
        Column("pid", "Process id", "code"),
        Column("since", "Since", "time"),
        Column("until", "Expires", "time", help="The worker renews its registration before then"),
    ]
    rows = [
        {"host": one.host, "pid": one.pid, "since": one.acquired_at, "until": one.expires_at}
        for one in view.every(list_workers.paged(limit=_PAGE))
    ]
    table(
        view,
        columns,
        rows,
        key="workers",
        label="Workers",
        empty="No worker is running, so background runs stay in the queue. Start one: qdash worker",
    )


def _draw_backends(view: View) -> None:
    st.header("Backends", divider="gray")
    columns = [
        Column("name", "Backend"),
        Column("installed", "On the host"),
        Column("by", "First used by"),
        Column("since", "First used", "time"),
    ]
    rows = [
        {
            "name": one.name,
            "installed": "installed" if one.installed else "not installed",
            "by": one.used_first_by,
            "since": one.used_since,
        }
        for one in view.every(list_backends.paged(limit=_PAGE))
    ]
    table(view, columns, rows, key="backends", label="Backends", empty="No backend is installed.")


def _draw_settings(view: View) -> None:
    try:
        settings = view.ask(show_settings)
    except NotOfferedError:
        return
    st.header("Settings of the host", divider="gray")
    columns = [Column("name", "Setting", "code"), Column("value", "Value", "code")]
    rows = [
        {"name": name, "value": ", ".join(value) if isinstance(value, list) else value}
        for name, value in settings
    ]
    table(view, columns, rows, key="settings", label="Settings of the host", filtered=False)

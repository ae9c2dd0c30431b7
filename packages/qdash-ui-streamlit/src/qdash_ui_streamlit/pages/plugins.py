"""Plugins and health page: installed and disabled plugins, host, workers, backends and settings."""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import streamlit as st

from qdash_client.generated.api.backends import list_backends
from qdash_client.generated.api.health import ready
from qdash_client.generated.api.plugins import list_plugins
from qdash_client.generated.api.settings import show_settings
from qdash_client.generated.api.workers import list_workers
from qdash_core.errors import LoginError, QDashError
from qdash_ui_streamlit.components.table import Column, table
from qdash_ui_streamlit.process_cache import pages
from qdash_ui_streamlit.showing.grids import code, grid
from qdash_ui_streamlit.showing.statuses import status_html

if TYPE_CHECKING:
    from qdash_core.documents.plugins import PluginDocument
    from qdash_ui_streamlit.view import View

_PAGE = 200
_NAMED = 4
"""Largest number of contributions of a plugin that are named; more are only counted."""
_OURS = ("qdash-ui-streamlit", "qdash-client", "qdash-core", "streamlit")


def render(view: View) -> None:
    """Draw the page."""
    st.title("Plugins and health")
    _health(view)
    _plugins(view)
    _set_aside(view)
    _workers(view)
    _backends(view)
    _settings(view)
    st.header("Versions of the dashboard", divider="gray")
    grid(["Distribution", "Version"], [[code(name), version(name)] for name in _OURS])


def list_contributions(plugin: PluginDocument) -> str:
    """Return the contributions of a plugin as text: `backends: fake; tasks: 37`."""
    kinds = []
    for hook, names in plugin.provides.items():
        if names:
            told = ", ".join(names) if len(names) <= _NAMED else str(len(names))
            kinds.append(f"{hook.removeprefix('qdash_').replace('_', ' ')}: {told}")
    return "; ".join(kinds)


def _health(view: View) -> None:
    st.header("Host", divider="gray")
    try:
        view.ask(ready)
    except LoginError:
        raise
    except QDashError as error:
        st.html(f"<p>{status_html('failed')}</p>")
        st.error(f"The host does not serve: {error}", icon=":material/cloud_off:")
    else:
        st.html(f"<p>{status_html('ok')}: it answers, and its store does.</p>")


def _plugins(view: View) -> None:
    st.header("Plugins of the host", divider="gray")
    columns = [
        Column("name", "Plugin"),
        Column("status", "State", "status"),
        Column("distribution", "Distribution"),
        Column("version", "Version"),
        Column("gives", "Gives"),
        Column("error", "Why it was set aside"),
    ]
    rows: list[dict[str, Any]] = [
        {
            "name": one.name,
            "status": one.status,
            "distribution": one.distribution,
            "version": one.version,
            "gives": list_contributions(one),
            "error": one.error,
        }
        for one in view.every(list_plugins, limit=_PAGE)
    ]
    table(view, columns, rows, key="plugins", label="plugins of the host")


def _set_aside(view: View) -> None:
    """Draw the pages of plugins that are disabled in the process of the dashboard."""
    found = pages()
    st.header("Pages of the dashboard that were set aside", divider="gray")
    columns = [Column("title", "Page or plugin"), Column("why", "Why")]
    rows = [{"title": title, "why": why} for title, why in found.set_aside.items()]
    table(
        view,
        columns,
        rows,
        key="set_aside",
        label="pages that were set aside",
        empty="None: every page that is installed is shown.",
    )


def _workers(view: View) -> None:
    st.header("Workers", divider="gray")
    columns = [
        Column("host", "Machine"),
        Column("pid", "Process", "code"),
        Column("since", "Since", "time"),
        Column("until", "Lives until", "time", help="If it is not heard of before"),
    ]
    rows = [
        {"host": one.host, "pid": one.pid, "since": one.acquired_at, "until": one.expires_at}
        for one in view.every(list_workers, limit=_PAGE)
    ]
    table(
        view,
        columns,
        rows,
        key="workers",
        label="workers",
        empty="No worker lives: runs that nobody waits for stay in the queue. `qdash worker` starts one.",
    )


def _backends(view: View) -> None:
    st.header("Backends", divider="gray")
    columns = [
        Column("name", "Backend"),
        Column("installed", "Where the host runs"),
        Column("by", "Used first by"),
        Column("since", "Used since", "time"),
    ]
    rows = [
        {
            "name": one.name,
            "installed": "installed" if one.installed else "not installed",
            "by": one.used_first_by,
            "since": one.used_since,
        }
        for one in view.every(list_backends, limit=_PAGE)
    ]
    table(view, columns, rows, key="backends", label="backends", empty="No backend is installed.")


def _settings(view: View) -> None:
    st.header("Settings of the host", divider="gray")
    known = view.ask(show_settings)
    rows = []
    for name, value in known:
        shown = ", ".join(value) if isinstance(value, list) else value
        rows.append([code(name), code(shown)])
    grid(["Setting", "In force"], rows)

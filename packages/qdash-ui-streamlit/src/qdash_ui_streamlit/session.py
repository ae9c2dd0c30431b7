"""Login session of the user: token of the cookie, connection, and user data from the host."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import httpx
import streamlit as st

from qdash_core.documents.events import EventDocument
from qdash_core.documents.pages import PageOf
from qdash_core.errors import LoginError, NotFoundError, QDashError
from qdash_core.operations.transport import ConnectionLostError
from qdash_remote import connect

if TYPE_CHECKING:
    from collections.abc import Callable

    from qdash_remote import Connection
    from qdash_remote.identity import Identity

COOKIE = "qdash_session"
CACHE_S = 30.0
"""Time for which user data is cached, in seconds; the host still checks every request."""
_SESSION = "qdash.session"


@dataclass
class DashboardSession:
    """Login session of a user in one project, kept while their tab is open."""

    token: str
    project: str | None
    connection: Connection
    me: Identity
    loaded_at: float
    is_changed: bool = False
    """True if a change of the user data at the host is known, so that it is loaded before the next page is drawn."""
    last_event: int | None = None
    """Number of the newest event before the first page was drawn, or None if it is unknown."""


@cache
def get_shared_transport() -> httpx.HTTPTransport:
    """Return the transport of all sessions of this process: one connection pool, which is never closed."""
    return httpx.HTTPTransport(limits=httpx.Limits(max_connections=100, max_keepalive_connections=20))


def load_session(
    url: str, project: str | None, *, clock: Callable[[], float] = time.monotonic
) -> DashboardSession:
    """Return the session of the user in a project, or in their default project for None.

    Raises
    ------
    LoginError
        If the user is not logged in, or the token is not valid any more.
    NotFoundError
        If there is no such project.
    """
    token = st.context.cookies.get(COOKIE)
    if not token or not is_valid_header_value(token):
        forget_session()
        raise LoginError("not logged in")
    if project is not None and not is_valid_header_value(project):
        raise NotFoundError(f"there is no project {project!r}")
    kept: DashboardSession | None = st.session_state.get(_SESSION)
    if kept is None or (kept.token, kept.project) != (token, project):
        connection = connect(url, token, project, transport=get_shared_transport())
        with ThreadPoolExecutor(1) as pool:
            last_event = pool.submit(_load_last_event, connection)
            me = connection.identify()
        kept = DashboardSession(token, project, connection, me, clock(), last_event=last_event.result())
        st.session_state[_SESSION] = kept
    elif kept.is_changed or kept.connection.simulated_time is not None:
        # A simulated clock may have advanced by hours since the last response.
        _load_user(kept, clock)
    return kept


def renew_user(*, clock: Callable[[], float] = time.monotonic) -> bool:
    """Load the user data again if it is old, and return whether it has changed. One request in 30 s."""
    kept: DashboardSession | None = st.session_state.get(_SESSION)
    if kept is None or clock() - kept.loaded_at <= CACHE_S:
        return False
    former = kept.me
    _load_user(kept, clock)
    return kept.me != former


def _load_user(kept: DashboardSession, clock: Callable[[], float]) -> None:
    with suppress(ConnectionLostError):  # if the host is away, the page says so
        kept.me, kept.loaded_at, kept.is_changed = kept.connection.identify(), clock(), False


def _load_last_event(connection: Connection) -> int | None:
    with suppress(QDashError):
        newest = connection.fetch(PageOf[EventDocument], "GET", "/events/recorded", params={"limit": 1}).items
        return newest[0].seq if newest else 0
    return None


def get_last_event() -> int | None:
    """Return the number of the newest event before the first page of the session was drawn, or None if it is unknown."""
    kept: DashboardSession | None = st.session_state.get(_SESSION)
    return None if kept is None else kept.last_event


def check_login(connection: Connection) -> None:
    """Raise LoginError if the user of a connection is not logged in any more. One request."""
    connection.identify()


def is_valid_header_value(text: str) -> bool:
    """Return whether a text can be a header value, as all project names and tokens can."""
    return text.isascii() and text.isprintable()


def refresh_user() -> None:
    """Reload the user data at the next use, since it has changed at the host."""
    kept: DashboardSession | None = st.session_state.get(_SESSION)
    if kept is not None:
        kept.is_changed = True


def forget_session() -> None:
    """Delete the session."""
    st.session_state.pop(_SESSION, None)


def get_user_zone(me: Identity, default: str | None) -> ZoneInfo:
    """Return the user's time zone: their preference, or else that of the settings or of the browser."""
    return ZoneInfo(me.user.time_zone or default or st.context.timezone or "UTC")

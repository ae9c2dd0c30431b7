"""Who looks: the token of a cookie, the client that has it, and who the host says they are."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import httpx
import streamlit as st

from qdash_client import connect
from qdash_client.generated.api.auth import who_am_i
from qdash_core.errors import LoginError, NotFoundError

if TYPE_CHECKING:
    from collections.abc import Callable

    from qdash_client.generated import AuthenticatedClient
    from qdash_core.documents.people import MeDocument

COOKIE = "qdash_session"
FRESH_S = 30.0
"""So long it is believed who somebody is, in seconds; the host judges every request anyway."""
_SESSION = "qdash.session"


@dataclass
class Session:
    """One person in one project, as long as their tab is open."""

    token: str
    project: str | None
    client: AuthenticatedClient
    me: MeDocument
    looked_at: float


@cache
def transport() -> httpx.HTTPTransport:
    """Return how all sessions of this process reach the host: one pool of connections, which is never closed."""
    return httpx.HTTPTransport(limits=httpx.Limits(max_connections=100, max_keepalive_connections=20))


def session(url: str, project: str | None, *, clock: Callable[[], float] = time.monotonic) -> Session:
    """Return who looks at a project; None: at their default one.

    Raises
    ------
    LoginError
        If nobody is logged in, or the token holds no longer.
    NotFoundError
        If there is no such project.
    """
    token = st.context.cookies.get(COOKIE)
    if not token or not sendable(token):
        forget()
        raise LoginError("nobody is logged in here")
    if project is not None and not sendable(project):
        raise NotFoundError(f"there is no project {project!r}")
    kept: Session | None = st.session_state.get(_SESSION)
    if kept is None or (kept.token, kept.project) != (token, project):
        client = connect(url, token, project, transport=transport())
        kept = Session(token, project, client, who_am_i.sync(client=client), clock())
        st.session_state[_SESSION] = kept
    elif clock() - kept.looked_at > FRESH_S:
        kept.me, kept.looked_at = who_am_i.sync(client=kept.client), clock()
    return kept


def sendable(text: str) -> bool:
    """Return whether a text may be the value of a header: no name of a project and no token is another text."""
    return text.isascii() and text.isprintable()


def look_again() -> None:
    """Ask the host anew who looks: what it keeps of them has changed."""
    kept: Session | None = st.session_state.get(_SESSION)
    if kept is not None:
        kept.looked_at = float("-inf")


def forget() -> None:
    """Forget who looked."""
    st.session_state.pop(_SESSION, None)


def zone_of(me: MeDocument, default: str | None) -> ZoneInfo:
    """Return the zone in which somebody wants times: theirs, else that of the settings, else that of their browser."""
    return ZoneInfo(me.user.time_zone or default or st.context.timezone or "UTC")

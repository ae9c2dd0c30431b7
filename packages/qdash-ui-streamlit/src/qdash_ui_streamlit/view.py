"""Argument of every page: user, project, connection to the host and URLs of pages."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC
from pkgutil import resolve_name
from typing import TYPE_CHECKING, Any, NoReturn, ParamSpec, TypeVar
from urllib.parse import quote, urlencode

import streamlit as st

from qdash_core.errors import NotOfferedError
from qdash_core.models.project import ProjectRole
from qdash_ui_streamlit.page import DEFAULT_PATH
from qdash_ui_streamlit.process_cache import find_name_list, find_provider

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from qdash_core.documents.pages import PageOf
    from qdash_core.operations.operation import Operation
    from qdash_remote import Connection
    from qdash_remote.identity import Identity

P = ParamSpec("P")
T = TypeVar("T")
_CHIP = "qdash.chip"
_EDITORS = (ProjectRole.OWNER, ProjectRole.EDITOR)


@dataclass(frozen=True)
class View:
    """Argument with which a page draws itself: connection with the user's token, user, project, and their time zone.

    `pages` are the Streamlit pages by path.
    """

    connection: Connection
    me: Identity
    project_id: str
    zone: ZoneInfo
    pages: Mapping[str, Any] = field(default_factory=dict)

    # ------------------------------------------------------------------------------------------------------ permissions

    @property
    def edits(self) -> bool:
        """True if the user may change something in the project."""
        return self.me.role in _EDITORS

    @property
    def owns(self) -> bool:
        """True if the user owns the project."""
        return self.me.role is ProjectRole.OWNER

    @property
    def administers(self) -> bool:
        """True if the user administers users."""
        return self.me.administers

    # ---------------------------------------------------------------------------------------------------------- the host

    def ask(self, operation: Operation[P, T], /, *given: P.args, **named: P.kwargs) -> T:
        """Perform an operation of `qdash_core.operations` at the host; raise the errors of the core."""
        with _name_missing_plugin(operation):
            return self.connection.ask(operation, *given, **named)

    def ask_versioned(
        self, operation: Operation[P, T], /, *given: P.args, **named: P.kwargs
    ) -> tuple[T, str]:
        """Perform an operation, and return its answer with the ETag, empty if there is none; raise as `ask`."""
        with _name_missing_plugin(operation):
            return self.connection.ask_versioned(operation, *given, **named)

    def every(self, operation: Operation[P, PageOf[T]], /, *given: P.args, **named: P.kwargs) -> Iterator[T]:
        """Yield all items that an operation lists, page by page; raise as `ask`."""
        with _name_missing_plugin(operation):
            yield from self.connection.every(operation, *given, **named)

    def every_offered(
        self, operation: Operation[P, PageOf[T]], /, *given: P.args, **named: P.kwargs
    ) -> Iterator[T]:
        """Yield as `every`; nothing if the host lacks the feature of the operation, without which the page is useful, too."""
        with suppress(NotOfferedError):
            yield from self.connection.every(operation, *given, **named)

    def host_path(self, path: str, **query: Any) -> str:
        """Return the URL at which the browser gets a host response, authenticated by the session cookie."""
        return f"/host/{quote(self.project_id, safe='')}/{path.lstrip('/')}{_query(query)}"

    # ---------------------------------------------------------------------------------------------------------- the URL

    def param(self, name: str) -> str | None:
        """Return a query parameter of the URL, or None."""
        return st.query_params.get(name) or None

    def set_params(self, **changes: str | None) -> None:
        """Set query parameters of the URL; None removes one."""
        for name, value in changes.items():
            if value is None:
                st.query_params.pop(name, None)
            elif st.query_params.get(name) != value:
                st.query_params[name] = value

    def link(self, path: str, **params: Any) -> str:
        """Return the URL of a page in the same project."""
        place = "" if path == DEFAULT_PATH else path
        return f"/{place}{_query({**self._project(), **params})}"

    def go(self, path: str, **params: Any) -> NoReturn:
        """Switch to a page."""
        known = {name: str(value) for name, value in params.items() if value is not None}
        st.switch_page(self.pages[path], query_params={**self._project(), **known})

    def _project(self) -> dict[str, str]:
        named = self.param("project")
        return {"project": named} if named else {}

    # -------------------------------------------------------------------------------------------------- what is shown

    def now(self) -> datetime:
        """Return the time of the home at the last response of the host."""
        return self.connection.now()

    def time(self, moment: datetime | None) -> str:
        """Return a time as HTML in the user's time zone, with UTC as a tooltip; `–` for None."""
        if moment is None:
            return "–"
        utc, here = moment.astimezone(UTC), moment.astimezone(self.zone)
        shown = f"{here:%Y-%m-%d %H:%M:%S} {here.tzname() or self.zone.key}"
        return f'<time datetime="{utc:%Y-%m-%dT%H:%M:%SZ}" title="{utc:%Y-%m-%d %H:%M:%S} UTC">{shown}</time>'

    def moment(self, moment: datetime | None) -> str:
        """Return a time to the minute as text in the user's time zone, with its name: `2026-11-30 02:00 UTC`; `–` for None."""
        if moment is None:
            return "–"
        here = moment.astimezone(self.zone)
        return f"{here:%Y-%m-%d %H:%M} {here.tzname() or self.zone.key}"

    # ---------------------------------------------------------------------------------------------------------- the chip

    def chip_id(self) -> str | None:
        """Return the selected chip: that in the URL, or the previous one, or the newest, or None."""
        named = self.param("chip")
        if named is None:
            named = st.session_state.get(f"{_CHIP}.{self.project_id}")
        if named is None:
            named = next(self._list_chips(limit=1), None)
        if named is not None:
            st.session_state[f"{_CHIP}.{self.project_id}"] = named
            self.set_params(chip=named)
        return named

    def list_chip_ids(self) -> list[str]:
        """Return the ids of the chips of the project, newest first."""
        return [*self._list_chips()]

    def _list_chips(self, limit: int | None = None) -> Iterator[str]:
        """Yield the ids of the chips, newest first, in pages of `limit`."""
        if (chips := find_name_list("chip")) is not None:
            for one in self.every_offered(resolve_name(chips.listed_by).paged(limit=limit)):
                yield getattr(one, chips.name)

    def forget_chip(self) -> None:
        """Select no chip, so that the newest one is shown next at an address without one."""
        st.session_state.pop(f"{_CHIP}.{self.project_id}", None)


@contextmanager
def _name_missing_plugin(operation: Operation[..., Any]) -> Iterator[None]:
    """Name the plugin of an operation, and its package, in the error of a host that does not offer it."""
    try:
        yield
    except NotOfferedError as error:
        if (plugin := find_provider(operation)) is None:
            raise
        raise NotOfferedError(
            f"the host has no active plugin {plugin.name} (package {plugin.distribution}), or lacks one that it requires"
        ) from error


def _query(params: Mapping[str, Any]) -> str:
    given = {name: value for name, value in params.items() if value is not None}
    return f"?{urlencode(given, doseq=True)}" if given else ""

"""What a page gets: who looks, at what, by which client, and the addresses of other pages."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC
from typing import TYPE_CHECKING, Any, NoReturn, Protocol, TypeVar
from urllib.parse import quote, urlencode

import streamlit as st

from qdash_client import every
from qdash_client.generated.api.chips import list_chips
from qdash_core.models.project import ProjectRole
from qdash_ui_streamlit.page import DEFAULT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from qdash_client.generated import AuthenticatedClient
    from qdash_client.paging import Page
    from qdash_core.documents.people import MeDocument

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
_CHIP = "qdash.chip"
_EDITORS = (ProjectRole.OWNER, ProjectRole.EDITOR)


class Operation(Protocol[T_co]):
    """A module of `qdash_client.generated.api`."""

    def sync(self, *place: Any, **asked: Any) -> T_co:
        """Ask the host, and return what it answers."""


@dataclass(frozen=True)
class View:
    """What a page gets to draw itself.

    Parameters
    ----------
    client : AuthenticatedClient
        Of the host, with the token of who looks, in the project that is looked at.
    me : MeDocument
        Who looks.
    project_id : str
        What is looked at.
    zone : ZoneInfo
        In which times are shown.
    pages : mapping
        Path to page, as Streamlit switches to it.
    """

    client: AuthenticatedClient
    me: MeDocument
    project_id: str
    zone: ZoneInfo
    pages: Mapping[str, Any] = field(default_factory=dict)

    # ------------------------------------------------------------------------------------------------- what may be done

    @property
    def edits(self) -> bool:
        """Whether who looks may change something in the project."""
        return self.me.role in _EDITORS

    @property
    def owns(self) -> bool:
        """Whether who looks owns the project."""
        return self.me.role is ProjectRole.OWNER

    @property
    def administers(self) -> bool:
        """Whether who looks administers users."""
        return self.me.administers

    # ---------------------------------------------------------------------------------------------------------- the host

    def ask(self, operation: Operation[T], *place: Any, **asked: Any) -> T:
        """Return what the host answers to an operation of `qdash_client.generated.api`; raises the errors of the core."""
        return operation.sync(*place, client=self.client, **asked)

    def every(self, operation: Operation[Page[T]], *place: Any, **asked: Any) -> Iterator[T]:
        """Yield all that an operation lists, page after page."""
        return every(operation.sync, *place, client=self.client, **asked)

    def host_path(self, path: str, **query: Any) -> str:
        """Return the address at which a browser finds what the host answers to a GET, with the cookie of who looks."""
        return f"/host/{quote(self.project_id, safe='')}/{path.lstrip('/')}{_query(query)}"

    # ------------------------------------------------------------------------------------------------------ the address

    def param(self, name: str) -> str | None:
        """Return what the address says under a name; None: nothing."""
        return st.query_params.get(name) or None

    def set_params(self, **changes: str | None) -> None:
        """Change what the address says; None: it says nothing under that name."""
        for name, value in changes.items():
            if value is None:
                st.query_params.pop(name, None)
            elif st.query_params.get(name) != value:
                st.query_params[name] = value

    def link(self, path: str, **params: Any) -> str:
        """Return the address of a page in the same project."""
        place = "" if path == DEFAULT else path
        return f"/{place}{_query({**self._project(), **params})}"

    def go(self, path: str, **params: Any) -> NoReturn:
        """Switch to a page."""
        known = {name: str(value) for name, value in params.items() if value is not None}
        st.switch_page(self.pages[path], query_params={**self._project(), **known})

    def _project(self) -> dict[str, str]:
        named = self.param("project")
        return {"project": named} if named else {}

    # -------------------------------------------------------------------------------------------------- what is shown

    def time(self, moment: datetime | None) -> str:
        """Return a time as HTML in the zone of who looks, with UTC on hover; `–` for none."""
        if moment is None:
            return "–"
        utc, here = moment.astimezone(UTC), moment.astimezone(self.zone)
        shown = f"{here:%Y-%m-%d %H:%M:%S} {here.tzname() or self.zone.key}"
        return f'<time datetime="{utc:%Y-%m-%dT%H:%M:%SZ}" title="{utc:%Y-%m-%d %H:%M:%S} UTC">{shown}</time>'

    # ---------------------------------------------------------------------------------------------------------- the chip

    def chip_id(self) -> str | None:
        """Return the chip that is looked at: as the address says, or the one before, or the newest; None: there is none."""
        named = self.param("chip")
        if named is None:
            named = st.session_state.get(f"{_CHIP}.{self.project_id}")
        if named is None:
            newest = self.ask(list_chips, limit=1).items
            named = newest[0].chip_id if newest else None
        if named is not None:
            st.session_state[f"{_CHIP}.{self.project_id}"] = named
            self.set_params(chip=named)
        return named


def _query(params: Mapping[str, Any]) -> str:
    given = {name: value for name, value in params.items() if value is not None}
    return f"?{urlencode(given, doseq=True)}" if given else ""

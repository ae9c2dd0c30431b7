"""Protocols of objects that plugins provide: storages, notifiers, routers, dashboard pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence

    from qdash_core.artifacts.storage import CalibDataSaver


class StorageProvider(Protocol):
    """Class that opens storages for raw data.

    Example: `class Bucket: schemes = ("s3",)` with a class method `open(url)`.
    """

    @property
    def schemes(self) -> tuple[str, ...]:
        """URL schemes that it opens."""

    def open(self, url: str) -> CalibDataSaver:
        """Open the storage at `url`."""


class Notifier(Protocol):
    """Receiver of notices about executions and tasks, and of digests.

    Optional attributes: `configured(settings)`, which returns the notifier to use or None; `transient_errors`, a tuple of
    exceptions after which it is called again; and `place`, a text about the destination of its notices.
    """

    @property
    def name(self) -> str:
        """Name of the notifier."""

    @property
    def notify(self) -> Callable[..., Any]:
        """Receive one `qdash_core.hooks.notice.Notice`."""


@runtime_checkable
class DeclaredOperations(Protocol):
    """Operations of a plugin, made by `qdash_core.PluginOperations(NAME)`."""

    @property
    def plugin(self) -> str:
        """Name of the plugin."""

    @property
    def declared(self) -> Sequence[Any]:
        """The operations."""

    def check(self, path: str) -> Sequence[Hashable]:
        """Return their names, commands and routes; raise PluginError if they are not valid, or not below a path of the host."""


class Router(Protocol):
    """A FastAPI router."""

    @property
    def routes(self) -> Sequence[Any]:
        """Its routes."""


class Page(Protocol):
    """A page of the dashboard. An optional `path` is the last part of its address; the default is made from
    the title.
    """

    @property
    def title(self) -> str:
        """Title in the side bar; unique."""

    @property
    def icon(self) -> str:
        """Emoji or Material symbol (`:material/NAME:`), as for Streamlit; empty for none."""

    @property
    def group(self) -> str:
        """Heading of the page in the side bar; empty for Laboratory."""

    @property
    def render(self) -> Callable[..., Any]:
        """Draw the page: `render(view)`, with the `qdash_ui_streamlit.view.View` of the current user."""

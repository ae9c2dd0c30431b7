"""Protocols of objects that plugins provide: storages, notifiers, routers, dashboard pages, entities."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence

    import click

    from qdash_core.artifacts.storage import CalibDataSaver
    from qdash_core.features.sections import Section


class StorageProvider(Protocol):
    """Class that opens storages for raw data, such as `class Bucket: schemes = ("s3",)` with a class method `open(url)`."""

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
        """Place of the page in the side bar: Overview, Chip, Metrics, Review, Run, Executions, Flows, Logbook, Cryostats, Files or Settings; others
        are below Plugins."""

    @property
    def render(self) -> Callable[..., Any]:
        """Draw the page: `render(view)`, with the `qdash_ui_streamlit.view.View` of the current user."""


@runtime_checkable
class DeclaredEntity(Protocol):
    """Entity of a plugin, such as `qdash_builtin.entities.declare_plugin_entity` makes: it gives all that commands, host and dashboard have of it."""

    @property
    def name(self) -> str:
        """Name of its commands and of its events, such as `sample`."""

    @property
    def plural(self) -> str:
        """Part of the addresses of its routes and its page, such as `samples`."""

    @property
    def noun(self) -> str:
        """Name of a record in sentences."""

    @property
    def plural_noun(self) -> str:
        """Name of several records in sentences."""

    @property
    def feature(self) -> str:
        """Feature that serves it; if this is blocked, the plugin is set aside."""

    def make_operations(self) -> Any:
        """Return its `Operations`, which are routes of the host."""

    def make_group(self) -> click.Group:
        """Return the group of its commands."""

    def make_page(self) -> Page:
        """Return its page of the dashboard."""

    def make_sections(self) -> Sequence[Section]:
        """Return its sections on pages of the dashboard."""

"""Transport of operations: to the home of this machine, or to a host."""

from __future__ import annotations

from typing import TYPE_CHECKING, ParamSpec, Protocol, TypeVar

from qdash_core.errors import PluginError, QDashError
from qdash_core.models.pages import LARGEST_PAGE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from zoneinfo import ZoneInfo

    from qdash_core.documents.pages import PageOf
    from qdash_core.models.project import ProjectRole
    from qdash_core.operations.operation import Operation

P = ParamSpec("P")
T = TypeVar("T")


class ConnectionLostError(QDashError):
    """The host of a transport cannot be reached now: wait, or check it and the network."""


class Asking(Protocol):
    """Object that performs operations."""

    def ask(self, operation: Operation[P, T], /, *given: P.args, **named: P.kwargs) -> T:
        """Perform an operation, and return its answer; raise the errors of the core."""


class Transport(Asking, Protocol):
    """Way to ask for operations, as one user in one project."""

    def ask_versioned(
        self, operation: Operation[P, T], /, *given: P.args, **named: P.kwargs
    ) -> tuple[T, str]:
        """Perform an operation, and return its answer with the version for `Operation.at_version`, empty if there is none."""

    @property
    def version(self) -> str:
        """Version of QDash that performs the operations."""

    @property
    def zone(self) -> ZoneInfo:
        """Time zone of displayed times and days."""

    @property
    def project_id(self) -> str:
        """Id of the project; the property raises the reason if the user has no access to it."""

    @property
    def role(self) -> ProjectRole | None:
        """Role of the user in the project, or None."""


def list_some(
    transport: Transport, operation: Operation[P, PageOf[T]], limit: int, *given: P.args, **named: P.kwargs
) -> tuple[list[T], str | None]:
    """Return items of a list up to a limit, which may be larger than a page, and the cursor of the next one if there are more."""
    found: list[T] = []
    after = operation.options.after
    while len(found) < limit:
        size = min(limit - len(found), LARGEST_PAGE)
        page = _ask_page(transport, operation.paged(limit=size, after=after), *given, **named)
        found += page.items
        after = page.next
        if after is None:
            break
    return found, after


def list_every(
    transport: Asking, operation: Operation[P, PageOf[T]], *given: P.args, **named: P.kwargs
) -> Iterator[T]:
    """Yield each item of a list; read its pages on demand."""
    limit = operation.options.limit or LARGEST_PAGE
    after = operation.options.after
    while True:
        page = _ask_page(transport, operation.paged(limit=limit, after=after), *given, **named)
        yield from page.items
        if page.next is None:
            return
        after = page.next


def _ask_page(
    transport: Asking, operation: Operation[P, PageOf[T]], *given: P.args, **named: P.kwargs
) -> PageOf[T]:
    """Return a page of a list; raise PluginError if the next page is the same, since reading on would never end."""
    page = transport.ask(operation, *given, **named)
    if page.next is not None and page.next == operation.options.after:
        raise PluginError(
            f"{operation.name} answers the same page again and again: it has to begin after `call.page.after`"
        )
    return page

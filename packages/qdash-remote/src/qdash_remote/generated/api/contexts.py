"""Operations with the tag `contexts`."""

from __future__ import annotations

from types import NoneType
from typing import TYPE_CHECKING

from qdash_remote.generated.operation import operation, quote_segment, send_request
from qdash_remote.generated.types import UNSET, Response, Unset

if TYPE_CHECKING:
    from qdash_core.documents.context import ContextDocument
    from qdash_remote.generated.client import AuthenticatedClient


@operation
def show_context(
    *, client: AuthenticatedClient, name: str, target: str | Unset = UNSET, max_size: int | Unset = 40000
) -> Response[ContextDocument]:
    """Show the data about a chip, a target or a result that a user names, in one document of limited size."""
    from qdash_core.documents.context import ContextDocument

    return send_request(
        client,
        "GET",
        "/context",
        ContextDocument,
        params={"name": name, "target": target, "max_size": max_size},
    )


@operation
def show_context_page(
    *, client: AuthenticatedClient, name: str, target: str | Unset = UNSET, max_size: int | Unset = 40000
) -> Response[None]:
    """Show the data about a chip, a target or a result that a user names, as Markdown of limited size."""
    return send_request(
        client,
        "GET",
        "/context-page",
        NoneType,
        params={"name": name, "target": target, "max_size": max_size},
    )


@operation
def show_chip_context(
    chip_id: str, *, client: AuthenticatedClient, target: str | Unset = UNSET, max_size: int | Unset = 40000
) -> Response[ContextDocument]:
    """Show the data about a chip or one of its targets in one document of limited size, with ids as paths
    of the host."""
    from qdash_core.documents.context import ContextDocument

    return send_request(
        client,
        "GET",
        f"/chips/{quote_segment(chip_id)}/context",
        ContextDocument,
        params={"target": target, "max_size": max_size},
    )


@operation
def show_chip_context_page(
    chip_id: str, *, client: AuthenticatedClient, target: str | Unset = UNSET, max_size: int | Unset = 40000
) -> Response[None]:
    """Show the data about a chip or one of its targets as Markdown of limited size."""
    return send_request(
        client,
        "GET",
        f"/chips/{quote_segment(chip_id)}/context-page",
        NoneType,
        params={"target": target, "max_size": max_size},
    )


@operation
def show_result_context(
    task_id: str, *, client: AuthenticatedClient, max_size: int | Unset = 40000
) -> Response[ContextDocument]:
    """Show the data about a result in one document of limited size, with ids as paths of the host."""
    from qdash_core.documents.context import ContextDocument

    return send_request(
        client,
        "GET",
        f"/task-results/{quote_segment(task_id)}/context",
        ContextDocument,
        params={"max_size": max_size},
    )


@operation
def show_result_context_page(
    task_id: str, *, client: AuthenticatedClient, max_size: int | Unset = 40000
) -> Response[None]:
    """Show the data about a result as Markdown of limited size."""
    return send_request(
        client,
        "GET",
        f"/task-results/{quote_segment(task_id)}/context-page",
        NoneType,
        params={"max_size": max_size},
    )

"""Operations with the tag `tags`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_remote.generated.operation import PageOf, operation, page_of, quote_segment, send_request
from qdash_remote.generated.types import UNSET, Response, Unset

if TYPE_CHECKING:
    from qdash_core.documents.tags import TagDocument, TagReplacementDocument, UsedTagDocument
    from qdash_core.resources.requests.tags import TagReplacementRequest, TagRequest
    from qdash_remote.generated.client import AuthenticatedClient


@operation
def list_tags(
    *, client: AuthenticatedClient, limit: int | Unset = 50, after: str | Unset = UNSET
) -> Response[PageOf[TagDocument]]:
    """List the tags of the project, by name."""
    from qdash_core.documents.tags import TagDocument

    return send_request(client, "GET", "/tags", page_of(TagDocument), params={"limit": limit, "after": after})


@operation
def add_tag(*, client: AuthenticatedClient, body: TagRequest) -> Response[TagDocument]:
    """Add a tag, unless it exists."""
    from qdash_core.documents.tags import TagDocument

    return send_request(client, "POST", "/tags", TagDocument, body=body)


@operation
def list_tag_use(
    *, client: AuthenticatedClient, limit: int | Unset = 50, after: str | Unset = UNSET
) -> Response[PageOf[UsedTagDocument]]:
    """List the tags of the project, by name, with the numbers of executions, results, flows and
    timetables."""
    from qdash_core.documents.tags import UsedTagDocument

    return send_request(
        client, "GET", "/tags/use", page_of(UsedTagDocument), params={"limit": limit, "after": after}
    )


@operation
def replace_tags(
    *, client: AuthenticatedClient, body: TagReplacementRequest
) -> Response[TagReplacementDocument]:
    """Rename, merge or remove tags, in the list and in all tagged objects."""
    from qdash_core.documents.tags import TagReplacementDocument

    return send_request(client, "POST", "/tags/replace", TagReplacementDocument, body=body)


@operation
def delete_tag(name: str, *, client: AuthenticatedClient) -> Response[TagDocument]:
    """Remove a tag from the list; tagged objects keep it."""
    from qdash_core.documents.tags import TagDocument

    return send_request(client, "DELETE", f"/tags/{quote_segment(name)}", TagDocument)

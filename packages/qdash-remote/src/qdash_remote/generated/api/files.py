"""Operations with the tag `files`."""

from __future__ import annotations

from types import NoneType
from typing import TYPE_CHECKING

from qdash_remote.generated.operation import PageOf, operation, page_of, quote_segment, send_request
from qdash_remote.generated.types import UNSET, File, Response, Unset

if TYPE_CHECKING:
    from qdash_core.documents.files import (
        FileCheckDocument,
        FileDifferenceDocument,
        FileEntryDocument,
        FilePreviewDocument,
        FileRootDocument,
        FileVersionDocument,
        WorkTreeDocument,
        WorkTreeUpdateDocument,
    )
    from qdash_core.resources.requests.files import CommitRequest, RestoreRequest
    from qdash_remote.generated.client import AuthenticatedClient


@operation
def list_file_roots(
    *, client: AuthenticatedClient, limit: int | Unset = 50, after: str | Unset = UNSET
) -> Response[PageOf[FileRootDocument]]:
    """List the roots of files that the caller may use: those of the project, and `executions` with raw
    data and exports."""
    from qdash_core.documents.files import FileRootDocument

    return send_request(
        client, "GET", "/files", page_of(FileRootDocument), params={"limit": limit, "after": after}
    )


@operation
def list_files(
    root: str,
    *,
    client: AuthenticatedClient,
    path: str | Unset = "",
    limit: int | Unset = 50,
    after: str | Unset = UNSET,
) -> Response[PageOf[FileEntryDocument]]:
    """List a folder, folders first."""
    from qdash_core.documents.files import FileEntryDocument

    return send_request(
        client,
        "GET",
        f"/files/{quote_segment(root)}/entries",
        page_of(FileEntryDocument),
        params={"path": path, "limit": limit, "after": after},
    )


@operation
def preview_file(root: str, *, client: AuthenticatedClient, path: str) -> Response[FilePreviewDocument]:
    """Preview a file: text, the rows of a table, or the shapes and first values of arrays. Its ETag is
    that of the contents."""
    from qdash_core.documents.files import FilePreviewDocument

    return send_request(
        client, "GET", f"/files/{quote_segment(root)}/preview", FilePreviewDocument, params={"path": path}
    )


@operation
def download_file(
    root: str, *, client: AuthenticatedClient, path: str, version: str | Unset = UNSET
) -> Response[None]:
    """Download a file, or a version of it. The ETag is the SHA-256 of the contents; a file that is too
    large to be changed has none."""
    return send_request(
        client,
        "GET",
        f"/files/{quote_segment(root)}/content",
        NoneType,
        params={"path": path, "version": version},
    )


@operation
def write_file(
    root: str,
    *,
    client: AuthenticatedClient,
    body: File,
    path: str,
    reason: str | Unset = "",
    if_match: str | Unset = UNSET,
) -> Response[FileVersionDocument]:
    """Write a file as its next version, whose former contents stay in its history."""
    from qdash_core.documents.files import FileVersionDocument

    return send_request(
        client,
        "PUT",
        f"/files/{quote_segment(root)}/content",
        FileVersionDocument,
        params={"path": path, "reason": reason},
        headers={"if-match": if_match},
        body=body,
    )


@operation
def delete_file(
    root: str,
    *,
    client: AuthenticatedClient,
    path: str,
    reason: str | Unset = "",
    if_match: str | Unset = UNSET,
) -> Response[FileVersionDocument]:
    """Delete a file; its contents stay in its history."""
    from qdash_core.documents.files import FileVersionDocument

    return send_request(
        client,
        "DELETE",
        f"/files/{quote_segment(root)}/content",
        FileVersionDocument,
        params={"path": path, "reason": reason},
        headers={"if-match": if_match},
    )


@operation
def check_file(
    root: str, *, client: AuthenticatedClient, body: File, path: str
) -> Response[FileCheckDocument]:
    """Validate contents by the format of a file, without writing them."""
    from qdash_core.documents.files import FileCheckDocument

    return send_request(
        client,
        "POST",
        f"/files/{quote_segment(root)}/check",
        FileCheckDocument,
        params={"path": path},
        body=body,
    )


@operation
def list_file_versions(
    root: str, *, client: AuthenticatedClient, path: str, limit: int | Unset = 50, after: str | Unset = UNSET
) -> Response[PageOf[FileVersionDocument]]:
    """List the versions of a file, even if it was deleted, newest first; in a git work tree with the
    commits that changed it."""
    from qdash_core.documents.files import FileVersionDocument

    return send_request(
        client,
        "GET",
        f"/files/{quote_segment(root)}/versions",
        page_of(FileVersionDocument),
        params={"path": path, "limit": limit, "after": after},
    )


@operation
def compare_file_versions(
    root: str, *, client: AuthenticatedClient, path: str, before: str, after: str | Unset = "present"
) -> Response[FileDifferenceDocument]:
    """Compare two versions of a text file."""
    from qdash_core.documents.files import FileDifferenceDocument

    return send_request(
        client,
        "GET",
        f"/files/{quote_segment(root)}/difference",
        FileDifferenceDocument,
        params={"path": path, "before": before, "after": after},
    )


@operation
def restore_file(
    root: str, *, client: AuthenticatedClient, body: RestoreRequest, if_match: str | Unset = UNSET
) -> Response[FileVersionDocument]:
    """Restore a version of a file as its next version."""
    from qdash_core.documents.files import FileVersionDocument

    return send_request(
        client,
        "POST",
        f"/files/{quote_segment(root)}/restore",
        FileVersionDocument,
        headers={"if-match": if_match},
        body=body,
    )


@operation
def show_work_tree(root: str, *, client: AuthenticatedClient) -> Response[WorkTreeDocument]:
    """Show the branch of a root that is a git work tree, its newest commit and the files that differ from
    it."""
    from qdash_core.documents.files import WorkTreeDocument

    return send_request(client, "GET", f"/files/{quote_segment(root)}/status", WorkTreeDocument)


@operation
def commit_files(
    root: str, *, client: AuthenticatedClient, body: CommitRequest
) -> Response[WorkTreeUpdateDocument]:
    """Commit changed files in the name of the caller."""
    from qdash_core.documents.files import WorkTreeUpdateDocument

    return send_request(
        client, "POST", f"/files/{quote_segment(root)}/commit", WorkTreeUpdateDocument, body=body
    )


@operation
def pull_files(root: str, *, client: AuthenticatedClient) -> Response[WorkTreeUpdateDocument]:
    """Update a root from its git remote. Files that were changed on both sides are refused (409), and
    nothing is changed."""
    from qdash_core.documents.files import WorkTreeUpdateDocument

    return send_request(client, "POST", f"/files/{quote_segment(root)}/pull", WorkTreeUpdateDocument)


@operation
def push_files(root: str, *, client: AuthenticatedClient) -> Response[WorkTreeUpdateDocument]:
    """Push the commits of a root to its git remote, never forced; 409 if the remote has other commits."""
    from qdash_core.documents.files import WorkTreeUpdateDocument

    return send_request(client, "POST", f"/files/{quote_segment(root)}/push", WorkTreeUpdateDocument)

"""Operations with the tag `issues`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from qdash_remote.generated.operation import PageOf, operation, page_of, quote_segment, send_request
from qdash_remote.generated.types import UNSET, Response, Unset

if TYPE_CHECKING:
    from qdash_core.documents.issues import (
        IssueDocument,
        IssueEventDocument,
        IssueHeader,
        OpenIssuesDocument,
        SimilarIssuesDocument,
    )
    from qdash_core.resources.requests.issues import (
        CommentRequest,
        IssueEdit,
        IssueRequest,
        ListChange,
        StateRequest,
    )
    from qdash_remote.generated.client import AuthenticatedClient

IssueState = Literal["closed", "in progress", "open"]


@operation
def list_issues(
    *,
    client: AuthenticatedClient,
    state: list[IssueState] | Unset = UNSET,
    label: list[str] | Unset = UNSET,
    assignee: str | Unset = UNSET,
    user: str | Unset = UNSET,
    chip_id: str | Unset = UNSET,
    target: str | Unset = UNSET,
    task: str | Unset = UNSET,
    metric: str | Unset = UNSET,
    task_id: str | Unset = UNSET,
    execution_id: str | Unset = UNSET,
    cooldown_id: str | Unset = UNSET,
    q: str | Unset = UNSET,
    limit: int | Unset = 50,
    after: str | Unset = UNSET,
) -> Response[PageOf[IssueHeader]]:
    """List the issues of the project that match all filters, newest activity first."""
    from qdash_core.documents.issues import IssueHeader

    return send_request(
        client,
        "GET",
        "/issues",
        page_of(IssueHeader),
        params={
            "state": state,
            "label": label,
            "assignee": assignee,
            "user": user,
            "chip_id": chip_id,
            "target": target,
            "task": task,
            "metric": metric,
            "task_id": task_id,
            "execution_id": execution_id,
            "cooldown_id": cooldown_id,
            "q": q,
            "limit": limit,
            "after": after,
        },
    )


@operation
def open_issue(
    *, client: AuthenticatedClient, body: IssueRequest, idempotency_key: str | Unset = UNSET
) -> Response[IssueDocument]:
    """Open an issue. A result fills the links to its chip, target, execution and cool-down."""
    from qdash_core.documents.issues import IssueDocument

    return send_request(
        client,
        "POST",
        "/issues",
        IssueDocument,
        status=201,
        headers={"idempotency-key": idempotency_key},
        body=body,
    )


@operation
def show_issue(issue_id: str, *, client: AuthenticatedClient) -> Response[IssueDocument]:
    """Show an issue with its comments and pictures."""
    from qdash_core.documents.issues import IssueDocument

    return send_request(client, "GET", f"/issues/{quote_segment(issue_id)}", IssueDocument)


@operation
def delete_issue(issue_id: str, *, client: AuthenticatedClient) -> Response[IssueEventDocument]:
    """Delete an issue with all its texts. Its events stay, with users and times."""
    from qdash_core.documents.issues import IssueEventDocument

    return send_request(client, "DELETE", f"/issues/{quote_segment(issue_id)}", IssueEventDocument)


@operation
def edit_issue(
    issue_id: str, *, client: AuthenticatedClient, body: IssueEdit, if_match: str | Unset = UNSET
) -> Response[IssueDocument]:
    """Change fields of an issue; absent fields are unchanged. Its events keep the former values."""
    from qdash_core.documents.issues import IssueDocument

    return send_request(
        client,
        "PATCH",
        f"/issues/{quote_segment(issue_id)}",
        IssueDocument,
        headers={"if-match": if_match},
        body=body,
    )


@operation
def assign_issue(issue_id: str, *, client: AuthenticatedClient, body: ListChange) -> Response[IssueDocument]:
    """Add and remove assignees of an issue."""
    from qdash_core.documents.issues import IssueDocument

    return send_request(
        client, "POST", f"/issues/{quote_segment(issue_id)}/assignees", IssueDocument, body=body
    )


@operation
def label_issue(issue_id: str, *, client: AuthenticatedClient, body: ListChange) -> Response[IssueDocument]:
    """Add and remove labels of an issue."""
    from qdash_core.documents.issues import IssueDocument

    return send_request(client, "POST", f"/issues/{quote_segment(issue_id)}/labels", IssueDocument, body=body)


@operation
def close_issue(
    issue_id: str,
    *,
    client: AuthenticatedClient,
    body: StateRequest | None | Unset = UNSET,
    if_match: str | Unset = UNSET,
) -> Response[IssueDocument]:
    """Close an issue, with a comment that says how it was solved."""
    from qdash_core.documents.issues import IssueDocument

    return send_request(
        client,
        "POST",
        f"/issues/{quote_segment(issue_id)}/close",
        IssueDocument,
        headers={"if-match": if_match},
        body=body,
    )


@operation
def reopen_issue(
    issue_id: str,
    *,
    client: AuthenticatedClient,
    body: StateRequest | None | Unset = UNSET,
    if_match: str | Unset = UNSET,
) -> Response[IssueDocument]:
    """Open a closed issue again."""
    from qdash_core.documents.issues import IssueDocument

    return send_request(
        client,
        "POST",
        f"/issues/{quote_segment(issue_id)}/reopen",
        IssueDocument,
        headers={"if-match": if_match},
        body=body,
    )


@operation
def comment_issue(
    issue_id: str, *, client: AuthenticatedClient, body: CommentRequest, idempotency_key: str | Unset = UNSET
) -> Response[IssueDocument]:
    """Add a comment to an issue."""
    from qdash_core.documents.issues import IssueDocument

    return send_request(
        client,
        "POST",
        f"/issues/{quote_segment(issue_id)}/comments",
        IssueDocument,
        status=201,
        headers={"idempotency-key": idempotency_key},
        body=body,
    )


@operation
def remove_issue_comment(
    issue_id: str, number: int, *, client: AuthenticatedClient
) -> Response[IssueDocument]:
    """Remove a comment, as its author or an owner. Its events stay without texts."""
    from qdash_core.documents.issues import IssueDocument

    return send_request(
        client, "DELETE", f"/issues/{quote_segment(issue_id)}/comments/{quote_segment(number)}", IssueDocument
    )


@operation
def edit_issue_comment(
    issue_id: str, number: int, *, client: AuthenticatedClient, body: CommentRequest
) -> Response[IssueDocument]:
    """Replace the text of a comment, as its author or an owner. The events keep the former text."""
    from qdash_core.documents.issues import IssueDocument

    return send_request(
        client,
        "PATCH",
        f"/issues/{quote_segment(issue_id)}/comments/{quote_segment(number)}",
        IssueDocument,
        body=body,
    )


@operation
def list_issue_events(
    issue_id: str, *, client: AuthenticatedClient, limit: int | Unset = 50, after: str | Unset = UNSET
) -> Response[PageOf[IssueEventDocument]]:
    """List the events of an issue, oldest first, also of a deleted one."""
    from qdash_core.documents.issues import IssueEventDocument

    return send_request(
        client,
        "GET",
        f"/issues/{quote_segment(issue_id)}/events",
        page_of(IssueEventDocument),
        params={"limit": limit, "after": after},
    )


@operation
def similar_issues(
    issue_id: str, *, client: AuthenticatedClient, most: int | Unset = 5
) -> Response[SimilarIssuesDocument]:
    """List earlier issues that are similar to an issue, with the reasons and how they were closed."""
    from qdash_core.documents.issues import SimilarIssuesDocument

    return send_request(
        client,
        "GET",
        f"/issues/{quote_segment(issue_id)}/similar",
        SimilarIssuesDocument,
        params={"most": most},
    )


@operation
def issues_similar_to_result(
    task_id: str, *, client: AuthenticatedClient, most: int | Unset = 5
) -> Response[SimilarIssuesDocument]:
    """List issues that are similar to the failure of a result, with the reasons and how they were closed."""
    from qdash_core.documents.issues import SimilarIssuesDocument

    return send_request(
        client,
        "GET",
        f"/task-results/{quote_segment(task_id)}/similar-issues",
        SimilarIssuesDocument,
        params={"most": most},
    )


@operation
def open_issues_of_chip(chip_id: str, *, client: AuthenticatedClient) -> Response[OpenIssuesDocument]:
    """List the issues of a chip that are not closed, and those of each target."""
    from qdash_core.documents.issues import OpenIssuesDocument

    return send_request(client, "GET", f"/chips/{quote_segment(chip_id)}/open-issues", OpenIssuesDocument)

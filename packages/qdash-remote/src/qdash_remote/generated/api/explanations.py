"""Operations with the tag `explanations`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_remote.generated.operation import operation, quote_segment, send_request
from qdash_remote.generated.types import UNSET, Response, Unset

if TYPE_CHECKING:
    from qdash_core.documents.explanations import (
        ExecutionExplanationDocument,
        ExplanationDocument,
        NamedExplanationDocument,
    )
    from qdash_remote.generated.client import AuthenticatedClient


@operation
def explain(
    *, client: AuthenticatedClient, subject: str, chip: str | Unset = UNSET
) -> Response[NamedExplanationDocument]:
    """Show the likely causes of the failures of a result, a target or an execution that a user names."""
    from qdash_core.documents.explanations import NamedExplanationDocument

    return send_request(
        client, "GET", "/explanation", NamedExplanationDocument, params={"subject": subject, "chip": chip}
    )


@operation
def explain_target(
    chip_id: str, target: str, *, client: AuthenticatedClient
) -> Response[ExplanationDocument]:
    """Show the likely causes of the newest failure of a qubit or coupling, or of the move of a value, with
    the evidence and the next step."""
    from qdash_core.documents.explanations import ExplanationDocument

    return send_request(
        client,
        "GET",
        f"/chips/{quote_segment(chip_id)}/targets/{quote_segment(target)}/explanation",
        ExplanationDocument,
    )


@operation
def explain_result(task_id: str, *, client: AuthenticatedClient) -> Response[ExplanationDocument]:
    """Show the likely causes of the failure of a result, with the evidence and the next step."""
    from qdash_core.documents.explanations import ExplanationDocument

    return send_request(
        client, "GET", f"/task-results/{quote_segment(task_id)}/explanation", ExplanationDocument
    )


@operation
def explain_execution(
    execution_id: str, *, client: AuthenticatedClient
) -> Response[ExecutionExplanationDocument]:
    """Show the likely causes of the failures of an execution, grouped by cause and shared resource."""
    from qdash_core.documents.explanations import ExecutionExplanationDocument

    return send_request(
        client, "GET", f"/executions/{quote_segment(execution_id)}/explanation", ExecutionExplanationDocument
    )

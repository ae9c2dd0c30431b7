"""Operations with the tag `reports`."""

from __future__ import annotations

from types import NoneType
from typing import TYPE_CHECKING, Literal

from qdash_remote.generated.operation import operation, quote_segment, send_request
from qdash_remote.generated.types import UNSET, Response, Unset

if TYPE_CHECKING:
    from qdash_remote.generated.client import AuthenticatedClient

ReportFormat = Literal["html", "markdown"]


@operation
def report_chip(
    chip_id: str, *, client: AuthenticatedClient, format_: ReportFormat | Unset = UNSET
) -> Response[None]:
    """Return a report on a chip with its present values, as a file."""
    return send_request(
        client, "GET", f"/chips/{quote_segment(chip_id)}/report", NoneType, params={"format": format_}
    )


@operation
def report_execution(
    execution_id: str, *, client: AuthenticatedClient, format_: ReportFormat | Unset = UNSET
) -> Response[None]:
    """Return a report on an execution, as a file. Takes its id, the beginning of it, or `last`."""
    return send_request(
        client,
        "GET",
        f"/executions/{quote_segment(execution_id)}/report",
        NoneType,
        params={"format": format_},
    )


@operation
def report_release(
    chip_id: str, name: str, *, client: AuthenticatedClient, format_: ReportFormat | Unset = UNSET
) -> Response[None]:
    """Return a report on a release of a chip, as a file."""
    return send_request(
        client,
        "GET",
        f"/chips/{quote_segment(chip_id)}/releases/{quote_segment(name)}/report",
        NoneType,
        params={"format": format_},
    )

"""Operations with the tag `plans`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from qdash_remote.generated.operation import PageOf, operation, page_of, quote_segment, send_request
from qdash_remote.generated.types import UNSET, Response, Unset

if TYPE_CHECKING:
    from qdash_core.documents.previews import PreviewDocument
    from qdash_core.documents.schedules import ScheduleDocument
    from qdash_core.documents.strategies import StrategyDocument
    from qdash_core.models.request import RunRequest
    from qdash_remote.generated.client import AuthenticatedClient

ChipScheduleKind = Literal["coupling", "qubit"]


@operation
def preview_run(*, client: AuthenticatedClient, body: RunRequest) -> Response[PreviewDocument]:
    """Preview a run: its tasks, targets and the expected duration of each stage; nothing is written."""
    from qdash_core.documents.previews import PreviewDocument

    return send_request(client, "POST", "/plans", PreviewDocument, body=body)


@operation
def list_strategies(
    *, client: AuthenticatedClient, limit: int | Unset = 50, after: str | Unset = UNSET
) -> Response[PageOf[StrategyDocument]]:
    """List the scheduling strategies that runs and schedules can select, by kind and name."""
    from qdash_core.documents.strategies import StrategyDocument

    return send_request(
        client, "GET", "/strategies", page_of(StrategyDocument), params={"limit": limit, "after": after}
    )


@operation
def chip_schedule(
    chip_id: str,
    *,
    client: AuthenticatedClient,
    kind: ChipScheduleKind,
    target: list[str] | Unset = UNSET,
    exclude: list[str] | Unset = UNSET,
    strategy: str | Unset = UNSET,
    flow: str | Unset = UNSET,
    max_parallel: int | Unset = UNSET,
    one_of_each_mux: bool | Unset = False,
    wiring: bool | Unset = UNSET,
) -> Response[ScheduleDocument]:
    """Return the measurement schedule of a chip, with a lower bound on the number of groups."""
    from qdash_core.documents.schedules import ScheduleDocument

    return send_request(
        client,
        "GET",
        f"/chips/{quote_segment(chip_id)}/schedule",
        ScheduleDocument,
        params={
            "kind": kind,
            "target": target,
            "exclude": exclude,
            "strategy": strategy,
            "flow": flow,
            "max_parallel": max_parallel,
            "one_of_each_mux": one_of_each_mux,
            "wiring": wiring,
        },
    )

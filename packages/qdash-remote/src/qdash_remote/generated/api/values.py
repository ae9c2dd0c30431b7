"""Operations with the tag `values`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_remote.generated.operation import PageOf, operation, page_of, quote_segment, send_request
from qdash_remote.generated.types import UNSET, Response, Unset

if TYPE_CHECKING:
    import datetime

    from qdash_core.documents.values import (
        DecisionDocument,
        ReversionDocument,
        UnitConversionDocument,
        ValueEventDocument,
        ValueEventHeader,
    )
    from qdash_core.resources.requests.value_changes import (
        DecisionRequest,
        ReversionRequest,
        SettingRequest,
        TrustRequest,
        UndoRequest,
        UnitConversionRequest,
        UseRequest,
        ValuesRequest,
    )
    from qdash_remote.generated.client import AuthenticatedClient


@operation
def set_values_of_qubit(
    chip_id: str,
    qid: str,
    *,
    client: AuthenticatedClient,
    body: ValuesRequest,
    if_match: str | Unset = UNSET,
    idempotency_key: str | Unset = UNSET,
) -> Response[ValueEventDocument]:
    """Set values of a qubit by hand."""
    from qdash_core.documents.values import ValueEventDocument

    return send_request(
        client,
        "PATCH",
        f"/chips/{quote_segment(chip_id)}/qubits/{quote_segment(qid)}",
        ValueEventDocument,
        headers={"if-match": if_match, "idempotency-key": idempotency_key},
        body=body,
    )


@operation
def set_values_of_coupling(
    chip_id: str,
    coupling_id: str,
    *,
    client: AuthenticatedClient,
    body: ValuesRequest,
    if_match: str | Unset = UNSET,
    idempotency_key: str | Unset = UNSET,
) -> Response[ValueEventDocument]:
    """Set values of a coupling by hand."""
    from qdash_core.documents.values import ValueEventDocument

    return send_request(
        client,
        "PATCH",
        f"/chips/{quote_segment(chip_id)}/couplings/{quote_segment(coupling_id)}",
        ValueEventDocument,
        headers={"if-match": if_match, "idempotency-key": idempotency_key},
        body=body,
    )


@operation
def trust_values_of_qubit(
    chip_id: str,
    qid: str,
    *,
    client: AuthenticatedClient,
    body: TrustRequest,
    idempotency_key: str | Unset = UNSET,
) -> Response[ValueEventDocument]:
    """Trust doubtful values of a qubit until a time."""
    from qdash_core.documents.values import ValueEventDocument

    return send_request(
        client,
        "POST",
        f"/chips/{quote_segment(chip_id)}/qubits/{quote_segment(qid)}/trust",
        ValueEventDocument,
        headers={"idempotency-key": idempotency_key},
        body=body,
    )


@operation
def trust_values_of_coupling(
    chip_id: str,
    coupling_id: str,
    *,
    client: AuthenticatedClient,
    body: TrustRequest,
    idempotency_key: str | Unset = UNSET,
) -> Response[ValueEventDocument]:
    """Trust doubtful values of a coupling until a time."""
    from qdash_core.documents.values import ValueEventDocument

    return send_request(
        client,
        "POST",
        f"/chips/{quote_segment(chip_id)}/couplings/{quote_segment(coupling_id)}/trust",
        ValueEventDocument,
        headers={"idempotency-key": idempotency_key},
        body=body,
    )


@operation
def record_setting_change(
    chip_id: str, *, client: AuthenticatedClient, body: SettingRequest, idempotency_key: str | Unset = UNSET
) -> Response[ValueEventDocument]:
    """Record that a setting of a line or box changed: values that depend on it are doubtful until they are
    measured again."""
    from qdash_core.documents.values import ValueEventDocument

    return send_request(
        client,
        "POST",
        f"/chips/{quote_segment(chip_id)}/setting-changes",
        ValueEventDocument,
        headers={"idempotency-key": idempotency_key},
        body=body,
    )


@operation
def accept_result(
    task_id: str, *, client: AuthenticatedClient, body: DecisionRequest, idempotency_key: str | Unset = UNSET
) -> Response[DecisionDocument]:
    """Accept a result. Each of its parameters gets its value from the newest accepted result."""
    from qdash_core.documents.values import DecisionDocument

    return send_request(
        client,
        "POST",
        f"/task-results/{quote_segment(task_id)}/acceptance",
        DecisionDocument,
        headers={"idempotency-key": idempotency_key},
        body=body,
    )


@operation
def reject_result(
    task_id: str, *, client: AuthenticatedClient, body: DecisionRequest, idempotency_key: str | Unset = UNSET
) -> Response[DecisionDocument]:
    """Reject a result, and list the results that had used its values."""
    from qdash_core.documents.values import DecisionDocument

    return send_request(
        client,
        "POST",
        f"/task-results/{quote_segment(task_id)}/rejection",
        DecisionDocument,
        headers={"idempotency-key": idempotency_key},
        body=body,
    )


@operation
def use_result(
    task_id: str, *, client: AuthenticatedClient, body: UseRequest, idempotency_key: str | Unset = UNSET
) -> Response[DecisionDocument]:
    """Make the values of a result the chip's, whatever its age, until a newer result is accepted."""
    from qdash_core.documents.values import DecisionDocument

    return send_request(
        client,
        "POST",
        f"/task-results/{quote_segment(task_id)}/use",
        DecisionDocument,
        headers={"idempotency-key": idempotency_key},
        body=body,
    )


@operation
def list_value_events(
    chip_id: str,
    *,
    client: AuthenticatedClient,
    qubits: str | Unset = UNSET,
    muxes: str | Unset = UNSET,
    couplings: str | Unset = UNSET,
    metric: str | Unset = UNSET,
    since: datetime.datetime | Unset = UNSET,
    user: str | Unset = UNSET,
    by_hand: bool | Unset = False,
    limit: int | Unset = 50,
    after: str | Unset = UNSET,
) -> Response[PageOf[ValueEventHeader]]:
    """List the value events of a chip, newest first."""
    from qdash_core.documents.values import ValueEventHeader

    return send_request(
        client,
        "GET",
        f"/chips/{quote_segment(chip_id)}/value-events",
        page_of(ValueEventHeader),
        params={
            "qubits": qubits,
            "muxes": muxes,
            "couplings": couplings,
            "metric": metric,
            "since": since,
            "user": user,
            "by_hand": by_hand,
            "limit": limit,
            "after": after,
        },
    )


@operation
def show_value_event(number: int, *, client: AuthenticatedClient) -> Response[ValueEventDocument]:
    """Show a value event with the values before and after it."""
    from qdash_core.documents.values import ValueEventDocument

    return send_request(client, "GET", f"/value-events/{quote_segment(number)}", ValueEventDocument)


@operation
def undo_last_value_event(
    *, client: AuthenticatedClient, body: UndoRequest, idempotency_key: str | Unset = UNSET
) -> Response[ValueEventDocument]:
    """Undo the caller's last value event in the project; events of runs and undone events are passed over."""
    from qdash_core.documents.values import ValueEventDocument

    return send_request(
        client,
        "POST",
        "/value-events/last/undo",
        ValueEventDocument,
        headers={"idempotency-key": idempotency_key},
        body=body,
    )


@operation
def undo_value_event(
    number: int, *, client: AuthenticatedClient, body: UndoRequest, idempotency_key: str | Unset = UNSET
) -> Response[ValueEventDocument]:
    """Undo a value event; 409 with the later events if one of its values has changed since."""
    from qdash_core.documents.values import ValueEventDocument

    return send_request(
        client,
        "POST",
        f"/value-events/{quote_segment(number)}/undo",
        ValueEventDocument,
        headers={"idempotency-key": idempotency_key},
        body=body,
    )


@operation
def preview_reversion(
    chip_id: str,
    *,
    client: AuthenticatedClient,
    to: str,
    qubits: str | Unset = UNSET,
    muxes: str | Unset = UNSET,
    couplings: str | Unset = UNSET,
    metric: list[str] | Unset = UNSET,
) -> Response[ReversionDocument]:
    """Show the values that a reversion would restore, and those that it would keep."""
    from qdash_core.documents.values import ReversionDocument

    return send_request(
        client,
        "GET",
        f"/chips/{quote_segment(chip_id)}/values/reversion",
        ReversionDocument,
        params={"to": to, "qubits": qubits, "muxes": muxes, "couplings": couplings, "metric": metric},
    )


@operation
def revert_values(
    chip_id: str, *, client: AuthenticatedClient, body: ReversionRequest, idempotency_key: str | Unset = UNSET
) -> Response[ReversionDocument]:
    """Restore the values of an earlier time, of the end of an execution, or of a release."""
    from qdash_core.documents.values import ReversionDocument

    return send_request(
        client,
        "POST",
        f"/chips/{quote_segment(chip_id)}/values/reversion",
        ReversionDocument,
        headers={"idempotency-key": idempotency_key},
        body=body,
    )


@operation
def preview_unit_conversion(chip_id: str, *, client: AuthenticatedClient) -> Response[UnitConversionDocument]:
    """Show the values that are stored in another unit than tasks declare."""
    from qdash_core.documents.values import UnitConversionDocument

    return send_request(
        client, "GET", f"/chips/{quote_segment(chip_id)}/values/unit-conversion", UnitConversionDocument
    )


@operation
def convert_units(
    chip_id: str,
    *,
    client: AuthenticatedClient,
    body: UnitConversionRequest,
    idempotency_key: str | Unset = UNSET,
) -> Response[UnitConversionDocument]:
    """Convert values that are stored in another unit than tasks declare, as one event."""
    from qdash_core.documents.values import UnitConversionDocument

    return send_request(
        client,
        "POST",
        f"/chips/{quote_segment(chip_id)}/values/unit-conversion",
        UnitConversionDocument,
        headers={"idempotency-key": idempotency_key},
        body=body,
    )

"""Operations with the tag `notes`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_remote.generated.operation import PageOf, operation, page_of, quote_segment, send_request
from qdash_remote.generated.types import UNSET, Response, Unset

if TYPE_CHECKING:
    import datetime

    from qdash_core.documents.notes import NoteDocument
    from qdash_core.documents.results import ResultDocument
    from qdash_core.resources.requests.notes import NoteRequest
    from qdash_remote.generated.client import AuthenticatedClient


@operation
def show_note_of_chip(chip: str, *, client: AuthenticatedClient) -> Response[NoteDocument]:
    """Show the note on a chip."""
    from qdash_core.documents.notes import NoteDocument

    return send_request(client, "GET", f"/chips/{quote_segment(chip)}/note", NoteDocument)


@operation
def note_chip(
    chip: str, *, client: AuthenticatedClient, body: NoteRequest, if_match: str | Unset = UNSET
) -> Response[NoteDocument]:
    """Write the note on a chip."""
    from qdash_core.documents.notes import NoteDocument

    return send_request(
        client,
        "PUT",
        f"/chips/{quote_segment(chip)}/note",
        NoteDocument,
        headers={"if-match": if_match},
        body=body,
    )


@operation
def show_note_of_qubit(chip: str, qid: str, *, client: AuthenticatedClient) -> Response[NoteDocument]:
    """Show the note on a qubit."""
    from qdash_core.documents.notes import NoteDocument

    return send_request(
        client, "GET", f"/chips/{quote_segment(chip)}/qubits/{quote_segment(qid)}/note", NoteDocument
    )


@operation
def note_qubit(
    chip: str, qid: str, *, client: AuthenticatedClient, body: NoteRequest, if_match: str | Unset = UNSET
) -> Response[NoteDocument]:
    """Write the note on a qubit."""
    from qdash_core.documents.notes import NoteDocument

    return send_request(
        client,
        "PUT",
        f"/chips/{quote_segment(chip)}/qubits/{quote_segment(qid)}/note",
        NoteDocument,
        headers={"if-match": if_match},
        body=body,
    )


@operation
def show_note_of_coupling(
    chip: str, coupling_id: str, *, client: AuthenticatedClient
) -> Response[NoteDocument]:
    """Show the note on a coupling."""
    from qdash_core.documents.notes import NoteDocument

    return send_request(
        client,
        "GET",
        f"/chips/{quote_segment(chip)}/couplings/{quote_segment(coupling_id)}/note",
        NoteDocument,
    )


@operation
def note_coupling(
    chip: str,
    coupling_id: str,
    *,
    client: AuthenticatedClient,
    body: NoteRequest,
    if_match: str | Unset = UNSET,
) -> Response[NoteDocument]:
    """Write the note on a coupling."""
    from qdash_core.documents.notes import NoteDocument

    return send_request(
        client,
        "PUT",
        f"/chips/{quote_segment(chip)}/couplings/{quote_segment(coupling_id)}/note",
        NoteDocument,
        headers={"if-match": if_match},
        body=body,
    )


@operation
def show_note_of_result(
    task_id: str, *, client: AuthenticatedClient, chip_id: str | Unset = ""
) -> Response[NoteDocument]:
    """Show the note on a task result."""
    from qdash_core.documents.notes import NoteDocument

    return send_request(
        client,
        "GET",
        f"/task-results/{quote_segment(task_id)}/note",
        NoteDocument,
        params={"chip_id": chip_id},
    )


@operation
def note_result(
    task_id: str,
    *,
    client: AuthenticatedClient,
    body: NoteRequest,
    chip_id: str | Unset = "",
    if_match: str | Unset = UNSET,
) -> Response[NoteDocument]:
    """Write the note on a task result."""
    from qdash_core.documents.notes import NoteDocument

    return send_request(
        client,
        "PUT",
        f"/task-results/{quote_segment(task_id)}/note",
        NoteDocument,
        params={"chip_id": chip_id},
        headers={"if-match": if_match},
        body=body,
    )


@operation
def show_note_of_cryostat(cryo_id: str, *, client: AuthenticatedClient) -> Response[NoteDocument]:
    """Show the note on a cryostat."""
    from qdash_core.documents.notes import NoteDocument

    return send_request(client, "GET", f"/cryostats/{quote_segment(cryo_id)}/note", NoteDocument)


@operation
def note_cryostat(
    cryo_id: str, *, client: AuthenticatedClient, body: NoteRequest, if_match: str | Unset = UNSET
) -> Response[NoteDocument]:
    """Write the note on a cryostat."""
    from qdash_core.documents.notes import NoteDocument

    return send_request(
        client,
        "PUT",
        f"/cryostats/{quote_segment(cryo_id)}/note",
        NoteDocument,
        headers={"if-match": if_match},
        body=body,
    )


@operation
def show_note_of_cooldown(cooldown_id: str, *, client: AuthenticatedClient) -> Response[NoteDocument]:
    """Show the note on a cool-down."""
    from qdash_core.documents.notes import NoteDocument

    return send_request(client, "GET", f"/cooldowns/{quote_segment(cooldown_id)}/note", NoteDocument)


@operation
def note_cooldown(
    cooldown_id: str, *, client: AuthenticatedClient, body: NoteRequest, if_match: str | Unset = UNSET
) -> Response[NoteDocument]:
    """Write the note on a cool-down."""
    from qdash_core.documents.notes import NoteDocument

    return send_request(
        client,
        "PUT",
        f"/cooldowns/{quote_segment(cooldown_id)}/note",
        NoteDocument,
        headers={"if-match": if_match},
        body=body,
    )


@operation
def notes_of_chip(
    chip_id: str,
    *,
    client: AuthenticatedClient,
    cooldown_id: str | Unset = UNSET,
    since: datetime.datetime | Unset = UNSET,
    until: datetime.datetime | Unset = UNSET,
    written_since: datetime.datetime | Unset = UNSET,
    written_until: datetime.datetime | Unset = UNSET,
    limit: int | Unset = 50,
    after: str | Unset = UNSET,
) -> Response[PageOf[NoteDocument]]:
    """List the notes of a chip: on the chip itself, and on its qubits, couplings, metrics and results."""
    from qdash_core.documents.notes import NoteDocument

    return send_request(
        client,
        "GET",
        f"/chips/{quote_segment(chip_id)}/notes",
        page_of(NoteDocument),
        params={
            "cooldown_id": cooldown_id,
            "since": since,
            "until": until,
            "written_since": written_since,
            "written_until": written_until,
            "limit": limit,
            "after": after,
        },
    )


@operation
def noted_results(
    chip_id: str,
    *,
    client: AuthenticatedClient,
    cooldown_id: str | Unset = UNSET,
    since: datetime.datetime | Unset = UNSET,
    until: datetime.datetime | Unset = UNSET,
    limit: int | Unset = 50,
    after: str | Unset = UNSET,
) -> Response[PageOf[ResultDocument]]:
    """List the results of a chip that have a note, newest note first; a page may have fewer than `limit`."""
    from qdash_core.documents.results import ResultDocument

    return send_request(
        client,
        "GET",
        f"/chips/{quote_segment(chip_id)}/noted-results",
        page_of(ResultDocument),
        params={"cooldown_id": cooldown_id, "since": since, "until": until, "limit": limit, "after": after},
    )


@operation
def metric_notes_of_chip(
    chip_id: str,
    *,
    client: AuthenticatedClient,
    cooldown_id: str | Unset = UNSET,
    since: datetime.datetime | Unset = UNSET,
    until: datetime.datetime | Unset = UNSET,
    limit: int | Unset = 50,
    after: str | Unset = UNSET,
) -> Response[PageOf[NoteDocument]]:
    """List the notes on the metrics of a chip that apply now, in a cool-down or at some time in a time
    range."""
    from qdash_core.documents.notes import NoteDocument

    return send_request(
        client,
        "GET",
        f"/chips/{quote_segment(chip_id)}/metric-notes",
        page_of(NoteDocument),
        params={"cooldown_id": cooldown_id, "since": since, "until": until, "limit": limit, "after": after},
    )


@operation
def show_metric_note_of_qubit(
    chip: str,
    qid: str,
    metric_key: str,
    *,
    client: AuthenticatedClient,
    cooldown_id: str | Unset = UNSET,
    since: datetime.datetime | Unset = UNSET,
    until: datetime.datetime | Unset = UNSET,
) -> Response[NoteDocument]:
    """Show the note on a metric of a qubit."""
    from qdash_core.documents.notes import NoteDocument

    return send_request(
        client,
        "GET",
        f"/chips/{quote_segment(chip)}/qubits/{quote_segment(qid)}/metric-notes/{quote_segment(metric_key)}",
        NoteDocument,
        params={"cooldown_id": cooldown_id, "since": since, "until": until},
    )


@operation
def note_metric_of_qubit(
    chip: str,
    qid: str,
    metric_key: str,
    *,
    client: AuthenticatedClient,
    body: NoteRequest,
    cooldown_id: str | Unset = UNSET,
    since: datetime.datetime | Unset = UNSET,
    until: datetime.datetime | Unset = UNSET,
    if_match: str | Unset = UNSET,
) -> Response[NoteDocument]:
    """Write the note on a metric of a qubit for a period."""
    from qdash_core.documents.notes import NoteDocument

    return send_request(
        client,
        "PUT",
        f"/chips/{quote_segment(chip)}/qubits/{quote_segment(qid)}/metric-notes/{quote_segment(metric_key)}",
        NoteDocument,
        params={"cooldown_id": cooldown_id, "since": since, "until": until},
        headers={"if-match": if_match},
        body=body,
    )


@operation
def show_metric_note_of_coupling(
    chip: str,
    coupling_id: str,
    metric_key: str,
    *,
    client: AuthenticatedClient,
    cooldown_id: str | Unset = UNSET,
    since: datetime.datetime | Unset = UNSET,
    until: datetime.datetime | Unset = UNSET,
) -> Response[NoteDocument]:
    """Show the note on a metric of a coupling."""
    from qdash_core.documents.notes import NoteDocument

    return send_request(
        client,
        "GET",
        f"/chips/{quote_segment(chip)}/couplings/{quote_segment(coupling_id)}/metric-notes/{quote_segment(metric_key)}",
        NoteDocument,
        params={"cooldown_id": cooldown_id, "since": since, "until": until},
    )


@operation
def note_metric_of_coupling(
    chip: str,
    coupling_id: str,
    metric_key: str,
    *,
    client: AuthenticatedClient,
    body: NoteRequest,
    cooldown_id: str | Unset = UNSET,
    since: datetime.datetime | Unset = UNSET,
    until: datetime.datetime | Unset = UNSET,
    if_match: str | Unset = UNSET,
) -> Response[NoteDocument]:
    """Write the note on a metric of a coupling for a period."""
    from qdash_core.documents.notes import NoteDocument

    return send_request(
        client,
        "PUT",
        f"/chips/{quote_segment(chip)}/couplings/{quote_segment(coupling_id)}/metric-notes/{quote_segment(metric_key)}",
        NoteDocument,
        params={"cooldown_id": cooldown_id, "since": since, "until": until},
        headers={"if-match": if_match},
        body=body,
    )

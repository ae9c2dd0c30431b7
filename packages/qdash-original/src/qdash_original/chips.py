"""Chips, qubits, couplings and their daily copies, out of a database of the original system.

There a chip held its qubits and couplings as maps, beside which later versions kept one document each. A document of
its own is the newer one; what only a map holds becomes a document.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qdash_core.errors import InvalidInputError, NotFoundError
from qdash_core.models.chip import (
    ChipHistoryModel,
    ChipModel,
    CouplingHistoryModel,
    CouplingModel,
    QubitHistoryModel,
    QubitModel,
    TargetStatus,
)
from qdash_core.models.note import MetricNoteModel
from qdash_core.models.targets import qubits_of
from qdash_original import values
from qdash_original.original_document import OriginalDocument, UnreadableError, as_note
from qdash_original.pulses import without_pulses
from qdash_original.values import date, moment, text, whole

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from qdash_core.chips.topology import Site
    from qdash_original.conversion_state import ConversionState
    from qdash_original.people import Group

_SHARED = ("chip_id", "recorded_date")
"""What the parts of a map have in common with the chip, or with its copy of a day."""

_STATUS = {"completed": TargetStatus.CALIBRATED, **{str(status): status for status in TargetStatus}}


def chip(document: OriginalDocument, known: ConversionState) -> Iterator[Group]:
    """Yield the header of a chip."""
    chip_id, size = document.need("chip_id", text), document.take("size", whole)
    topology_id = document.take("topology_id", text) or ""
    sites = _sites(document, topology_id)
    backend = document.take("backend", text) or known.backends.get(document.project_id, "")
    if not backend:
        document.leave_out("backend", "nothing says with what the chip is measured: name it with --backend")
    header = document.record(
        ChipModel,
        {"current_cooldown_id": text, "installed_at": moment},
        chip_id=chip_id,
        size=len(document.raw("qubits") or ()) if size is None else size,
        topology_id=topology_id,
        backend=backend,
        note=document.note("note"),
    )
    document.pass_over("qubits", "couplings")
    known.sites[document.project_id, chip_id] = sites
    yield [("chip", header)]


def _sites(document: OriginalDocument, topology_id: str) -> dict[str, Site]:
    from qdash_core.chips.lattices import built_in

    if not topology_id:
        document.leave_out("topology_id", "it is missing: the qubits have no places and no multiplexers")
        return {}
    try:
        return {site.id: site for site in built_in(topology_id).qubits}
    except NotFoundError as error:
        document.leave_out("topology_id", f"{error}: the qubits have no places and no multiplexers")
        return {}


def qubit(document: OriginalDocument, known: ConversionState) -> Iterator[Group]:
    """Yield a qubit, and its notes on metrics of the old kind."""
    chip_id, qid = _chip_id(document, known), document.need("qid", values.qubit)
    if _is_taken(known.qubits, document, chip_id, qid):
        return
    site = known.sites[document.project_id, chip_id].get(qid)
    place = {} if site is None else {"row": site.row, "col": site.col, "mux": site.mux}
    state = _in_use(document)
    yield [("qubit", document.record(QubitModel, {}, chip_id=chip_id, qid=qid, **place, **state))]
    yield from _metric_notes(document, chip_id, "qubit", qid)


def coupling(document: OriginalDocument, known: ConversionState) -> Iterator[Group]:
    """Yield a coupling, and its notes on metrics of the old kind."""
    chip_id, (qid, control) = _chip_id(document, known), _directed(document)
    for member in qubits_of(qid):
        if (document.project_id, chip_id, member) not in known.qubits:
            raise UnreadableError("qid", f"chip {chip_id} has no qubit {member}")
    if _is_taken(known.couplings, document, chip_id, qid):
        return
    state = _in_use(document)
    yield [
        ("coupling", document.record(CouplingModel, {}, chip_id=chip_id, qid=qid, control=control, **state))
    ]
    yield from _metric_notes(document, chip_id, "coupling", qid)


def _directed(document: OriginalDocument) -> tuple[str, str | None]:
    """Return the id of a coupling, and the controlling qubit if the original named the higher number first."""
    written, qid = document.need("qid", text), document.need("qid", values.coupling)
    first = values.qubit(written.partition("-")[0])
    return qid, None if first == qubits_of(qid)[0] else first


def _is_taken(taken: set[tuple[str, ...]], document: OriginalDocument, chip_id: str, qid: str) -> bool:
    """Return whether a target was imported under another name; its document must hold no data then."""
    place = (document.project_id, chip_id, qid)
    if place not in taken:
        taken.add(place)
        return False
    if document.raw("data") or document.raw("metric_notes") or document.note("note").content:
        raise UnreadableError(
            "qid", f"{qid} of chip {chip_id} is there under another name, too, and came first"
        )
    document.pass_over("status", "username")
    return True


def embedded_qubits(document: OriginalDocument, known: ConversionState) -> Iterator[Group]:
    """Yield the qubits that only a chip's map holds."""
    yield from _embedded(document, known, "qubits", values.qubit, known.qubits, qubit)


def embedded_couplings(document: OriginalDocument, known: ConversionState) -> Iterator[Group]:
    """Yield the couplings that only a chip's map holds."""
    yield from _embedded(document, known, "couplings", values.coupling, known.couplings, coupling)


def embedded_qubit_days(document: OriginalDocument, known: ConversionState) -> Iterator[Group]:
    """Yield the daily copies of qubits that only a map in the copy of their chip holds."""
    yield from _embedded(document, known, "qubits", values.qubit, known.qubit_days, qubit_day)


def embedded_coupling_days(document: OriginalDocument, known: ConversionState) -> Iterator[Group]:
    """Yield the daily copies of couplings that only a map in the copy of their chip holds."""
    yield from _embedded(document, known, "couplings", values.coupling, known.coupling_days, coupling_day)


def _embedded(
    document: OriginalDocument,
    known: ConversionState,
    name: str,
    target: Callable[[object], str],
    taken: set[tuple[str, ...]],
    convert: Callable[[OriginalDocument, ConversionState], Iterator[Group]],
) -> Iterator[Group]:
    """Yield what a map holds, each part read like a document of its own, unless that was there."""
    shared = {field: document.raw(field) for field in ("_id", "username", "system_info", *_SHARED)}
    for qid, part in document.table(name, _mapping).items():
        given = {field: value for field, value in part.items() if value is not None}
        inner = OriginalDocument(
            document.collection,
            {**shared, "qid": qid, **given},
            project_id=document.project_id,
            units=document.units,
        )
        place = tuple(str(shared[field]) for field in _SHARED if shared[field] is not None)
        try:
            if (document.project_id, place[0], inner.need("qid", target), *place[1:]) not in taken:
                yield from convert(inner, known)
                inner.leave_out_the_rest()
        except UnreadableError as error:
            inner.leave_out("", str(error))
        for left in inner.left_out:
            document.leave_out(f"{name}.{qid}.{left.field}".rstrip("."), left.why)


def _mapping(_path: str, value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise InvalidInputError(f"{values.shown(value)} is not a qubit or coupling")
    return value


def qubit_day(document: OriginalDocument, known: ConversionState) -> Iterator[Group]:
    """Yield a qubit as it was on one day."""
    qid = document.need("qid", values.qubit)
    yield from _day(document, known, "qubit_history", QubitHistoryModel, qid=qid)


def coupling_day(document: OriginalDocument, known: ConversionState) -> Iterator[Group]:
    """Yield a coupling as it was on one day."""
    qid, control = _directed(document)
    yield from _day(document, known, "coupling_history", CouplingHistoryModel, qid=qid, control=control)


def _day(
    document: OriginalDocument,
    known: ConversionState,
    collection: str,
    model: type[QubitHistoryModel | CouplingHistoryModel],
    **target: str | None,
) -> Iterator[Group]:
    document.pass_over("metric_notes")  # what is kept are those of the qubit itself
    fields = {"chip_id": text, "recorded_date": date, "cooldown_id": text}
    record = document.record(model, fields, **target, **_state(document))
    days = known.qubit_days if collection == "qubit_history" else known.coupling_days
    days.add((record.project_id, record.chip_id, record.qid, record.recorded_date))
    yield [(collection, record)]


def chip_day(document: OriginalDocument, _known: ConversionState) -> Iterator[Group]:
    """Yield the header of a chip on one day."""
    maps = [document.table(name, _mapping) for name in ("qubits", "couplings")]
    size = document.take("size", whole)
    if size and not maps[0]:
        raise UnreadableError(
            "qubits", "the map is empty: nobody knows how many of them were calibrated that day"
        )
    statuses = [_STATUS.get(str(part.get("status"))) for each in maps for part in each.values()]
    header = document.record(
        ChipHistoryModel,
        {"chip_id": text, "recorded_date": date, "installed_at": moment},
        size=len(maps[0]) if size is None else size,
        n_couplings=len(maps[1]),
        n_calibrated=statuses.count(TargetStatus.CALIBRATED),
    )
    document.pass_over("note", "current_cooldown_id", "topology_id")
    yield [("chip_history", header)]


def _chip_id(document: OriginalDocument, known: ConversionState) -> str:
    chip_id = document.need("chip_id", text)
    if (document.project_id, chip_id) not in known.sites:
        raise UnreadableError("chip_id", f"there is no chip {chip_id!r} in project {document.project_id!r}")
    return chip_id


def _state(document: OriginalDocument) -> dict[str, Any]:
    written = document.take("status", text) or TargetStatus.PENDING
    if written not in _STATUS:
        document.leave_out("status", f"{written!r} is not the state of a qubit or coupling; pending is taken")
    return {
        "status": _STATUS.get(written, TargetStatus.PENDING),
        "data": document.parameters("data"),
        "note": document.note("note"),
    }


def _in_use(document: OriginalDocument) -> dict[str, Any]:
    """Return the state of what is measured from now on, without values that would be played otherwise."""
    state = _state(document)
    return {**state, "data": without_pulses(document, "data", state["data"])}


def _metric_notes(document: OriginalDocument, chip_id: str, target_type: str, qid: str) -> Iterator[Group]:
    for metric_key, note in document.table("metric_notes", lambda _path, part: as_note(part)).items():
        about = {"chip_id": chip_id, "target_type": target_type, "target_id": qid, "metric_key": metric_key}
        yield [("metric_note", document.record(MetricNoteModel, {}, **about, note=note))]

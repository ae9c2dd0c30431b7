"""Conversion of chips, qubits, couplings and their daily copies of the original system.

In early versions a chip contained its qubits and couplings as maps; a separate document of later versions is newer than
an entry. An entry without one is converted like it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qdash_builtin.chips.topology_check import describe_difference
from qdash_builtin.notes.model import MetricNoteModel, NoteScope, ScopeSource
from qdash_core.chips.lattices import get_builtin_topology
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
from qdash_core.models.targets import split_coupling
from qdash_core.repositories.collection import extract_key
from qdash_core.repositories.schema import COLLECTIONS
from qdash_original import values
from qdash_original.directions import merge_directions
from qdash_original.original_document import OriginalDocument, UnreadableError, convert_note
from qdash_original.pulses import omit_pulse_values
from qdash_original.scoped_notes import append_scoped_notes
from qdash_original.values import date, integer, optional_text, text, timestamp

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from qdash_core.chips.topology import Site
    from qdash_core.models.base import Note
    from qdash_core.models.chip import ParameterModel
    from qdash_original.conversion_state import ConversionState, Place
    from qdash_original.users_and_projects import Group

_SHARED_FIELDS = ("chip_id", "recorded_date")
"""Fields that the entries of a map share with their chip or with its daily copy."""

_SIMULATED = "fake"
"""Backend of simulated chips, in the original and here."""

_STATUSES = {"completed": TargetStatus.CALIBRATED, **{str(status): status for status in TargetStatus}}


def convert_chip(document: OriginalDocument, known: ConversionState) -> Iterator[Group]:
    """Yield the header of a chip."""
    chip_id, size = document.require("chip_id", text), document.read("size", integer)
    topology_id = document.read("topology_id", text) or ""
    sites = _find_sites(document, topology_id)
    if not topology_id or (sites and not _has_topology(document, known, chip_id, topology_id)):
        topology_id = chip_id
    backend = document.read("backend", text) or known.backends.get(document.project_id, "")
    if not backend:
        document.omit("backend", "the backend of the chip is unknown: set it with --backend")
    if backend == _SIMULATED:
        document.omit(
            "backend", f"simulations are not imported: make one by `qdash twin create --for {chip_id}`"
        )
    header = document.make_record(
        ChipModel,
        {"current_cooldown_id": optional_text},
        chip_id=chip_id,
        size=len(document.get_raw("qubits") or ()) if size is None else size,
        topology_id=topology_id,
        backend=backend,
        installed_at=_find_installation(document, known, chip_id),
        note=_read_whole_note(document, known, NoteScope.CHIP, chip_id, chip_id),
    )
    document.mark_read("qubits", "couplings")
    known.sites[document.project_id, chip_id] = sites
    yield [("chip", header)]


def _find_installation(document: OriginalDocument, known: ConversionState, chip_id: str) -> datetime | None:
    """Return the time from which results count: that of the original, or the first result if that is earlier."""
    written = document.read("installed_at", timestamp) or document.read_times()["created_at"]
    first = known.first_results.get((document.project_id, chip_id), written)
    if first < written:
        document.omit(
            "installed_at",
            f"{written.isoformat()} is after the first result of the chip, {first.isoformat()}, which is used instead: "
            "otherwise averages would be without the results before",
        )
    return min(first, written)


def _read_whole_note(
    document: OriginalDocument, known: ConversionState, kind: NoteScope, chip_id: str, target: str
) -> Note:
    """Return the note of a chip or target with those for cool-downs and time ranges."""
    place = document.project_id, kind, chip_id, target
    written_at = document.read_times()["updated_at"]
    return append_scoped_notes(document.read_note("note"), known, place, written_at=written_at)


def _find_sites(document: OriginalDocument, topology_id: str) -> dict[str, Site]:
    if not topology_id:
        document.omit("topology_id", "it is missing: the qubits have no positions and no multiplexers")
        return {}
    try:
        return {site.id: site for site in get_builtin_topology(topology_id).qubits}
    except NotFoundError as error:
        document.omit("topology_id", f"{error}: the qubits have no positions and no multiplexers")
        return {}


def _has_topology(document: OriginalDocument, known: ConversionState, chip_id: str, topology_id: str) -> bool:
    """Return whether a chip has the qubits and couplings of a built-in topology; record differences."""
    targets = known.targets.get((document.project_id, chip_id), set())
    couplings = {target for target in targets if "-" in target}
    difference = describe_difference(get_builtin_topology(topology_id), targets - couplings, couplings)
    if difference:
        document.omit(
            "topology_id",
            f"the chip is not a {topology_id!r}: {difference}; its topology is named {chip_id!r} instead",
        )
    return not difference


def convert_qubit(document: OriginalDocument, known: ConversionState) -> Iterator[Group]:
    """Yield a qubit, and the notes on metrics that are stored with it."""
    chip_id, qid = _require_chip_id(document, known), document.require("qid", values.qubit)
    if _is_imported(known.qubits, document, chip_id, qid):
        return
    site = known.sites[document.project_id, chip_id].get(qid)
    place = {} if site is None else {"row": site.row, "col": site.col, "mux": site.mux}
    state = _read_current_state(document, known, NoteScope.QUBIT, chip_id, qid)
    yield [("qubit", document.make_record(QubitModel, {}, chip_id=chip_id, qid=qid, **place, **state))]
    yield from _convert_metric_notes(document, known, chip_id, "qubit", qid)


def convert_coupling(document: OriginalDocument, known: ConversionState) -> Iterator[Group]:
    """Yield a coupling, and the notes on metrics that are stored with it."""
    chip_id, (qid, control) = _require_chip_id(document, known), _read_direction(document)
    for member in split_coupling(qid):
        if (document.project_id, chip_id, member) not in known.qubits:
            raise UnreadableError("qid", f"chip {chip_id} has no qubit {member}")
    if _is_imported(known.couplings, document, chip_id, qid):
        return
    state = _read_current_state(document, known, NoteScope.COUPLING, chip_id, qid)
    yield [
        (
            "coupling",
            document.make_record(CouplingModel, {}, chip_id=chip_id, qid=qid, control=control, **state),
        )
    ]
    yield from _convert_metric_notes(document, known, chip_id, "coupling", qid)


def _read_direction(document: OriginalDocument) -> tuple[str, str | None]:
    """Return the id of a coupling, and its control qubit or None: the first one if it has the higher number."""
    written, qid = document.require("qid", text), document.require("qid", values.coupling)
    first = values.qubit(written.partition("-")[0])
    return qid, None if first == split_coupling(qid)[0] else first


def _is_imported(taken: set[tuple[str, ...]], document: OriginalDocument, chip_id: str, qid: str) -> bool:
    """Return whether a target was imported under another spelling of its id.

    Raises UnreadableError if it was, and this document has values or notes of its own.
    """
    place = (document.project_id, chip_id, qid)
    if place not in taken:
        taken.add(place)
        return False
    if document.get_raw("data") or document.get_raw("metric_notes") or document.read_note("note").content:
        raise UnreadableError("qid", f"{qid} of chip {chip_id} was already imported from another document")
    document.mark_read("status", "username")
    return True


def convert_embedded_qubits(document: OriginalDocument, known: ConversionState) -> Iterator[Group]:
    """Yield the qubits that exist only in the map of a chip."""
    yield from _convert_embedded(document, known, "qubits", values.qubit, known.qubits, convert_qubit)


def convert_embedded_couplings(document: OriginalDocument, known: ConversionState) -> Iterator[Group]:
    """Yield the couplings that exist only in the map of a chip."""
    yield from _convert_embedded(
        document, known, "couplings", values.coupling, known.couplings, convert_coupling
    )


def convert_embedded_qubit_days(document: OriginalDocument, known: ConversionState) -> Iterator[Group]:
    """Yield the daily copies of qubits that exist only in the map of a chip's copy."""
    yield from _convert_embedded(document, known, "qubits", values.qubit, known.qubit_days, convert_qubit_day)


def convert_embedded_coupling_days(document: OriginalDocument, known: ConversionState) -> Iterator[Group]:
    """Yield the daily copies of couplings that exist only in the map of a chip's copy."""
    yield from _convert_embedded(
        document, known, "couplings", values.coupling, known.coupling_days, convert_coupling_day
    )


def _convert_embedded(
    document: OriginalDocument,
    known: ConversionState,
    name: str,
    target: Callable[[object], str],
    taken: set[tuple[str, ...]],
    convert: Callable[[OriginalDocument, ConversionState], Iterator[Group]],
) -> Iterator[Group]:
    """Yield the converted entries of a map that have no separate document."""
    shared = {field: document.get_raw(field) for field in ("_id", "username", "system_info", *_SHARED_FIELDS)}
    entries = [
        {**shared, "qid": qid, **{field: value for field, value in part.items() if value is not None}}
        for qid, part in document.read_mapping(name, _require_mapping).items()
    ]
    for fields, _, replaced in merge_directions(entries, document.collection):
        qid = fields["qid"]
        inner = OriginalDocument(
            document.collection, fields, project_id=document.project_id, units=document.units
        )
        inner.left_out += replaced
        place = tuple(str(shared[field]) for field in _SHARED_FIELDS if shared[field] is not None)
        try:
            if (document.project_id, place[0], inner.require("qid", target), *place[1:]) not in taken:
                yield from convert(inner, known)
                inner.omit_unread()
        except UnreadableError as error:
            inner.omit("", str(error))
        for omission in inner.left_out:
            document.omit(f"{name}.{qid}.{omission.field}".rstrip("."), omission.why)


def _require_mapping(_path: str, value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise InvalidInputError(f"{values.shorten(value)} is not a qubit or coupling")
    return value


def convert_qubit_day(document: OriginalDocument, known: ConversionState) -> Iterator[Group]:
    """Yield the converted daily copy of a qubit."""
    qid = document.require("qid", values.qubit)
    yield from _convert_day(document, known, "qubit_history", QubitHistoryModel, qid=qid)


def convert_coupling_day(document: OriginalDocument, known: ConversionState) -> Iterator[Group]:
    """Yield the converted daily copy of a coupling."""
    qid, control = _read_direction(document)
    yield from _convert_day(
        document, known, "coupling_history", CouplingHistoryModel, qid=qid, control=control
    )


def _convert_day(
    document: OriginalDocument,
    known: ConversionState,
    collection: str,
    model: type[QubitHistoryModel | CouplingHistoryModel],
    **target: str | None,
) -> Iterator[Group]:
    document.mark_read("metric_notes")  # only those of the qubit itself are imported
    fields = {"chip_id": text, "recorded_date": date, "cooldown_id": optional_text}
    record = document.make_record(model, fields, **target, **_read_state(document))
    days = known.qubit_days if collection == "qubit_history" else known.coupling_days
    days.add((record.project_id, record.chip_id, record.qid, record.recorded_date))
    known.add_day(record)
    yield [(collection, record)]


def convert_chip_day(document: OriginalDocument, known: ConversionState) -> Iterator[Group]:
    """Yield the converted daily copy of a chip's header.

    Without the maps of early versions, its couplings are those of the chip, and its calibrated targets those of their own copies.
    """
    chip_id, day = document.require("chip_id", text), document.require("recorded_date", date)
    maps = [document.read_mapping(name, _require_mapping) for name in ("qubits", "couplings")]
    size = document.read("size", integer)
    if maps[0] or not size:
        statuses = [_STATUSES.get(str(part.get("status"))) for each in maps for part in each.values()]
        n_couplings = len(maps[1])
        n_calibrated: int | None = statuses.count(TargetStatus.CALIBRATED)
    else:
        where = document.project_id, chip_id
        n_couplings = sum(one[:2] == where for one in known.couplings)
        n_calibrated = known.count_calibrated(*where, day)
    if n_calibrated is None:
        raise UnreadableError(
            "qubits", "no qubit has a copy of that day or before, so the number of calibrated ones is unknown"
        )
    header = document.make_record(
        ChipHistoryModel,
        {"installed_at": timestamp},
        chip_id=chip_id,
        recorded_date=day,
        size=len(maps[0]) if size is None else size,
        n_couplings=n_couplings,
        n_calibrated=n_calibrated,
    )
    document.mark_read("note", "current_cooldown_id", "topology_id")
    yield [("chip_history", header)]


def _require_chip_id(document: OriginalDocument, known: ConversionState) -> str:
    chip_id = document.require("chip_id", text)
    if (document.project_id, chip_id) not in known.sites:
        raise UnreadableError("chip_id", f"there is no chip {chip_id!r} in project {document.project_id!r}")
    return chip_id


def _read_state(document: OriginalDocument) -> dict[str, Any]:
    written = document.read("status", text) or TargetStatus.PENDING
    if written not in _STATUSES:
        document.omit(
            "status", f"{written!r} is not a status of a qubit or coupling; pending is used instead"
        )
    return {
        "status": _STATUSES.get(written, TargetStatus.PENDING),
        "data": document.read_parameters("data"),
        "note": document.read_note("note"),
    }


def _read_current_state(
    document: OriginalDocument, known: ConversionState, kind: NoteScope, chip_id: str, qid: str
) -> dict[str, Any]:
    """Return the state of a target with all its notes, without withdrawn values and values of other pulses.

    A newest measurement that was excluded counts as failed.
    """
    state, control = _read_state(document), values.read_control(document.require("qid", text))
    place = document.project_id, chip_id, qid
    data = _replace_withdrawn_values(document, known, place, control, state["data"])
    return {
        **state,
        "failures": known.find_rejections(place, control),
        "data": omit_pulse_values(document, "data", data),
        "note": _read_whole_note(document, known, kind, chip_id, qid),
    }


def _replace_withdrawn_values(
    document: OriginalDocument,
    known: ConversionState,
    place: Place,
    control: str | None,
    data: dict[str, ParameterModel],
) -> dict[str, ParameterModel]:
    """Return the values of a target with the newest accepted value in place of each that a user excluded."""
    used = {}
    for name, value in data.items():
        user = known.excluded.get((document.project_id, value.task_id))
        if user is None:
            used[name] = value
            continue
        former = known.find_accepted(place, name, control)
        instead = "there is no other accepted one" if former is None else "the newest accepted one is used"
        document.omit(f"data.{name}", f"{user or 'a user'} excluded its result: {instead}")
        if former is not None:
            used[name] = former
    return used


def _convert_metric_notes(
    document: OriginalDocument, known: ConversionState, chip_id: str, target_type: str, qid: str
) -> Iterator[Group]:
    for metric_key, note in document.read_mapping(
        "metric_notes", lambda _path, part: convert_note(part)
    ).items():
        record = document.make_record(
            MetricNoteModel,
            {},
            chip_id=chip_id,
            target_type=target_type,
            target_id=qid,
            metric_key=metric_key,
            scope_source=ScopeSource.LEGACY_GLOBAL,
            note=note,
        )
        if extract_key(COLLECTIONS["metric_note"], record.to_document()) in known.metric_notes:
            document.omit(
                f"metric_notes.{metric_key}", "metric_note has another one with scope global, which is newer"
            )
        else:
            yield [("metric_note", record)]

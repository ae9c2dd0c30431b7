"""Repositories of chips, qubits and couplings, and their daily copies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from qdash_core.errors import NotFoundError
from qdash_core.models.base import make_later_time
from qdash_core.models.chip import (
    ChipHistoryModel,
    ChipModel,
    CouplingHistoryModel,
    CouplingModel,
    EvidenceChangeModel,
    FormerEvidence,
    ParameterModel,
    QubitHistoryModel,
    QubitModel,
    StoredValues,
    TargetStatus,
)
from qdash_core.models.targets import by_number, get_control_qubit
from qdash_core.parsing.similar_names import suggest
from qdash_core.process.clock import utc_now
from qdash_core.repositories.base import Repository
from qdash_core.repositories.documents import TypedDocument
from qdash_core.repositories.store import OneOf, Range

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from contextlib import AbstractContextManager
    from datetime import datetime

    from qdash_core.models.pages import Page, PageRequest
    from qdash_core.repositories.repositories import Repositories
    from qdash_core.repositories.store import Snapshot, Transaction


WITHOUT_DIRECTION = frozenset({"static_zz_interaction"})
"""Values of a coupling that do not depend on its direction."""


class ChipRepository(Repository[ChipModel]):
    """Chips by project and id."""

    collection = "chip"
    model = ChipModel

    def find(self, project_id: str, chip_id: str) -> ChipModel | None:
        """Return the chip, or None."""
        return self._get((project_id, chip_id))

    def add(self, chip: ChipModel) -> None:
        """Add a new chip; ConflictError when the id is taken in its project."""
        self._insert(chip)

    def require(self, project_id: str, chip_id: str) -> ChipModel:
        """Return the chip; NotFoundError with the known chips if there is none."""
        chip = self.find(project_id, chip_id)
        if chip is None:
            known = [other.chip_id for other in self.list_by_project(project_id)]
            raise NotFoundError(
                f"there is no chip {chip_id!r} in project {project_id}{suggest(chip_id, known)} "
                f"(known: {', '.join(known) or 'none yet'})"
            )
        return chip

    def list_by_project(self, project_id: str) -> list[ChipModel]:
        """Return the chips of a project, newest first."""
        return self.select({"project_id": project_id}, order=("-installed_at",))

    def page(self, project_id: str, request: PageRequest) -> Page[ChipModel]:
        """Return a page of the chips of a project, newest first."""
        return self._page({"project_id": project_id}, request, order=("-installed_at",))

    def list_all(self) -> list[ChipModel]:
        """Return the chips of every project."""
        return self.select({}, order=("project_id", "chip_id"))

    def list_by_user(self, username: str) -> list[ChipModel]:
        """Return the chips that a user created, in all projects."""
        return self.select({"username": username})

    def put(self, chip: ChipModel) -> None:
        """Update a chip."""
        self._put(chip)

    def get_current_cooldown(self, project_id: str, chip_id: str) -> str | None:
        """Return the current cool-down of a chip, or None if there is none or no such chip."""
        with self._open_snapshot() as snapshot:
            chip = snapshot.get(self.collection, (project_id, chip_id))
        return None if chip is None else chip.get("current_cooldown_id")

    def get_current_chip(
        self, project_id: str | None = None, username: str | None = None
    ) -> ChipModel | None:
        """Return the most recently installed chip of a project or user, or None if there is none."""
        if project_id is not None:
            found = self.select({"project_id": project_id}, order=("-installed_at",), limit=1)
        elif username is not None:
            found = sorted(self.select({"username": username}), key=lambda chip: chip.installed_at)[-1:]
        else:
            raise TypeError("get_current_chip needs a project_id or a username")
        return found[0] if found else None


T = TypeVar("T", QubitModel, CouplingModel)


class TargetRepository(Repository[T]):
    """Repository of qubits or couplings, and their daily copies."""

    history: str
    history_model: type[QubitHistoryModel | CouplingHistoryModel]

    def find(self, project_id: str, chip_id: str, qid: str) -> T | None:
        """Return one target, or None."""
        return self._get((project_id, chip_id, qid))

    def require(self, project_id: str, chip_id: str, qid: str) -> T:
        """Return one target; NotFoundError if the chip has no such target."""
        target = self.find(project_id, chip_id, qid)
        if target is None:
            raise NotFoundError(f"chip {chip_id} has no {self.collection} {qid}")
        return target

    def list_by_chip(self, project_id: str, chip_id: str) -> list[T]:
        """Return all targets of a chip, by number."""
        found = self.select({"project_id": project_id, "chip_id": chip_id})
        return sorted(found, key=lambda target: by_number(target.qid))

    def list_by_ids(self, project_id: str, chip_id: str, qids: Iterable[str]) -> list[T]:
        """Return the existing targets among these ids."""
        wanted = tuple(qids)
        where = {"project_id": project_id, "chip_id": chip_id, "qid": OneOf(wanted)}
        return self.select(where) if wanted else []

    def list_values(
        self, project_id: str, chip_id: str, qids: Sequence[str] | None = None
    ) -> list[StoredValues]:
        """Return the latest accepted values of all or the given targets of a chip, which may be empty, by number."""
        where: dict[str, Any] = {"project_id": project_id, "chip_id": chip_id}
        where |= {} if qids is None else {"qid": OneOf(tuple(qids))}
        found = self.select_as(StoredValues, where)
        return sorted(found, key=lambda target: by_number(target["qid"]))

    def add_all(self, targets: list[T]) -> None:
        """Add new targets in one transaction."""
        with self._open_transaction() as transaction:
            transaction.insert_all(self.collection, (target.to_document() for target in targets))

    def update_calib_data(
        self, project_id: str, chip_id: str, qid: str, output_parameters: Mapping[str, ParameterModel]
    ) -> T:
        """Update the latest accepted values of a target, without a value event or a daily copy. Values of other parameters stay.

        The method of the original, kept for scripts; services change values by `values.writer.write_event`.

        Raises
        ------
        NotFoundError
            If the chip has no such target.
        """
        with self._open_transaction() as transaction:
            known = type(self)(transaction).require(project_id, chip_id, qid)
            target = known.with_changes(data={**known.data, **output_parameters}, now=utc_now())
            transaction.put(self.collection, target.to_document())
        return target

    def write_values(
        self,
        target: T,
        *,
        former: T,
        recorded_date: str,
        cooldown_id: str | None,
    ) -> None:
        """Store a target with changed values, direction or evidence, and its daily copy; `former` is the stored one."""
        document = TypedDocument(target.to_document())
        copied = {"recorded_date": recorded_date, "cooldown_id": cooldown_id}
        day = TypedDocument(copied, extends=document)
        with self._open_transaction() as transaction:
            transaction.put(self.collection, document)
            transaction.put(self.history, day)
            _log_evidence(transaction, former, target, now=target.updated_at)

    def update_status(
        self, project_id: str, chip_id: str, qid: str, status: TargetStatus
    ) -> TargetStatus | None:
        """Set the status of a target, unless a user has set it aside; return the former status, or None if it did not change.

        A status that stays keeps its reason.
        """
        with self._open_transaction() as transaction:
            target = type(self)(transaction).find(project_id, chip_id, qid)
            if target is None or target.status.set_aside:
                return None
            now, known = utc_now(), target
            if known.status != status:
                target = target.with_changes(status=status, status_reason=None, now=now)
            target = target.model_copy(update={"status_at": now})
            transaction.put(self.collection, target.to_document())
            _log_evidence(transaction, known, target, now=now)
            return None if known.status == status else known.status

    def record_day(self, target: T, recorded_date: str, cooldown_id: str | None) -> None:
        """Store the target as its daily copy, replacing an earlier one of the same day."""
        with self._open_transaction() as transaction:
            day = {**target.to_document(), "recorded_date": recorded_date, "cooldown_id": cooldown_id}
            transaction.put(self.history, day)

    def list_days(self, project_id: str, chip_id: str, qid: str) -> list[Any]:
        """Return the daily copies of a target, oldest first."""
        where = {"project_id": project_id, "chip_id": chip_id, "qid": qid}
        with self._open_snapshot() as snapshot:
            documents = snapshot.find(self.history, where, order=("recorded_date",))
        return [self.history_model.model_validate(document) for document in documents]

    def find_on_day(self, project_id: str, chip_id: str, qid: str, day: str) -> Any:
        """Return the last daily copy of a target up to a day, or None."""
        where = {"project_id": project_id, "chip_id": chip_id, "qid": qid, "recorded_date": Range(most=day)}
        with self._open_snapshot() as snapshot:
            documents = snapshot.find(self.history, where, order=("-recorded_date",), limit=1)
        return self.history_model.model_validate(documents[0]) if documents else None

    def find_day_before(self, project_id: str, chip_id: str, day: str | None) -> str | None:
        """Return the last day with copies before a day, or the last one of all if None; None if there is none."""
        return _find_day_before(self._open_snapshot(), self.history, project_id, chip_id, day)

    def count_copies(self, project_id: str, chip_id: str, day: str) -> int:
        """Return the number of targets with a copy of a day."""
        with self._open_snapshot() as snapshot:
            where = {"project_id": project_id, "chip_id": chip_id, "recorded_date": day}
            return snapshot.count(self.history, where)


class EvidenceChangeRepository(Repository[EvidenceChangeModel]):
    """States of qubits and couplings before each change of their status or newest outcomes."""

    collection = "evidence_change"
    model = EvidenceChangeModel

    def list_since(self, project_id: str, chip_id: str, moment: datetime) -> list[EvidenceChangeModel]:
        """Return the changes of a chip after a time, oldest first."""
        where = {"project_id": project_id, "chip_id": chip_id, "created_at": Range(above=moment)}
        return self.select(where, order=("created_at",))


def _log_evidence(
    transaction: Transaction,
    former: QubitModel | CouplingModel,
    changed: QubitModel | CouplingModel,
    *,
    now: datetime,
) -> None:
    """Keep the former status and outcomes of a target, if they changed."""
    before = {name: getattr(former, name) for name in FormerEvidence.model_fields}
    if any(getattr(changed, name) != one for name, one in before.items()):
        change = EvidenceChangeModel(
            project_id=former.project_id,
            chip_id=former.chip_id,
            qid=former.qid,
            before=FormerEvidence(**before),
            created_at=make_later_time(former.updated_at, now),
        )
        transaction.put(EvidenceChangeRepository.collection, change.to_document())


class QubitCalibrationRepository(TargetRepository[QubitModel]):
    """Qubits with their values."""

    collection = "qubit"
    model = QubitModel
    history = "qubit_history"
    history_model = QubitHistoryModel


class CouplingCalibrationRepository(TargetRepository[CouplingModel]):
    """Couplings with their values."""

    collection = "coupling"
    model = CouplingModel
    history = "coupling_history"
    history_model = CouplingHistoryModel


def redirect(coupling: CouplingModel, control: str) -> CouplingModel:
    """Return a coupling with this control qubit; another direction removes the values of the former one."""
    changed = coupling.with_changes(control=control, now=utc_now())
    if control != (get_control_qubit(coupling)):
        for field in ("data", "failures", "disputes"):
            known = getattr(coupling, field)
            setattr(changed, field, {name: one for name, one in known.items() if name in WITHOUT_DIRECTION})
        if changed.status.set_aside:
            changed.status_beneath = None
        else:
            changed.status, changed.status_at = TargetStatus.PENDING, changed.updated_at
            changed.status_reason = None
    return changed


class ChipHistoryRepository(Repository[ChipHistoryModel]):
    """Daily copies of the headers of chips."""

    collection = "chip_history"
    model = ChipHistoryModel

    def put(self, record: ChipHistoryModel) -> None:
        """Store the header of a day, replacing an earlier one."""
        self._put(record)

    def list_days(self, project_id: str, chip_id: str) -> list[ChipHistoryModel]:
        """Return the daily headers of a chip, oldest first."""
        return self.select({"project_id": project_id, "chip_id": chip_id}, order=("recorded_date",))

    def find(self, project_id: str, chip_id: str, day: str) -> ChipHistoryModel | None:
        """Return the header of a day, or None."""
        return self._get((project_id, chip_id, day))

    def find_day_before(self, project_id: str, chip_id: str, day: str | None) -> str | None:
        """Return the last day with a header before a day, or the last one of all if None; None if there is none."""
        return _find_day_before(self._open_snapshot(), self.collection, project_id, chip_id, day)


def get_target_repository(
    repositories: Repositories, target: str
) -> QubitCalibrationRepository | CouplingCalibrationRepository:
    """Return the repository of couplings for the id of a coupling, and that of qubits otherwise."""
    if "-" in target:
        return repositories.of(CouplingCalibrationRepository)
    return repositories.of(QubitCalibrationRepository)


def list_targets(
    repositories: Repositories, project_id: str, chip_id: str, targets: Iterable[str]
) -> list[QubitModel | CouplingModel]:
    """Return the existing qubits and couplings among these ids, in any order."""
    qubits, couplings = _split_kinds(targets)
    return [
        *repositories.of(QubitCalibrationRepository).list_by_ids(project_id, chip_id, qubits),
        *repositories.of(CouplingCalibrationRepository).list_by_ids(project_id, chip_id, couplings),
    ]


def list_values_in_use(
    repositories: Repositories, project_id: str, chip_id: str, targets: Iterable[str] | None = None
) -> list[StoredValues]:
    """Return the values in use of all or the given qubits and couplings of a chip, each kind by number."""
    qubits = couplings = None
    if targets is not None:
        qubits, couplings = _split_kinds(targets)
    return [
        *repositories.of(QubitCalibrationRepository).list_values(project_id, chip_id, qubits),
        *repositories.of(CouplingCalibrationRepository).list_values(project_id, chip_id, couplings),
    ]


def _split_kinds(targets: Iterable[str]) -> tuple[list[str], list[str]]:
    """Return the qubits and the couplings among these ids, each once."""
    named = {*targets}
    return [one for one in named if "-" not in one], [one for one in named if "-" in one]


def _find_day_before(
    opened: AbstractContextManager[Snapshot], collection: str, project_id: str, chip_id: str, day: str | None
) -> str | None:
    where = {"project_id": project_id, "chip_id": chip_id, "recorded_date": Range(below=day)}
    with opened as snapshot:
        found = snapshot.find(collection, where, order=("-recorded_date",), limit=1)
    return str(found[0]["recorded_date"]) if found else None

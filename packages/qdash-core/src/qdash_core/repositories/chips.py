"""Chips with their qubits and couplings, the latest accepted values, and the daily copies."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import TypeAdapter

from qdash_core.errors import ConflictError, NotFoundError
from qdash_core.models.base import utc_now
from qdash_core.models.chip import (
    ChipHistoryModel,
    ChipModel,
    CouplingHistoryModel,
    CouplingModel,
    ParameterModel,
    QubitHistoryModel,
    QubitModel,
    StoredState,
    StoredValues,
    TargetStatus,
)
from qdash_core.models.targets import by_number, qubits_of
from qdash_core.repositories.base import Repository

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_core.models.base import Note
    from qdash_core.models.chip import DesignValues
    from qdash_core.models.pages import Page, PageRequest


WITHOUT_DIRECTION = frozenset({"static_zz_interaction"})
"""Values of a coupling that are the same whichever of its qubits controls."""


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
        """Return the chip; NotFoundError, naming those there are, when there is none."""
        chip = self.find(project_id, chip_id)
        if chip is None:
            known = ", ".join(other.chip_id for other in self.of_project(project_id)) or "none yet"
            raise NotFoundError(f"there is no chip {chip_id!r} in project {project_id} (known: {known})")
        return chip

    def of_project(self, project_id: str) -> list[ChipModel]:
        """Return the chips of a project, newest first."""
        return self._find({"project_id": project_id}, order=("-installed_at",))

    def page(self, project_id: str, request: PageRequest) -> Page[ChipModel]:
        """Return a page of the chips of a project, newest first."""
        return self._page({"project_id": project_id}, request, order=("-installed_at",))

    def everything(self) -> list[ChipModel]:
        """Return the chips of every project."""
        return self._find({}, order=("project_id", "chip_id"))

    def of_user(self, username: str) -> list[ChipModel]:
        """Return the chips that a user has made, in whatever project."""
        return self._find({"username": username})

    def put(self, chip: ChipModel) -> None:
        """Write a chip as it is now."""
        self._put(chip)

    def current_cooldown(self, project_id: str, chip_id: str) -> str | None:
        """Return the cool-down that a chip is loaded in now; None when there is none, or no such chip."""
        with self._reading() as snapshot:
            chip = snapshot.get(self.collection, (project_id, chip_id))
        return None if chip is None else chip.get("current_cooldown_id")

    def set_current_cooldown(self, project_id: str, chip_id: str, cooldown_id: str | None) -> None:
        """Say in which cool-down a chip is loaded now."""
        with self._writing() as transaction:
            chips = type(self)(transaction)
            chip = chips.find(project_id, chip_id)
            if chip is not None:
                chips.put(chip.altered(current_cooldown_id=cooldown_id, now=utc_now()))

    def get_current_chip(
        self, project_id: str | None = None, username: str | None = None
    ) -> ChipModel | None:
        """Return the chip installed last in a project, or by a user; None when there is none."""
        if project_id is not None:
            found = self._find({"project_id": project_id}, order=("-installed_at",), limit=1)
        elif username is not None:
            found = sorted(self._find({"username": username}), key=lambda chip: chip.installed_at)[-1:]
        else:
            raise TypeError("get_current_chip needs a project_id or a username")
        return found[0] if found else None


T = TypeVar("T", QubitModel, CouplingModel)


class _TargetRepository(Repository[T]):
    """Qubits or couplings, and their copy of each day."""

    history: str
    history_model: type[QubitHistoryModel | CouplingHistoryModel]

    def find(self, project_id: str, chip_id: str, qid: str) -> T | None:
        """Return one target, or None."""
        return self._get((project_id, chip_id, qid))

    def require(self, project_id: str, chip_id: str, qid: str) -> T:
        """Return one target; NotFoundError when the chip has no such one."""
        target = self.find(project_id, chip_id, qid)
        if target is None:
            raise NotFoundError(f"chip {chip_id} has no {self.collection} {qid}")
        return target

    def of_chip(self, project_id: str, chip_id: str) -> list[T]:
        """Return all targets of a chip, by number."""
        found = self._find({"project_id": project_id, "chip_id": chip_id})
        return sorted(found, key=lambda target: by_number(target.qid))

    def values_of_chip(self, project_id: str, chip_id: str) -> list[StoredValues]:
        """Return the latest accepted values of all targets of a chip, by number, also of those that have none."""
        found = self._read(_values(), {"project_id": project_id, "chip_id": chip_id})
        return sorted(found, key=lambda target: by_number(target["qid"]))

    def states_of_chip(self, project_id: str, chip_id: str) -> list[StoredState]:
        """Return of all targets of a chip, by number, what is known beside their values."""
        where = {"project_id": project_id, "chip_id": chip_id}
        found = self._read(_states(), where, without=("data",))
        return sorted(found, key=lambda target: by_number(target["qid"]))

    def add_all(self, targets: list[T]) -> None:
        """Add new targets in one transaction."""
        with self._writing() as transaction:
            for target in targets:
                transaction.insert(self.collection, target.document())

    def update_calib_data(
        self, project_id: str, chip_id: str, qid: str, output_parameters: Mapping[str, ParameterModel]
    ) -> T:
        """Make these values the latest of a target. Values of other parameters stay.

        Raises
        ------
        NotFoundError
            If the chip has no such target.
        """
        with self._writing() as transaction:
            known = type(self)(transaction).require(project_id, chip_id, qid)
            target = known.altered(data={**known.data, **output_parameters}, now=utc_now())
            transaction.put(self.collection, target.document())
        return target

    def accept(
        self,
        project_id: str,
        chip_id: str,
        qid: str,
        output_parameters: Mapping[str, ParameterModel],
        *,
        recorded_date: str,
        cooldown_id: str | None,
    ) -> None:
        """Make these values the latest of a target, and keep the target as the copy of this day."""
        with self._writing() as transaction:
            targets = type(self)(transaction)
            target = targets.update_calib_data(project_id, chip_id, qid, output_parameters)
            targets.record_day(target, recorded_date, cooldown_id)

    def update_status(self, project_id: str, chip_id: str, qid: str, status: TargetStatus) -> bool:
        """Set the status of a target, unless a person has excluded it or called it dead; returns whether it is another one."""
        with self._writing() as transaction:
            target = type(self)(transaction).find(project_id, chip_id, qid)
            if target is None or target.status == status or target.status.set_aside:
                return False
            transaction.put(self.collection, target.altered(status=status, now=utc_now()).document())
            return True

    def decide(
        self,
        project_id: str,
        chip_id: str,
        qid: str,
        status: TargetStatus,
        note: Note,
        *,
        recorded_date: str,
        cooldown_id: str | None,
    ) -> T:
        """Give a target the status that a person has decided on, with the note that says why, and keep it as the copy of this day.

        Raises
        ------
        NotFoundError
            If the chip has no such target.
        ConflictError
            If a target is taken back that is not set aside.
        """
        with self._writing() as transaction:
            targets = type(self)(transaction)
            known = targets.require(project_id, chip_id, qid)
            if not (status.set_aside or known.status.set_aside):
                raise ConflictError(
                    f"{self.collection} {qid} of chip {chip_id} is {known.status}: there is nothing to take back"
                )
            target = known.altered(status=status, note=note, now=note.changed_at)
            transaction.put(self.collection, target.document())
            targets.record_day(target, recorded_date, cooldown_id)
        return target

    def set_design(
        self,
        project_id: str,
        chip_id: str,
        qid: str,
        values: DesignValues,
        *,
        recorded_date: str,
        cooldown_id: str | None,
    ) -> None:
        """Put these design values over those of a target, and keep it as the copy of this day.

        Raises
        ------
        NotFoundError
            If the chip has no such target.
        """
        with self._writing() as transaction:
            targets = type(self)(transaction)
            known = targets.require(project_id, chip_id, qid)
            target = known.altered(design={**known.design, **values}, now=utc_now())
            transaction.put(self.collection, target.document())
            targets.record_day(target, recorded_date, cooldown_id)

    def record_day(self, target: T, recorded_date: str, cooldown_id: str | None) -> None:
        """Keep the target as the copy of this day, in place of an earlier one of the same day."""
        day: dict[str, Any] = {
            **target.document(),
            "recorded_date": recorded_date,
            "cooldown_id": cooldown_id,
        }
        with self._writing() as transaction:
            transaction.put(self.history, day)

    def days(self, project_id: str, chip_id: str, qid: str) -> list[Any]:
        """Return the daily copies of a target, oldest first."""
        where = {"project_id": project_id, "chip_id": chip_id, "qid": qid}
        with self._reading() as snapshot:
            documents = snapshot.find(self.history, where, order=("recorded_date",))
        return [self.history_model.model_validate(document) for document in documents]


class QubitCalibrationRepository(_TargetRepository[QubitModel]):
    """Qubits and what is known about them."""

    collection = "qubit"
    model = QubitModel
    history = "qubit_history"
    history_model = QubitHistoryModel


class CouplingCalibrationRepository(_TargetRepository[CouplingModel]):
    """Couplings and what is known about them."""

    collection = "coupling"
    model = CouplingModel
    history = "coupling_history"
    history_model = CouplingHistoryModel

    def set_control(
        self,
        project_id: str,
        chip_id: str,
        qid: str,
        control: str,
        *,
        recorded_date: str,
        cooldown_id: str | None,
    ) -> None:
        """Say which qubit controls a coupling, and keep it as the copy of this day.

        Where another one did, what was calibrated that way is its own no more, but for what has no direction.

        Raises
        ------
        NotFoundError
            If the chip has no such coupling.
        """
        with self._writing() as transaction:
            couplings = type(self)(transaction)
            found = couplings.require(project_id, chip_id, qid)
            if found.control == control:
                return
            changed = found.altered(control=control, now=utc_now())
            if control != (found.control or qubits_of(qid)[0]):
                changed.data = {
                    name: known for name, known in found.data.items() if name in WITHOUT_DIRECTION
                }
                if not changed.status.set_aside:
                    changed.status = TargetStatus.PENDING
            transaction.put(self.collection, changed.document())
            couplings.record_day(changed, recorded_date, cooldown_id)


class ChipHistoryRepository(Repository[ChipHistoryModel]):
    """The header of each chip on each day."""

    collection = "chip_history"
    model = ChipHistoryModel

    def put(self, record: ChipHistoryModel) -> None:
        """Keep the header of a day, in place of an earlier one of the same day."""
        self._put(record)

    def days(self, project_id: str, chip_id: str) -> list[ChipHistoryModel]:
        """Return the headers of a chip, oldest first."""
        return self._find({"project_id": project_id, "chip_id": chip_id}, order=("recorded_date",))


@cache
def _states() -> TypeAdapter[list[StoredState]]:
    return TypeAdapter(list[StoredState])


@cache
def _values() -> TypeAdapter[list[StoredValues]]:
    return TypeAdapter(list[StoredValues])

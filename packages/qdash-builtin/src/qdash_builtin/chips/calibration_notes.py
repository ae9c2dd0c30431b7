"""Calibration notes of a chip: the library's data after each task and run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.errors import NotFoundError
from qdash_core.repositories.chips import ChipRepository
from qdash_core.repositories.executions import CalibrationNoteRepository
from qdash_core.repositories.repositories import Repositories

if TYPE_CHECKING:
    from qdash_core.models.access import Access
    from qdash_core.models.execution import CalibrationNoteMark, CalibrationNoteModel
    from qdash_core.models.pages import Page, PageRequest
    from qdash_core.repositories.store import Store


class CalibrationNoteService:
    """Read access to the calibration notes of one store. Runs write them."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def page(self, access: Access, chip_id: str, request: PageRequest) -> Page[CalibrationNoteMark]:
        """Return a page of the calibration notes of a chip, newest first, without their large contents.

        Raises
        ------
        NotFoundError
            If there is no such chip.
        """
        with self._store.read() as snapshot:
            repositories = Repositories(snapshot)
            repositories.of(ChipRepository).require(access.project_id, chip_id)
            return repositories.of(CalibrationNoteRepository).page(access.project_id, chip_id, request)

    def get_latest(self, access: Access, chip_id: str) -> CalibrationNoteModel:
        """Return the newest calibration note of a chip; NotFoundError if there is no note or no such chip."""
        with self._store.read() as snapshot:
            repositories = Repositories(snapshot)
            repositories.of(ChipRepository).require(access.project_id, chip_id)
            found = repositories.of(CalibrationNoteRepository).get_latest(access.project_id, chip_id)
        if found is None:
            raise NotFoundError(f"chip {chip_id} has no calibration note: no run of it has left one")
        return found

    def show(
        self, access: Access, chip_id: str, execution_id: str, task_id: str = ""
    ) -> CalibrationNoteModel:
        """Return the note written after a task of an execution, or at its end if no task is given.

        Raises
        ------
        NotFoundError
            If there is no such note.
        """
        with self._store.read() as snapshot:
            found = (
                Repositories(snapshot)
                .of(CalibrationNoteRepository)
                .find(access.project_id, chip_id, execution_id, task_id)
            )
        if found is None:
            left = f"task {task_id} of execution" if task_id else "the end of execution"
            raise NotFoundError(
                f"chip {chip_id} of project {access.project_id} has no calibration note of {left} {execution_id}"
            )
        return found

"""Chips by their id alone, as flows of the original name them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash.workflow.service.session_context import get_current_session
from qdash_core.access.enrolment import find_default_project
from qdash_core.errors import NotFoundError, QDashError
from qdash_core.runtime.runtime import Runtime

if TYPE_CHECKING:
    from qdash_core.chips.chip import Chip


def read_chip(chip_id: str) -> Chip:
    """Return a chip as the current session sees it, or from the default project of the settings' store.

    Raises
    ------
    NotFoundError
        If there is no such chip.
    """
    session = get_current_session()
    if session is not None and session.chip_id == chip_id:
        return session.read_chip()
    with Runtime.open() as runtime:
        project = find_default_project(runtime.store)
        if project is None:
            raise NotFoundError("there is no default project: name the chip within a calibration")
        return runtime.chip_record.show(project.project_id, chip_id)


def find_chip(chip_id: str) -> Chip | None:
    """Return a chip as `read_chip`, or None if it cannot be read."""
    try:
        return read_chip(chip_id)
    except QDashError:
        return None

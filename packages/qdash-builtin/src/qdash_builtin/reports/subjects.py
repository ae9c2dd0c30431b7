"""Subjects of reports by the text of a user: a chip, an execution or a release."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_builtin.reports.report import Subject, SubjectKind
from qdash_builtin.values.release_repository import ReleaseRepository
from qdash_core.errors import InvalidInputError, NotFoundError
from qdash_core.parsing.similar_names import suggest
from qdash_core.repositories.chips import ChipRepository
from qdash_core.repositories.executions import ExecutionRepository
from qdash_core.repositories.repositories import Repositories

if TYPE_CHECKING:
    from qdash_builtin.runs.queries import ExecutionService
    from qdash_core.models.access import Access
    from qdash_core.repositories.store import Store

_SEPARATOR = ":"


def resolve_subject(
    store: Store, executions: ExecutionService, access: Access, text: str, chip_id: str | None
) -> Subject:
    """Return the subject that a text names.

    Parameters
    ----------
    text : str
        The id of a chip; the id of an execution, the beginning of one, or `last`; or `release:NAME`. A chip with this id comes first;
        `chip:ID` and `execution:ID` distinguish them.
    chip_id : str or None
        The chip of a release, or None for the only chip of the project with a release of this name.

    Raises
    ------
    NotFoundError
        If there is no such chip, execution or release.
    InvalidInputError
        If the text is empty, several executions have this prefix, several chips have a release of this name, or `chip_id` is given for a
        chip or an execution.
    """
    kind, _, name = text.partition(_SEPARATOR) if _SEPARATOR in text else ("", "", text)
    if kind == SubjectKind.RELEASE:
        return Subject(SubjectKind.RELEASE, _find_chip_of_release(store, access, name, chip_id), name)
    if chip_id is not None:
        raise InvalidInputError(
            f"--chip is for releases only, and {text!r} is not one: write release:NAME, or leave out --chip"
        )
    with store.read() as snapshot:
        chips = [
            one.chip_id
            for one in Repositories(snapshot).of(ChipRepository).list_by_project(access.project_id)
        ]
    if text in chips or kind == SubjectKind.CHIP:
        found = text if text in chips else name
        if found not in chips:
            raise NotFoundError(
                f"there is no chip {found!r} in project {access.project_id}{suggest(found, chips)}"
            )
        return Subject(SubjectKind.CHIP, found, found)
    wanted = name if kind == SubjectKind.EXECUTION else text
    try:
        execution_id = executions.resolve_id(access, wanted)
    except NotFoundError as error:
        if kind == SubjectKind.EXECUTION:
            raise
        raise NotFoundError(
            f"there is neither a chip nor an execution {text!r} in project {access.project_id}{suggest(text, chips)}"
        ) from error
    with store.read() as snapshot:
        execution = Repositories(snapshot).of(ExecutionRepository).require(access.project_id, execution_id)
    return Subject(SubjectKind.EXECUTION, execution.chip_id, execution_id)


def _find_chip_of_release(store: Store, access: Access, name: str, chip_id: str | None) -> str:
    """Return the chip of a release; raise NotFoundError without one, and InvalidInputError if there are several."""
    with store.read() as snapshot:
        repositories = Repositories(snapshot)
        if chip_id is not None:
            repositories.of(ChipRepository).require(access.project_id, chip_id)
            return repositories.of(ReleaseRepository).require(access.project_id, chip_id, name).chip_id
        chips = [
            chip.chip_id
            for chip in repositories.of(ChipRepository).list_by_project(access.project_id)
            if any(
                one.name == name
                for one in repositories.of(ReleaseRepository).list_by_chip(access.project_id, chip.chip_id)
            )
        ]
    if not chips:
        raise NotFoundError(f"no chip of project {access.project_id} has a release {name!r}")
    if len(chips) > 1:
        raise InvalidInputError(
            f"several chips have a release {name!r}: choose one of {', '.join(sorted(chips))} with --chip"
        )
    return chips[0]

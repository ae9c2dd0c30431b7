"""Twins of chips that have another backend: creation from known facts, replacement."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.backends.base import BackendContext
from qdash_core.chips.knowledge import collect_knowledge
from qdash_core.errors import ConflictError, InvalidInputError, NotFoundError
from qdash_core.models.project import ProjectRole
from qdash_core.process.file_modes import make_folder
from qdash_fake.folders import TWIN_FILE, lock_folder, replace_folder, twin_folder
from qdash_fake.known_chips import make_table_of_chip
from qdash_fake.twin import create_twin, load_twin

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from qdash_core.backends.base import ChipKnowledge
    from qdash_core.chips.chip import Chip
    from qdash_core.models.access import Access
    from qdash_core.runtime.application import QDash
    from qdash_fake.options import TwinOptions
    from qdash_fake.twin import Twin


def simulate_chip(
    qdash: QDash,
    access: Access,
    chip_id: str,
    *,
    seed: int,
    options: Mapping[str, object] | TwinOptions | None = None,
    replace: bool = False,
) -> tuple[Chip, Twin]:
    """Create the twin of a chip from what is known about it: of one with another backend, or of a twin without its file.

    Raises
    ------
    NotFoundError
        If there is no such chip.
    InvalidInputError
        If the chip is a twin itself and has its file, or an option or the seed is impossible.
    ConflictError
        If the chip has a twin and `replace` is not set.
    """
    access.require(ProjectRole.EDITOR)
    chip = qdash.chip_record.show(access.project_id, chip_id)
    context = BackendContext(access.project_id, chip_id, (), qdash.settings.home, chip.header.created_at)
    if chip.header.backend == "fake" and (_folder(context) / TWIN_FILE).exists():
        raise InvalidInputError(f"chip {chip_id} is a twin itself: its own backend is fake")
    twin = create_simulation(context, collect_knowledge(chip), seed=seed, options=options, replace=replace)
    return chip, twin


def ensure_simulation(context: BackendContext, chip: ChipKnowledge) -> Twin:
    """Return the twin of a chip that has another backend; create it with seed 0 and no faults if there is none.

    Raises
    ------
    InvalidInputError
        If the file of an existing twin is broken.
    """
    if (found := _find_simulation(context)) is not None:
        return found
    try:
        return create_simulation(context, chip)
    except ConflictError:  # another process was first
        return load_twin(_folder(context))


def create_simulation(
    context: BackendContext,
    chip: ChipKnowledge,
    *,
    seed: int = 0,
    options: Mapping[str, object] | TwinOptions | None = None,
    replace: bool = False,
) -> Twin:
    """Create the twin of a chip that has another backend, in place of that of an earlier chip with the same id.

    The seed is that of everything unknown. Raises InvalidInputError if an option or the seed is impossible,
    ConflictError if the chip has a twin and `replace` is not set.
    """
    folder = _folder(context)
    make_folder(folder.parent)
    with lock_folder(folder.parent):
        if not replace and _find_simulation(context) is not None:
            raise ConflictError(f"chip {context.chip_id} has a twin already: --replace makes another one")
        with replace_folder(folder) as new:
            made_at = _format_made_at(context)
            create_twin(new, make_table_of_chip(chip, seed), seed, options, chip_made_at=made_at)
    return load_twin(folder)


def _folder(context: BackendContext) -> Path:
    return twin_folder(context.home, project_id=context.project_id, chip_id=context.chip_id)


def _format_made_at(context: BackendContext) -> str | None:
    return None if context.chip_made_at is None else context.chip_made_at.isoformat()


def _find_simulation(context: BackendContext) -> Twin | None:
    """Return the twin of this chip, and not of an earlier one with the same id, or None."""
    try:
        twin = load_twin(_folder(context))
    except NotFoundError:
        return None
    return twin if twin.chip_made_at == _format_made_at(context) else None

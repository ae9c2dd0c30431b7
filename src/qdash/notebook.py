"""Chips for notebooks, from a home or a host."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from qdash_builtin.notebooks.chip import NotebookChip
from qdash_core.errors import InvalidInputError

if TYPE_CHECKING:
    from pathlib import Path


def open_chip(
    chip_id: str,
    *,
    home: Path | str | None = None,
    host: str | None = None,
    project: str | None = None,
    user: str | None = None,
) -> NotebookChip:
    """Open a chip of a home, without a server, or of a host.

    Parameters
    ----------
    chip_id : str
        The chip.
    home : Path, str or None
        Folder of the home, or None for that of the settings (`QDASH_HOME`).
    host : str or None
        Address of a host, such as `http://127.0.0.1:8000`, or None for a home. The token comes from `QDASH_TOKEN` or the file
        `token` in the home.
    project : str or None
        The project, or None for the user's default project.
    user : str or None
        User of a home, the author of refits and analyses, or None for `admin`. On a host, the token tells the user.

    Raises
    ------
    NotFoundError
        If there is no such chip.
    AccessDeniedError
        If the user may not read the project.
    InvalidInputError
        If a home or a user is named together with a host, or there is no token.
    """
    if host is None:
        from qdash_builtin.notebooks.home import HomeChip

        return NotebookChip(HomeChip.open(chip_id, home, username=user, project=project))
    if home is not None or user is not None:
        raise InvalidInputError(
            "name a home, perhaps with a user, or a host: the token of a host tells the user"
        )
    from qdash_builtin.notebooks.host import HostChip

    connection = import_module("qdash_remote").connect(host, project=project)
    return NotebookChip(HostChip(connection, chip_id))

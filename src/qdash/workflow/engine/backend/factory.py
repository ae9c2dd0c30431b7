"""Backends of installed plugins by name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qdash.repository.settings_store import MongoChipRepository
from qdash.workflow.engine.scheduler.chip_source import read_chip
from qdash_core.backends.base import BackendContext
from qdash_core.hooks.manager import load_plugins
from qdash_core.settings import load_settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_core.backends.base import BaseBackend


def get_backend_class(name: str) -> type[BaseBackend]:
    """Return the backend of an installed plugin; NotFoundError if there is none of this name."""
    return load_plugins().backend(name)


def create_backend(backend: str, config: Mapping[str, Any]) -> BaseBackend:
    """Return a backend for a chip in the store of the current settings, not yet connected.

    Parameters
    ----------
    backend : str
        Name of the backend. Another one is added by a plugin (`qdash_backends`), not here.
    config : mapping
        `username` and `chip_id`; also `project_id`, by default the user's, and `qids`, by default all.

    Raises
    ------
    NotFoundError
        If there is no such backend or chip.
    """
    created = get_backend_class(backend)()
    chip = read_chip(
        MongoChipRepository(), config["username"], config["chip_id"], config.get("project_id")
    ).header
    created.context = BackendContext(
        chip.project_id,
        chip.chip_id,
        tuple(config.get("qids") or ()),
        load_settings().home,
        chip.created_at,
    )
    return created

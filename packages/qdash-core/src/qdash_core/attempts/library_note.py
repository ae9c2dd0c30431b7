"""The calibration note of the laboratory's library, as it can be kept."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any

from qdash_core.interrupts import interruptible
from qdash_core.models.base import as_json_text
from qdash_core.repositories.documents import LARGEST_DOCUMENT

if TYPE_CHECKING:
    from qdash_core.backends.base import BaseBackend

logger = logging.getLogger(__name__)


def library_note(backend: BaseBackend) -> dict[str, Any] | None:
    """Return the note as it stands, as JSON; None when there is none that can be kept: that must not fail a task.

    Raises
    ------
    KeyboardInterrupt
        If an interrupt came while the library was asked.
    """
    try:
        with interruptible():
            note = backend.save_note()
        if note is None:
            return None
        text = as_json_text(note)
        if len(text) > LARGEST_DOCUMENT:
            logger.warning("the backend's calibration note is not kept: %.1f MiB", len(text) / 2**20)
            return None
        kept: dict[str, Any] = json.loads(text)
        return kept
    except (Exception, SystemExit) as error:  # noqa: BLE001  a plugin's code
        logger.warning("the backend's calibration note could not be read: %s", error)
        return None

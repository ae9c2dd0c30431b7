"""Backend `recorded`: a recording in place of instruments."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from qdash_core.errors import BackendError
from qdash_tasks.laboratory.backend import LABORATORY, LaboratoryBackend
from qdash_tasks.laboratory.recording_file import read_lines

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_core.backends.base import BackendContext
    from qdash_tasks.laboratory.recorded_laboratory import RecordedLaboratory


class RecordedBackend(LaboratoryBackend):
    """Backend that replays the recording named by `QDASH_RECORDING`."""

    name = "recorded"
    max_parallel = None

    def __init__(self) -> None:
        self._laboratory: RecordedLaboratory | None = None

    @classmethod
    def instrument(cls, context: BackendContext) -> str:
        """Return a separate instrument for each chip, since any number of readers can share a file."""
        return f"{cls.name}/{context.project_id}/{context.chip_id}"

    @classmethod
    def offers(cls, context: BackendContext) -> frozenset[str]:  # noqa: ARG003  the same for all chips
        """Return the features of the recorded laboratory; raise `BackendError` if no recording is named."""
        return frozenset({LABORATORY, *next(read_lines(_require_laboratory()))["requests"]})

    @classmethod
    def design(cls, context: BackendContext) -> Mapping[str, Mapping[str, float]]:  # noqa: ARG003  as above
        """Return the design values of the recorded backend."""
        path = _get_recording()
        found: Mapping[str, Mapping[str, float]] = {} if path is None else next(read_lines(path))["design"]
        return found

    def connect(self) -> None:
        """Read the recording; raise `BackendError` if none is named, `InvalidInputError` if it cannot be read."""
        from qdash_tasks.laboratory.recorded_laboratory import (
            RecordedLaboratory,  # only if answers have arrays
        )

        self._laboratory = RecordedLaboratory(_require_laboratory())

    @property
    def laboratory(self) -> RecordedLaboratory:
        """The recorded laboratory. Raises `BackendError` before `connect`."""
        if self._laboratory is None:
            raise BackendError("the recorded backend is not connected: call connect() first")
        return self._laboratory


def _require_laboratory() -> Path:
    path = _get_recording()
    if path is None:
        raise BackendError("set QDASH_RECORDING to the file of a recording")
    return path


def _get_recording() -> Path | None:
    path = os.environ.get("QDASH_RECORDING")
    return Path(path) if path else None

"""Backend that measures through the laboratory port; the author of a laboratory subclasses it."""

from __future__ import annotations

import os
from abc import abstractmethod
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from qdash_core.backends.base import BaseBackend
from qdash_core.errors import BackendError, InvalidInputError
from qdash_tasks.laboratory.observed_settings import observe_reads
from qdash_tasks.laboratory.request_kinds import is_playable

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from contextlib import AbstractContextManager

    from qdash_core.backends.base import BackendContext
    from qdash_core.models.estimates import Parameter
    from qdash_tasks.laboratory.limits import Limits
    from qdash_tasks.laboratory.port import Laboratory
    from qdash_tasks.laboratory.request import Request

LABORATORY = "laboratory"
"""Feature of every backend of this kind, besides the names of the requests that its laboratory supports."""


class LaboratoryBackend(BaseBackend):
    """Backend of a `Laboratory`: applies calibrated values and keeps its settings in the calibration note.

    An author defines `name`, `laboratory_class`, `connect` and `laboratory`; `disconnect` closes it.
    """

    laboratory_class: ClassVar[type[Laboratory]]
    """Class of `laboratory`: the requests that it supports are known without a connection."""

    @classmethod
    def offers(cls, context: BackendContext) -> frozenset[str]:  # noqa: ARG003  the same for all chips
        """Return the features: the laboratory port, and the names of the supported requests.

        If the limits of an instance differ from those of the class, override this and return `offered` with its limits.
        """
        return offered(cls.laboratory_class.requests, cls.laboratory_class.limits)

    @classmethod
    def supports_request(cls, context: BackendContext, request: type[Request]) -> bool:  # noqa: ARG003  as above
        """Return whether a kind of a plugin is supported: a laboratory that plays pulses plays those that define their programs."""
        laboratory = getattr(cls, "laboratory_class", None)
        return (
            laboratory is not None
            and laboratory.plays_programs
            and is_playable(request, laboratory.requests, laboratory.limits)
        )

    @property
    @abstractmethod
    def laboratory(self) -> Laboratory:
        """The open laboratory. Raises `BackendError` before `connect`."""

    def get_instance(self) -> Any:
        """Return the laboratory; a backend whose vendor has its own session object returns that instead."""
        return self.laboratory

    def apply(self, parameters: Mapping[str, Mapping[str, Parameter]]) -> None:
        """Apply calibrated values of qubits and couplings to the settings in use; other targets are ignored."""
        laboratory = self.laboratory
        for target, found in parameters.items():
            values = {name: parameter.value for name, parameter in found.items()}
            laboratory.apply(target, values)

    def read_back(self, target: str) -> Mapping[str, float]:
        """Return the settings of a qubit or coupling by parameter name."""
        laboratory = self.laboratory
        settings = laboratory.settings.get(target) or laboratory.couplings.get(target)
        return {} if settings is None else settings.as_parameters()

    def observe_reads(self) -> AbstractContextManager[Mapping[str, Mapping[str, Parameter]]]:
        """Observe the settings that a task reads and those that its requests play."""
        return observe_reads()

    def save_note(self) -> dict[str, Any]:
        """Return the settings in use of all qubits, and of all couplings that have any."""
        laboratory = self.laboratory
        couplings = {name: settings for name, settings in laboratory.couplings.items() if settings.known}
        return {
            "settings": {qid: settings.as_note() for qid, settings in laboratory.settings.items()},
            "couplings": {name: settings.as_note() for name, settings in couplings.items()},
        }

    @classmethod
    def merge_note(
        cls, stored: dict[str, Any], new: dict[str, Any], targets: Collection[str]
    ) -> dict[str, Any]:
        """Return the stored settings, with those of the targets from the new note. A target that the new note lacks has none."""
        merged = dict(stored)
        for part in ("settings", "couplings"):
            kept = {name: one for name, one in stored.get(part, {}).items() if name not in targets}
            merged[part] = kept | {name: one for name, one in new.get(part, {}).items() if name in targets}
        return merged

    def update_note(self, note: dict[str, Any]) -> None:
        """Restore the settings from a calibration note; qubits and couplings that it does not name keep theirs.

        Raises
        ------
        InvalidInputError
            If the note names an unknown qubit, coupling or setting, or holds an impossible value.
        """
        laboratory = self.laboratory
        for qid, values in note.get("settings", {}).items():
            if qid not in laboratory.settings:
                raise InvalidInputError(f"calibration note: {qid!r} is not a qubit of this laboratory")
            laboratory.adjust(qid, values)
        for name, values in note.get("couplings", {}).items():
            if name not in laboratory.couplings:
                raise InvalidInputError(f"calibration note: {name!r} is not a coupling of this laboratory")
            laboratory.adjust(name, values)


def offered(requests: Iterable[type[Request]], limits: Limits) -> frozenset[str]:
    """Return the features of a backend whose laboratory supports these requests, within its limits."""
    return frozenset({LABORATORY, *(one.__name__ for one in requests if one.possible_with(limits))})


def get_laboratory(backend: BaseBackend) -> Laboratory:
    """Return the laboratory of a backend, with a recorder if QDASH_RECORD_LABORATORY names a folder.

    Raises
    ------
    BackendError
        If the backend has no laboratory port, or is not connected.
    """
    if not isinstance(backend, LaboratoryBackend):
        raise BackendError(
            f"backend {backend.name or type(backend).__name__} has no laboratory port: this task measures through one "
            "(subclass qdash_tasks.laboratory.backend.LaboratoryBackend)"
        )
    folder = os.environ.get("QDASH_RECORD_LABORATORY")
    if not folder:
        return backend.laboratory
    from qdash_tasks.laboratory.recorder import get_recorder  # only if arrays are written

    return get_recorder(backend.laboratory, backend, Path(folder))

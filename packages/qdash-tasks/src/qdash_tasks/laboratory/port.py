"""Port to every laboratory: requests in, points in the IQ plane out."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar

from qdash_core.errors import InvalidInputError
from qdash_tasks.laboratory.limits import Limits
from qdash_tasks.laboratory.observed_settings import view_settings
from qdash_tasks.laboratory.request_kinds import is_playable
from qdash_tasks.laboratory.trace import ShotRecord, Trace

if TYPE_CHECKING:
    from qdash_tasks.laboratory.coupling_settings import CouplingSettings
    from qdash_tasks.laboratory.request import Request
    from qdash_tasks.laboratory.settings import Settings
    from qdash_tasks.laboratory.shots import Shots

Answer = Trace | ShotRecord
"""Answer to one request: a `ShotRecord` if it asks for single shots, otherwise a `Trace`."""
Answers = Mapping[str, Sequence[Answer] | Exception]
"""Result of a call by target: an answer to each request in order, or the reason why the target failed."""


class Laboratory(ABC):
    """Base class of laboratories: measures requests, and holds the settings in use. Safe for threads.

    `settings` and `couplings` are the initial ones, by qubit and by coupling id: these qubits can be measured.
    """

    requests: ClassVar[frozenset[type[Request]]] = frozenset()
    """Supported standard kinds of measurement; without programs, also supported kinds of plugins."""
    plays_programs: ClassVar[bool] = False
    """True if requests of other plugins, which define their programs, are compiled and played."""
    limits: Limits = Limits()
    """Limits of playback and measurement; requests beyond them are rejected before `measure` is called."""

    def __init__(
        self,
        settings: Mapping[str, Settings],
        couplings: Mapping[str, CouplingSettings] = MappingProxyType({}),
    ) -> None:
        self._settings = {qid: self._round_settings(qid, one) for qid, one in settings.items()}
        self._couplings = dict(couplings)
        self._adjusting = threading.Lock()

    def supports(self, request: type[Request]) -> bool:
        """Return whether requests of this kind are supported within the limits."""
        if request in self.requests:
            return request.possible_with(self.limits)
        return self.plays_programs and is_playable(request, self.requests, self.limits)

    @property
    def settings(self) -> Mapping[str, Settings]:
        """Settings in use by qubit: a view that `adjust` changes. Reads by a measuring task are noted."""
        return view_settings(self._settings)

    def __setattr__(self, name: str, value: object) -> None:
        """Reject an attribute that would hide a method."""
        if not callable(value) and callable(getattr(type(self), name, None)):
            raise InvalidInputError(
                f"{type(self).__name__}.{name} is a method of {Laboratory.__name__} or its subclass: rename the attribute, for example to self._own_{name}"
            )
        super().__setattr__(name, value)

    @property
    def couplings(self) -> Mapping[str, CouplingSettings]:
        """Settings in use by coupling id: a view that `adjust` changes. Reads by a measuring task are noted."""
        return view_settings(self._couplings)

    def coupling(self, coupling_id: str) -> CouplingSettings:
        """Return the settings in use of a coupling.

        Raises
        ------
        InvalidInputError
            If the laboratory has no such coupling.
        """
        found = self.couplings.get(coupling_id)
        if found is None:
            raise InvalidInputError(
                f"coupling {coupling_id}: this laboratory has no such coupling: pass `couplings={{'{coupling_id}': CouplingSettings()}}` to its constructor, or exclude two-qubit requests from `requests` (`requests = QUBIT_REQUESTS`)"
            )
        return found

    def adjust(self, target: str, values: Mapping[str, float | None]) -> None:
        """Change settings in use of a qubit or coupling, by field name.

        Raises
        ------
        InvalidInputError
            If there is no such target or setting, or a value is impossible; nothing is changed then.
        """
        with self._adjusting:
            if target in self._settings:
                self._settings[target] = self._round_settings(target, self._settings[target].changed(values))
            elif target in self._couplings:
                self._couplings[target] = self._couplings[target].changed(values)
            else:
                raise InvalidInputError(f"{target!r} is neither a qubit nor a coupling of this laboratory")

    def apply(self, target: str, calibrated: Mapping[str, float]) -> None:
        """Apply calibrated values of a qubit or coupling by parameter name; ignore names that are not settings.

        Raises
        ------
        InvalidInputError
            If a value is impossible; nothing is changed then.
        """
        with self._adjusting:
            if target in self._settings:
                self._settings[target] = self._round_settings(
                    target, self._settings[target].applied(calibrated)
                )
            elif target in self._couplings:
                self._couplings[target] = self._couplings[target].applied(calibrated)

    def _round_settings(self, qid: str, settings: Settings) -> Settings:  # noqa: ARG002  for those that round
        """Return settings as the lines of a qubit play them; unchanged by default."""
        return settings

    @abstractmethod
    def measure(self, requests: Mapping[str, Sequence[Request]], shots: Shots) -> Answers:
        """Measure the requests of all targets in one call. Touches hardware.

        Tasks call it through `calls.measure_targets`, which rejects impossible requests and validates the answers.

        Parameters
        ----------
        requests
            Requests by target, in the order of the answers. Requests at the same place are measured at the
            same time if the laboratory supports it.

        Returns
        -------
        mapping of str to sequence of Trace or ShotRecord, or exception
            Answers of each target, or an exception that fails this target alone. An exception that is raised
            fails all targets.
        """

    def close(self) -> None:  # noqa: B027  most have nothing to let go of
        """Release resources; called once. Does nothing by default."""


class SequentialLaboratory(Laboratory):
    """Laboratory that measures one target after the other; its author answers single requests."""

    @abstractmethod
    def answer(self, target: str, request: Request, shots: Shots) -> Answer:
        """Answer one request. Touches hardware; an exception fails this target alone.

        All answers to a target in one `measure` share one IQ plane: if the plane rotates between calls,
        rotate each answer to the plane of the first.
        """

    def measure(self, requests: Mapping[str, Sequence[Request]], shots: Shots) -> Answers:
        """Answer one request after the other."""
        return {target: self._collect_answers(target, asked, shots) for target, asked in requests.items()}

    def _collect_answers(
        self, target: str, asked: Sequence[Request], shots: Shots
    ) -> Sequence[Answer] | Exception:
        try:
            return [self.answer(target, request, shots) for request in asked]
        except Exception as error:  # noqa: BLE001  the border between one target and the others of its call
            return error

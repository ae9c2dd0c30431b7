"""The port to every laboratory: requests go in, points in the IQ plane come out."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar

from qdash_core.errors import InvalidInputError
from qdash_tasks.laboratory.limits import Limits
from qdash_tasks.laboratory.trace import ShotRecord, Trace

if TYPE_CHECKING:
    from qdash_tasks.laboratory.coupling_settings import CouplingSettings
    from qdash_tasks.laboratory.request import Request
    from qdash_tasks.laboratory.settings import Settings
    from qdash_tasks.laboratory.shots import Shots

Answer = Trace | ShotRecord
"""What one request gives: a `ShotRecord` where the request is for single shots, else a `Trace`."""
Answers = Mapping[str, Sequence[Answer] | Exception]
"""What a call gives by target: an answer for each request in their order, or why that target could not be measured."""


class Laboratory(ABC):
    """What tasks measure with, and the settings that are in use there. Safe for threads.

    Parameters
    ----------
    settings
        In use at first, by qubit: these qubits can be measured.
    couplings
        Likewise of couplings, by coupling id.
    """

    requests: ClassVar[frozenset[type[Request]]] = frozenset()
    """The kinds of measurement that it answers."""
    limits: Limits = Limits()
    """What it can play and measure; requests beyond are refused before `measure` is called."""

    def __init__(
        self,
        settings: Mapping[str, Settings],
        couplings: Mapping[str, CouplingSettings] = MappingProxyType({}),
    ) -> None:
        self._settings = {qid: self._playable(qid, one) for qid, one in settings.items()}
        self._couplings = dict(couplings)
        self._adjusting = threading.Lock()

    def supports(self, request: type[Request]) -> bool:
        """Return whether it answers requests of this kind, as its limits allow."""
        return request in self.requests and request.possible_with(self.limits)

    @property
    def settings(self) -> Mapping[str, Settings]:
        """Settings in use by qubit: a view that `adjust` changes."""
        return MappingProxyType(self._settings)

    def __setattr__(self, name: str, value: object) -> None:
        """Refuse to cover a method with something that is none: it is called later, by a task."""
        if not callable(value) and callable(getattr(type(self), name, None)):
            raise InvalidInputError(
                f"{type(self).__name__}.{name} is a method of {Laboratory.__name__} or its subclass: give the attribute another name, "
                f"as self._own_{name}"
            )
        super().__setattr__(name, value)

    @property
    def couplings(self) -> Mapping[str, CouplingSettings]:
        """Settings in use by coupling id: a view that `adjust` changes."""
        return MappingProxyType(self._couplings)

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
                f"coupling {coupling_id}: this laboratory has no such coupling: give "
                f"`couplings={{'{coupling_id}': CouplingSettings()}}` to its constructor, or leave the two-qubit requests out "
                "of `requests` (`requests = QUBIT_REQUESTS`)"
            )
        return found

    def adjust(self, target: str, values: Mapping[str, float | None]) -> None:
        """Change settings in use of a qubit or coupling, by the names of their fields.

        Raises
        ------
        InvalidInputError
            If there is no such target or setting, or a value is impossible; nothing is changed then.
        """
        with self._adjusting:
            if target in self._settings:
                self._settings[target] = self._playable(target, self._settings[target].changed(values))
            elif target in self._couplings:
                self._couplings[target] = self._couplings[target].changed(values)
            else:
                raise InvalidInputError(f"{target!r} is neither a qubit nor a coupling of this laboratory")

    def apply(self, target: str, calibrated: Mapping[str, float]) -> None:
        """Take over calibrated values of a qubit or coupling by the names of the parameters; what sets nothing is ignored.

        Raises
        ------
        InvalidInputError
            If a value is impossible; nothing is changed then.
        """
        with self._adjusting:
            if target in self._settings:
                self._settings[target] = self._playable(target, self._settings[target].applied(calibrated))
            elif target in self._couplings:
                self._couplings[target] = self._couplings[target].applied(calibrated)

    def _playable(self, qid: str, settings: Settings) -> Settings:  # noqa: ARG002  for those that round
        """Return settings as the lines of a qubit play them; by default as they are."""
        return settings

    @abstractmethod
    def measure(self, requests: Mapping[str, Sequence[Request]], shots: Shots) -> Answers:
        """Answer the requests of every target, all in one call. Touches hardware.

        Tasks call it through `calls.measured`, which refuses what cannot be measured and checks what comes back.

        Parameters
        ----------
        requests
            By target, in the order in which they are answered. Requests of the same place in these orders are measured
            at the same time, as far as the laboratory can.
        shots
            How many of each point, and how they follow each other.

        Returns
        -------
        mapping of str to sequence of Trace or ShotRecord, or exception
            For every target its answers; an exception is that target's alone. One that is raised is that of all targets.
        """

    def close(self) -> None:  # noqa: B027  most have nothing to let go of
        """Let go of what it holds; called once. By default there is nothing."""


class SequentialLaboratory(Laboratory):
    """A laboratory that measures one target after the other: its author answers one request at a time."""

    @abstractmethod
    def answer(self, target: str, request: Request, shots: Shots) -> Answer:
        """Answer one request. Touches hardware; an exception is this target's alone.

        All answers to a target in one `measure` are in one IQ plane: one who reads with a plane that turns between calls
        refers each answer to that of the first.
        """

    def measure(self, requests: Mapping[str, Sequence[Request]], shots: Shots) -> Answers:
        """Answer one request after the other."""
        return {target: self._answered(target, asked, shots) for target, asked in requests.items()}

    def _answered(self, target: str, asked: Sequence[Request], shots: Shots) -> Sequence[Answer] | Exception:
        try:
            return [self.answer(target, request, shots) for request in asked]
        except Exception as error:  # noqa: BLE001  the border between one target and the others of its call
            return error

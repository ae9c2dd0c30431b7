"""The `fake` backend: a twin in place of a refrigerator."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qdash_core.backends.base import BaseBackend
from qdash_core.errors import BackendError, InvalidInputError, NotFoundError
from qdash_fake.folders import TWIN_FILE, twin_folder

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_core.backends.base import BackendContext
    from qdash_core.models.estimates import Parameter
    from qdash_fake.session import TwinSession
    from qdash_tasks.laboratory.coupling_settings import CouplingSettings
    from qdash_tasks.laboratory.settings import Settings


class FakeBackend(BaseBackend):
    """Opens the twin of the run's chip, below the home folder. Every qubit has lines and instruments of its own."""

    name = "fake"
    max_parallel = None

    def __init__(self) -> None:
        self._session: TwinSession | None = None

    @classmethod
    def instrument(cls, context: BackendContext) -> str:
        """Return a name for each twin: every simulated chip has a laboratory of its own."""
        return f"{cls.name}/{context.project_id}/{context.chip_id}"

    @classmethod
    def files(cls, context: BackendContext) -> tuple[str, ...]:
        """Return the file of the chip's twin, which is the only place where its truth is."""
        folder = twin_folder(context.home, project_id=context.project_id, chip_id=context.chip_id)
        return ((folder / TWIN_FILE).relative_to(context.home).as_posix(),)

    @classmethod
    def design(cls, context: BackendContext) -> Mapping[str, Mapping[str, float]]:
        """Return what the qubits of the chip's twin were meant to be; of a chip without a twin nothing is known.

        Raises
        ------
        InvalidInputError
            If the file of the twin is broken.
        """
        from qdash_fake.twin import load_twin  # simulating is for who measures

        try:
            twin = load_twin(
                twin_folder(context.home, project_id=context.project_id, chip_id=context.chip_id)
            )
        except NotFoundError:
            return {}
        return twin.design()

    def connect(self) -> None:
        """Load the twin and open a session of its own number.

        Raises
        ------
        BackendError
            If the chip has no twin, or its file is broken; the message says what to do.
        """
        from qdash_fake.twin import (
            load_twin,
        )  # simulating is for who measures, not for who asks for an instrument

        context = self.context
        folder = twin_folder(context.home, project_id=context.project_id, chip_id=context.chip_id)
        try:
            twin = load_twin(folder)
        except NotFoundError as error:
            raise BackendError(
                f"chip {context.chip_id!r} has no twin in project {context.project_id!r}: "
                "`qdash twin create CHIP --device NAME` makes a chip that has one"
            ) from error
        except InvalidInputError as error:
            raise BackendError(str(error)) from error
        self._session = twin.open_session()
        self.clock = self._session.laboratory

    def get_instance(self) -> TwinSession:
        """Return the open session."""
        if self._session is None:
            raise BackendError("the fake backend is not connected: call connect() first")
        return self._session

    def apply(self, parameters: Mapping[str, Mapping[str, Parameter]]) -> None:
        """Put calibrated values of qubits and couplings into the settings in use."""
        session = self.get_instance()
        for target, values in parameters.items():
            if (settings := _in_use(session, target)) is not None:
                settings.apply({name: found.value for name, found in values.items()})

    def read_back(self, target: str) -> Mapping[str, float]:
        """Return the settings of a qubit or coupling under the names of the parameters."""
        settings = _in_use(self.get_instance(), target)
        return {} if settings is None else settings.as_parameters()

    def save_note(self) -> dict[str, Any]:
        """Return the settings in use of every qubit, and of every coupling that has any."""
        session = self.get_instance()
        couplings = {name: settings for name, settings in session.pairs.settings.items() if settings.known}
        return {
            "settings": {qid: settings.as_note() for qid, settings in session.settings.items()},
            "couplings": {name: settings.as_note() for name, settings in couplings.items()},
        }

    def update_note(self, note: dict[str, Any]) -> None:
        """Take the settings from a note; qubits and couplings that it does not name keep theirs.

        Raises
        ------
        InvalidInputError
            If the note names an unknown qubit, coupling or setting, or holds an impossible value.
        """
        session = self.get_instance()
        for qid, values in note.get("settings", {}).items():
            if qid not in session.settings:
                raise InvalidInputError(f"calibration note: {qid!r} is not a qubit of this twin")
            session.settings[qid].update(values)
        for name, values in note.get("couplings", {}).items():
            if name not in session.pairs.settings:
                raise InvalidInputError(f"calibration note: {name!r} is not a coupling of this twin")
            session.pairs.settings[name].update(values)

    def disconnect(self) -> None:
        """Close the session, which keeps the laboratory's clock."""
        if self._session is not None:
            self._session.close()
        self._session = None


def _in_use(session: TwinSession, target: str) -> Settings | CouplingSettings | None:
    """Return the settings of a qubit or coupling; None where the twin has no such target."""
    return session.settings.get(target) or session.pairs.settings.get(target)

"""The `fake` backend: a twin in place of a refrigerator."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qdash_core.backends.base import BaseBackend
from qdash_core.errors import BackendError, InvalidInputError, NotFoundError
from qdash_fake.twin import load_twin, twin_folder

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_core.tasks.parameters import Parameter
    from qdash_fake.session import TwinSession


class FakeBackend(BaseBackend):
    """Opens the twin of the run's chip, below the home folder.

    One measurement runs at a time, as with one set of instruments; groups of qubits are measured together.
    """

    name = "fake"
    max_parallel = 1

    def __init__(self) -> None:
        self._session: TwinSession | None = None

    def connect(self) -> None:
        """Load the twin and open a session of its own number.

        Raises
        ------
        BackendError
            If the chip has no twin, or its file is broken; the message says what to do.
        """
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

    def get_instance(self) -> TwinSession:
        """Return the open session."""
        if self._session is None:
            raise BackendError("the fake backend is not connected: call connect() first")
        return self._session

    def apply(self, parameters: Mapping[str, Mapping[str, Parameter]]) -> None:
        """Put calibrated values of qubits into the settings in use; couplings have none yet."""
        session = self.get_instance()
        for target, values in parameters.items():
            if target in session.settings:
                session.settings[target].apply({name: found.value for name, found in values.items()})

    def read_back(self, target: str) -> Mapping[str, float]:
        """Return the settings of a qubit under the names of the parameters."""
        session = self.get_instance()
        return session.settings[target].as_parameters() if target in session.settings else {}

    def lab_seconds(self) -> float:
        """Return the laboratory time of all measurements since `connect`."""
        return self.get_instance().lab_seconds

    def save_note(self) -> dict[str, Any]:
        """Return the settings in use of every qubit."""
        return {
            "settings": {qid: settings.as_note() for qid, settings in self.get_instance().settings.items()}
        }

    def update_note(self, note: dict[str, Any]) -> None:
        """Take the settings from a note; qubits that it does not name keep theirs.

        Raises
        ------
        InvalidInputError
            If the note names an unknown qubit or setting, or holds an impossible value.
        """
        settings = self.get_instance().settings
        for qid, values in note.get("settings", {}).items():
            if qid not in settings:
                raise InvalidInputError(f"calibration note: {qid!r} is not a qubit of this twin")
            settings[qid].update(values)

    def disconnect(self) -> None:
        """Close the session, which keeps the laboratory's clock."""
        if self._session is not None:
            self._session.close()
        self._session = None

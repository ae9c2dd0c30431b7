"""The `fake` backend: a twin in place of an instrument."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.errors import BackendError, InvalidInputError, NotFoundError
from qdash_fake.folders import TWIN_FILE, twin_folder
from qdash_tasks.laboratory.backend import LaboratoryBackend, offered

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_core.backends.base import BackendContext, ChipKnowledge
    from qdash_core.models.claims import ClaimUnit
    from qdash_fake.laboratory import TwinLaboratory
    from qdash_fake.pulse_level.laboratory import PulseTwin
    from qdash_tasks.laboratory.limits import Limits
    from qdash_tasks.laboratory.request import Request


class FakeBackend(LaboratoryBackend):
    """Backend that opens the twin of the run's chip, below the home folder; a chip of another backend gets one.

    Every qubit has its own lines and instruments.
    """

    name = "fake"
    max_parallel = None
    simulated = True

    def __init__(self) -> None:
        self._laboratory: TwinLaboratory | PulseTwin | None = None

    @classmethod
    def instrument(cls, context: BackendContext) -> str:
        """Return the name of the twin's instrument: every simulated chip has its own laboratory."""
        return f"{cls.name}/{context.project_id}/{context.chip_id}"

    @classmethod
    def claim_unit(cls, context: BackendContext) -> ClaimUnit:  # noqa: ARG003  the same for all chips
        """Return that a run uses its multiplexers: every qubit has its own lines and instruments, and each session its own noise."""
        return "mux"

    @classmethod
    def files(cls, context: BackendContext) -> tuple[str, ...]:
        """Return the file of the chip's twin, the only place of its truth."""
        folder = twin_folder(context.home, project_id=context.project_id, chip_id=context.chip_id)
        return ((folder / TWIN_FILE).relative_to(context.home).as_posix(),)

    @classmethod
    def offers(cls, context: BackendContext) -> frozenset[str]:
        """Return the names of the requests supported by the chip's twin, without loading the simulation."""
        from qdash_tasks.laboratory.request_kinds import STANDARD_REQUESTS

        return offered(STANDARD_REQUESTS, _load_limits(context))

    @classmethod
    def supports_request(cls, context: BackendContext, request: type[Request]) -> bool:
        """Return whether a kind of a plugin is supported: every twin plays those that define their programs."""
        from qdash_tasks.laboratory.request_kinds import STANDARD_REQUESTS, is_playable

        return is_playable(request, STANDARD_REQUESTS, _load_limits(context))

    @classmethod
    def design(cls, context: BackendContext) -> Mapping[str, Mapping[str, float]]:
        """Return the design values of the qubits of the chip's twin; empty for a chip without a twin.

        Raises `InvalidInputError` if the file of the twin is broken.
        """
        from qdash_fake.twin import load_twin  # only a measurement simulates

        try:
            twin = load_twin(
                twin_folder(context.home, project_id=context.project_id, chip_id=context.chip_id)
            )
        except NotFoundError:
            return {}
        return twin.design()

    @classmethod
    def simulate(cls, context: BackendContext, chip: ChipKnowledge) -> None:
        """Create the twin of a chip that has another backend, unless it exists."""
        from qdash_fake.simulations import ensure_simulation  # only a run simulates

        ensure_simulation(context, chip)

    def connect(self) -> None:
        """Load the twin and open its laboratory, as a session with a new number.

        Raises
        ------
        BackendError
            If the chip has no twin, or its file is broken; the message says what to do.
        """
        from qdash_fake.twin import load_twin  # only a measurement simulates

        context = self.context
        folder = twin_folder(context.home, project_id=context.project_id, chip_id=context.chip_id)
        try:
            twin = load_twin(folder)
        except NotFoundError as error:
            raise BackendError(
                f"chip {context.chip_id!r} has no twin in project {context.project_id!r}: "
                f"restore its file from a backup, or create one with `qdash twin create --for {context.chip_id}`"
            ) from error
        except InvalidInputError as error:
            raise BackendError(str(error)) from error
        self._laboratory = twin.open()
        self.clock = self._laboratory.clock

    @property
    def laboratory(self) -> TwinLaboratory | PulseTwin:
        """Laboratory of the open twin. Raises `BackendError` before `connect`."""
        if self._laboratory is None:
            raise BackendError("the fake backend is not connected: call connect() first")
        return self._laboratory

    def disconnect(self) -> None:
        """Close the laboratory and store its clock."""
        if self._laboratory is not None:
            self._laboratory.close()
        self._laboratory = None


def _load_limits(context: BackendContext) -> Limits:
    """Return the limits of the chip's twin."""
    from qdash_fake.limits import make_limits
    from qdash_fake.options import load_options

    folder = twin_folder(context.home, project_id=context.project_id, chip_id=context.chip_id)
    return make_limits(load_options(folder))

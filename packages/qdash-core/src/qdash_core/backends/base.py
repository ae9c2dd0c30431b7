"""Base class of backends, the ports to hardware."""

from __future__ import annotations

from abc import ABC, abstractmethod
from contextlib import nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from qdash_core.backends.constraints import DEFAULT_CONSTRAINTS

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from contextlib import AbstractContextManager
    from datetime import datetime
    from pathlib import Path

    from qdash_core.backends.constraints import InstrumentConstraints
    from qdash_core.backends.laboratory import LaboratoryTime
    from qdash_core.models.claims import ClaimUnit
    from qdash_core.models.estimates import Parameter


@dataclass(frozen=True, slots=True)
class BackendContext:
    """Context of a run for its backend.

    Parameters
    ----------
    qids : tuple of str
        The qubits of the run, or empty for all.
    home : Path
        Folder with all files that QDash writes.
    chip_made_at : datetime or None
        Creation time of the chip, which tells it from an earlier one with the same id, or None if unknown.
    """

    project_id: str
    chip_id: str
    qids: tuple[str, ...]
    home: Path
    chip_made_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ChipKnowledge:
    """Known facts about a chip, from which a backend can simulate it, by qubit or coupling id.

    Parameters
    ----------
    topology : mapping
        Topology file of the chip, as JSON data.
    design : mapping of str to mapping of str to float
        Design values by name, with the names and units of `qdash_core.chips.design`.
    values : mapping of str to mapping of str to Parameter
        Latest accepted values by parameter name.
    controls : mapping of str to str
        Control qubit by coupling, where one was chosen.
    """

    topology: Mapping[str, Any]
    design: Mapping[str, Mapping[str, float]]
    values: Mapping[str, Mapping[str, Parameter]]
    controls: Mapping[str, str]


class BaseBackend(ABC):
    """A laboratory's hardware with the library that drives it.

    The engine makes one instance a run without arguments, sets `context`, and calls `connect` once.
    """

    name: ClassVar[str] = ""
    """Name, which a chip has as its backend; required."""
    max_parallel: int | None = 1
    """Maximum number of tasks (or groups) that run at once, or None for no limit."""
    transient_errors: tuple[type[BaseException], ...] = ()
    """Exceptions that are worth a retry."""
    simulated: ClassVar[bool] = False
    """True if measurements are simulated. Values that it measures on a chip of another backend stay with the execution."""
    config_format: ClassVar[str | None] = None
    """Format whose files belong in the laboratory's configuration folder, such as `qubex-params`, or None."""
    clock: LaboratoryTime | None = None
    """Clocks of a simulated laboratory, set by `connect`, or None if laboratory time is wall time."""

    context: BackendContext
    """Chip and qubits of the run, set by the engine before `connect`."""

    @classmethod
    def instrument(cls, context: BackendContext) -> str:
        """Return the name of the instrument that measures a chip, without hardware access.

        Runs on chips of one instrument exclude each other across backends and projects, unless they share it
        (`claim_unit`); runs on different instruments can overlap. By default the backend is one instrument for all
        chips. The `qids` of the context are empty.
        """
        return cls.name

    @classmethod
    def claim_unit(cls, context: BackendContext) -> ClaimUnit:
        """Return the smallest part of the instrument that a run can use without disturbing other runs.

        Runs whose parts are disjoint, and whose qubits are not coupled, are then performed at once, each by a process with its own
        connection and up to `max_parallel` tasks. A unit smaller than the instrument requires `merge_note`. By default a run uses the
        whole instrument; so does a run for which the chip does not tell the units of its qubits.

        Boxes and modules are the same for all chips of one instrument, by their names in the wirings. Multiplexers
        are those of one chip, and runs on two chips exclude each other, since both ids may be of one physical chip.
        `chip` declares that chips with different ids are different. If two ids of one physical chip have different
        wirings, return `instrument` for both. A chip id is the same chip in all projects that use the instrument.
        Runs with different units exclude each other, as when the unit of a chip changes while a run is in progress.
        The `qids` of the context are empty.

        Returns
        -------
        str
            `instrument`, `chip`, `box` (class of box of the wiring), `module` (of the wiring) or `mux`.
        """
        return "instrument"

    @classmethod
    def merge_note(
        cls, stored: dict[str, Any], new: dict[str, Any], targets: Collection[str]
    ) -> dict[str, Any]:
        """Return a stored calibration note with the data of some targets from a new note.

        Called instead of replacing the stored note if the run shares the instrument, within a transaction: it must be pure and quick.

        Parameters
        ----------
        stored : dict
            Latest note of the chip, which other runs may have written since this run began.
        targets : collection of str
            Qubits of the run, and couplings between them. Data of other targets must stay as stored.
        """
        raise NotImplementedError

    @classmethod
    def offers(cls, context: BackendContext) -> frozenset[str]:
        """Return the names of features that this backend offers to tasks on a chip, without connecting.

        Tasks for several backends name the features that they need (`BaseTask.requires`). By default there are none,
        and the backend has only tasks without requirements. The `qids` of the context are empty.
        """
        return frozenset()

    @classmethod
    def supports_request(cls, context: BackendContext, request: type[Any]) -> bool:
        """Return whether requests of a kind that a plugin provides (`qdash_requests`) are measured on a chip, without connecting.

        If so, the name of the kind, a subclass of `qdash_tasks.laboratory.request.Request`, is among the features
        that the backend offers. By default none is. The `qids` of the context are empty.
        """
        return False

    @classmethod
    def constraints(cls, context: BackendContext) -> InstrumentConstraints:
        """Return which targets the instruments of a chip cannot measure together, without connecting.

        Runs, previews and schedules obey them under every scheduling strategy. By default a multiplexer and a module
        serve one coupling at a time, and any qubits together. The `qids` of the context are empty.
        """
        return DEFAULT_CONSTRAINTS

    @classmethod
    def files(cls, context: BackendContext) -> Sequence[str]:
        """Return this backend's files for a chip, below the home, that are in no record.

        The paths are relative to `context.home`, with `/`, whether or not the files exist; each file is only replaced
        whole. Backups include them, and the doctor reports missing ones. By default there are none, since files of a
        laboratory's library are backed up with the library. The `qids` of the context are empty.
        """
        return ()

    @classmethod
    def design(cls, context: BackendContext) -> Mapping[str, Mapping[str, float]]:
        """Return this backend's design values of a chip, without connecting.

        The values are by qubit or coupling id, then by name, with the names and units of `qdash_core.chips.design`.
        They complete the values of the chip itself (`qdash chip design`). By default there are none. The `qids` of
        the context are empty.
        """
        return {}

    @classmethod
    def tags(cls, context: BackendContext) -> Sequence[str]:
        """Return the tags of every run with this backend and of its results, without connecting.

        They state facts about the instruments that matter for a result, such as that they are simulated. By
        default there are none.
        """
        return ()

    @classmethod
    def simulate(cls, context: BackendContext, chip: ChipKnowledge) -> None:
        """Prepare the simulation of a chip that has another backend; keep one that exists.

        Called before each run of a backend with `simulated = True` on such a chip. By default nothing is needed.
        """

    @abstractmethod
    def connect(self) -> None:
        """Open the connection to the hardware."""

    @abstractmethod
    def get_instance(self) -> Any:
        """Return the session object of the laboratory's library."""

    def save_note(self) -> dict[str, Any] | None:
        """Return the library's current calibration note, JSON only, or None if it has none.

        The engine stores it after every completed task and at the end of a run.
        """
        return None

    def update_note(self, note: dict[str, Any]) -> None:
        """Load a stored calibration note into the library: the latest one, or for a rerun that of its original.

        Called once after `connect`, if there is one.
        """

    def apply(self, parameters: Mapping[str, Mapping[str, Parameter]]) -> None:
        """Write calibrated values into the library before a task.

        They are the latest accepted values with their `calibrated_at`, by target (qubit or coupling id), then by
        parameter name.
        """

    def read_back(self, target: str) -> Mapping[str, float]:
        """Return the values that the library uses for `target`, where they differ from the applied ones.

        The values are recorded as the task's inputs, under the names of the parameters.
        """
        return {}

    def observe_reads(self) -> AbstractContextManager[Mapping[str, Mapping[str, Parameter]]]:
        """Observe which calibrated values of the library a task uses within the block.

        The block yields the values by target (qubit or coupling id), then by parameter name, complete at its end. Of
        qubits or couplings that are measured together, each gets the values of its own target, and of both qubits of
        a coupling; other measurements get the values of all targets. The engine opens the block around each
        measurement. Values that the task does not declare as inputs are recorded as undeclared inputs, with the
        result that they come from if they are the chip's. By default nothing is observed.
        """
        return nullcontext({})

    def disconnect(self) -> None:
        """Close the connection. Called once at the end of a run, whatever its outcome."""

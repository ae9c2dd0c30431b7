"""The port to hardware: what an author writes to add a backend."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from qdash_core.backends.laboratory import LaboratoryTime
    from qdash_core.models.estimates import Parameter


@dataclass(frozen=True, slots=True)
class BackendContext:
    """What a backend may know about the run it is opened for.

    Parameters
    ----------
    project_id, chip_id : str
        The chip that will be measured.
    qids : tuple of str
        The qubits of the run; empty: all.
    home : Path
        Folder below which everything that QDash writes lies.
    chip_made_at : datetime or None
        When the chip was made: another one may have had its name before. None: nobody says.
    """

    project_id: str
    chip_id: str
    qids: tuple[str, ...]
    home: Path
    chip_made_at: datetime | None = None


class BaseBackend(ABC):
    """A laboratory's hardware with the library that drives it.

    The engine makes one instance a run without arguments, sets `context`, and calls `connect` once.
    """

    name: ClassVar[str] = ""
    max_parallel: int | None = 1
    """Tasks (or groups) that may run at once; None: no limit."""
    transient_errors: tuple[type[BaseException], ...] = ()
    """Exceptions that are worth a retry."""
    clock: LaboratoryTime | None = None
    """The clocks of a simulated laboratory, whose measurements cost no real time, set by `connect`; None: its time is the wall's."""

    context: BackendContext

    @classmethod
    def instrument(cls, context: BackendContext) -> str:
        """Return the name of what a chip is measured with, without touching it.

        Runs on chips with the same name exclude each other, whatever their backends and projects; runs on chips with
        different ones go on at once. By default everything that the backend measures is one instrument.

        Parameters
        ----------
        context : BackendContext
            The chip. `qids` is empty: a chip has one instrument, whatever is measured on it.
        """
        return cls.name

    @classmethod
    def offers(cls, context: BackendContext) -> frozenset[str]:
        """Return what tasks may require of this backend on a chip, without connecting.

        Whoever writes tasks for several backends says by these names what such a task needs (`BaseTask.requires`). By default
        there are none: then tasks that require nothing are all that the backend has.

        Parameters
        ----------
        context : BackendContext
            The chip. `qids` is empty: a chip has its tasks, whatever is measured on it.
        """
        return frozenset()

    @classmethod
    def files(cls, context: BackendContext) -> Sequence[str]:
        """Return which files below the home hold what this backend knows of a chip and no record holds.

        Backups take them along, and the doctor misses those that are not there. By default there are none: what belongs
        to a laboratory's library is backed up with that.

        Parameters
        ----------
        context : BackendContext
            The chip. `qids` is empty.

        Returns
        -------
        sequence of str
            Paths relative to `context.home`, with `/`, whether or not the files are there. Each is only ever replaced as
            a whole.
        """
        return ()

    @classmethod
    def design(cls, context: BackendContext) -> Mapping[str, Mapping[str, float]]:
        """Return what this backend knows of the design of a chip, without a connection.

        It fills in where the chip itself says nothing (`qdash chip design`). By default nothing is known.

        Parameters
        ----------
        context : BackendContext
            The chip. `qids` is empty.

        Returns
        -------
        mapping of str to mapping of str to float
            Qubit or coupling id to name to value, under the names and in the units of `qdash_core.chips.design`.
        """
        return {}

    @classmethod
    def tags(cls, context: BackendContext) -> Sequence[str]:
        """Return tags that every run with this backend carries, and every result of it, without connecting.

        They are for what whoever looks at a result has to know of the instruments: that something simulated stands in their
        place. By default there are none.

        Parameters
        ----------
        context : BackendContext
            The run.
        """
        return ()

    @abstractmethod
    def connect(self) -> None:
        """Open the connection. Touches hardware."""

    @abstractmethod
    def get_instance(self) -> Any:
        """Return the laboratory library's own session object, as it is."""

    def save_note(self) -> dict[str, Any] | None:
        """Return the library's calibration note as it stands, JSON only; None: it has none.

        The engine stores it after every completed task and at the end of a run.
        """
        return None

    def update_note(self, note: dict[str, Any]) -> None:
        """Put the latest stored note into the library. Called once after `connect`, if there is one."""

    def apply(self, parameters: Mapping[str, Mapping[str, Parameter]]) -> None:
        """Put calibrated values into the library before a task.

        Parameters
        ----------
        parameters : mapping of str to mapping of str to Parameter
            Target (qubit or coupling id) to parameter name to the latest accepted value, with its `calibrated_at`.
        """

    def read_back(self, target: str) -> Mapping[str, float]:
        """Return what the library really uses for `target`, as far as it differs from what was applied.

        The values are recorded as the task's inputs, under the names of the parameters.
        """
        return {}

    def disconnect(self) -> None:
        """Close the connection. Called once at the end of a run, whatever its outcome."""

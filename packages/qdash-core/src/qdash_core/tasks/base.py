"""The task contract: what an author writes to add a calibration task."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from qdash_core.backends.base import BaseBackend
    from qdash_core.chips.topology import Topology
    from qdash_core.models.estimates import Parameter
    from qdash_core.models.raw_data import RawData
    from qdash_core.tasks.parameters import ArrayDeclaration, InputParameter, OutputParameter
    from qdash_core.tasks.run_parameters import RunParameter

TaskType = Literal["qubit", "coupling", "mux", "global", "system"]


@dataclass(frozen=True, slots=True)
class TaskOutput:
    """What an analysis found.

    Parameters
    ----------
    parameters : mapping of str to Parameter
        The declared outputs. A value that could not be found is left out.
    r2 : float or None
        Coefficient of determination of the fit.
    quality : mapping of str to float
        Further figures of merit; `reduced_chi2` is judged by the standard validators.
    figures : sequence of dict
        Plotly figures that cannot be redrawn from raw data. Prefer `BaseTask.figure`.
    note : mapping
        Whatever should be kept beside the result, JSON only.
    """

    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    r2: float | None = None
    quality: Mapping[str, float] = field(default_factory=dict)
    figures: Sequence[Any] = ()
    note: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ChipView:
    """The chip a task runs on."""

    chip_id: str
    backend: str
    topology: Topology


@dataclass(frozen=True, slots=True, kw_only=True)
class RunContext:
    """What a task knows about its run.

    Parameters
    ----------
    qid : str
        The target: a qubit (`"3"`), a coupling (`"0-1"`), or empty for global and system tasks.
    inputs : mapping of str to Parameter
        The declared inputs, resolved; optional ones without a value are absent.
    parameters : mapping of str to value
        The run parameters in use; sweep types are numpy arrays.
    execution_id, task_id : str
        The run and this result within it.
    chip : ChipView
        The chip with its topology.
    control, target : str
        Of a coupling: the qubit that controls, and the other one. Empty otherwise.
    design : mapping of str to mapping of str to float
        What was meant to be fabricated, by id and name, as far as it is known: of the qubit; of the coupling and its two
        qubits; of the whole chip where the target is neither. `qdash_core.chips.design` has names and units.
    group : tuple of str
        The targets that are measured in one go with this one, itself included. Empty: `run_group` has not said.
    partial : callable
        Call it with the `RawData` so far to keep them should the run be cut.
    """

    qid: str
    inputs: Mapping[str, Parameter]
    parameters: Mapping[str, Any]
    execution_id: str
    task_id: str
    chip: ChipView
    partial: Callable[[RawData], None]
    _cancelled: Callable[[], bool]
    control: str = ""
    target: str = ""
    design: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    group: tuple[str, ...] = ()

    @property
    def cancelled(self) -> bool:
        """Whether the run is being cancelled. Ask between chunks of long work."""
        return self._cancelled()


class BaseTask:
    """A calibration task on one target. One instance is made per run.

    A subclass declares what it needs and makes as class attributes, and writes `run` and `postprocess`. It reads
    `self.context` and holds no input or output code: the engine resolves inputs, saves what `run` returns before
    `postprocess` sees it, and records what `postprocess` returns.
    """

    name: ClassVar[str] = ""
    aliases: ClassVar[Sequence[str]] = ()
    """Other names under which it is found, run and given run parameters; results carry `name`."""
    backend: ClassVar[str | None] = None
    """Name of the backend it is written for; None: any. A task's identity is (backend, name)."""
    task_type: ClassVar[TaskType] = "qubit"
    requires: ClassVar[frozenset[str]] = frozenset()
    """What a backend must offer for it, see `BaseBackend.offers`; a chip whose backend lacks any of it does not have the task."""
    timeout_s: ClassVar[float] = 3600.0
    retries: ClassVar[int] = 0
    simultaneous: ClassVar[bool] = False
    """Whether `run_group` can measure several targets in one go."""
    isolated: ClassVar[bool] = True
    """Whether coupled targets must not be measured at the same time: static ZZ would shift each by the other's state."""
    expected_s: ClassVar[float | None] = None
    """What it takes in a laboratory, in seconds, as long as it has never been measured on a chip."""
    minimum_r2: ClassVar[float] = 0.5
    """A fit below it is rejected, where the output states `r2` and no reduced chi squared."""
    maximum_reduced_chi2: ClassVar[float] = 10.0
    """A fit above it is flagged, where the output states `quality["reduced_chi2"]`."""
    description: ClassVar[str] = ""
    input_parameters: ClassVar[Mapping[str, InputParameter]] = {}
    run_parameters: ClassVar[Mapping[str, RunParameter]] = {}
    output_parameters: ClassVar[Mapping[str, OutputParameter]] = {}
    arrays: ClassVar[Mapping[str, ArrayDeclaration]] = {}
    """The arrays of its raw data by name, or by a pattern for several (`line_*`). The first that is one number after
    another is what the default figure draws the others of its length against."""

    context: RunContext

    def preprocess(self, backend: BaseBackend) -> None:
        """Prepare the measurement. May touch hardware."""

    def run(self, backend: BaseBackend) -> Any:
        """Measure. Touches hardware. Returns `RawData` (kept, can be analysed again) or anything else."""
        raise NotImplementedError

    def postprocess(self, backend: BaseBackend | None, result: Any) -> TaskOutput:
        """Analyse what `run` returned. Must not touch hardware: a refit passes stored data and no backend."""
        raise NotImplementedError

    def accepted(self, backend: BaseBackend) -> None:
        """Put into the laboratory's library what this measurement found. By default nothing.

        Called once a measurement has been judged, only where its values become the chip's, before the library's note is kept. A library
        whose procedures write into its own note as they go would play from then on what validation refuses: with such a one
        `run` leaves the note as it found it, and this writes into it. It measures nothing. What it raises fails the task. A refit
        does not call it.
        """

    @classmethod
    def figure(cls, raw: RawData, output: TaskOutput) -> Any:
        """Draw raw data and result as a Plotly figure, or as the equivalent JSON (`data`, `layout`). Pure.

        It is called when someone looks, never while measuring. None: the arrays are drawn as points, and `note["fit"]` of
        the output, `{"x": [...], "y": [...]}`, as a line.
        """
        return None

    @classmethod
    def sketch(cls, raw: RawData, output: TaskOutput) -> Any:
        """Draw what a thumbnail shows, as `figure` does. Pure.

        Dozens are drawn at once, so it should take a few milliseconds: a curve that `figure` would have to fit again may
        be left out. By default it is the figure. None: the arrays are drawn as points.
        """
        return cls.figure(raw, output)

    @classmethod
    def run_group(cls, backend: BaseBackend, tasks: Sequence[BaseTask]) -> Sequence[Any]:
        """Measure several targets in one go (only when `simultaneous`). Touches hardware.

        Parameters
        ----------
        backend : BaseBackend
            The connected backend.
        tasks : sequence of BaseTask
            Prepared instances of this class, one a target.

        Returns
        -------
        sequence
            What `run` would have returned for each, in the same order; an exception object for one that failed.
        """
        raise NotImplementedError

"""Base class of calibration tasks."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from qdash_core.backends.base import BaseBackend
    from qdash_core.chips.topology import Topology
    from qdash_core.models.estimates import Parameter
    from qdash_core.models.raw_data import RawData
    from qdash_core.tasks.parameters import (
        ArrayDeclaration,
        FeatureDeclaration,
        InputParameter,
        OutputParameter,
    )
    from qdash_core.tasks.run_parameters import AnalysisOption, RunParameter

TaskType = Literal["qubit", "coupling", "mux", "global", "system"]


@dataclass(frozen=True, slots=True)
class TaskOutput:
    """Output of an analysis.

    Parameters
    ----------
    parameters : mapping of str to Parameter
        The declared outputs. Values that could not be determined are left out.
    r2 : float or None
        Coefficient of determination of the fit.
    quality : mapping of str to float
        Further figures of merit. The standard validators judge `reduced_chi2`.
    figures : sequence of dict
        Plotly figures that cannot be redrawn from raw data. Prefer `BaseTask.figure`.
    note : mapping
        Other data to store with the result, JSON only.
    """

    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    r2: float | None = None
    quality: Mapping[str, float] = field(default_factory=dict)
    figures: Sequence[Any] = ()
    note: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ChipView:
    """The chip that a task runs on."""

    chip_id: str
    backend: str
    topology: Topology


@dataclass(frozen=True, slots=True, kw_only=True)
class RunContext:
    """Context of a task in its run.

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
    control, target : str
        Control and target qubit of a coupling; empty for other targets.
    design : mapping of str to mapping of str to float
        Known design values by id and name: of the qubit; of the coupling and its two qubits; or of the whole
        chip for other targets. `qdash_core.chips.design` has names and units.
    group : tuple of str
        The targets that are measured simultaneously with this one, itself included. Empty outside `run_group`.
    partial : callable
        Stores the `RawData` so far, in case the run is interrupted.
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
    _is_starting: Callable[[str], bool] = lambda _: False

    def is_starting_value(self, name: str) -> bool:
        """Return whether a declared input is only a starting value, so that a search should begin in a wider window.

        It was not trusted when the run began, as one of an earlier cool-down, or a user gave, set or imported it. No task refuses to measure
        with it.
        """
        return name in self.inputs and self._is_starting(name)

    @property
    def cancelled(self) -> bool:
        """True if the run is being cancelled. Check it between chunks of long work."""
        return self._cancelled()


class BaseTask:
    """A calibration task on one target, with one instance for each run.

    A subclass declares its inputs and outputs as class attributes, and implements `run` and `postprocess`. It
    reads `self.context` and has no code for storage: the engine resolves inputs, saves the result of `run`
    before `postprocess` receives it, and records the output of `postprocess`.
    """

    name: ClassVar[str] = ""
    """Name, by which flows and commands call the task; required."""
    aliases: ClassVar[Sequence[str]] = ()
    """Other names by which it can be found, run and given run parameters; results have `name`."""
    backend: ClassVar[str | None] = None
    """Name of its backend, or None for any. The identity of a task is (backend, name)."""
    task_type: ClassVar[TaskType] = "qubit"
    """Kind of the targets: `qubit`, `coupling`, `mux`, `global` or `system`."""
    requires: ClassVar[frozenset[str]] = frozenset()
    """Features that the backend must offer, see `BaseBackend.offers`. Other backends do not have the task."""
    timeout_s: ClassVar[float] = 3600.0
    """Time limit of one attempt, in seconds."""
    retries: ClassVar[int] = 0
    """Number of further attempts after a transient error of the backend."""
    simultaneous: ClassVar[bool] = False
    """True if `run_group` can measure several targets simultaneously."""
    isolated: ClassVar[bool] = True
    """True if coupled targets must not be measured at the same time, as static ZZ shifts each by the
    other's state."""
    expected_s: ClassVar[float | None] = None
    """Expected duration in laboratory time, in seconds, until it has been measured on a chip."""
    minimum_r2: ClassVar[float] = 0.5
    """Minimum `r2` of an accepted fit, for outputs without a reduced chi squared."""
    maximum_reduced_chi2: ClassVar[float] = 10.0
    """Maximum `quality["reduced_chi2"]` of a fit that is not flagged."""
    description: ClassVar[str] = ""
    """Sentence on the measurement, for lists of tasks."""
    input_parameters: ClassVar[Mapping[str, InputParameter]] = {}
    """Calibrated values that it needs, by name."""
    run_parameters: ClassVar[Mapping[str, RunParameter]] = {}
    """Settings of the measurement that a user may change, by name."""
    output_parameters: ClassVar[Mapping[str, OutputParameter]] = {}
    """Values that it estimates, by name."""
    value_sets: ClassVar[Mapping[str, Sequence[str]]] = {}
    """Outputs that are only valid together, by the name of the set, such as amplitude and coefficient of a DRAG pulse. One task makes all of
    a set; another one that makes a part declares this part under the same name. Users accept, reject and use the values of a set as a whole."""
    arrays: ClassVar[Mapping[str, ArrayDeclaration]] = {}
    """Arrays of its raw data by name, or by a pattern for several (`line_*`). The default figure uses the first
    one-dimensional array as the axis for others of the same length."""
    analysis_options: ClassVar[Mapping[str, AnalysisOption]] = {}
    """Choices of its analysis that a refit may change, such as the model of a fit. `postprocess` and `figure` read those
    that differ from their default from `RawData.options`."""
    fit_axes: ClassVar[Sequence[str]] = ()
    """Declared arrays, or patterns, with the swept values of the fitted traces; `{sweep}_delay` names the trace in the
    attribute `sweep` of the raw data. A refit may leave out points of these axes (`fit_window`, `exclude`), with those of
    the arrays that are declared `along` them."""
    feature_parameters: ClassVar[Mapping[str, FeatureDeclaration]] = {}
    """Features of the trace by name, on which the evidence in the task's text is based (`features`)."""

    context: RunContext
    """Target, inputs and run parameters of this run, set by the engine."""

    def preprocess(self, backend: BaseBackend) -> None:
        """Prepare the measurement; may access hardware."""

    def run(self, backend: BaseBackend) -> Any:
        """Measure on the hardware. Return `RawData`, which is stored for refits, or anything else."""
        raise NotImplementedError

    def postprocess(self, backend: BaseBackend | None, result: Any) -> TaskOutput:
        """Analyse the result of `run`.

        Must not access hardware: a refit passes stored data and no backend, and another thread may call it while the
        backend measures other targets.
        """
        raise NotImplementedError

    def accepted(self, backend: BaseBackend) -> None:
        """Write the accepted values into the laboratory's library. By default does nothing.

        Called after validation if the values become the chip's, or those of the run's value scope, and before the library's
        calibration note is stored with the chip's values. Some libraries write into their own note during a measurement, and would then use values that
        validation rejects. With these, `run` restores the note, and this method writes into it. It does not
        measure. An error fails the task. Refits do not call it.
        """

    @classmethod
    def figure(cls, raw: RawData, output: TaskOutput) -> Any:
        """Draw raw data and result as a Plotly figure, or as the equivalent JSON (`data`, `layout`). Pure.

        It is called for display, never during a measurement. If it returns None, the arrays are drawn as
        points, and `note["fit"]` of the output, `{"x": [...], "y": [...]}`, as a line.
        """
        return None

    @classmethod
    def sketch(cls, raw: RawData, output: TaskOutput) -> Any:
        """Draw the content of a thumbnail, as `figure` does. Pure.

        Dozens are drawn at once, so it should take a few milliseconds; a curve that needs a new fit may be
        left out. By default it is the figure. If it returns None, the arrays are drawn as points.
        """
        return cls.figure(raw, output)

    @classmethod
    def features(cls, raw: RawData, output: TaskOutput | None) -> Mapping[str, float]:
        """Return features of the trace for the explanation of a failure: finite numbers under declared names. Pure.

        It is called on demand with stored raw data, also of a failed analysis, whose output is None. An unknown feature is left out.
        """
        return {}

    @classmethod
    def run_group(cls, backend: BaseBackend, tasks: Sequence[BaseTask]) -> Sequence[Any]:
        """Measure several targets simultaneously on the hardware (only if `simultaneous`).

        Return the result of `run` for each of the prepared instances, one a target, in the same order, or an
        exception object for a failed one.
        """
        raise NotImplementedError

"""Base of tasks made of the library's procedures: call, validation, recording."""

from __future__ import annotations

from copy import deepcopy
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, cast, final

from qdash_core import AnalysisError, BaseTask, MissingInputError, Parameter, TaskOutput, utc_now
from qdash_qubex.errors import ConnectionLostError, translate_lost_connections
from qdash_qubex.native.declarations import IN_USE, LIBRARY_GATE, USUAL_WAIT_NS
from qdash_qubex.native.reference import explain_missing_reference
from qdash_qubex.native.result_mapping import COMPLAINTS, FIGURES, FOUND, QUALITY, R2
from qdash_qubex.native.stdout_capture import mute_stdout
from qdash_qubex.note import make_time_fields
from qdash_tasks.figures.value_box import add_value_box

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from qdash_core import BaseBackend, RawData
    from qdash_qubex.native.result_mapping import LibraryResult

NATIVE = "qubex-native"
_LIFETIMES = 5.0
_SAME_NS = 1e-3


class NativeTask(BaseTask):
    """Base class of tasks made of the library's procedures.

    Subclasses define the declarations of a task, `call` and `map_result`.

    The library's result is stored as raw data, with numbers and figures as attributes, so that it can be judged again
    without the library. Its silent failures fail the task (`LibraryResult.list_objections`).

    Procedures write into the library's note before their results are judged. A task therefore restores the former state
    after its measurement, and writes the new values when its result is accepted.
    """

    backend = NATIVE
    simultaneous = True
    minimum_r2: ClassVar[float] = 0.8
    """Smallest R2 at which the library's model is accepted. At 0.8 a fifth of the variance is noise: 51 points of a
    decay with a scatter of a seventh of its range."""
    input_parameters = MappingProxyType(IN_USE)
    needs_rabi: ClassVar[bool] = True
    """True if the library scales signals by its Rabi calibration of the target."""
    plays_gate: ClassVar[bool] = False
    """True if it plays the ZX90 of the library's note, and classifies shots with the library's
    classifiers.
    """
    note_section: ClassVar[str] = ""
    """Section of the library's calibration note that the procedure writes; empty if none."""
    _to_hold: Any = None
    """State of the target for the library after acceptance of the result."""

    @classmethod
    def call(cls, library: Any, tasks: Mapping[str, Any]) -> Mapping[str, Any]:
        """Call the library for all `tasks` at once. Touches hardware.

        `library` is the open `qubex.Experiment`. Tasks, with equal run parameters, and results are by the library's
        label of the target (`Q03`, `Q03-Q04`); results may be missing.
        """
        raise NotImplementedError

    @classmethod
    def map_result(cls, library: Any, label: str, answer: Any) -> LibraryResult:
        """Return the library's results for a target, in QDash's units. Reads the library, and touches no hardware."""
        raise NotImplementedError

    @classmethod
    def get_state(cls, library: Any, label: str) -> Any:
        """Return the library's state that the procedure may change: by default a copy of its note entry, or None."""
        return (
            deepcopy(library.calib_note.get_property(cls.note_section, label)) if cls.note_section else None
        )

    @classmethod
    def restore_state(cls, library: Any, label: str, held: Any) -> None:
        """Restore the state returned by `get_state` or `make_state`."""
        if not cls.note_section:
            return
        if held is not None:
            library.calib_note.put_property(cls.note_section, label, held)
        elif label in library.calib_note.get(cls.note_section):
            library.calib_note.remove_property(cls.note_section, label)

    @classmethod
    def make_state(cls, library: Any, label: str, answer: Any) -> Any:  # noqa: ARG003  for who has to look at it
        """Return the state of the library to set when the result is accepted, given that left by the procedure."""
        entry = cls.get_state(library, label)
        return None if entry is None else {**entry, **make_time_fields(utc_now())}

    def accepted(self, backend: BaseBackend) -> None:
        """Apply the accepted results to the library, which uses them from then on."""
        library = backend.get_instance()
        self.restore_state(library, get_label(library, self), self._to_hold)

    @final
    def run(self, backend: BaseBackend) -> RawData:
        """Measure this target alone. Touches hardware."""
        (outcome,) = self.run_group(backend, [self])
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    @classmethod
    def run_group(cls, backend: BaseBackend, tasks: Sequence[BaseTask]) -> list[RawData | Exception]:
        """Measure all targets in one call of the library. Touches hardware.

        If that call fails as a whole, the targets are measured one by one.
        """
        library = backend.get_instance()
        labelled = {get_label(library, task): cast("NativeTask", task) for task in tasks}
        with mute_stdout():
            outcomes = _explain_unready_gates(library, labelled) if cls.plays_gate else {}
            if cls.needs_rabi:
                outcomes |= _explain_missing_references(library, labelled)
            ready = {label: task for label, task in labelled.items() if label not in outcomes}
            outcomes |= cls._collect_outcomes(library, ready)
        return [outcomes[label] for label in labelled]

    @classmethod
    def _collect_outcomes(
        cls, library: Any, tasks: Mapping[str, NativeTask]
    ) -> dict[str, RawData | Exception]:
        before = {label: cls.get_state(library, label) for label in tasks}
        try:
            answers = cls._run_library(library, tasks) if tasks else {}
            return {
                label: task._make_outcome(library, label, answers.get(label)) for label, task in tasks.items()
            }
        finally:
            for label, held in before.items():
                cls.restore_state(library, label, held)

    @classmethod
    def _run_library(cls, library: Any, tasks: Mapping[str, BaseTask]) -> dict[str, Any]:
        """Return the library's result or exception for each target.

        Raises `ConnectionLostError` if the instruments do not answer.
        """
        try:
            with translate_lost_connections():
                return dict(cls.call(library, tasks))
        except ConnectionLostError:
            raise
        except Exception as error:  # noqa: BLE001  the border between one target and the others of its group
            if len(tasks) == 1:
                return dict.fromkeys(tasks, error)
        found: dict[str, Any] = {}
        for label, task in tasks.items():
            found |= cls._run_library(library, {label: task})
        return found

    def _make_outcome(self, library: Any, label: str, answer: Any) -> RawData | Exception:
        if isinstance(answer, Exception):
            return answer
        if answer is None:
            return AnalysisError(f"the library returned nothing for {label}: its fit failed")
        try:
            raw = self.map_result(library, label, answer).to_raw_data(self.minimum_r2)
            if not raw.attributes[COMPLAINTS]:
                self._to_hold = self.make_state(library, label, answer)
        except Exception as error:  # noqa: BLE001  the border between one target and the others of its group
            return error
        return raw

    def postprocess(self, backend: BaseBackend | None, result: RawData) -> TaskOutput:  # noqa: ARG002
        """Return the library's results, or raise `AnalysisError` with all objections to them."""
        if complaints := result.attributes[COMPLAINTS]:
            raise AnalysisError("; ".join(complaints))
        found = result.attributes[FOUND].items()
        return TaskOutput(
            {name: Parameter(value, error, unit) for name, (value, error, unit) in found},
            r2=result.attributes[R2],
            quality=result.attributes[QUALITY],
            figures=result.attributes[FIGURES][1:],
        )

    @classmethod
    def figure(cls, raw: RawData, output: TaskOutput) -> dict[str, Any] | None:
        """Return the library's first figure with the results beside it, or None if it has none."""
        figures = raw.attributes[FIGURES]
        return add_value_box(figures[0], cls, output) if figures else None


def collect_options(tasks: Mapping[str, BaseTask], **names: str) -> dict[str, Any]:
    """Return the common run parameters of simultaneous tasks as arguments of the library.

    Parameters that leave the choice to the library are omitted. Shots start in |0> only after a long wait: if T1 is known and
    no interval is given, it is five times the longest T1.

    `names` has the run parameter for each argument, besides `shots` and `interval`.
    """
    asked = {"n_shots": "shots", "shot_interval": "interval", **names}
    parameters = next(iter(tasks.values())).context.parameters
    chosen = {argument: parameters.get(name) for argument, name in asked.items()}
    longest_ns = find_longest_t1_ns(tasks.values())
    if chosen["shot_interval"] is None and longest_ns is not None and _LIFETIMES * longest_ns > USUAL_WAIT_NS:
        chosen["shot_interval"] = _LIFETIMES * longest_ns
    return {argument: value for argument, value in chosen.items() if value is not None}


def choose_longer_wait(t1_ns: float) -> dict[str, Any]:
    """Return a wait of five T1 as an argument of the library; empty if the library's default is at least as long."""
    wait_ns = _LIFETIMES * t1_ns
    return {"shot_interval": wait_ns} if wait_ns > USUAL_WAIT_NS else {}


def find_longest_t1_ns(tasks: Iterable[BaseTask]) -> float | None:
    """Return the longest known T1 of the qubits of tasks, or None if none is known."""
    known = [
        found.value * 1e3
        for task in tasks
        for name, found in task.context.inputs.items()
        if name.removeprefix("control_").removeprefix("target_") == "t1"
    ]
    return max(known, default=None)


def get_label(library: Any, task: BaseTask) -> str:
    """Return the library's label of a task's target; `control-target` for a coupling."""
    context = task.context
    if task.task_type == "coupling":
        return "-".join(library.get_qubit_label(int(qid)) for qid in (context.control, context.target))
    return str(library.get_qubit_label(int(context.qid)))


def _explain_missing_references(
    library: Any, tasks: Mapping[str, BaseTask]
) -> dict[str, RawData | Exception]:
    """Return an error for each target without a valid Rabi calibration of all its qubits."""
    qubits = {qubit: None for label in tasks for qubit in label.split("-")}
    failed = explain_missing_reference(library, list(qubits), collect_options(tasks))
    return {
        label: failed[qubit] for label in tasks for qubit in reversed(label.split("-")) if qubit in failed
    }


def _explain_unready_gates(library: Any, tasks: Mapping[str, BaseTask]) -> dict[str, RawData | Exception]:
    """Return an error for each coupling whose gate does not play as calibrated, or whose qubits lack classifiers."""
    reasons = {
        label: _explain_missing_gate(library, label, task) or _explain_missing_classifier(library, label)
        for label, task in tasks.items()
    }
    return {label: MissingInputError(reason) for label, reason in reasons.items() if reason}


def _explain_missing_gate(library: Any, label: str, task: BaseTask) -> str:
    """Return an objection to a gate that is missing, too old, or replaced by another tone, or an empty text."""
    try:
        gate_ns = library.zx90(*label.split("-")).duration
    except Exception as error:  # noqa: BLE001  the library says in several ways that it has none
        return f"the library has no ZX90 of {label} in its note: run CreateZX90 ({error})"
    known = task.context.inputs.get(LIBRARY_GATE)
    if known is not None and abs(known.value - gate_ns) > _SAME_NS:
        return f"the library's ZX90 of {label} takes {gate_ns:g} ns instead of the calibrated {known.value:g} ns: run CreateZX90"
    return ""


def _explain_missing_classifier(library: Any, label: str) -> str:
    lacking = [qubit for qubit in label.split("-") if qubit not in library.classifiers]
    if not lacking:
        return ""
    return f"the library has no classifier of {', '.join(lacking)} for the readout in use: run ReadoutClassification"

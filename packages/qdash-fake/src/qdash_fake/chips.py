"""Twin as a chip of a project: creation of both, and the truth for a chip's id."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from qdash_builtin.chips.feature import CHIPS
from qdash_core.errors import StoreError
from qdash_core.models.targets import make_coupling_id, split_coupling
from qdash_core.repositories.results import TaskResultHistoryRepository
from qdash_fake.folders import replace_folder, twin_folder
from qdash_fake.pair_truth import PairInUse
from qdash_fake.readout_truth import compute_snr_amplitude
from qdash_fake.truth import TrueParameters, apply_calibration, compute_true_parameters
from qdash_fake.twin import create_twin, load_twin
from qdash_tasks.laboratory.coupling_settings import CouplingSettings
from qdash_tasks.laboratory.requests.sequences import SIMULTANEOUS_WITH
from qdash_tasks.laboratory.shots import Repetition
from qdash_tasks.laboratory.trace import CLOCK

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from qdash_core.chips.chip import Chip
    from qdash_core.models.access import Access
    from qdash_core.models.chip import ParameterModel
    from qdash_core.models.task import TaskResultModel
    from qdash_core.runtime.application import QDash
    from qdash_fake.devices import DeviceTable
    from qdash_fake.physics.chip import ChipTruth

_AMPLITUDE, _BY_RATIO, _RATIO = "readout_amplitude", "CheckReadoutAmplitude", "snr_threshold"
_FIDELITY, _BELL = "average_readout_fidelity", "bell_state_fidelity"
_SIMULTANEOUS = "simultaneous_gate_fidelity"
_CHIP = "chip"
"""Remarks on the whole chip."""


def create_twin_chip(
    qdash: QDash,
    access: Access,
    chip_id: str,
    table: DeviceTable,
    *,
    seed: int,
    options: Mapping[str, object] | None = None,
) -> Chip:
    """Create a twin and its chip, with backend `fake`.

    Raises `InvalidInputError` or `ConflictError` if the id is invalid or taken, or an option is impossible; nothing is
    left behind.
    """
    qdash.get(CHIPS).check_new(access, chip_id)
    folder = twin_folder(qdash.settings.home, project_id=access.project_id, chip_id=chip_id)
    controls: dict[str, str] = {}
    for row in table.couplings:
        if row.gate is not None:
            controls.setdefault(make_coupling_id(row.control, row.target), row.control)
    # If several create the same chip at once, the store lets one through; only that one puts its twin in
    # place.
    with replace_folder(folder) as new:  # of a deleted chip, remains may be there
        twin = create_twin(new, table, seed, options)
        return qdash.get(CHIPS).create(
            access,
            chip_id,
            table.layout,
            backend="fake",
            controls=controls,
            design=twin.design(),
        )


def compute_truth(qdash: QDash, access: Access, chip_id: str) -> TrueParameters:
    """Return the current truth about a chip, at the settings implied by its accepted values.

    The readout fidelities are for the reset recorded with the accepted ones.

    Raises `NotFoundError` if there is no such chip, or it has no twin.
    """
    return _TwinEvaluation(qdash, access, chip_id).compute_truth()


def compute_truth_with_remarks(
    qdash: QDash,
    access: Access,
    chip_id: str,
    targets: Collection[str] = (),
    *,
    progress: Callable[[str, int, int], None],
) -> tuple[TrueParameters, Mapping[str, list[str]]]:
    """Return `compute_truth` of some targets, or of all, with remarks on the chip, its qubits and its couplings.

    Remarks by qubit, coupling and `chip` name missing or unused values of the table, frequency collisions, defects,
    warm-ups, dead lines, and why a gate is impossible. `progress` is called with the current computation, the couplings
    done, and their total.

    Raises `NotFoundError` if there is no such chip or target, or the chip has no twin.
    """
    judge = _TwinEvaluation(qdash, access, chip_id, targets)
    true = judge.compute_truth()
    true["couplings"].compute_all(progress)
    return true, judge.list_remarks(true)


def compute_truth_as_measured(qdash: QDash, access: Access, chip_id: str) -> TrueParameters:
    """Return the truth about a chip, each accepted value's truth at the time of its measurement.

    It differs on a twin that drifts. A value without a recorded laboratory time is compared with the present.
    """
    return _TwinEvaluation(qdash, access, chip_id).compute_truth_as_measured()


class _TwinEvaluation:
    """Comparison of a twin with its accepted values, at a laboratory time."""

    def __init__(self, qdash: QDash, access: Access, chip_id: str, targets: Collection[str] = ()) -> None:
        self._qdash = qdash
        self._project_id = project_id = access.project_id
        chip = qdash.chip_record.show(project_id, chip_id)
        self._accepted = {qid: qubit.data for qid, qubit in chip.qubits.items() if qubit.data}
        self._of_pairs = {one: coupling.data for one, coupling in chip.couplings.items() if coupling.data}
        self._controls = {coupling_id: coupling.control for coupling_id, coupling in chip.couplings.items()}
        chip.require_targets(targets)
        self._targets = frozenset(targets or (*chip.qubits, *chip.couplings))
        self._folder = twin_folder(qdash.settings.home, project_id=project_id, chip_id=chip_id)
        twin = load_twin(self._folder)
        self._clock_s, self._drifts = twin.clock_s, twin.options.changes_with_time
        self._chip = twin.truth(lambda _qid: self._clock_s)
        self._remarks = twin.remarks()
        self._repeated = {
            qid: _get_repetition(qdash, project_id, parameters[_FIDELITY].task_id)
            for qid, parameters in self._accepted.items()
            if qid in self._targets and _FIDELITY in parameters
        }
        self._ratios = {
            qid: found
            for qid, parameters in self._accepted.items()
            if qid in self._targets
            and _AMPLITUDE in parameters
            and (found := _get_ratio(qdash, project_id, parameters[_AMPLITUDE].task_id)) is not None
        }
        self._beside = {
            qid: beside
            for qid, parameters in self._accepted.items()
            if qid in self._targets
            and _SIMULTANEOUS in parameters
            and (beside := _get_simultaneous_qubits(qdash, project_id, parameters[_SIMULTANEOUS].task_id))
            is not None
        }

    def compute_truth(self) -> TrueParameters:
        return self._compute_true(self._chip)

    def list_remarks(self, true: TrueParameters) -> dict[str, list[str]]:
        found = true["couplings"].list_remarks()
        for target, remarks in self._remarks.items():
            if target not in (_CHIP, *self._targets):
                continue
            found[target] = [*remarks, *found.get(target, [])]
        return found

    def compute_truth_as_measured(self) -> TrueParameters:
        found = self.compute_truth()
        if not self._drifts:
            return found
        now_s = self._clock_s
        for qid, names_at in self._group_by_measurement(self._accepted).items():
            for self._clock_s, names in names_at.items():
                beside = self._chip.neighbours[qid] if _SIMULTANEOUS in names else ()
                true = self._compute_true(self._select_part(qid, *beside))["qubits"][qid]
                found["qubits"][qid].update({name: true[name] for name in names if name in true})
        pairs = found["couplings"]
        for coupling_id, names_at in self._group_by_measurement(self._of_pairs).items():
            for self._clock_s, names in names_at.items():
                then = self._compute_true(self._select_part(*split_coupling(coupling_id)))[
                    "couplings"
                ].compute_at_settings(coupling_id)
                pairs.set_as_measured(coupling_id, {name: then[name] for name in names if name in then})
        # Values computed later are about the present.
        self._clock_s = now_s
        return found

    def _compute_true(self, chip: ChipTruth) -> TrueParameters:
        calibrated = {
            qid: {name: known.value for name, known in parameters.items()}
            for qid, parameters in self._accepted.items()
        }
        settings = apply_calibration(chip, calibrated)
        found = compute_true_parameters(
            chip,
            settings,
            readout_repetition=self._repeated,
            beside=self._beside,
            pairs={one: self._get_pair(one) for one in chip.couplings if one in self._targets},
            kept_in=self._folder,
            targets=self._targets,
        )
        for qid, (ratio, repetition) in self._ratios.items():
            if qid in found["qubits"]:
                found["qubits"][qid].pop(_AMPLITUDE, None)
                true = compute_snr_amplitude(
                    chip.qubits[qid], settings[qid], ratio=ratio, repetition=repetition
                )
                if true is not None:
                    found["qubits"][qid][_AMPLITUDE] = (true, "a.u.")
        return found

    def _select_part(self, *qids: str) -> ChipTruth:
        """Return these qubits and the couplings among them."""
        couplings = {one: pair for one, pair in self._chip.couplings.items() if {pair.a, pair.b} <= {*qids}}
        return replace(self._chip, qubits={qid: self._chip.qubits[qid] for qid in qids}, couplings=couplings)

    def _get_pair(self, coupling_id: str) -> PairInUse:
        accepted = self._of_pairs.get(coupling_id, {})
        settings = CouplingSettings().applied({name: known.value for name, known in accepted.items()})
        repetition = Repetition()
        if _BELL in accepted:
            repetition = _get_repetition(self._qdash, self._project_id, accepted[_BELL].task_id)
        return PairInUse(self._controls.get(coupling_id), settings, repetition)

    def _group_by_measurement(
        self, accepted: Mapping[str, Mapping[str, ParameterModel]]
    ) -> Mapping[str, Mapping[float, list[str]]]:
        """Return the accepted values of every target by the laboratory time of their measurement."""
        found: dict[str, dict[float, list[str]]] = {}
        for qid, parameters in accepted.items():
            of_task: dict[str, float | None] = {}
            for name, known in parameters.items():
                task_id = known.task_id
                if task_id not in of_task:
                    of_task[task_id] = _get_clock(self._qdash, self._project_id, task_id)
                if (clock_s := of_task[task_id]) is not None:
                    found.setdefault(qid, {}).setdefault(clock_s, []).append(name)
        return found


def _get_clock(qdash: QDash, project_id: str, task_id: str) -> float | None:
    """Read the laboratory time of a result from its raw data, or of a computed result from its latest input."""
    result = qdash.repositories.of(TaskResultHistoryRepository).find(project_id, task_id)
    if result is None or (attributes := _read_attributes(qdash, result)) is None:
        return None
    clock_s = attributes.get(CLOCK)
    if isinstance(clock_s, (int, float)):
        return float(clock_s)
    sources = {given.task_id for given in result.input_parameters.values() if given.task_id}
    found = [_get_clock(qdash, project_id, source) for source in sources]
    return max((known for known in found if known is not None), default=None)


def _get_simultaneous_qubits(qdash: QDash, project_id: str, task_id: str) -> Sequence[str] | None:
    """Return the qubits benchmarked together with that of a result, or None if unknown."""
    result = qdash.repositories.of(TaskResultHistoryRepository).find(project_id, task_id)
    beside = ((result and _read_attributes(qdash, result)) or {}).get(SIMULTANEOUS_WITH)
    return [str(qid) for qid in beside] if isinstance(beside, list) else None


def _read_attributes(qdash: QDash, result: TaskResultModel) -> Mapping[str, object] | None:
    """Return the attributes of the raw data of a result, or None if they cannot be read."""
    if not result.raw_data_path:
        return None
    try:
        return qdash.artifacts.load_raw_data(result.raw_data_path[0]).attributes
    except StoreError:
        return None


def _get_ratio(qdash: QDash, project_id: str, task_id: str) -> tuple[float, Repetition] | None:
    """Read ratio and shot repetition of a readout amplitude that has a signal-to-noise ratio, else None."""
    result = qdash.repositories.of(TaskResultHistoryRepository).find(project_id, task_id)
    if result is None or result.name != _BY_RATIO:
        return None
    attributes = _read_attributes(qdash, result) or {}
    ratio = attributes.get(_RATIO)
    if not isinstance(ratio, (int, float)):
        return None
    return float(ratio), Repetition.from_attributes(attributes)


def _get_repetition(qdash: QDash, project_id: str, task_id: str) -> Repetition:
    """Read the shot repetition from the raw data of a result; active reset if it is unknown."""
    result = qdash.repositories.of(TaskResultHistoryRepository).find(project_id, task_id)
    return Repetition.from_attributes((result and _read_attributes(qdash, result)) or {})

"""Test bench for tasks without an engine: a twin in a folder, its backend, and a context for each task."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from qdash_core.backends.base import BackendContext
from qdash_core.chips.topology import Site, Topology
from qdash_core.errors import QDashError
from qdash_core.models.estimates import Parameter
from qdash_core.models.raw_data import RawData
from qdash_core.scheduling.rules import make_qubit_conflicts
from qdash_core.tasks.base import BaseTask, ChipView, RunContext, TaskOutput
from qdash_core.tasks.inputs import find_input_sources, get_direction
from qdash_core.tasks.overrides import apply_overrides
from qdash_fake.backend import FakeBackend
from qdash_fake.folders import twin_folder
from qdash_fake.laboratory import TwinLaboratory
from qdash_fake.truth import compute_ideal_settings, compute_true_parameters
from qdash_fake.twin import create_twin
from qdash_scheduling.orderings import UncoupledStrategy
from qdash_tasks.laboratory.backend import LaboratoryBackend

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from qdash_fake.devices import DeviceTable
    from qdash_fake.physics.chip import ChipTruth


_TRUTHS: dict[str, Mapping[str, tuple[float, str]]] = {}
"""True values of a qubit, cached by its truth and settings."""


class Bench(LaboratoryBackend):
    """A backend on a chip with a modified truth."""

    laboratory_class = TwinLaboratory

    def __init__(self, laboratory: TwinLaboratory) -> None:
        self._laboratory = laboratory

    def connect(self) -> None:
        """Do nothing: the laboratory is open."""

    @property
    def laboratory(self) -> TwinLaboratory:
        return self._laboratory


def bench_with(chip: ChipTruth, qid: str, **changes: Any) -> Bench:
    """Return a chip with modified true values of one qubit, and perfect readout."""
    qubit = chip.qubits[qid]
    changed = MappingProxyType({**chip.qubits, qid: replace(qubit, **changes)})
    laboratory = TwinLaboratory(replace(chip, qubits=changed), number=1)
    laboratory.adjust(qid, {"readout_frequency_ghz": qubit.resonator.best_probe_ghz})
    return Bench(laboratory)


@dataclass
class Laboratory:
    """One open twin."""

    home: Path
    table: DeviceTable
    seed: int = 1
    values: dict[str, dict[str, Parameter]] = field(default_factory=dict)
    partial: list[RawData] = field(default_factory=list)
    raw: dict[tuple[str, str], RawData] = field(default_factory=dict)
    """Latest raw data of groups, by target and task."""
    cancelled: bool = False
    options: Mapping[str, object] = field(default_factory=dict)
    clock_s: float = 0.0
    starting: set[str] = field(default_factory=set)
    """Inputs that are only starting values."""
    controls: dict[str, str] = field(default_factory=dict)
    """Control qubits of couplings; the default is the lower number."""

    def __post_init__(self) -> None:
        folder = twin_folder(self.home, project_id="default", chip_id=f"chip{self.seed}")
        twin = create_twin(folder, self.table, self.seed, self.options)
        self.chip: ChipTruth = (twin.wait(self.clock_s) if self.clock_s else twin).truth()
        self.backend = FakeBackend()
        self.backend.context = BackendContext("default", f"chip{self.seed}", (), self.home)
        self.backend.connect()
        self.design = FakeBackend.design(self.backend.context)

    @property
    def topology(self) -> Topology:
        """The layout of the chip."""
        couplings = tuple(f"{a}-{b}" for a, b in self.table.pairs)
        return Topology("bench", tuple(Site(q) for q in self.table.qids), couplings)

    @property
    def uncoupled_groups(self) -> list[list[str]]:
        """All qubits, in groups without neighbours, since static ZZ biases measurements on both at once."""
        conflicts = make_qubit_conflicts(self.table.qids, self.topology)
        return [list(group) for group in UncoupledStrategy().colour(conflicts).groups]

    def calibrate_perfectly(self) -> Laboratory:
        """Set perfect settings."""
        for qid, qubit in self.chip.qubits.items():
            ideal = compute_ideal_settings(qubit).as_note()
            self.backend.laboratory.adjust(qid, {k: v for k, v in ideal.items() if v is not None})
        return self

    def redesign(self, qid: str, **values: float) -> None:
        """Change the design values of a qubit; the qubit itself stays the same."""
        self.design = {**self.design, qid: {**self.design[qid], **values}}

    def let_faster_control(self) -> list[str]:
        """Make the faster qubit the control of each coupling that can have a gate; return these couplings."""
        possible = [name for name, coupling in self.chip.couplings.items() if coupling.impossible is None]
        for name in possible:
            both = self.chip.couplings[name].a, self.chip.couplings[name].b
            self.controls[name] = max(both, key=lambda qid: self.chip.qubits[qid].frequency_ghz)
        return possible

    def direction(self, coupling_id: str) -> tuple[str, str]:
        """Return control and target of a coupling."""
        return get_direction(coupling_id, self.controls.get(coupling_id))

    def prepare(self, task: type[BaseTask], qid: str, **parameters: Any) -> BaseTask:
        """Return an instance with its context."""
        control, target = self.direction(qid) if "-" in qid else ("", "")
        declared = apply_overrides(task.run_parameters, parameters, task=task.name)
        instance = task()
        instance.context = RunContext(
            qid=qid,
            inputs={**self._needed(task, qid), **self.values.get(qid, {})},
            parameters={name: parameter.resolved() for name, parameter in declared.items()},
            execution_id="20260101-000",
            task_id="t",
            chip=ChipView("chip", "fake", self.topology),
            partial=self.partial.append,
            _cancelled=lambda: self.cancelled,
            _is_starting=lambda name: name in self.starting,
            control=control,
            target=target,
            design={one: values for one, values in self.design.items() if one in (qid, control, target)},
        )
        return instance

    def _needed(self, task: type[BaseTask], qid: str) -> dict[str, Parameter]:
        """Return the true values of the missing inputs that a task requires."""
        known = self.values.get(qid, {})
        needed = [
            name
            for name, declared in task.input_parameters.items()
            if declared.required and declared.default is None and name not in known
        ]
        if not needed:
            return {}
        if "-" in qid:
            return self._of_pair(task, qid, needed)
        truth = self._truth_of_some(qid, needed)
        return {name: Parameter(truth[name][0], None, truth[name][1]) for name in needed if name in truth}

    def truth_of(self, qid: str) -> Mapping[str, tuple[float, str]]:
        """Return the true values of a qubit at the settings in use, from a cache."""
        settings = self.backend.laboratory.settings[qid]
        alone = replace(self.chip, qubits={qid: self.chip.qubits[qid]}, couplings={})
        at = repr((alone, settings.as_note()))
        if at not in _TRUTHS:
            _TRUTHS[at] = compute_true_parameters(alone, {qid: settings})["qubits"][qid]
        return _TRUTHS[at]

    def _truth_of_some(self, qid: str, names: Sequence[str]) -> Mapping[str, tuple[float, str]]:
        """Return true values with these names, without the pulses of a qubit unless they are among them."""
        qubit, settings = self.chip.qubits[qid], self.backend.laboratory.settings[qid]
        simple = {
            "resonator_frequency": (qubit.resonator.frequency_ghz, "GHz"),
            "qubit_frequency": (qubit.frequency_ghz, "GHz"),
            "control_amplitude": (settings.control_amplitude, "a.u."),
            "rabi_frequency": (qubit.drive.rabi_mhz(settings.control_amplitude), "MHz"),
            "t1": (qubit.coherence.t1_us, "us"),
            "t2_echo": (qubit.coherence.t2_echo_us, "us"),
        }
        return simple if {*names} <= simple.keys() and not qubit.drive.dead else self.truth_of(qid)

    def _of_pair(self, task: type[BaseTask], coupling_id: str, needed: Sequence[str]) -> dict[str, Parameter]:
        sources = find_input_sources(task, coupling_id, control=self.direction(coupling_id)[0])
        true: dict[str, Mapping[str, tuple[float, str]]] = {
            qid: self._truth_of_some(
                qid,
                [source for name, (target, source) in sources.items() if name in needed and target == qid],
            )
            for qid in self.direction(coupling_id)
        }
        in_use = self.backend.laboratory.couplings[coupling_id].as_parameters()
        true[coupling_id] = {name: (value, "") for name, value in in_use.items()}
        return {
            name: Parameter(found[0], None, found[1])
            for name, (target, source) in sources.items()
            if name in needed and (found := true[target].get(source)) is not None
        }

    def measure(self, task: type[BaseTask], qid: str, **parameters: Any) -> RawData:
        """Run the measurement only."""
        raw = self.prepare(task, qid, **parameters).run(self.backend)
        assert isinstance(raw, RawData)
        return raw

    def run(self, task: type[BaseTask], qid: str, **parameters: Any) -> TaskOutput:
        """Measure and analyse."""
        raw = self.measure(task, qid, **parameters)
        return task().postprocess(None, raw)

    def run_group(self, task: type[BaseTask], qids: Sequence[str]) -> dict[str, TaskOutput | Exception]:
        """Measure several targets in one group, analyse each, and store their values."""
        self.backend.apply({qid: self.values.get(qid, {}) for qid in qids})
        instances = [self.prepare(task, qid) for qid in qids]
        found: dict[str, TaskOutput | Exception] = {}
        for instance, raw in zip(instances, task.run_group(self.backend, instances), strict=True):
            qid = instance.context.qid
            if isinstance(raw, Exception):
                found[qid] = raw
                continue
            self.raw[qid, task.name] = raw
            try:
                found[qid] = output = instance.postprocess(None, raw)
            except QDashError as error:
                found[qid] = error
            else:
                self.values.setdefault(qid, {}).update(output.parameters)
        return found

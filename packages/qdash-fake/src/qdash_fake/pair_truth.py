"""True values of couplings at the settings in use, and the reasons for impossible gates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from qdash_analysis.density_matrix import estimate_linearly, find_nearest_states
from qdash_analysis.state_tomography import BASES
from qdash_core.errors import InvalidInputError
from qdash_fake.best_gates import BestGates
from qdash_fake.physics.coherence import pair_error_limit
from qdash_fake.physics.collisions import explain_missing_gate
from qdash_fake.physics.cross_resonance import rates
from qdash_fake.physics.gate_quality import gate_fidelity
from qdash_fake.physics.pair import Pair, make_pair
from qdash_fake.physics.pair_evolution import gate_step
from qdash_fake.physics.pair_pulses import PairPulses, QubitPulses
from qdash_fake.physics.pair_sequences import (
    basis_change,
    bell_sequence,
    final_populations,
    relax_before_readout,
)
from qdash_tasks.laboratory.coupling_settings import CouplingSettings
from qdash_tasks.laboratory.shots import Repetition

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

    from qdash_fake.physics.chip import ChipTruth
    from qdash_fake.physics.pair_pulses import Step
    from qdash_tasks.laboratory.pulses import ZX90
    from qdash_tasks.laboratory.settings import Settings

    Floats = NDArray[np.float64]

Value = tuple[float, str]

WORST_ERROR = 0.1
"""Average error above which the best possible gate of a coupling does not count as a gate."""

_FIDELITY = "zx90_gate_fidelity"
_PHI_PLUS = np.array([1.0, 0.0, 0.0, 1.0]) / np.sqrt(2)


class PairInUse(NamedTuple):
    """Drive of a coupling; `control` is None if no direction has been chosen."""

    control: str | None = None
    settings: CouplingSettings = CouplingSettings()
    repetition: Repetition = Repetition()


class PairTruths(Mapping[str, dict[str, Value]]):
    """True values by coupling, each computed on first use: the best gate takes almost a second.

    A coupling that `in_use` does not name has no gate. Without the folder `kept_in` the best gates are not cached.
    """

    def __init__(
        self,
        chip: ChipTruth,
        settings: Callable[[str], Settings],
        in_use: Mapping[str, PairInUse],
        *,
        kept_in: Path | None = None,
    ) -> None:
        # A chip may change before a coupling is computed: its state is taken now.
        self._chip = replace(chip, qubits=dict(chip.qubits), couplings=dict(chip.couplings))
        self._settings, self._in_use = settings, in_use
        self._known: dict[str, dict[str, Value]] = {}
        self._as_measured: dict[str, dict[str, Value]] = {}
        self._best = BestGates(self._chip, kept_in)

    def __getitem__(self, coupling_id: str) -> dict[str, Value]:
        if coupling_id not in self._known:
            found = self.compute_at_settings(coupling_id)
            best = self._get_best(coupling_id, found)
            self._known[coupling_id] = found | best | self._as_measured.get(coupling_id, {})
        return self._known[coupling_id]

    def __iter__(self) -> Iterator[str]:
        return iter(self._chip.couplings)

    def __len__(self) -> int:
        return len(self._chip.couplings)

    def compute_all(self, progress: Callable[[str, int, int], None]) -> None:
        """Compute all values, and report the progress: current step, couplings done, number of couplings."""
        for done, coupling_id in enumerate(self):
            progress("the best gates of couplings", done, len(self))
            _ = self[coupling_id], self.find_obstacle(coupling_id)

    def list_remarks(self) -> dict[str, list[str]]:
        """Return remarks on the chip and its couplings, if there are any."""
        found = {"chip": list(self._chip.marks)}
        for coupling_id, coupling in self._chip.couplings.items():
            reason = self.find_obstacle(coupling_id)
            found[coupling_id] = [*coupling.marks, *([f"impossible: {reason}"] if reason else [])]
        return {target: said for target, said in found.items() if said}

    def find_obstacle(self, coupling_id: str) -> str | None:
        """Return the reason why no gate can be calibrated on a coupling now, or None."""
        if reason := self._explain_missing_gate(coupling_id):
            return reason
        coupling = self._chip.couplings[coupling_id]
        error = self._best.get_error(coupling_id, self._get_control(coupling_id))
        if error > WORST_ERROR:
            error = min(error, *(self._best.get_error(coupling_id, qid) for qid in (coupling.a, coupling.b)))
        return f"the best gate would have an error of {error:.0%}" if error > WORST_ERROR else None

    def _get_control(self, coupling_id: str) -> str:
        """Return the control qubit: the chosen one, or the one with the better best gate."""
        control = self._in_use.get(coupling_id, PairInUse()).control
        if control is not None:
            return control
        return self._best.choose_control(coupling_id)

    def compute_at_settings(self, coupling_id: str) -> dict[str, Value]:
        """Return the truth of a coupling and its settings in use, without the best possible gate."""
        coupling = self._chip.couplings[coupling_id]
        found: dict[str, Value] = {"static_zz_interaction": (coupling.static_zz_mhz, "MHz")}
        in_use = self._in_use.get(coupling_id, PairInUse())
        if in_use.control is not None and not self._explain_missing_gate(coupling_id):
            pair = make_pair(self._chip, coupling_id, in_use.control)
            both = self._settings(pair.control.qid), self._settings(pair.target.qid)
            found |= _describe_gate(pair, both, in_use)
        return found

    def set_as_measured(self, coupling_id: str, values: Mapping[str, Value]) -> None:
        """Replace the current truth by values at the time of a measurement."""
        self._as_measured.setdefault(coupling_id, {}).update(values)
        self._known.pop(coupling_id, None)

    def _get_best(self, coupling_id: str, at_settings: Mapping[str, Value]) -> dict[str, Value]:
        """Return the best known fidelity in the direction in use, including that of the gate in use."""
        if self._explain_missing_gate(coupling_id):
            return {}
        searched = 1 - self._best.get_error(coupling_id, self._get_control(coupling_id))
        in_use, _ = at_settings.get(_FIDELITY, (searched, ""))
        return {"best_zx90_gate_fidelity": (max(searched, in_use), "")}

    def _explain_missing_gate(self, coupling_id: str) -> str | None:
        coupling = self._chip.couplings[coupling_id]
        return explain_missing_gate(
            self._chip.qubits[coupling.a], self._chip.qubits[coupling.b], coupling.exchange_mhz
        )


def _describe_gate(pair: Pair, both: tuple[Settings, Settings], in_use: PairInUse) -> dict[str, Value]:
    """Return the truth of the calibrated tone and gate in use."""
    tone = in_use.settings.tone
    if tone is None:
        return {}
    steady = in_use.settings.changed({"rotary_amplitude": None}).tone
    drives_ghz = both[0].drive_frequency_ghz, both[1].drive_frequency_ghz
    found: dict[str, Value] = {}
    if steady is not None:
        found["zx_rotation_rate"] = (rates(pair, steady, drive_ghz=drives_ghz[1]).zx, "MHz")
    try:
        gate = in_use.settings.gate(both[0].x180.length_ns)
    except InvalidInputError:  # an X180 that has become too long for it
        gate = None
    return (
        found
        if gate is None
        else found | _compute_fidelities(pair, both, drives_ghz, gate, in_use.repetition)
    )


def _compute_fidelities(
    pair: Pair,
    both: tuple[Settings, Settings],
    drives_ghz: tuple[float, float],
    gate: ZX90,
    repetition: Repetition,
) -> dict[str, Value]:
    qubits = (pair.control, pair.target)
    control, target = (QubitPulses.from_qubit(one, used) for one, used in zip(qubits, both, strict=True))
    pulses = PairPulses(control, target, pair.coupling.static_zz_mhz)
    played = gate_step(pair, gate, drives_ghz=drives_ghz, x180=control.x180)
    limit = pair_error_limit(pair.control.coherence, pair.target.coherence, length_us=played.length_us)
    return {
        _FIDELITY: (gate_fidelity(played.channel), ""),
        "two_qubit_gate_coherence_limit": (1 - limit, ""),
        "bell_state_fidelity": (_compute_bell_fidelity(pair, pulses, played, repetition), ""),
    }


def _compute_bell_fidelity(pair: Pair, pulses: PairPulses, gate: Step, repetition: Repetition) -> float:
    """Return the fidelity of state tomography with infinitely many shots, relative to the commanded basis states.

    Readout errors cancel, and so do those of commanding: relative to mixed reference states, a purer one may be
    unphysical. So the nearest physical state is used, as for data.
    """

    def there(step: Step) -> Floats:
        return relax_before_readout(final_populations(step.channel), pair.control, pair.target, repetition)

    commanded = np.stack(
        [there(pulses.preparation(one, other)) for one in (0, 1) for other in (0, 1)], axis=1
    )
    made = bell_sequence(pulses, gate)
    read = np.stack([there(made.then(basis_change(pulses, bases))) for bases in BASES], axis=1)
    shares: Floats = np.linalg.inv(commanded) @ read
    state = find_nearest_states(estimate_linearly(shares.T[None], BASES))[0]
    return min(float((_PHI_PLUS @ state @ _PHI_PLUS).real), 1.0)  # up to rounding

"""Generators of the qubits' lines by qubex's labels, and qubex's own values."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from qdash_qubex.names import Names
    from qdash_tasks.laboratory import Play

Window = tuple[float, float]
Role = tuple[str, str | None, str]
"""Qubit of the line, qubit of the frequency if it is another, and transition."""

_QUEL1_REACH_GHZ = 0.25
"""Frequency range of a QuEL-1 generator around the frequency configured for its port."""


@dataclass(frozen=True, slots=True)
class Generator:
    """Signal generator: its label, and its configured frequency range in GHz."""

    label: str
    window_ghz: Window

    def reaches(self, frequency_ghz: float) -> bool:
        """Return whether the generator reaches a frequency."""
        return self.window_ghz[0] <= frequency_ghz <= self.window_ghz[1]


class Lines:
    """Lines of the open session, with the values that qubex uses.

    The configuration alone determines which generator plays a pulse: frequencies with a small offset would select
    another one.
    """

    def __init__(self, experiment: Any, names: Names) -> None:
        self._experiment = experiment
        self._names = names
        self.generators: dict[Role, Generator] = {}
        self.readouts: dict[str, Generator] = {}
        self.find_generators()

    def find_generators(self) -> None:
        """Find the generators of the configuration in use, before values are applied to it.

        A configuration for some readouts centres their line elsewhere, which moves the ranges of QuEL-1.
        """
        targets = self._experiment.ctx.available_targets
        self.generators.clear()
        self.readouts.clear()
        for qid, label in self._list_labels():
            self._find_target((qid, None, "01"), label, targets)
            self._find_target((qid, None, "12"), f"{label}-ef", targets)
            if generator := self._find_generator(f"R{label}", targets):
                self.readouts[qid] = generator
            for other, toward in self._list_labels():
                self._find_target((qid, other, "01"), f"{label}-{toward}", targets)

    @property
    def qids(self) -> tuple[str, ...]:
        """Qubits that can be driven and read, in the order of their numbers."""
        return tuple(
            qid
            for qid, _ in self._list_labels()
            if (qid, None, "01") in self.generators and qid in self.readouts
        )

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """Pairs of these qubits for which the first one's line has a generator at the second one's frequency."""
        return tuple(
            (line, toward)
            for line, toward, _ in self.generators
            if toward is not None and {line, toward} <= set(self.qids)
        )

    def generator(self, play: Play) -> Generator | None:
        """Return the generator of a pulse, or None if the configuration has none."""
        return self.generators.get((play.line, play.toward, play.transition))

    def windows_ghz(self, qid: str) -> tuple[Window, ...]:
        """Return the frequency ranges of a line: its own generator's, and those of tones outside it."""
        own = self.generators[qid, None, "01"]
        tones = [
            one for (line, toward, _), one in self.generators.items() if line == qid and toward is not None
        ]
        return merge_windows(
            [own.window_ghz, *(one.window_ghz for one in tones if not own.reaches(sum(one.window_ghz) / 2))]
        )

    def readout_windows_ghz(self) -> tuple[Window, ...]:
        """Return the frequency ranges of all readouts."""
        return merge_windows(one.window_ghz for one in self.readouts.values())

    def get_values(self, qid: str) -> dict[str, float]:
        """Return qubex's values of a qubit, under the names of QDash's parameters."""
        label = self._names.qubit(qid)
        targets, params = self._experiment.ctx.targets, self._experiment.ctx.params
        found = {
            "qubit_frequency": targets[label].frequency,
            "readout_frequency": targets[f"R{label}"].frequency,
            "control_amplitude": params.control_amplitude.get(label),
            "readout_amplitude": params.readout_amplitude.get(label),
        }
        return {name: float(value) for name, value in found.items() if value is not None}

    @property
    def readout_length_ns(self) -> float:
        """Readout length of qubex."""
        return float(self._experiment.ctx.readout_duration)

    def apply_values(self, qid: str, values: Mapping[str, float]) -> None:
        """Apply calibrated values of a qubit to qubex; values without a place there are omitted."""
        label = self._names.qubit(qid)
        params = self._experiment.ctx.params
        for name, place in (
            ("control_amplitude", params.control_amplitude),
            ("readout_amplitude", params.readout_amplitude),
        ):
            if name in values:
                place[label] = values[name]
        system = self._experiment.ctx.experiment_system
        qubit, resonator = system.get_qubit(label), system.get_resonator(f"R{label}")
        retuned: dict[str, float] = {}
        if "qubit_frequency" in values:
            qubit.control_frequency_ge_value = values["qubit_frequency"]
            retuned |= self._list_following(label, values["qubit_frequency"])
        if "anharmonicity" in values:
            qubit.anharmonicity_value = values["anharmonicity"]
            driven_ghz = retuned.get(label, self._experiment.ctx.targets[label].frequency)
            retuned[f"{label}-ef"] = driven_ghz + values["anharmonicity"]
        # Until the best readout frequency is known, the resonance with the qubit in |0> is the best guess.
        if probe_ghz := values.get("readout_frequency", values.get("resonator_frequency")):
            resonator.readout_frequency_value = retuned[f"R{label}"] = probe_ghz
        self._retune(retuned)

    def _list_following(self, label: str, frequency_ghz: float) -> dict[str, float]:
        """Return the new frequencies of the generators of a qubit, its second transition, and tones toward it."""
        own = self._experiment.ctx.targets[label]
        moved = frequency_ghz - own.frequency
        found = {label: frequency_ghz}
        for other, target in self._experiment.ctx.targets.items():
            if target.is_cr and target.metadata.get("target_qubit") == label:
                found[other] = frequency_ghz
            elif other in (f"{label}-ef", f"{label}-fh"):
                found[other] = target.frequency + moved
        return found

    def _retune(self, frequencies_ghz: dict[str, float]) -> None:
        ctx = self._experiment.ctx
        known = {label: value for label, value in frequencies_ghz.items() if label in ctx.targets}
        if not known:
            return
        ctx.experiment_system.modify_target_frequencies(known)
        # A QuEL-1 controller keeps a copy of them.
        if tell := getattr(ctx.backend_controller, "modify_target_frequencies", None):
            tell(known)

    def _list_labels(self) -> Iterator[tuple[str, str]]:
        for label in self._experiment.ctx.qubit_labels:
            yield str(int(label[1:])), label

    def _find_target(self, role: Role, label: str, targets: Mapping[str, Any]) -> None:
        if generator := self._find_generator(label, targets):
            self.generators[role] = generator

    def _find_generator(self, label: str, targets: Mapping[str, Any]) -> Generator | None:
        target = targets.get(label)
        if target is None or not math.isfinite(target.frequency):
            return None
        if self._experiment.ctx.config_loader.backend_kind == "quel1":
            middle_ghz, reach_ghz = target.fine_frequency, _QUEL1_REACH_GHZ
        else:
            middle_ghz = target.frequency
            reach_ghz = self._experiment.ctx.params.get_frequency_margin(target.type)
        return Generator(label, (middle_ghz - reach_ghz, middle_ghz + reach_ghz))


def merge_windows(windows: Iterable[Window]) -> tuple[Window, ...]:
    """Return windows with overlapping ones merged."""
    found: list[Window] = []
    for low, high in sorted(windows):
        if found and low <= found[-1][1]:
            found[-1] = (found[-1][0], max(high, found[-1][1]))
        else:
            found.append((low, high))
    return tuple(found)

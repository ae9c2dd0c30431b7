"""Hidden truth of a chip: its qubits and couplings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING

from qdash_core.models.targets import split_coupling
from qdash_fake.physics.levels import Levels
from qdash_fake.physics.mismatch import NONE, Mismatch
from qdash_fake.physics.readout_chain import IDEAL, ReadoutChain

if TYPE_CHECKING:
    from qdash_fake.design import Design
    from qdash_fake.physics.coherence import Coherence
    from qdash_fake.physics.drive import Drive
    from qdash_fake.physics.readout import Readout
    from qdash_fake.physics.reset import ActiveReset
    from qdash_fake.physics.resonator import Resonator


@dataclass(frozen=True, slots=True)
class QubitTruth:
    """Truth of one qubit.

    Attributes
    ----------
    frequency_ghz
        Dressed f01 with all neighbours in |0>, no drive and no readout photons.
    anharmonicity_ghz
        f12 - f01, negative for a transmon.
    crosstalk
        Neighbour to (relative drive amplitude that reaches it; readout signal of its excitation relative to the own
        signal).
    third_level
        Probability that a shot finds the qubit in |2>, whatever is played.
    """

    qid: str
    frequency_ghz: float
    anharmonicity_ghz: float
    thermal_population: float
    coherence: Coherence
    drive: Drive
    resonator: Resonator
    readout: Readout
    active_reset: ActiveReset
    crosstalk: Mapping[str, tuple[float, float]]
    design: Design
    mismatch: Mismatch = NONE
    chain: ReadoutChain = IDEAL
    third_level: float = 0.0

    @property
    def levels(self) -> Levels:
        """Dynamics of the three lowest levels without a drive."""
        return Levels(
            anharmonicity_mhz=self.anharmonicity_ghz * 1e3,
            t1_us=self.coherence.t1_us,
            t2_us=self.coherence.t2_echo_us,
            thermal_population=self.thermal_population,
        )

    def detuning_mhz(self, drive_frequency_ghz: float) -> float:
        """Return qubit minus drive frequency in MHz."""
        return (self.frequency_ghz - drive_frequency_ghz) * 1e3

    @property
    def two_photon_frequency_ghz(self) -> float:
        """Two-photon frequency f02/2 of the transition to |2>."""
        return self.frequency_ghz + self.anharmonicity_ghz / 2


@dataclass(frozen=True, slots=True)
class CouplingTruth:
    """Truth of one pair of neighbours, `a` the smaller id.

    Attributes
    ----------
    exchange_mhz
        J/2pi.
    static_zz_mhz
        f11 - f10 - f01 + f00, signed.
    extra_rate
        Rate (1/us) of extra depolarisation of both qubits while a cross-resonance tone is on.
    line_phases_rad, crosstalk_phases_rad
        With `a` as control, and with `b`: phase of its tone relative to the target's line, and of its direct
        crosstalk on the target relative to the tone.
    tone_gain
        Relative gain of both qubits' lines at the frequency of the other qubit, where only cross-resonance tones are played.
    """

    a: str
    b: str
    exchange_mhz: float
    static_zz_mhz: float
    extra_rate: float = 0.0
    line_phases_rad: tuple[float, float] = (0.0, 0.0)
    crosstalk_phases_rad: tuple[float, float] = (0.0, 0.0)
    tone_gain: float = 1.0
    marks: tuple[str, ...] = ()
    impossible: str | None = None

    @property
    def coupling_id(self) -> str:
        """The pair as `"a-b"`."""
        return f"{self.a}-{self.b}"


@dataclass(frozen=True)
class ChipTruth:
    """Truth of all qubits and couplings by id, and remarks on the whole chip.

    It has no slots, because coupled qubits are cached. `multiplexers` holds the qubits of each by its number.
    """

    device: str
    seed: int
    qubits: Mapping[str, QubitTruth]
    couplings: Mapping[str, CouplingTruth]
    marks: tuple[str, ...] = ()
    multiplexers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def neighbours(self) -> Mapping[str, Mapping[str, float]]:
        """Static ZZ in MHz by qubit and coupled qubit, at the time of access."""
        return _Neighbours(self)

    @cached_property
    def coupled(self) -> Mapping[str, Mapping[str, str]]:
        """Coupling by qubit and coupled qubit."""
        found: dict[str, dict[str, str]] = {qid: {} for qid in self.qubits}
        for coupling_id in self.couplings:
            a, b = split_coupling(coupling_id)
            found[a][b] = found[b][a] = coupling_id
        return MappingProxyType(found)


class _Neighbours(Mapping[str, Mapping[str, float]]):
    """Static ZZ of a chip, read from its couplings."""

    def __init__(self, chip: ChipTruth) -> None:
        self._chip = chip

    def __getitem__(self, qid: str) -> Mapping[str, float]:
        couplings = self._chip.couplings
        return {other: couplings[one].static_zz_mhz for other, one in self._chip.coupled[qid].items()}

    def __iter__(self) -> Iterator[str]:
        return iter(self._chip.qubits)

    def __len__(self) -> int:
        return len(self._chip.qubits)

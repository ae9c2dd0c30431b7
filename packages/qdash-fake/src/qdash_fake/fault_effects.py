"""Effects of all timed faults on the truth of a qubit or a coupling, by the names of `fault_kinds`."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from qdash_fake.physics import coupling_faults, drive_faults, qubit_faults, readout_faults
from qdash_fake.physics.faults import kill_drive_line
from qdash_fake.physics.t1_falls import fall_t1
from qdash_fake.physics.warm_ups import warm_up

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_fake.physics.timed_changes import CouplingEffect, FaultEffect

FAULT_EFFECTS: Mapping[str, FaultEffect] = MappingProxyType(
    {
        "frequency-jump": qubit_faults.shift_frequency,
        "frequency-ramp": qubit_faults.ramp_frequency,
        "defect": qubit_faults.add_defect,
        "t1-fall": fall_t1,
        "dephasing": qubit_faults.dephase,
        "slow-noise": qubit_faults.add_slow_noise,
        "charge-splitting": qubit_faults.split_by_charge,
        "thermal": qubit_faults.heat,
        "collision": qubit_faults.bring_into_resonance,
        "f12-collision": qubit_faults.collide_with_f12,
        "drive-attenuation": drive_faults.attenuate_drive,
        "drive-gain": drive_faults.amplify_drive,
        "drive-compression": drive_faults.compress_drive,
        "drive-noise": drive_faults.add_drive_noise,
        "swapped-drive": drive_faults.swap_drives,
        "wrong-sign": drive_faults.mirror_phases,
        "pulse-distortion": drive_faults.distort_pulses,
        "crosstalk": drive_faults.add_crosstalk,
        "swapped-readout": readout_faults.swap_readout,
        "readout-attenuation": readout_faults.attenuate_readout,
        "readout-saturation": readout_faults.saturate_readout,
        "resonator-shift": readout_faults.shift_resonator,
        "iq-rotation": readout_faults.rotate_plane,
        "iq-drift": readout_faults.turn_plane,
        "reset-failure": readout_faults.fail_reset,
        "lost-points": readout_faults.lose_points,
        "readout-delay": readout_faults.delay_readout,
        "spurious-tone": readout_faults.add_tone,
        "warm-up": warm_up,
        "amplifier-failure": readout_faults.attenuate_readout,
        "dead-module": lambda qubit, _: kill_drive_line(qubit),
    }
)
COUPLING_EFFECTS: Mapping[str, CouplingEffect] = MappingProxyType(
    {
        "weak-coupling": coupling_faults.weaken,
        "strong-zz": coupling_faults.strengthen,
        "cr-attenuation": coupling_faults.attenuate_tones,
        "cr-phase": coupling_faults.turn_tones,
    }
)

"""Effects of all timed faults on the truth of a qubit, by the names of `fault_kinds`."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from qdash_fake.physics import drive_faults, qubit_faults
from qdash_fake.physics.t1_falls import fall_t1
from qdash_fake.physics.warm_ups import warm_up

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_fake.physics.timed_changes import FaultEffect

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
        "warm-up": warm_up,
    }
)

"""Faults of a whole chip, and of hardware that several qubits share."""

from __future__ import annotations

from qdash_fake.fault_kinds.readouts import attenuate_readout
from qdash_fake.physics.faults import kill_drive_line
from qdash_fake.physics.warm_ups import warm_up
from qdash_fake.timed_changes import QubitFaultKind
from qdash_fake.timed_faults import FaultSize

CHIP_FAULTS = (
    QubitFaultKind(
        name="warm-up",
        what="a warm-up",
        example="140@12-18",
        effect=lambda qubit, now: warm_up(qubit, now.size),
        effect_text="the chip is in equilibrium at this temperature: thermal population rises, T1 falls (Jin et al., PRL 114, 240501 (2015); Catelani et al., PRB 84, 064517 (2011))",
        remark="the chip has been at {0:g}\N{NO-BREAK SPACE}mK",
        cause="warm-up",
        sizes=(FaultSize("MILLIKELVIN", "the temperature in mK", 10.0, 300.0),),
        on="chip",
    ),
    QubitFaultKind(
        name="amplifier-failure",
        what="a failure of a readout amplifier",
        example="0:20@12-13",
        effect=attenuate_readout,
        effect_text="the amplifier of a multiplexer, or of several as 1+2, has DB less gain (default 20): the readout signal of all its qubits falls, the noise of the next amplifier is unchanged",
        remark="the readout amplifier of its multiplexer has {0:g}\N{NO-BREAK SPACE}dB less gain",
        cause="amplifier-failure",
        sizes=(FaultSize("DB", "the loss of gain in dB", 0.0, 120.0, usual=20.0),),
        on="mux",
    ),
    QubitFaultKind(
        name="dead-module",
        what="a dead control module",
        example="0+1@12-13",
        effect=lambda qubit, _: kill_drive_line(qubit),
        effect_text="the drive lines of all qubits of these multiplexers, which one module drives, are dead",
        remark="its drive line has been dead, with the others of its module,",
        cause="dead-module",
        on="mux",
    ),
)

"""Shots of two qubits read at once: how they are measured, and how often each joint outcome came."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from qdash_analysis import fit_readout
from qdash_core.errors import AnalysisError, QDashError
from qdash_core.models.raw_data import RawData
from qdash_tasks.figures.plots import figure, scatter
from qdash_tasks.laboratory.shots import Repetition
from qdash_tasks.laboratory.trace import CLOCK
from qdash_tasks.programs.grouped import GroupedTask
from qdash_tasks.programs.pair_sweeps import ROLES
from qdash_tasks.programs.passive_reset import require_long_interval_of_pair

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from qdash_core.backends.base import BaseBackend
    from qdash_core.tasks.base import BaseTask
    from qdash_tasks.laboratory.pulses import Prepared
    from qdash_tasks.laboratory.session import Session
    from qdash_tasks.programs.pair_sweeps import Direction

    Integers = NDArray[np.int64]
    Complexes = NDArray[np.complex128]

COMMANDED: tuple[Prepared, ...] = ("00", "01", "10", "11")

_DRAWN_POINTS = 500


class JointShotsTask(GroupedTask):
    """Base of the tasks that read the Bell state of the gate in use, and the four commanded states beside it.

    The commanded states tell for each qubit which line parts 0 from 1, and how often which joint outcome is read of what.
    What the last shot left would count to the readout and be divided out, to a fidelity far above 1: with passive reset an
    interval of less than five T1 of either qubit is refused before anything is measured.
    """

    bases: ClassVar[Sequence[str]] = ()
    """In which the Bell state is read, control first."""

    @classmethod
    def run_group(cls, backend: BaseBackend, tasks: Sequence[BaseTask]) -> list[RawData | Exception]:
        """Measure all couplings, one circuit after the other. Touches hardware."""
        session: Session = backend.get_instance()
        found: dict[str, RawData | Exception] = {}
        groups: dict[tuple[int, Repetition], dict[str, Direction]] = {}
        for context in (task.context for task in tasks):
            key = context.parameters["shots"], Repetition.asked_for(context.parameters)
            try:
                require_long_interval_of_pair(context)
                session.pairs.settings[context.qid].gate(session.settings[context.control].x180.length_ns)
            except QDashError as error:
                found[context.qid] = error
            else:
                groups.setdefault(key, {})[context.qid] = context.control, context.target
        for (shots, repetition), directions in groups.items():
            found |= cls._measured(session, directions, shots, repetition)
        return [found[task.context.qid] for task in tasks]

    @classmethod
    def _measured(
        cls, session: Session, directions: Mapping[str, Direction], shots: int, repetition: Repetition
    ) -> dict[str, RawData]:
        begun_s = {name: session.laboratory.now_s(name) for name in directions}
        circuits: dict[str, tuple[Prepared, str]] = {
            **{f"commanded_{state}": (state, "ZZ") for state in COMMANDED},
            **{f"bell_{bases}": ("bell", bases) for bases in cls.bases},
        }
        how = repetition.arguments(shots)
        shot_by = {
            circuit: session.pairs.joint_shots(directions, prepare=prepare, bases=bases, **how)
            for circuit, (prepare, bases) in circuits.items()
        }
        return {
            name: RawData(
                # Single precision is far finer than the scatter of a shot.
                {circuit: (shot[name].astype(np.complex64), "a.u.") for circuit, shot in shot_by.items()},
                {
                    **repetition.attributes(),
                    **dict(zip(ROLES, direction, strict=True)),
                    CLOCK: begun_s[name],
                },
            )
            for name, direction in directions.items()
        }


def counts_in(raw: RawData, bases: Sequence[str]) -> tuple[dict[str, Integers], Integers]:
    """Return how often 00, 01, 10 and 11 were read.

    Returns
    -------
    counts
        Of the Bell state, by basis, shape ``(4,)`` each.
    calibration
        Of each commanded state, one a row, shape ``(4, 4)``.

    Raises
    ------
    AnalysisError
        If the readout of one qubit does not tell its commanded states apart.
    """
    lines = [_line(raw, place) for place in range(len(ROLES))]
    counts = {name: _counted(raw[f"bell_{name}"], lines) for name in bases}
    return counts, np.stack([_counted(raw[f"commanded_{state}"], lines) for state in COMMANDED])


def clouds(raw: RawData) -> dict[str, Any]:
    """Draw the commanded states of both qubits, for data in which the analysis found nothing."""
    data = [
        scatter(
            f"{role} {raw.attributes[role]}, commanded {state}",
            shots.real,
            shots.imag,
            marker={"size": 3, "opacity": 0.5},
        )
        for place, role in enumerate(ROLES)
        for state in "01"
        for shots in [_commanded(raw, place, state)[:: _every(raw)]]
    ]
    return figure("no result: the shots as measured", "I (a.u.)", "Q (a.u.)", data)


def _every(raw: RawData) -> int:
    return max(1, int(raw["commanded_00"].shape[0]) // _DRAWN_POINTS)


def _commanded(raw: RawData, place: int, state: str) -> Complexes:
    """Shots of one qubit with one state commanded, whatever was commanded of the other."""
    shots = [raw[f"commanded_{both}"][:, place] for both in COMMANDED if both[place] == state]
    return np.concatenate(shots).astype(np.complex128)


def _line(raw: RawData, place: int) -> tuple[float, float]:
    """Return rotation and threshold of one qubit."""
    fit = fit_readout(*(_commanded(raw, place, state) for state in "01"))
    if not fit.success:
        raise AnalysisError(f"readout of {ROLES[place]}, qubit {raw.attributes[ROLES[place]]}: {fit.message}")
    return fit.parameters["rotation"].value, fit.parameters["threshold"].value


def _counted(shots: Complexes, lines: Sequence[tuple[float, float]]) -> Integers:
    control, target = (
        (shots[:, place] * np.exp(-1j * rotation)).real > threshold
        for place, (rotation, threshold) in enumerate(lines)
    )
    return np.bincount(2 * control + target, minlength=4)

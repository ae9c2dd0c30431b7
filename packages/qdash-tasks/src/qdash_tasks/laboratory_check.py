"""Laboratory check: the recipes on a calibrated chip, run under its instrument lock."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

from qdash_core.backends.base import BackendContext
from qdash_core.errors import BackendError, InvalidInputError, QDashError
from qdash_core.locks.lock import ExecutionLock
from qdash_core.models.project import ProjectRole
from qdash_core.models.target_lists import parse_qubits
from qdash_core.models.targets import split_coupling
from qdash_core.parsing.similar_names import suggest
from qdash_core.repositories.executions import CalibrationNoteRepository
from qdash_core.session.connection import BackendConnection
from qdash_core.session.stop_signal import StopSignal
from qdash_core.tasks.inputs import to_parameter
from qdash_tasks.laboratory.backend import LaboratoryBackend
from qdash_tasks.laboratory.pulse_laboratory import PulseLaboratory
from qdash_tasks.laboratory.recipes import RECIPES, Finding, Outcome, run_recipes
from qdash_tasks.laboratory.shots import Shots

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from qdash_core.chips.chip import Chip
    from qdash_core.models.access import Access
    from qdash_core.models.estimates import Parameter
    from qdash_core.runtime.application import QDash
    from qdash_tasks.laboratory.limits import Limits
    from qdash_tasks.laboratory.recipes import Recipe

Values = dict[str, dict[str, "Parameter"]]

_ROUGH_PULSE = {"rabi_frequency", "hpi_amplitude", "drag_hpi_amplitude"}
"""Parameters any one of which defines a usable pulse."""
_T1_WAITED = 5.0
_UNKNOWN_T1_US = 100.0


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckRequest:
    """Options of a laboratory check.

    Attributes
    ----------
    qids
        Empty: all with an accepted frequency and pulse.
    only
        Names of recipes, which run with those that they depend on; empty: all.
    everything
        Whether also to run recipes that are not safe on a connected chip, and those on couplings of the qubits.
    """

    chip_id: str
    qids: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    everything: bool = False
    shots: int = 2000


def check_laboratory(
    qdash: QDash, access: Access, request: CheckRequest, report: Callable[[Finding], None]
) -> list[Finding]:
    """Run the recipes on the laboratory of a chip, with the accepted values applied. Touches hardware.

    Nothing is recorded, and no value is changed.

    `report` is called with each finding as soon as it is known.

    Raises
    ------
    AccessDeniedError
        If the user is not an editor.
    InvalidInputError, NotFoundError
        If a recipe, chip or qubit is unknown or unsuitable, or the laboratory plays no pulses.
    LockedError
        If a run holds the instrument lock, or the check loses it.
    BackendError
        If the backend fails, or does not connect.
    """
    access.require(ProjectRole.EDITOR)
    recipes = _select_recipes(request)
    chip = qdash.chip_record.show(access.project_id, request.chip_id)
    values = _list_accepted_values(chip)
    qids = _select_qubits(chip, values, request)
    backend = _make_backend(qdash, chip)
    with _hold_lock(qdash, chip) as stop, _connect(qdash, chip, backend) as laboratory:
        backend.apply(values)
        shots = _choose_shots(laboratory.limits, values, qids, request.shots)
        found: list[Finding] = []
        couplings = _list_couplings(laboratory, qids)
        of_targets = (run_recipes(laboratory, target, shots, recipes) for target in [*qids, *couplings])
        for one in chain(
            chain.from_iterable(of_targets), [] if couplings else _report_missing_couplings(recipes)
        ):
            stop.raise_if_set()
            found.append(one)
            report(one)
    return found


def _report_missing_couplings(recipes: Sequence[Recipe]) -> Iterator[Finding]:
    """Yield a finding "not possible" for each recipe on couplings, if the checked qubits have none."""
    for recipe in (one for one in recipes if one.couplings):
        yield Finding(
            recipe=recipe.name,
            target="-",
            outcome=Outcome.NOT_POSSIBLE,
            values=(),
            reading="the laboratory has no coupling of the qubits that are checked (`PulseLaboratory.couplings`)",
        )


def _select_recipes(request: CheckRequest) -> Sequence[Recipe]:
    """Return the requested recipes in their order, and those that they depend on."""
    known = {recipe.name: recipe for recipe in RECIPES}
    wanted: set[str] = set()
    for name in request.only:
        if name not in known:
            raise InvalidInputError(
                f"there is no recipe {name!r}{suggest(name, known)} (known: {', '.join(known)})"
            )
        if not known[name].safe and not request.everything:
            raise InvalidInputError(
                f"recipe {name} is not safe on a connected chip: use --all to run it anyway"
            )
        before: str | None = name
        while before is not None:
            wanted.add(before)
            before = known[before].after
    return [one for one in RECIPES if (one.safe or request.everything) and (not wanted or one.name in wanted)]


def _list_accepted_values(chip: Chip) -> Values:
    return {
        target: {name: to_parameter(value) for name, value in model.data.items()}
        for target, model in {**chip.qubits, **chip.couplings}.items()
    }


def _select_qubits(chip: Chip, values: Values, request: CheckRequest) -> list[str]:
    """Return the qubits to check; reject those without a frequency and a pulse."""
    named = parse_qubits(request.qids) if request.qids else ()
    chip.require_targets(named)
    prepared = [qid for qid in named or chip.qubits if _is_prepared(values.get(qid, {}))]
    rough = f"`qdash calibrate {request.chip_id} --flow rough"
    if unprepared := [qid for qid in named if qid not in prepared]:
        raise InvalidInputError(
            f"no accepted frequency and pulse of qubit {', '.join(unprepared)}: {rough} --qids {','.join(unprepared)}` finds "
            "them, whatever the signs"
        )
    if not prepared:
        raise InvalidInputError(
            f"no qubit of chip {request.chip_id} has an accepted frequency and pulse: {rough}` finds them for any signs"
        )
    return prepared


def _is_prepared(values: Mapping[str, Parameter]) -> bool:
    return "qubit_frequency" in values and not _ROUGH_PULSE.isdisjoint(values)


def _make_backend(qdash: QDash, chip: Chip) -> LaboratoryBackend:
    """Create the backend of a chip, without a connection."""
    backend = qdash.require_backend(chip.header.backend)
    if not issubclass(backend, LaboratoryBackend):
        raise InvalidInputError(
            f"backend {chip.header.backend} has no laboratory port: there is no `play` to check"
        )
    try:
        made = backend()
    except QDashError:
        raise
    except Exception as error:
        raise BackendError(f"backend {backend.name} cannot be created: {error}") from error
    header = chip.header
    made.context = BackendContext(
        header.project_id, header.chip_id, (), qdash.settings.home, header.created_at
    )
    return made


@contextmanager
def _hold_lock(qdash: QDash, chip: Chip) -> Iterator[StopSignal]:
    """Hold the instrument lock of a chip during the check; end the check if the lock is lost."""
    stop, header = StopSignal(), chip.header
    lock = ExecutionLock(
        qdash.store,
        qdash.get_instrument(header.project_id, header.chip_id),
        project_id=header.project_id,
        chip_id=header.chip_id,
        scope=qdash.settings.lock_scope,
        ttl_s=qdash.settings.lease_ttl_s,
        on_lost=stop.lose_lock,
        zone=qdash.zone,
    )
    lock.acquire()
    try:
        yield stop
    except KeyboardInterrupt:
        stop.raise_if_set()
        raise
    finally:
        lock.release()


@contextmanager
def _connect(qdash: QDash, chip: Chip, backend: LaboratoryBackend) -> Iterator[PulseLaboratory]:
    """Connect the backend with the latest calibration note of its chip, which stays unchanged."""
    connection, header = BackendConnection(backend), chip.header
    try:
        connection.open(
            lambda: qdash.repositories.of(CalibrationNoteRepository).get_latest(
                header.project_id, header.chip_id
            )
        )
        laboratory = backend.laboratory
        if not isinstance(laboratory, PulseLaboratory):
            raise InvalidInputError(
                f"the laboratory of chip {header.chip_id}, a {type(laboratory).__name__}, measures requests itself and has no `play`, so recipes cannot check it"
            )
        yield laboratory
    finally:
        connection.close(lambda _note: None)


def _choose_shots(limits: Limits, values: Values, qids: Sequence[str], count: int) -> Shots:
    """Return shots with an interval in which the slowest qubit relaxes to |0>."""
    known_us = [values[qid]["t1"].value if "t1" in values[qid] else _UNKNOWN_T1_US for qid in qids]
    return Shots(
        count=count if limits.shots_a_call is None else min(count, limits.shots_a_call),
        reset="passive" if "passive" in limits.resets else "active",
        interval_us=max(_T1_WAITED * max(known_us), limits.shortest_interval_us),
    )


def _list_couplings(laboratory: PulseLaboratory, qids: Sequence[str]) -> list[str]:
    return [name for name in laboratory.couplings if set(split_coupling(name)) <= set(qids)]

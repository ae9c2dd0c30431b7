"""Reader of the judgement of a chip."""

from __future__ import annotations

import logging
from functools import partial
from threading import Lock
from typing import TYPE_CHECKING

from qdash_core.clock import utc_now
from qdash_core.errors import InvalidInputError, NotFoundError
from qdash_core.metrics.file import load_builtin_without_limits
from qdash_core.metrics.judgement.evidence import ChipEvidence
from qdash_core.metrics.judgement.fitness import find_usual_minima
from qdash_core.metrics.judgement.rules import judge
from qdash_core.metrics.moved_inputs import Place, find_moved_inputs
from qdash_core.models.targets import split_coupling
from qdash_core.values.declarations import ValueDeclarations

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from datetime import datetime

    from qdash_core.chips.chip import Chip
    from qdash_core.metrics.definitions import MetricsFile
    from qdash_core.metrics.usual_scatter import UsualScatter
    from qdash_core.models.chip import ChipModel, CouplingModel, QubitModel, StoredValues
    from qdash_core.models.chip_judgement import Judgement
    from qdash_core.models.marks import ValueMark
    from qdash_core.repositories.repositories import Repositories

logger = logging.getLogger(__name__)

_MOST_KEPT = 64
"""Number of states of chips whose moved inputs are kept."""

_Key = tuple[str, str, int, int]
"""Project, chip, number of the last value event, and the metrics file."""


class JudgementReader:
    """Reader of the judgement of a chip. Every view of trust, marks and fitness reads it.

    Parameters
    ----------
    read_file : callable
        Returns the metrics file; raises as `read_metrics_file`.
    clock : callable
        Returns the current time in UTC.
    read_declared : callable
        Returns the declarations of tasks on values.
    """

    def __init__(
        self,
        read_file: Callable[[], MetricsFile],
        clock: Callable[[], datetime] = utc_now,
        *,
        read_declared: Callable[[], ValueDeclarations] = ValueDeclarations,
    ) -> None:
        self._read_file = read_file
        self._clock = clock
        self.read_declared = read_declared
        # The inputs of thousands of results take many times as long to read as the values, which change seldom.
        self._moved: dict[_Key, Mapping[Place, ValueMark]] = {}
        self._lock = Lock()

    def read_file(self) -> MetricsFile:
        """Return the metrics file; while it is invalid, the built-in one without limits of age and value."""
        try:
            return self._read_file()
        except (InvalidInputError, NotFoundError) as error:
            logger.warning("no value is too old or out of specification: %s", error)
            return load_builtin_without_limits()

    def read(
        self,
        repositories: Repositories,
        project_id: str,
        chip_id: str,
        targets: Collection[str] | None = None,
    ) -> Judgement:
        """Return the judgement of a chip, or of some of its targets."""
        load = partial(_load, repositories, project_id, chip_id)
        return self.read_of(repositories, project_id, chip_id, load(targets), targets)

    def read_of(
        self,
        repositories: Repositories,
        project_id: str,
        chip_id: str,
        stored: Sequence[StoredValues],
        targets: Collection[str] | None = None,
        *,
        header: ChipModel | None = None,
    ) -> Judgement:
        """Return the judgement of some or all targets of a chip; they, and the chip if it is given, were read from the same snapshot."""
        file = self.read_file()
        load = partial(_load, repositories, project_id, chip_id)
        last = repositories.value_changes.find_last(project_id)
        key = project_id, chip_id, 0 if last is None else last.number, id(file)
        moved = self._moved.get(key)
        if moved is None and targets is not None:
            moved = find_moved_inputs(repositories, project_id, stored, file, load=load)
        elif moved is None:
            moved = self._read_moved(key, repositories, project_id, stored, file)
        chip = header or repositories.chips.require(project_id, chip_id)
        asked = file.specify(chip.specification)
        every = stored if targets is None else load(None)
        wanted = {one["qid"] for one in stored}
        wanted |= {qubit for qid in wanted if "-" in qid for qubit in split_coupling(qid)}
        judged = [one for one in every if one["qid"] in wanted]
        minima = find_usual_minima(every, asked)
        cooldown_id, declared = chip.current_cooldown_id, self.read_declared()
        evidence = _collect_evidence(
            repositories, project_id, judged, moved, asked, minima, cooldown_id, declared
        )
        return judge(evidence, self._clock()).select([one["qid"] for one in stored])

    def judge_past(self, repositories: Repositories, chip: Chip, at: datetime) -> Judgement:
        """Return the judgement of a chip as it was at an earlier moment, by the present definitions; see `judge_past_chip`."""
        return judge_past_chip(repositories, chip, self.read_file(), declared=self.read_declared(), at=at)

    def _read_moved(
        self,
        key: _Key,
        repositories: Repositories,
        project_id: str,
        stored: Sequence[StoredValues],
        file: MetricsFile,
    ) -> Mapping[Place, ValueMark]:
        """Return the moved inputs of a whole chip, which one thread reads and others wait for."""
        with self._lock:
            if key not in self._moved:
                found = find_moved_inputs(repositories, project_id, stored, file)
                former = [one for one in self._moved if one[:2] == key[:2]]
                for old in former or [*self._moved][: len(self._moved) - _MOST_KEPT + 1]:
                    del self._moved[old]
                self._moved[key] = found
            return self._moved[key]


def judge_past_chip(
    repositories: Repositories,
    chip: Chip,
    file: MetricsFile,
    *,
    declared: ValueDeclarations,
    at: datetime,
    scatter: UsualScatter | None = None,
) -> Judgement:
    """Return the judgement of a chip as it was at an earlier moment.

    Parameters
    ----------
    repositories : Repositories
        Repositories of a snapshot, for the results behind the values.
    chip : Chip
        The chip as it was known at that moment.
    file : MetricsFile
        Definitions of the metrics; what was asked of the chip replaces their limits.
    declared : ValueDeclarations
        Declarations of tasks on values.
    at : datetime
        The moment, time zone aware.
    scatter : UsualScatter or None
        Usual scatter of its values at that moment, or None to read that of now.
    """
    project_id = chip.header.project_id
    file = file.specify(chip.header.specification, at=at)
    targets: list[QubitModel | CouplingModel] = [*chip.qubits.values(), *chip.couplings.values()]
    stored = [_make_stored(one) for one in targets]
    moved = find_moved_inputs(repositories, project_id, stored, file, scatter=scatter)
    minima = find_usual_minima(stored, file)
    cooldown_id = chip.header.current_cooldown_id
    evidence = _collect_evidence(repositories, project_id, stored, moved, file, minima, cooldown_id, declared)
    return judge(evidence, at)


def _make_stored(target: QubitModel | CouplingModel) -> StoredValues:
    known = target.model_dump(include={"qid", "status", "data", "failures", "disputes", "overrides"})
    return {**known, "status_reason": target.status_reason, "settings": target.settings}  # type: ignore[typeddict-item]


def _collect_evidence(
    repositories: Repositories,
    project_id: str,
    stored: Sequence[StoredValues],
    moved: Mapping[Place, ValueMark],
    file: MetricsFile,
    minima: Mapping[str, float],
    cooldown_id: str | None,
    declared: ValueDeclarations,
) -> ChipEvidence:
    """Return the evidence on targets, with the flagged values and the cool-down that it needs."""
    named = {one["task_id"] for target in stored for one in target.get("disputes", {}).values()}
    flagged = repositories.results.list_values(project_id, named) if named else []
    cooldown = None if cooldown_id is None else repositories.cooldowns.find(project_id, cooldown_id)
    return ChipEvidence(
        stored,
        file,
        moved,
        {one.task_id: one.output_parameters for one in flagged},
        minima,
        None if cooldown is None else cooldown.started_at,
        declared,
    )


def _load(
    repositories: Repositories, project_id: str, chip_id: str, targets: Collection[str] | None
) -> list[StoredValues]:
    """Return the values in use of targets of a chip, or of all."""
    qubits = couplings = None
    if targets is not None:
        qubits = [one for one in targets if "-" not in one]
        couplings = [one for one in targets if "-" in one]
    return [
        *repositories.qubits.list_values(project_id, chip_id, qubits),
        *repositories.couplings.list_values(project_id, chip_id, couplings),
    ]

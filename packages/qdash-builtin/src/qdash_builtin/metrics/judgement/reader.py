"""Reader of the judgement of a chip."""

from __future__ import annotations

import logging
from collections.abc import Hashable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from threading import Lock
from typing import TYPE_CHECKING, Generic, TypeVar

from qdash_builtin.metrics.definition_file import load_builtin, load_builtin_without_limits
from qdash_builtin.metrics.judgement.conditions import meets_condition
from qdash_builtin.metrics.judgement.evidence import ChipEvidence
from qdash_builtin.metrics.judgement.fitness import find_usual_minima
from qdash_builtin.metrics.judgement.moved_inputs import Place, find_moved_inputs
from qdash_builtin.metrics.judgement.result_reader import ResultReader
from qdash_builtin.metrics.judgement.rules import judge
from qdash_builtin.values.flagged_results import list_undecided, list_waiting
from qdash_core.errors import InvalidInputError, NotFoundError
from qdash_core.models.chip import StoredValues
from qdash_core.models.targets import get_target_kind, split_coupling
from qdash_core.process.clock import utc_now
from qdash_core.repositories.chips import (
    ChipRepository,
    list_values_in_use,
)
from qdash_core.repositories.cooldowns import CooldownRepository
from qdash_core.repositories.executions import EventRepository
from qdash_core.repositories.results import TaskResultHistoryRepository
from qdash_core.repositories.store import Snapshot, Transaction
from qdash_core.repositories.value_changes import ValueChangeRepository
from qdash_core.tasks.value_declarations import ValueDeclarations

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
    from datetime import datetime

    from qdash_builtin.metrics.definitions import MetricsFile
    from qdash_builtin.metrics.judgement.usual_scatter import UsualScatter
    from qdash_core.chips.chip import Chip
    from qdash_core.judgement.conditions import Condition
    from qdash_core.models.chip import ChipModel, CouplingModel, QubitModel
    from qdash_core.models.chip_judgement import Judgement
    from qdash_core.models.marks import ValueMark
    from qdash_core.models.targets import TargetKind
    from qdash_core.repositories.repositories import Repositories

logger = logging.getLogger(__name__)

_MOST_KEPT = 64
"""Number of chips of which something is kept."""
_KEPT_FOR = timedelta(seconds=1)
"""Time for which the judgement of an unchanged chip is kept: the reads of one page, while ages and limits are hours."""

_Key = tuple[Hashable, ...]
"""Project, chip and its version."""
_Kept = TypeVar("_Kept")


class _ByVersion(Generic[_Kept]):
    """Cache of one thing about the present version of each chip. Safe for threads."""

    def __init__(self) -> None:
        self._known: dict[_Key, _Kept] = {}
        self._lock = Lock()

    def find(self, key: _Key) -> _Kept | None:
        """Return what is kept of a version, or None."""
        return self._known.get(key)

    def put(self, key: _Key, found: _Kept) -> None:
        """Keep something of a version in place of former ones."""
        with self._lock:
            self._replace(key, found)

    def read(self, key: _Key, compute: Callable[[], _Kept]) -> _Kept:
        """Return what is kept of a version; one thread computes it, and others wait."""
        with self._lock:
            if key not in self._known:
                self._replace(key, compute())
            return self._known[key]

    def _replace(self, key: _Key, found: _Kept) -> None:
        former = [one for one in self._known if one[:2] == key[:2]]
        for old in former or [*self._known][: len(self._known) - _MOST_KEPT + 1]:
            del self._known[old]
        self._known[key] = found


@dataclass(frozen=True, slots=True)
class _JudgedChip:
    """Judgement of a whole chip at a moment, and the values that were judged."""

    at: datetime
    stored: Mapping[str, StoredValues]
    judgement: Judgement

    def holds(self, stored: Iterable[StoredValues], at: datetime) -> bool:
        """Return whether it is that of these values at a moment: no time has passed that matters, and nothing differs."""
        return timedelta(0) <= at - self.at < _KEPT_FOR and all(
            (judged := self.stored.get(one["qid"])) is not None
            and all(judged.get(name) == one.get(name) for name in StoredValues.__annotations__)
            for one in stored
        )


class JudgementReader:
    """Reader of the judgement of a chip. Every view of trust, marks and fitness reads it.

    Parameters
    ----------
    read_file : callable
        Returns the metrics file; raises as `read_metrics_file`.
    read_now : callable or None
        Returns the metrics file as it is now, or None if `read_file` does.
    """

    def __init__(
        self,
        read_file: Callable[[], MetricsFile],
        clock: Callable[[], datetime] = utc_now,
        *,
        read_now: Callable[[], MetricsFile] | None = None,
        read_declared: Callable[[], ValueDeclarations] = ValueDeclarations,
    ) -> None:
        self._read_file, self._read_now = read_file, read_now or read_file
        self._clock = clock
        self.read_declared = read_declared
        self.results = ResultReader()
        self._moved: _ByVersion[Mapping[Place, ValueMark]] = _ByVersion()
        self._minima: _ByVersion[Mapping[str, float]] = _ByVersion()
        self._judged: _ByVersion[_JudgedChip] = _ByVersion()

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
        stored = list_values_in_use(repositories, project_id, chip_id, targets)
        return self.read_of(repositories, project_id, chip_id, stored, targets)

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
        file, at = self.read_file(), self._clock()
        chip = header or repositories.of(ChipRepository).require(project_id, chip_id)
        version = _find_version(repositories, chip, file)
        kept = None if version is None else self._judged.find(version)
        if kept is not None and kept.holds(stored, at):
            return kept.judgement.select([one["qid"] for one in stored])
        load = partial(list_values_in_use, repositories, project_id, chip_id)
        last = repositories.of(ValueChangeRepository).find_last(project_id)
        # With its time: the number of an event that is rolled back, as in a dry run, is given to another one.
        event = None if last is None else (last.number, last.created_at)
        key: _Key = project_id, chip_id, event, id(file)
        asked = file.specify(chip.specification)
        minima_key = *key, chip.changed_at
        if targets is None:
            moved = self._moved.read(
                key, lambda: find_moved_inputs(repositories, project_id, stored, file, reader=self.results)
            )
            minima = self._minima.read(minima_key, lambda: find_usual_minima(stored, asked))
            judged = stored
        else:
            known_moves = self._moved.find(key)
            moved = (
                find_moved_inputs(repositories, project_id, stored, file, load=load, reader=self.results)
                if known_moves is None
                else known_moves
            )
            minima = self._minima.read(minima_key, lambda: find_usual_minima(load(None), asked))
            known = {one["qid"] for one in stored}
            others = {qubit for qid in known if "-" in qid for qubit in split_coupling(qid)} - known
            judged = [*stored, *(load(others) if others else ())]
        declared = self.read_declared() if need_declarations(judged) else ValueDeclarations()
        evidence = _collect_evidence(
            repositories, project_id, judged, moved, asked, minima, chip.current_cooldown_id, declared
        )
        found = judge(evidence, at).select([one["qid"] for one in stored])
        if targets is None and version is not None:
            self._judged.put(version, _JudgedChip(at, {one["qid"]: one for one in stored}, found))
        return found

    def judge_past(
        self, repositories: Repositories, chip: Chip, at: datetime, scatter: UsualScatter | None = None
    ) -> Judgement:
        """Return the judgement of a chip as it was at an earlier moment, by the present definitions; see `judge_past_chip`."""
        file, declared = self.read_file(), self.read_declared()
        return judge_past_chip(
            repositories, chip, file, declared=declared, at=at, reader=self.results, scatter=scatter
        )

    def make_test(
        self,
        repositories: Repositories,
        chip: Chip,
        conditions: Collection[Condition],
        names: Collection[str] | None,
    ) -> Callable[[QubitModel | CouplingModel], bool]:
        """Return a function that tells whether a target meets a condition. See `Judge.make_test`."""
        file = self._read_now().specify(chip.header.specification)
        judged = self.read(repositories, chip.header.project_id, chip.header.chip_id).targets
        flagged: dict[str, set[str]] = {}
        for one in list_waiting(repositories, chip.header):
            flagged.setdefault(one.values.qid, set()).update(list_undecided(one.values))

        def meets(target: QubitModel | CouplingModel) -> bool:
            metrics = file.get_metrics(get_target_kind(target.qid))
            undecided = flagged.get(target.qid, ())
            return any(
                meets_condition(target, one, judged[target.qid], metrics, undecided, names)
                for one in conditions
            )

        return meets

    def list_metrics(self, kind: TargetKind) -> Collection[str]:
        """Return the names of the metrics of qubits or of couplings that the metrics file has now."""
        return self._read_now().get_metrics(kind)

    def list_essential(self) -> Mapping[str, frozenset[str]]:
        """Return the names of the essential metrics: the built-in ones if the laboratory's metrics file is invalid."""
        try:
            file = self._read_now()
        except InvalidInputError as error:
            # An edited file must stop neither the runs of the night nor decisions.
            logger.warning("the built-in essential metrics are used: %s", error)
            file = load_builtin()
        return {"qubit": file.list_essential("qubit"), "coupling": file.list_essential("coupling")}


def _find_version(repositories: Repositories, chip: ChipModel, file: MetricsFile) -> _Key | None:
    """Return the version of a chip in a snapshot, or None if later states may have the same one."""
    scope = repositories.scope
    if not isinstance(scope, Snapshot) or isinstance(scope, Transaction):
        return None
    seq = repositories.of(EventRepository).get_last_seq(chip.project_id)
    return (chip.project_id, chip.chip_id, chip.changed_at, seq, id(file)) if seq else None


def judge_past_chip(
    repositories: Repositories,
    chip: Chip,
    file: MetricsFile,
    *,
    declared: ValueDeclarations,
    at: datetime,
    reader: ResultReader | None = None,
    scatter: UsualScatter | None = None,
) -> Judgement:
    """Return the judgement of a chip as it was known at an earlier moment, which has a time zone.

    What was asked of the chip replaces the limits of the metrics file. Without a reader, results are read anew. The usual scatter is that at the moment, or None
    to read that of now; the results behind the values are read from a snapshot.
    """
    project_id = chip.header.project_id
    file = file.specify(chip.header.specification, at=at)
    targets: list[QubitModel | CouplingModel] = [*chip.qubits.values(), *chip.couplings.values()]
    stored = [one.get_stored_values() for one in targets]
    moved = find_moved_inputs(repositories, project_id, stored, file, reader=reader, scatter=scatter)
    minima = find_usual_minima(stored, file)
    cooldown_id = chip.header.current_cooldown_id
    evidence = _collect_evidence(repositories, project_id, stored, moved, file, minima, cooldown_id, declared)
    return judge(evidence, at)


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
    flagged = repositories.of(TaskResultHistoryRepository).list_values(project_id, named) if named else []
    cooldown = (
        None if cooldown_id is None else repositories.of(CooldownRepository).find(project_id, cooldown_id)
    )
    return ChipEvidence(
        stored,
        file,
        moved,
        {one.task_id: one.output_parameters for one in flagged},
        minima,
        None if cooldown is None else cooldown.started_at,
        declared,
    )


def need_declarations(targets: Iterable[StoredValues]) -> bool:
    """Return whether declarations can matter to values in use: reading those of plugins imports all tasks.

    Sets matter to values of several results of one target, and lines after a change of their settings.
    """
    return any(
        target.get("settings") or len({one.get("task_id", "") for one in target["data"].values()} - {""}) > 1
        for target in targets
    )

"""Queries of executions: filtered lists, id prefixes, and partial results."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from qdash_builtin.record_lookup.given_ids import match_result_id
from qdash_builtin.runs.execution_lists import DISPLAYED_STATUSES, ExecutionFilter
from qdash_builtin.runs.queries import ExecutionService
from qdash_builtin.runs.run_results import ResultSelection
from qdash_core.errors import InvalidInputError, NotFoundError
from qdash_core.models.chip import ChipModel
from qdash_core.models.execution import EndReason, ExecutionLockModel, ExecutionModel, ExecutionStatus
from qdash_core.models.pages import PageRequest
from qdash_core.models.task import TaskResultModel, TaskStatus, Verdict
from qdash_core.process.clock import machine_now
from qdash_core.repositories.base import Repository
from qdash_core.repositories.chips import ChipRepository
from qdash_core.repositories.executions import ExecutionLockRepository, ExecutionRepository
from qdash_core.repositories.repositories import Repositories
from qdash_core.repositories.results import TaskResultHistoryRepository

from ...access import ADMIN
from ...core.bench import PROJECT, make_task

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_core.repositories.store import Snapshot, Store

    from ...core.conftest import MakeBench

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def record(store: Store | Snapshot, number: int, **given: Any) -> str:
    """Record an execution that started `number` minutes after noon, and return its id."""
    execution_id = f"20261121-{number:03d}"
    begun = {"start_at": NOW + timedelta(minutes=number), "status": ExecutionStatus.COMPLETED}
    about = {"project_id": PROJECT, "username": "admin", "name": "flow", "chip_id": "a"}
    Repositories(store).of(ExecutionRepository).add(
        ExecutionModel(**{**about, "execution_id": execution_id, **begun, **given})
    )
    return execution_id


def run_on(store: Store, number: int, *, alive: bool, **given: Any) -> str:
    """Record a running execution with a process on another host, alive or not."""
    instrument, now = f"bench/{number}", machine_now()
    lock = ExecutionLockModel(
        instrument=instrument, project_id=PROJECT, chip_id="a", owner=f"hold {number}", host="elsewhere", pid=1,
        process_start=1.0, acquired_at=now, ttl_s=1000.0, expires_at=now + timedelta(seconds=1000 if alive else -20),
    )  # fmt: skip
    Repositories(store).of(ExecutionLockRepository).put(lock)
    hold = {"status": ExecutionStatus.RUNNING, "instrument": instrument, "lease_owner": lock.owner}
    return record(store, number, **hold, **given)


def make_reader(store: Store) -> ExecutionService:
    return ExecutionService(store, clock=lambda: NOW)


def list_ids(store: Store, *, limit: int | None = None, after: str | None = None, **given: Any) -> list[str]:
    found = make_reader(store).list_executions(ADMIN, ExecutionFilter(**given), limit=limit, after=after)
    return [one.execution.execution_id for one in found]


# -------------------------------------------------------------------------------------------------------------- listed


def test_lists_read_no_results_of_an_ended_execution_without_stored_outcomes(prepared_store: Store) -> None:
    execution_id = record(prepared_store, 0, tasks={"completed": 1})
    about = {"project_id": PROJECT, "username": "admin", "chip_id": "a", "execution_id": execution_id}
    ended = {"status": TaskStatus.COMPLETED, "verdict": Verdict.FLAGGED}
    Repositories(prepared_store).of(TaskResultHistoryRepository).add(
        TaskResultModel(**about, task_id="r", name="CheckT1", qid="0", **ended)
    )
    reader = make_reader(prepared_store)
    (listed,) = reader.list_executions(ADMIN)
    (paged,) = reader.page(ADMIN, PageRequest(1)).items
    assert listed.execution.outcomes == paged.execution.outcomes == {"completed": 1}
    shown, _ = reader.show(ADMIN, execution_id)
    header = reader.get_header(ADMIN, execution_id).execution
    assert shown.outcomes == header.outcomes == {"flagged": 1}
    assert shown.tasks == {"completed": 1}


@pytest.fixture
def six(prepared_store: Store) -> Store:
    """A store with an execution in every displayed state, the oldest first, in the order of
    `DISPLAYED_STATUSES`.
    """
    record(prepared_store, 0, status=ExecutionStatus.SCHEDULED, start_at=None, tags=["day"])
    run_on(prepared_store, 1, alive=True, tags=["day", "cold"])
    run_on(prepared_store, 2, alive=False)
    record(prepared_store, 3, tags=["cold", "day"])
    record(prepared_store, 4, status=ExecutionStatus.FAILED)
    record(prepared_store, 5, status=ExecutionStatus.CANCELLED, tags=["day"])
    return prepared_store


@pytest.mark.every_store
def test_executions_are_listed_by_the_status_that_people_see(six: Store, subtests: pytest.Subtests) -> None:
    for number, status in list(enumerate(DISPLAYED_STATUSES)):
        with subtests.test(str(number)):
            (found,) = make_reader(six).list_executions(ADMIN, ExecutionFilter(statuses=[status]))
            assert (found.execution.execution_id, found.status) == (f"20261121-{number:03d}", status)


@pytest.mark.every_store
def test_of_several_statuses_each_is_listed_newest_first(six: Store) -> None:
    assert list_ids(six, statuses=["interrupted", "failed"]) == ["20261121-004", "20261121-002"]
    assert list_ids(six) == [f"20261121-00{number}" for number in (0, 5, 4, 3, 2, 1)]


@pytest.mark.every_store
def test_an_interrupted_execution_stays_one_when_it_is_recorded_as_failed(six: Store) -> None:
    died = record(six, 6, status=ExecutionStatus.FAILED, reason=EndReason.INTERRUPTED)
    record(six, 7, status=ExecutionStatus.RUNNING, reason=EndReason.INTERRUPTED)  # resumed, and lost again
    record(six, 8, status=ExecutionStatus.COMPLETED, reason=EndReason.INTERRUPTED)  # resumed since
    assert list_ids(six, statuses=["interrupted"]) == ["20261121-007", died, "20261121-002"]
    assert list_ids(six, statuses=["failed"]) == [died, "20261121-004"]


@pytest.mark.every_store
def test_of_several_tags_all_are_wanted(six: Store) -> None:
    assert list_ids(six, tags=["day"]) == [f"20261121-00{number}" for number in (0, 5, 3, 1)]
    assert list_ids(six, tags=["day", "cold"]) == ["20261121-003", "20261121-001"]
    assert list_ids(six, tags=["day"], statuses=["running"]) == ["20261121-001"]


def test_as_many_are_found_as_are_wanted_however_far_apart_they_are(prepared_store: Store) -> None:
    with prepared_store.transaction() as transaction:
        for number in range(250):
            record(transaction, number, tags=["rare"] if number % 100 == 7 else [])
    assert list_ids(prepared_store, tags=["rare"], limit=2) == ["20261121-207", "20261121-107"]
    assert list_ids(prepared_store, tags=["rare"], limit=9) == [
        "20261121-207",
        "20261121-107",
        "20261121-007",
    ]
    assert list_ids(prepared_store, limit=2) == ["20261121-249", "20261121-248"]


@pytest.fixture
def varied(prepared_store: Store) -> Store:
    """A store with executions of two users in two cool-downs, and results of the first three."""
    record(prepared_store, 0, username="ann", cooldown_id="cd-1")
    record(prepared_store, 1, username="bob", cooldown_id="cd-1")
    record(prepared_store, 2, username="ann", cooldown_id="cd-2")
    record(prepared_store, 3, username="ann", status=ExecutionStatus.SCHEDULED, start_at=None)
    for number, name, verdict in (
        (0, "T1", "flagged"),
        (0, "Rabi", "accepted"),
        (1, "Rabi", "flagged"),
        (2, "T1", "accepted"),
    ):
        about = {
            "execution_id": f"20261121-{number:03d}",
            "verdict": Verdict(verdict),
            "task_id": f"{number} {name}",
        }
        Repositories(prepared_store).of(TaskResultHistoryRepository).add(
            make_result(name, "0").model_copy(update=about)
        )
    return prepared_store


@pytest.mark.every_store
def test_every_condition_holds_for_the_listed_executions(varied: Store, subtests: pytest.Subtests) -> None:
    names = {"Lifetime": "T1"}
    reader = ExecutionService(varied, task_name=lambda name: names.get(name, name), clock=lambda: NOW)
    for given, numbers in [
        ({"username": "ann"}, [3, 2, 0]),
        ({"username": "eve"}, []),
        ({"cooldown_id": "cd-1"}, [1, 0]),
        ({"cooldown_id": "cd-1", "username": "ann"}, [0]),
        ({"since": NOW + timedelta(minutes=1)}, [2, 1]),
        ({"until": NOW + timedelta(minutes=1)}, [0]),
        ({"since": NOW + timedelta(minutes=1), "until": NOW + timedelta(minutes=2)}, [1]),
        ({"task": "T1"}, [2, 0]),
        ({"task": "Lifetime"}, [2, 0]),
        ({"verdict": "flagged"}, [1, 0]),
        ({"task": "T1", "verdict": "flagged"}, [0]),
        ({"task": "Rabi", "username": "bob", "cooldown_id": "cd-1", "statuses": ["completed"]}, [1]),
    ]:
        with subtests.test(str(given)):
            expected = [f"20261121-{number:03d}" for number in numbers]
            found = reader.list_executions(ADMIN, ExecutionFilter(**given))
            assert [one.execution.execution_id for one in found] == expected
            pages, after = [], None
            for _ in range(9):
                page = reader.page(ADMIN, PageRequest(1, after), ExecutionFilter(**given))
                pages += [one.execution.execution_id for one in page.items]
                if (after := page.next) is None:
                    break
            assert pages == expected


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"verdict": "perfect"}, "verdict cannot be 'perfect'"),
        ({"since": NOW, "until": NOW}, "the time range is empty"),
    ],
)
def test_a_condition_that_nothing_can_meet_is_refused(
    prepared_store: Store, given: dict[str, Any], why: str
) -> None:
    with pytest.raises(InvalidInputError, match=why):
        list_ids(prepared_store, **given)


@pytest.mark.every_store
@pytest.mark.parametrize(
    "given", [{}, {"statuses": ["failed", "completed"]}, {"tags": ["day"]}, {"username": "admin"}]
)
def test_page_by_page_each_execution_is_listed_once(prepared_store: Store, given: dict[str, Any]) -> None:
    waits = {"status": ExecutionStatus.SCHEDULED, "start_at": None, "tags": ["day"]}
    refused = {"status": ExecutionStatus.FAILED, "start_at": None, "tags": ["day"]}
    for number in range(12):
        together = NOW + timedelta(minutes=number // 3)
        kinds: tuple[dict[str, Any], ...] = ({"start_at": together}, refused, waits, {"tags": ["day"]})
        record(prepared_store, number, **{"created_at": together, **kinds[number % 4]})
    everything, whole = list_ids(prepared_store), list_ids(prepared_store, **given)
    for size in range(1, 6):
        pages = [list_ids(prepared_store, **given, limit=size)]
        while len(pages[-1]) == size:
            pages.append(list_ids(prepared_store, **given, limit=size, after=pages[-1][-1]))
        assert [one for page in pages for one in page] == whole
    for place, after in enumerate(everything):  # even if the filter excludes it
        behind = everything[place + 1 :]
        assert list_ids(prepared_store, **given, after=after) == [one for one in whole if one in behind]


@pytest.mark.every_store
def test_the_next_page_begins_behind_an_execution_that_there_is(six: Store) -> None:
    assert list_ids(six, after="20261121-003") == ["20261121-002", "20261121-001"]
    assert list_ids(six, after="last", limit=1) == ["20261121-005"]
    with pytest.raises(NotFoundError, match="'20261121-9'"):
        list_ids(six, after="20261121-9")


def test_what_is_no_status_and_no_chip_is_refused(six: Store) -> None:
    with pytest.raises(InvalidInputError, match=r"'done' is no status .*interrupted"):
        list_ids(six, statuses=["done"])
    with pytest.raises(NotFoundError, match="no chip 'nix'"):
        list_ids(six, chip_id="nix")


def test_executions_of_one_chip_are_listed(six: Store) -> None:
    chip = {"project_id": PROJECT, "username": "admin", "size": 2, "topology_id": "pair", "backend": "bench"}
    Repositories(six).of(ChipRepository).add(ChipModel(**chip, chip_id="b"))
    record(six, 6, chip_id="b")
    assert list_ids(six, chip_id="b") == ["20261121-006"]


@pytest.mark.every_store
def test_a_long_list_takes_no_more_questions_than_a_short_one(
    prepared_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    for name in ("select_as", "select_briefs", "_get"):
        monkeypatch.setattr(Repository, name, count_calls(asked, getattr(Repository, name)))
    numbers = []
    for number in range(0, 40, 20):
        for one in range(number, number + 20):
            run_on(prepared_store, one, alive=one % 2 == 0)
        asked.clear()
        assert len(make_reader(prepared_store).list_executions(ADMIN)) == number + 20
        numbers.append(len(asked))
    assert numbers[0] == numbers[1] <= 5


def count_calls(asked: list[str], method: Any) -> Any:
    def counted(self: Repository[Any], *arguments: Any, **given: Any) -> Any:
        asked.append(type(self).__name__)
        return method(self, *arguments, **given)

    return counted


# --------------------------------------------------------------------------------------------------------------- named


@pytest.mark.every_store
@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("20261121-003", "20261121-003"),
        ("20261121-02", "20261121-021"),
        ("202612", "20261201-000"),
        ("by hand", "by hand"),
        ("last", "20261121-021"),
    ],
)
def test_an_execution_is_named_by_a_beginning_of_its_id(prepared_store: Store, text: str, meant: str) -> None:
    for number in (0, 3, 10, 21):
        record(prepared_store, number)
    for number, chosen in enumerate(("20261201-000", "by hand", "by hand, again")):
        record(prepared_store, -1 - number, execution_id=chosen)
    assert make_reader(prepared_store).resolve_id(ADMIN, text) == meant


@pytest.mark.every_store
def test_what_begins_several_ids_is_refused_with_some_of_them(prepared_store: Store) -> None:
    for number in range(7):
        record(prepared_store, number)
    with pytest.raises(InvalidInputError) as refused:
        make_reader(prepared_store).resolve_id(ADMIN, "2026")
    newest = ", ".join(f"20261121-00{number}" for number in (6, 5, 4, 3, 2))
    assert str(refused.value) == f"'2026' begins several executions: {newest} and more"
    with pytest.raises(InvalidInputError, match="the id of the execution is empty"):
        make_reader(prepared_store).resolve_id(ADMIN, "")


@pytest.mark.parametrize("text", ["2027", "20261121-0000", "-", "%", "_", "\x00", "µ", "LAST"])
def test_what_begins_no_id_is_refused_with_the_newest_ones(prepared_store: Store, text: str) -> None:
    record(prepared_store, 0)
    record(prepared_store, 1)
    with pytest.raises(
        NotFoundError, match=r"no execution .* in project default; the newest are 20261121-001, "
    ):
        make_reader(prepared_store).resolve_id(ADMIN, text)


@pytest.mark.parametrize("text", ["last", "2026"])
def test_where_nothing_was_run_that_is_said(prepared_store: Store, text: str) -> None:
    with pytest.raises(NotFoundError, match="nothing has been run there yet"):
        make_reader(prepared_store).resolve_id(ADMIN, text)


def test_executions_of_another_project_are_not_meant(prepared_store: Store) -> None:
    record(prepared_store, 1, project_id="other")
    with pytest.raises(NotFoundError):
        make_reader(prepared_store).resolve_id(ADMIN, "2026")


# ------------------------------------------------------------------------------------------------------- some of its results


def make_result(name: str, qid: str) -> TaskResultModel:
    about = {"project_id": PROJECT, "username": "u", "chip_id": "a", "execution_id": "20261121-001"}
    return TaskResultModel(
        **about, task_id=f"{name} {qid}", name=name, qid=qid, status=TaskStatus.COMPLETED, start_at=NOW
    )


@pytest.mark.parametrize(
    ("only", "found"),
    [
        (ResultSelection(), ["Configure ", "Rabi 0", "Rabi 1", "T1 0"]),
        (ResultSelection(targets=("0",)), ["Rabi 0", "T1 0"]),
        (ResultSelection(tasks=("Rabi",)), ["Rabi 0", "Rabi 1"]),
        (ResultSelection(tasks=("Lifetime",)), ["T1 0"]),
        (ResultSelection(("0", "1"), ("T1", "Rabi")), ["Rabi 0", "Rabi 1", "T1 0"]),
    ],
)
def test_results_are_found_by_target_and_task_also_by_an_alias(
    prepared_store: Store, only: ResultSelection, found: Sequence[str]
) -> None:
    record(prepared_store, 1)
    Repositories(prepared_store).of(TaskResultHistoryRepository).add(
        *(
            make_result(name, qid)
            for name, qid in (("Configure", ""), ("Rabi", "0"), ("Rabi", "1"), ("T1", "0"))
        )
    )
    executions = ExecutionService(prepared_store, task_name=lambda name: {"Lifetime": "T1"}.get(name, name))
    look = executions.select_results(ADMIN, "last", only)
    assert sorted(one.task_id for one in look.selected) == found
    assert len(look.results) == 4


@pytest.mark.parametrize(
    ("only", "message"),
    [
        (ResultSelection(targets=("7",)), r"execution 20261121-001 has no result of 7 \(there are: 0\)"),
        (ResultSelection(tasks=("Rabi",)), r"execution 20261121-001 has no result of Rabi \(there are: T1\)"),
    ],
)
def test_results_that_there_are_not_are_refused_with_those_that_there_are(
    prepared_store: Store, only: ResultSelection, message: str
) -> None:
    record(prepared_store, 1)
    Repositories(prepared_store).of(TaskResultHistoryRepository).add(make_result("T1", "0"))
    with pytest.raises(NotFoundError, match=message):
        make_reader(prepared_store).select_results(ADMIN, "2026", only)


@pytest.mark.every_store
def test_a_result_is_named_by_a_beginning_of_its_id(make_bench: MakeBench) -> None:
    bench = make_bench(make_task())
    first, second = bench.run(), bench.run()
    find = partial(match_result_id, bench.qdash.store, ADMIN)
    assert find(first.task_id) == first.task_id
    longest = next(
        place
        for place, pair in enumerate(zip(first.task_id, second.task_id, strict=True))
        if len({*pair}) > 1
    )
    assert find(second.task_id[: longest + 1]) == second.task_id
    with pytest.raises(InvalidInputError, match="the id of the result is empty"):
        find("")
    ids = [bench.run().task_id for _ in range(16)]  # of 18 hexadecimal ids, two begin alike
    (shared, _), *_ = Counter(one[0] for one in [first.task_id, second.task_id, *ids]).most_common(1)
    with pytest.raises(InvalidInputError, match="begins several results"):
        find(shared)
    with pytest.raises(NotFoundError, match="`qdash executions show last`"):
        find("no id")

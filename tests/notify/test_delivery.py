"""Delivery of notices, without any influence of a notifier on a run."""

from __future__ import annotations

import logging
import os
import signal
import threading
from datetime import timedelta
from queue import Queue
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

from qdash_builtin.entities.service import EntityService
from qdash_core import hookimpl, load_plugins
from qdash_core.flows.cancellation import cancel_by_flow_run_id
from qdash_core.hooks import outbox
from qdash_core.hooks.announcers import configure_notifiers
from qdash_core.locks.liveness import get_process_start
from qdash_core.locks.process_heartbeats import make_process_mark
from qdash_core.models.execution import EventModel, ExecutionLockModel, ExecutionModel
from qdash_core.process.clock import utc_now
from qdash_core.repositories.executions import EventRepository, ExecutionLockRepository, ExecutionRepository
from qdash_core.repositories.repositories import Repositories
from qdash_core.settings import Settings
from qdash_notify import delivery
from qdash_notify.delivery import Delivery
from qdash_notify.feature import FEATURE as NOTIFIERS_FEATURE

from ..access import access_of
from ..core.bench import CHIP, PROJECT, Bench, make_raising, make_task
from ..helium_fills import FILLS
from .servers import run_web_server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from qdash_core.hooks.notice import Notice
    from qdash_core.repositories.store import Store

    from ..core.conftest import MakeBench

SOON_S = 20.0


class Listener:
    """Notifier that records its notices and then runs a given function."""

    def __init__(
        self, name: str = "listener", does: Callable[[], Any] = lambda: None, **attributes: Any
    ) -> None:
        self.name, self._does = name, does
        self.heard: Queue[Notice] = Queue()
        self.__dict__.update(attributes)

    def notify(self, event: Notice) -> None:
        self.heard.put(event)
        self._does()

    def list_notices(self) -> list[Notice]:
        return [self.heard.get_nowait() for _ in range(self.heard.qsize())]

    def list_kinds(self) -> list[str]:
        return [one.kind for one in self.list_notices()]


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    """An open store."""
    opened = load_plugins(blocked=()).store_class(store_url.partition(":")[0]).open(store_url)
    yield opened
    opened.close()


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "PAUSES_S", (0.0, 0.0))


def record_event(
    store: Store, kind: str, *, project_id: str = PROJECT, chip_id: str = CHIP, **more: Any
) -> None:
    Repositories(store).of(EventRepository).append(
        EventModel(project_id=project_id, kind=kind, chip_id=chip_id, **more)
    )


def deliver(
    store: Store, *listeners: Listener, on: str = "*", chip_id: str = "", execution_id: str = ""
) -> Delivery:
    begun = Delivery(
        store,
        list(listeners),
        Settings(notify_on=on),
        PROJECT,
        chip_id,
        execution_id=execution_id,
        zone=ZoneInfo("UTC"),
    )
    begun.begin()
    return begun


@pytest.mark.every_store
def test_what_happens_during_a_run_is_told_in_order_and_to_the_last(store: Store) -> None:
    listener = Listener()
    record_event(store, "execution.failed")
    run = deliver(store, listener)
    kinds = [f"task.{letter}" for letter in "abcdefgh"]
    for kind in kinds:
        record_event(store, kind)
    run.end()
    record_event(store, "execution.completed")
    assert listener.list_kinds() == kinds


def test_only_what_is_asked_for_is_told(store: Store) -> None:
    listener = Listener()
    run = deliver(store, listener, on="execution.*, task.failed")
    for kind in ("execution.running", "task.completed", "task.failed", "execution.resumed"):
        record_event(store, kind)
    run.end()
    assert listener.list_kinds() == ["execution.running", "task.failed", "execution.resumed"]


def test_other_projects_and_chips_are_none_of_its_business(store: Store) -> None:
    whole, one = Listener(), Listener()
    runs = [deliver(store, whole), deliver(store, one, chip_id=CHIP)]
    record_event(store, "a.here")
    record_event(store, "a.elsewhere", chip_id="other")
    record_event(store, "a.far", project_id="other")
    for run in runs:
        run.end()
    assert whole.list_kinds() == ["a.here", "a.elsewhere"]
    assert one.list_kinds() == ["a.here"]


def test_the_end_of_a_dead_run_on_another_chip_is_told_though_it_came_before(store: Store) -> None:
    listener = Listener()
    record_event(store, "a.long_ago", chip_id="other", execution_id="dead")
    seq = Repositories(store).of(EventRepository).get_last_seq(PROJECT)
    record_event(store, "execution.failed", chip_id="other", execution_id="dead")
    run = Delivery(store, [listener], Settings(notify_on="*"), PROJECT, CHIP, zone=ZoneInfo("UTC"))
    run.begin(since=seq, also=["dead"])
    record_event(store, "a.elsewhere", chip_id="other", execution_id="alive")
    record_event(store, "a.here", execution_id="mine")
    run.end()
    assert listener.list_kinds() == ["execution.failed", "a.here"]


@pytest.mark.every_store
def test_runs_that_share_a_chip_tell_each_event_once(store: Store) -> None:
    """Each tells its own events, and the one that began first those of no run."""
    repositories, told = Repositories(store), dict[str, Listener]()
    runs = {}
    for number, name in enumerate(("first", "second")):
        process = make_process_mark(name, ttl_s=30.0, now=utc_now() + timedelta(seconds=number))
        parent = {"pid": os.getppid(), "process_start": get_process_start(os.getppid())}
        where = {"project_id": PROJECT, "chip_id": CHIP, "execution_id": name}
        repositories.of(ExecutionLockRepository).put(
            ExecutionLockModel(**{**dict(process), **parent}, **where, instrument="bench", resources=[name])
        )
        running = {"username": "alice", "name": "flow", "status": "running", "start_at": utc_now()}
        repositories.of(ExecutionRepository).add(ExecutionModel(**where, **running))
        told[name] = Listener()
        runs[name] = deliver(store, told[name], chip_id=CHIP, execution_id=name)
    for name in ("first", "second"):
        record_event(store, f"task.{name}", execution_id=name)
    record_event(store, "timetable.missed")
    record_event(store, "execution.scheduled", execution_id="a third one, which waits")
    for run in runs.values():
        run.end()
    assert told["first"].list_kinds() == ["task.first", "timetable.missed", "execution.scheduled"]
    assert told["second"].list_kinds() == ["task.second"]


def test_an_event_that_was_told_is_not_told_again_during_a_run(store: Store) -> None:
    listener = Listener()
    run = deliver(store, listener)
    for kind in ("issue.opened", "task.completed"):
        record_event(store, kind, data={"issue_id": "1"})
    EntityService(store, FILLS).create(access_of("admin", PROJECT), litres=1)
    record_event(store, "meter.read", data={"entity": "current", "name": "I1"})
    run.end()
    assert listener.list_kinds() == ["task.completed", "meter.read"]


def test_more_than_a_page_is_told(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivery, "_PAGE", 2)
    listener = Listener()
    run = deliver(store, listener)
    for _ in range(5):
        record_event(store, "task.completed")
    run.end()
    assert len(listener.list_kinds()) == 5


@pytest.mark.parametrize("error", [ValueError("no"), SystemExit(3), KeyboardInterrupt()], ids=repr)
@pytest.mark.parametrize("store_url", ["memory"], indirect=True)
def test_one_that_raises_is_told_the_next_time_and_disturbs_no_other(
    store: Store, error: BaseException, caplog: pytest.LogCaptureFixture
) -> None:
    broken, other = Listener("broken", make_raising(error)), Listener()
    run = deliver(store, broken, other)
    record_event(store, "task.one")
    record_event(store, "task.two")
    run.end()
    assert broken.list_kinds() == other.list_kinds() == ["task.one", "task.two"]
    assert [record.levelno for record in caplog.records] == [logging.WARNING] * 2
    assert "notifier broken did not deliver" in caplog.messages[0]


@pytest.mark.parametrize("store_url", ["memory"], indirect=True)
def test_what_is_transient_is_tried_three_times(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    failures = [ConnectionError(), ConnectionError()]

    def fail_twice() -> None:
        if failures:
            raise failures.pop()

    recovers = Listener("recovers", fail_twice, transient_errors=(ConnectionError,))
    never = Listener("never", make_raising(ConnectionError), transient_errors=(ConnectionError,))
    run = deliver(store, recovers, never)
    record_event(store, "task.one")
    run.end()
    assert len(recovers.list_kinds()) == len(never.list_kinds()) == 3
    assert len(caplog.messages) == 1
    assert "never did not deliver" in caplog.messages[0]


@pytest.mark.parametrize("store_url", ["memory"], indirect=True)
def test_one_that_hangs_is_given_up_and_keeps_no_other_waiting(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    awake = threading.Event()
    hangs, other = Listener("hangs", awake.wait), Listener()
    run = deliver(store, hangs, other)
    record_event(store, "task.one")
    record_event(store, "task.two")
    record_event(store, "task.three")
    run.end(grace_s=1.0)
    awake.set()
    assert other.list_kinds() == ["task.one", "task.two", "task.three"]
    assert hangs.list_kinds() == ["task.one"]
    assert caplog.messages == ["notifier hangs has not delivered 3 of its notices in time: given up"]


@pytest.mark.parametrize("store_url", ["memory"], indirect=True)
def test_ctrl_c_does_not_wait_for_notifiers(store: Store) -> None:
    ident, awake = threading.main_thread().ident, threading.Event()
    assert ident is not None

    def interrupt_and_hang() -> None:
        signal.pthread_kill(ident, signal.SIGINT)
        awake.wait()

    def end() -> None:
        record_event(store, "task.one")
        run.end(grace_s=3600.0)

    run = deliver(store, Listener("hangs", interrupt_and_hang))
    with pytest.raises(KeyboardInterrupt):
        end()
    awake.set()


def make_plugin(*listeners: Listener) -> Any:
    class Plugin:
        @hookimpl
        def qdash_notifiers(self) -> list[Listener]:
            return list(listeners)

    return Plugin()


def replace_notifiers(bench: Bench, *listeners: Listener) -> Bench:
    """Replace the notifiers of an open bench."""
    bench.qdash.__dict__["notifiers"] = configure_notifiers(listeners, bench.qdash.settings)
    return bench


def test_a_run_tells_its_notifiers(make_bench: MakeBench) -> None:
    listener = Listener()
    bench = replace_notifiers(make_bench(make_task(), notify_on="execution.*, task.*"), listener)
    bench.run(name="Measure")
    heard = listener.list_notices()
    assert [one.kind for one in heard] == ["execution.running", "task.completed", "execution.completed"]
    assert heard[1].title.startswith(f"{CHIP}: Measure on 0 completed")
    assert heard[2].fields["tasks"] == "1 completed"
    assert heard[2].fields["duration"]


def test_by_default_only_the_ends_of_runs_are_told(make_bench: MakeBench) -> None:
    listener = Listener()
    bench = replace_notifiers(
        make_bench(make_task("Broken", measure=make_raising(ValueError("no")))), listener
    )
    bench.run("Broken")
    assert listener.list_kinds() == ["execution.failed"]


@pytest.mark.parametrize("error", [ValueError, SystemExit])
def test_a_run_does_not_fail_with_its_notifiers(make_bench: MakeBench, error: type[BaseException]) -> None:
    bench = replace_notifiers(make_bench(make_task()), Listener("broken", make_raising(error)))
    assert bench.run().status == "completed"


def test_of_a_run_that_died_the_next_one_tells(make_bench: MakeBench) -> None:
    bench = make_bench(make_task())
    dead_id = bench.abandon(bench.start_session())
    listener = Listener()
    replace_notifiers(bench, listener)
    execution_id = bench.run().execution_id
    assert [(one.kind, one.execution_id) for one in listener.list_notices()] == [
        ("execution.failed", dead_id),
        ("execution.completed", execution_id),
    ]


def test_what_is_ended_from_outside_is_told(make_bench: MakeBench) -> None:
    """The process that ends it sends the notice, since the other one is dead."""
    bench = make_bench(make_task())
    session = bench.start_session()
    flow_run_id = session.execution.flow_run_id
    assert flow_run_id is not None
    dead_id = bench.abandon(session)
    listener = Listener()
    replace_notifiers(bench, listener)
    cancel_by_flow_run_id(bench.qdash, flow_run_id)
    assert [(one.kind, one.execution_id) for one in listener.list_notices()] == [
        ("execution.cancelled", dead_id)
    ]


def test_a_plugin_chooses_whether_and_how_it_is_used(caplog: pytest.LogCaptureFixture) -> None:
    chosen = Listener("chosen")
    asked = [
        Listener("plain"),
        Listener("off", configured=lambda _settings: None),
        Listener("template", configured=lambda _settings: chosen),
        Listener("broken", configured=make_raising(SystemExit(1))),
    ]
    registry = load_plugins(
        extra={"notifiers": NOTIFIERS_FEATURE, "mine": make_plugin(*asked)}, installed_too=False, blocked=()
    )
    names = [one.name for one in configure_notifiers(registry.notifiers(), Settings())]
    assert names == ["plain", "chosen"]
    assert "notifier broken cannot be used" in caplog.messages[0]


@pytest.mark.parametrize("status", [200, 500])
def test_a_webhook_of_the_settings_is_told_of_a_run(make_bench: MakeBench, status: int) -> None:
    """The first attempt may fail."""
    with run_web_server() as web:
        web.answers += [status]
        bench = make_bench(make_task(), notify_webhook_url=f"{web.url}/hook")
        execution_id = bench.run().execution_id
        bodies = [web.posts.get(timeout=SOON_S)[2] for _ in range(1 if status == 200 else 2)]
        assert web.posts.empty()
    assert all(execution_id in body["text"] for body in bodies)


def test_old_events_are_removed_when_a_run_begins(make_bench: MakeBench) -> None:
    bench = make_bench(make_task(), event_days=10.0)
    with bench.qdash.store.transaction() as transaction:
        transaction.delete("event", {"project_id": PROJECT})
    for days, kind in ((30, "old"), (11, "old"), (9, "new")):
        record_event(bench.qdash.store, kind, created_at=utc_now() - timedelta(days=days))
    record_event(bench.qdash.store, "old", project_id="other", created_at=utc_now() - timedelta(days=30))
    bench.run()
    assert bench.list_events()[0].kind == "new"
    assert len(bench.repositories.of(EventRepository).list_since("other", 0)) == 1


@pytest.mark.every_store
def test_no_more_events_are_removed_at_once_than_are_allowed(store: Store) -> None:
    events = Repositories(store).of(EventRepository)
    old = utc_now() - timedelta(days=40)
    for _ in range(5):
        record_event(store, "old", created_at=old)
    record_event(store, "new")
    before = utc_now() - timedelta(days=30)
    assert [events.prune(PROJECT, before, at_most=3) for _ in range(3)] == [3, 2, 0]
    assert [event.kind for event in events.list_since(PROJECT, 0)] == ["new"]
    assert events.prune("nobody", before) == 0

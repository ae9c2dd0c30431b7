"""Delivery of events: each requested event exactly once and in order, under any load."""

from __future__ import annotations

import threading
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import anyio
import pytest
from anyio import to_thread

from qdash_api.events import hub as hubs
from qdash_api.events.hub import MAX_LISTENERS_PER_USER, QUEUE_SIZE, EventHub, StreamTiming
from qdash_core.errors import StoreUnavailableError, TooManyError
from qdash_core.process.clock import utc_now
from qdash_core.record.events import EventFilter
from qdash_core.repositories.executions import EventRepository
from qdash_core.repositories.repositories import Repositories
from qdash_sqlite.store import SQLiteStore

from .sse_client import PATIENCE_S, open_client, record_events

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator
    from pathlib import Path


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SQLiteStore]:
    opened = SQLiteStore.open(f"sqlite:///{tmp_path}/qdash.db")
    yield opened
    opened.close()


def run_scenario(store: SQLiteStore, scene: Callable[[EventHub], Awaitable[None]], **timing: float) -> None:
    """Run a scenario on a host of its own."""

    async def play() -> None:
        hub = EventHub(store, StreamTiming(**timing))
        try:
            with anyio.fail_after(2 * PATIENCE_S):
                await scene(hub)
        finally:
            await to_thread.run_sync(hub.close)

    anyio.run(play)


def test_a_listener_receives_all_events_from_now_on(store: SQLiteStore) -> None:
    record_events(store)

    async def scene(hub: EventHub) -> None:
        async with open_client(hub, store) as client:
            (seq,) = record_events(store, kind="task.failed", chip_id="a", data={"qid": "3"})
            told = await client.read_next()
            assert (told.id, told.kind) == (seq, "task.failed")
            assert told.data["chip_id"] == "a"
            assert told.data["data"] == {"qid": "3"}
            assert "execution_id" not in told.data

    run_scenario(store, scene)


def test_a_returning_listener_resumes_after_its_last_event(store: SQLiteStore) -> None:
    first, *missed = record_events(store, 1200)

    async def scene(hub: EventHub) -> None:
        async with open_client(hub, store, after=first) as client:
            later = record_events(store, 30)
            assert await client.read_event_numbers(len(missed) + 30) == missed + later

    run_scenario(store, scene)


def test_a_listener_receives_only_events_that_pass_its_filter(store: SQLiteStore) -> None:
    async def scene(hub: EventHub) -> None:
        asked = EventFilter.create(chip_id="a", execution_id="x", kinds=["task.*"])
        async with (
            open_client(hub, store, wanted=asked) as live,
            open_client(hub, store, after=0, wanted=asked) as resumed,
        ):
            wanted: dict[str, Any] = {"chip_id": "a", "execution_id": "x"}
            record_events(store, project_id="another", **wanted)
            record_events(store, **wanted, kind="execution.running")
            record_events(store, **{**wanted, "chip_id": "b"})
            record_events(store, **{**wanted, "execution_id": "y"})
            (seq,) = record_events(store, **wanted)
            assert await live.read_event_numbers(1) == [seq]
            assert await resumed.read_event_numbers(1) == [seq]

    run_scenario(store, scene)


def test_pruned_events_are_reported_as_a_gap(store: SQLiteStore) -> None:
    first, *_, last = record_events(store, 3)
    Repositories(store).of(EventRepository).prune("default", utc_now() + timedelta(days=1))
    kept = record_events(store, 2)

    async def scene(hub: EventHub) -> None:
        async with open_client(hub, store, after=first) as client:
            told = await client.read_next()
            assert (told.kind, told.data) == ("gap", {"after": first, "goes_on_behind": first})
            assert await client.read_event_numbers(2) == kept
        async with open_client(hub, store, after=0) as client:
            assert (await client.read_next()).id == kept[0]

    run_scenario(store, scene)
    assert last < kept[0]


def test_event_numbers_of_another_store_are_a_gap_and_new_events_follow(store: SQLiteStore) -> None:
    (last,) = record_events(store)

    async def scene(hub: EventHub) -> None:
        async with open_client(hub, store, after=last + 500) as client:
            told = await client.read_next()
            assert (told.kind, told.data["goes_on_behind"]) == ("gap", last)
            later = record_events(store)
            assert await client.read_event_numbers(1) == later

    run_scenario(store, scene)


def test_a_hundred_listeners_receive_the_same_events(store: SQLiteStore) -> None:
    async def scene(hub: EventHub) -> None:
        async with AsyncExitStack() as stack:
            clients = [
                await stack.enter_async_context(open_client(hub, store, username=str(number)))
                for number in range(100)
            ]
            happened = record_events(store, 20)
            for client in clients:
                assert await client.read_event_numbers(20) == happened

    run_scenario(store, scene)


def test_a_stalled_listener_delays_no_other_and_misses_no_event(store: SQLiteStore) -> None:
    async def scene(hub: EventHub) -> None:
        async with open_client(hub, store, takes=False) as stalled, open_client(hub, store) as other:
            happened = record_events(store, QUEUE_SIZE + 200)
            assert await other.read_event_numbers(len(happened)) == happened
            later = record_events(store, 3)
            assert await other.read_event_numbers(3) == later
            assert not stalled.told
            stalled.takes.set()
            assert await stalled.read_event_numbers(len(happened) + 3) == happened + later

    run_scenario(store, scene)


def test_the_stream_of_a_client_that_receives_nothing_is_closed(store: SQLiteStore) -> None:
    async def scene(hub: EventHub) -> None:
        async with open_client(hub, store, takes=False) as stalled:
            record_events(store)
            await stalled.ended.wait()
            assert len(hub) == 0

    run_scenario(store, scene, send_timeout_s=0.02)


def test_a_listener_with_a_revoked_token_is_told_and_its_stream_ends(store: SQLiteStore) -> None:
    async def scene(hub: EventHub) -> None:
        async with open_client(hub, store) as client:
            client.refusal = "the token is no longer valid"
            told = await client.read_next()
            while told.comment:
                told = await client.read_next()
            assert (told.kind, told.data) == ("end", {"reason": "the token is no longer valid"})
            await client.ended.wait()

    run_scenario(store, scene, access_check_s=0.02)


def test_a_slow_access_check_delays_no_event(
    store: SQLiteStore,
) -> None:
    answered = threading.Event()

    def hangs() -> str:
        answered.wait()
        return ""

    async def scene(hub: EventHub) -> None:
        async with open_client(hub, store, refusal=hangs) as client:
            try:
                while not hub.access_checkers.borrowed_tokens:
                    await anyio.sleep(0)
                assert (await client.read_next()).comment == "heartbeat"
                happened = record_events(store, 3)
                assert await client.read_event_numbers(3) == happened
            finally:
                answered.set()

    run_scenario(store, scene, access_check_s=0.01, heartbeat_s=0.05)


def test_streams_continue_after_an_unexpected_read_error(
    store: SQLiteStore, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(hubs, "RETRY_S", 0.01)

    def broken(_event: object) -> bytes:
        raise ValueError("this event cannot be told")

    async def scene(hub: EventHub) -> None:
        async with open_client(hub, store) as client:
            first = record_events(store)
            assert await client.read_event_numbers(1) == first
            with monkeypatch.context() as patched:
                patched.setattr(hubs, "format_message", broken)
                happened = record_events(store)
                while "unavailable" not in (await client.read_next()).comment:
                    pass
            assert await client.read_event_numbers(1) == happened

    run_scenario(store, scene, heartbeat_s=0.02)
    (logged,) = [record for record in caplog.records if record.levelname == "ERROR"]
    assert "cannot be told" in logged.getMessage()
    assert logged.exc_info


def test_an_idle_stream_sends_heartbeats(store: SQLiteStore) -> None:
    async def scene(hub: EventHub) -> None:
        async with open_client(hub, store) as client:
            assert (await client.read_next()).comment == "heartbeat"

    run_scenario(store, scene, heartbeat_s=0.02)


def test_a_host_that_shuts_down_ends_its_streams(store: SQLiteStore) -> None:
    async def scene(hub: EventHub) -> None:
        async with open_client(hub, store) as client:
            hub.end()
            assert "connect again" in (await client.read_next()).comment
            await client.ended.wait()

    run_scenario(store, scene)


def test_two_hosts_on_one_store_send_the_same_events(store: SQLiteStore, tmp_path: Path) -> None:
    other_store = SQLiteStore.open(f"sqlite:///{tmp_path}/qdash.db")

    async def scene(hub: EventHub) -> None:
        other = EventHub(other_store)
        async with open_client(hub, store) as one, open_client(other, other_store) as two:
            happened = [*record_events(store, 3), *record_events(other_store, 3)]
            assert await one.read_event_numbers(6) == happened
            assert await two.read_event_numbers(6) == happened
        await to_thread.run_sync(other.close)

    run_scenario(store, scene)
    other_store.close()


def test_a_user_has_a_limited_number_of_streams(store: SQLiteStore) -> None:
    async def scene(hub: EventHub) -> None:
        async with AsyncExitStack() as stack:
            for _ in range(MAX_LISTENERS_PER_USER):
                await stack.enter_async_context(open_client(hub, store))
            with pytest.raises(ExceptionGroup) as refused:
                await stack.enter_async_context(open_client(hub, store))
            assert refused.group_contains(TooManyError)
            async with open_client(hub, store, username="another"):
                assert len(hub) == MAX_LISTENERS_PER_USER + 1
        assert len(hub) == 0

    run_scenario(store, scene)


def test_streams_stay_open_while_the_store_is_unavailable(
    store: SQLiteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hubs, "RETRY_S", 0.01)

    def away() -> object:
        raise StoreUnavailableError("the store is away")

    async def scene(hub: EventHub) -> None:
        async with open_client(hub, store) as client:
            with monkeypatch.context() as patched:
                patched.setattr(store, "read", away)
                while "unavailable" not in (await client.read_next()).comment:
                    pass
            later = record_events(store)
            assert await client.read_event_numbers(1) == later

    run_scenario(store, scene, heartbeat_s=0.02)

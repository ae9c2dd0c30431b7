"""Server failures (stop, kill, freeze, lost responses): no acknowledged write is lost, and none is repeated."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from qdash_core.errors import StoreUnavailableError
from qdash_mongo import database, write_turn
from qdash_mongo.store import MongoStore

if TYPE_CHECKING:
    from collections.abc import Iterator

    from qdash_mongo.server import MongoServer


def put(store: MongoStore, name: str) -> None:
    with store.transaction() as transaction:
        transaction.put("user", {"username": name})


def names(store: MongoStore) -> list[str]:
    with store.read() as snapshot:
        return [user["username"] for user in snapshot.find("user", {})]


@pytest.mark.slow
def test_a_store_works_again_after_its_server_is_restarted(
    server: MongoServer, own_store: MongoStore
) -> None:
    put(own_store, "ann")
    server.stop()
    with pytest.raises(StoreUnavailableError, match=r"127.0.0.1.*nothing was written"):
        put(own_store, "bob")
    with pytest.raises(StoreUnavailableError, match=r"127.0.0.1"):
        names(own_store)
    server.start()
    put(own_store, "cat")
    assert names(own_store) == ["ann", "cat"]


@pytest.mark.release
def test_a_restart_between_transactions_is_not_noticed(server: MongoServer, own_store: MongoStore) -> None:
    put(own_store, "ann")
    server.kill()
    server.start()
    put(own_store, "bob")
    assert names(own_store) == ["ann", "bob"]


@pytest.mark.release
def test_a_restart_within_a_transaction_rolls_it_back(server: MongoServer, own_store: MongoStore) -> None:
    def write() -> None:
        with own_store.transaction() as transaction:
            transaction.put("user", {"username": "ann"})
            assert transaction.count("user", {}) == 1
            server.kill()
            server.start()
            transaction.put("user", {"username": "bob"})

    with pytest.raises(StoreUnavailableError, match="nothing was written"):
        write()
    assert names(own_store) == []
    put(own_store, "cat")
    assert names(own_store) == ["cat"]


@pytest.mark.release
def test_the_wait_for_a_frozen_server_is_limited(
    server: MongoServer, own_store: MongoStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(own_store, "ann")
    monkeypatch.setattr(database, "ANSWER_S", 0.2)
    os.kill(server.pid, signal.SIGSTOP)
    os.waitid(os.P_PID, server.pid, os.WSTOPPED | os.WNOWAIT)
    try:
        with pytest.raises(StoreUnavailableError, match="nothing was written"):
            put(own_store, "bob")
    finally:
        os.kill(server.pid, signal.SIGCONT)
    monkeypatch.undo()
    monkeypatch.setattr(
        write_turn, "ABANDONED_S", 0.1
    )  # the server has started a transaction that no client continues
    put(own_store, "cat")
    assert names(own_store) == ["ann", "cat"]


@pytest.mark.release
def test_reads_and_close_wait_a_limited_time_for_a_frozen_server(
    server: MongoServer, own_store: MongoStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(own_store, "ann")
    monkeypatch.setattr(database, "ANSWER_S", 0.2)
    monkeypatch.setattr(database, "CLOSING_S", 0.2)
    another = MongoStore.open(server.url("own"))
    assert names(another) == names(own_store) == ["ann"]
    os.kill(server.pid, signal.SIGSTOP)
    os.waitid(os.P_PID, server.pid, os.WSTOPPED | os.WNOWAIT)
    try:
        with pytest.raises(StoreUnavailableError):
            names(another)
        another.close()
    finally:
        os.kill(server.pid, signal.SIGCONT)
    monkeypatch.undo()
    assert names(own_store) == ["ann"]


@pytest.mark.slow
def test_an_interrupt_ends_a_query_and_leaves_no_open_session(
    server: MongoServer, own_store: MongoStore
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    put(own_store, "ann")
    assert names(own_store) == ["ann"]
    before = signal.signal(signal.SIGALRM, interrupt)
    os.kill(server.pid, signal.SIGSTOP)
    os.waitid(os.P_PID, server.pid, os.WSTOPPED | os.WNOWAIT)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.1)
        with pytest.raises(KeyboardInterrupt):
            names(own_store)
    finally:
        os.kill(server.pid, signal.SIGCONT)
        signal.signal(signal.SIGALRM, before)
    assert names(own_store) == ["ann"]


@pytest.mark.slow
def test_the_transaction_of_a_killed_process_does_not_block_others(
    mongo_url: str, store: MongoStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = f"""
import os, signal
from qdash_mongo.store import MongoStore
with MongoStore.open({mongo_url!r}).transaction() as transaction:
    transaction.put("user", {{"username": "ann"}})
    assert transaction.count("user", {{}}) == 1
    os.kill(os.getpid(), signal.SIGKILL)
"""
    killed = subprocess.run([sys.executable, "-c", code], timeout=60, check=False)
    assert killed.returncode == -signal.SIGKILL
    monkeypatch.setattr(write_turn, "ABANDONED_S", 0.1)
    put(store, "bob")
    assert names(store) == ["bob"]


@pytest.mark.slow
def test_an_abandoned_transaction_writes_nothing(
    mongo_url: str, store: MongoStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(write_turn, "ABANDONED_S", 0.1)
    slow = MongoStore.open(mongo_url)

    def write() -> None:
        with slow.transaction() as transaction:
            transaction.put("user", {"username": "ann"})
            with ThreadPoolExecutor(1) as pool:
                pool.submit(put, store, "bob").result()

    with pytest.raises(StoreUnavailableError, match="nothing was written"):
        write()
    assert names(slow) == ["bob"]
    slow.close()


@pytest.mark.release
def test_a_slow_active_transaction_is_not_ended(
    mongo_url: str, store: MongoStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(write_turn, "ABANDONED_S", 1.0)
    slow = MongoStore.open(mongo_url)
    with ThreadPoolExecutor(1) as pool:
        with slow.transaction() as transaction:
            waiting = pool.submit(put, store, "bob")
            for number in range(30):
                transaction.put("user", {"username": "ann", "n": number})
                assert transaction.count("user", {}) == 1
                time.sleep(0.06)  # in total longer than the idle limit of a transaction
        waiting.result()
    assert names(slow) == ["ann", "bob"]
    slow.close()


@pytest.mark.slow
def test_acknowledged_writes_survive_kill_9_of_the_server(server: MongoServer, own_store: MongoStore) -> None:
    over = threading.Event()

    def write(writer: int) -> list[tuple[int, str]]:
        acknowledged: list[tuple[int, str]] = []
        number = 0
        while not over.is_set():
            number += 1
            name = f"{writer}-{number}"
            with suppress(StoreUnavailableError):
                with own_store.transaction() as transaction:
                    transaction.insert("user", {"username": name})
                    seq = transaction.append("event", {"project_id": "p", "name": name})
                    transaction.put("tag", {"project_id": "p", "name": str(writer), "n": number})
                acknowledged.append((seq, name))
        return acknowledged

    with ThreadPoolExecutor(3) as pool:
        writing = [pool.submit(write, writer) for writer in range(3)]
        for _ in range(2):
            wait_for_writes(own_store)
            server.kill()
            server.start()
        wait_for_writes(own_store)
        over.set()
        acknowledged = [pair for writes in writing for pair in writes.result(60)]

    with own_store.read() as snapshot:
        events = [(event["seq"], event["name"]) for event in snapshot.find("event", {})]
        users = {user["username"] for user in snapshot.find("user", {})}
    assert set(acknowledged) <= set(events)
    assert users == {name for _, name in events}
    assert [seq for seq, _ in events] == [*range(1, len(events) + 1)]


def wait_for_writes(store: MongoStore) -> None:
    """Wait until further writes are done."""
    written, goal = 0, None
    while goal is None or written < goal:
        with suppress(StoreUnavailableError), store.read() as snapshot:
            written = snapshot.count("event", {})
            goal = goal or written + 10


class BreakingProxy:
    """A proxy that breaks the connection at a commit: before the server receives it, or before its response
    returns.
    """

    def __init__(self, port: int) -> None:
        self._port = port
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        self.breaks = ""
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        self._listening.close()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listening.accept()
                server = socket.create_connection(("127.0.0.1", self._port))
                broken = threading.Event()
                for carry in (self._ask, self._answer):
                    threading.Thread(target=carry, args=(client, server, broken), daemon=True).start()

    def _ask(self, client: socket.socket, server: socket.socket, broken: threading.Event) -> None:
        with suppress(OSError), client:
            while data := client.recv(2**16):
                if self.breaks and b"commitTransaction" in data:
                    breaks, self.breaks = self.breaks, ""
                    broken.set()
                    if breaks == "before":
                        break
                server.sendall(data)
            server.shutdown(socket.SHUT_RDWR)

    def _answer(self, client: socket.socket, server: socket.socket, broken: threading.Event) -> None:
        with suppress(OSError), server:
            while (data := server.recv(2**16)) and not broken.is_set():
                client.sendall(data)
            client.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def breaking_proxy(mongo_server: MongoServer) -> Iterator[BreakingProxy]:
    breaking_proxy = BreakingProxy(mongo_server.port)
    yield breaking_proxy
    breaking_proxy.close()


@pytest.mark.slow
@pytest.mark.parametrize("breaks", ["before", "after"])
def test_a_commit_with_a_lost_response_is_repeated_and_applied_once(
    breaking_proxy: BreakingProxy, mongo_url: str, breaks: str
) -> None:
    name = mongo_url.rpartition("/")[2].partition("?")[0]
    store = MongoStore.open(f"mongodb://127.0.0.1:{breaking_proxy.port}/{name}?directConnection=true")
    put(store, "ann")
    breaking_proxy.breaks = breaks
    with store.transaction() as transaction:
        transaction.insert("user", {"username": "bob"})
        assert transaction.append("event", {"project_id": "p"}) == 1
    assert breaking_proxy.breaks == ""
    with store.transaction() as transaction:
        assert [user["username"] for user in transaction.find("user", {})] == ["ann", "bob"]
        assert transaction.append("event", {"project_id": "p"}) == 2
    store.close()


@pytest.mark.slow
def test_a_lost_response_is_reported_as_an_unknown_outcome(
    server: MongoServer, own_store: MongoStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(write_turn, "COMMIT_PATIENCE_S", 0.0)

    def write() -> None:
        with own_store.transaction() as transaction:
            transaction.put("user", {"username": "ann"})
            assert transaction.count("user", {}) == 1
            server.kill()

    with pytest.raises(StoreUnavailableError, match="unknown whether it was written"):
        write()

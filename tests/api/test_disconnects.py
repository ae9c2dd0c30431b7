"""Disconnecting clients: pending work is dropped, their slots are freed, and a started write is completed."""

from __future__ import annotations

import json
import threading
from contextlib import closing
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

import pytest
from fastapi import APIRouter

from qdash_api.process.limits import READERS, READERS_PER_USER, SLOW_READS, SLOW_READS_PER_USER
from qdash_api.routing.disconnects import Client
from qdash_builtin.chips.feature import CHIPS
from qdash_builtin.exchange.feature import EXCHANGE
from qdash_builtin.people.feature import AUDIT_LOG, TOKENS
from qdash_builtin.record_lookup import call_ids
from qdash_builtin.results.feature import RESULTS
from qdash_builtin.tags.feature import TAGS
from qdash_core import hookimpl
from qdash_core.access.authenticator import AUTHENTICATOR
from qdash_core.chips.lattices import get_builtin_topology
from qdash_core.hooks.manager import load_plugins
from qdash_core.models.pages import PageRequest
from qdash_core.process.cancellation import AbandonedError, checkpoint

from .sockets import PATIENCE_S, Sockets, answer_of, run_host

if TYPE_CHECKING:
    from collections.abc import Iterator

    from qdash_builtin.people.models.audit import AuditModel
    from qdash_core.models.access import Access
    from qdash_core.settings import Settings


class BlockingService:
    """A service that blocks until released, and reports its calls."""

    def __init__(self) -> None:
        self.begun: SimpleQueue[str] = SimpleQueue()
        self.ended: SimpleQueue[str] = SimpleQueue()
        self.let = threading.Event()

    def work(self, name: str) -> None:
        self.begun.put(name)
        try:
            assert self.let.wait(PATIENCE_S)
            checkpoint()
        except AbandonedError:
            self.ended.put("abandoned")
            raise
        self.ended.put("finished")


GATE: list[BlockingService] = []


class SlowPlugin:
    """A plugin with a slow read."""

    @staticmethod
    @hookimpl
    def qdash_api_routers() -> list[APIRouter]:
        router = APIRouter()

        @router.get("/read")
        def read() -> dict[str, str]:
            GATE[-1].work("plugin")
            return {}

        return [router]


@pytest.fixture
def gate() -> Iterator[BlockingService]:
    GATE.append(BlockingService())
    yield GATE[-1]
    GATE.pop().let.set()


@pytest.fixture
def sockets(settings: Settings, gate: BlockingService) -> Iterator[Sockets]:
    with run_host(settings, load_plugins(extra={"slow": SlowPlugin()})) as found:
        qdash = found.host.qdash
        qdash.get(CHIPS).create(qdash.access("owner"), "a", get_builtin_topology("linear-2"), backend="fake")
        try:
            yield found
        finally:
            gate.let.set()


@pytest.fixture
def disconnects(monkeypatch: pytest.MonkeyPatch) -> SimpleQueue[Client]:
    """Clients of running requests whose disconnection the host has noticed."""
    seen: SimpleQueue[Client] = SimpleQueue()
    watch = Client.watch

    async def watch_and_tell(client: Client) -> None:
        await watch(client)
        seen.put(client)

    monkeypatch.setattr(Client, "watch", watch_and_tell)
    return seen


def block_lists(sockets: Sockets, gate: BlockingService, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the lists of chips of `editor` block until released."""
    page = sockets.host.qdash.get(CHIPS).page

    def wait(access: Access, asked: PageRequest) -> Any:
        if access.username == "editor":
            gate.work("list")
        return page(access, asked)

    monkeypatch.setattr(sockets.host.qdash.get(CHIPS), "page", wait)


def block_figures(sockets: Sockets, gate: BlockingService, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make figures block until released."""

    def figure(_access: object, task_id: str) -> dict[str, Any]:
        gate.work(task_id)
        return {"data": [], "layout": {"title": task_id}}

    monkeypatch.setattr(sockets.host.qdash.get(RESULTS), "figure", figure)
    monkeypatch.setattr(call_ids, "match_result_id", lambda _store, _access, text: text)


def wait_until(condition: Any) -> None:
    """Poll until a condition holds, since there is no event for it."""
    tick = threading.Event()
    for _ in range(int(PATIENCE_S / 0.01)):
        if condition():
            return
        tick.wait(0.01)
    raise AssertionError("it never held")


def count_waiting(sockets: Sockets) -> int:
    return sockets.limits.slow_reads.waiting


def test_disconnected_clients_of_figures_do_not_delay_the_next_one(
    sockets: Sockets, gate: BlockingService, monkeypatch: pytest.MonkeyPatch
) -> None:
    block_figures(sockets, gate, monkeypatch)
    gone = [sockets.send("GET", f"/task-results/gone-{number}/figure") for number in range(20)]
    begun = {gate.begun.get(timeout=PATIENCE_S) for _ in range(SLOW_READS_PER_USER)}
    wait_until(lambda: count_waiting(sockets) == 20 - SLOW_READS_PER_USER)
    for one in gone:
        one.close()
    wait_until(lambda: count_waiting(sockets) == 0)
    with closing(sockets.send("GET", "/task-results/mine/figure")) as mine:
        wait_until(lambda: count_waiting(sockets) == 1)
        gate.let.set()
        answer = answer_of(mine)
    assert answer.status == 200
    assert json.loads(answer.body)["layout"] == {"title": "mine"}
    assert gate.begun.get(timeout=PATIENCE_S) == "mine"
    assert gate.begun.empty(), begun
    ended = [gate.ended.get(timeout=PATIENCE_S) for _ in range(SLOW_READS_PER_USER + 1)]
    assert sorted(ended) == ["abandoned", "abandoned", "finished"]


def test_one_user_does_not_occupy_all_slots_of_slow_requests(
    sockets: Sockets, gate: BlockingService, monkeypatch: pytest.MonkeyPatch
) -> None:
    block_figures(sockets, gate, monkeypatch)
    other_token = sockets.host.qdash.get(TOKENS).create("editor", "another")[0]
    mine = [
        sockets.send("GET", f"/task-results/mine-{number}/figure", token=token)
        for number in range(SLOW_READS)
        for token in (sockets.token, other_token)
    ]
    [gate.begun.get(timeout=PATIENCE_S) for _ in range(SLOW_READS_PER_USER)]
    wait_until(lambda: count_waiting(sockets) == len(mine) - SLOW_READS_PER_USER)
    with closing(
        sockets.send("GET", "/task-results/theirs/figure", token=sockets.host.token("viewer"))
    ) as theirs:
        assert gate.begun.get(timeout=PATIENCE_S) == "theirs"
        assert sockets.send_request("GET", "/chips").status == 200, "what is quick goes on"
        gate.let.set()
        assert answer_of(theirs).status == 200
    for one in mine:
        assert answer_of(one).status == 200
        one.close()


def test_one_user_does_not_occupy_all_slots_of_quick_reads(
    sockets: Sockets, gate: BlockingService, monkeypatch: pytest.MonkeyPatch
) -> None:
    block_lists(sockets, gate, monkeypatch)
    readers = sockets.limits.readers
    mine = [sockets.send("GET", "/chips") for _ in range(5 * READERS)]
    [gate.begun.get(timeout=PATIENCE_S) for _ in range(READERS_PER_USER)]
    wait_until(lambda: readers.waiting == len(mine) - READERS_PER_USER)
    assert sockets.send_request("GET", "/chips", token=sockets.host.token("viewer")).status == 200
    assert gate.begun.empty(), "the reads of the others go on while those of one user wait"
    gate.let.set()
    for one in mine:
        assert answer_of(one).status == 200, "who waits is answered in the end"
        one.close()


def test_many_requests_with_one_token_do_not_delay_the_authentication_of_another(
    sockets: Sockets, gate: BlockingService, monkeypatch: pytest.MonkeyPatch
) -> None:
    other, authenticate = sockets.host.token("viewer"), sockets.host.qdash.get(AUTHENTICATOR).authenticate

    def wait(secret: str, *rest: Any) -> Any:
        if secret == sockets.token:
            gate.work("authentication")
        return authenticate(secret, *rest)

    monkeypatch.setattr(sockets.host.qdash.get(AUTHENTICATOR), "authenticate", wait)
    mine = [sockets.send("GET", "/chips") for _ in range(10)]
    gate.begun.get(timeout=PATIENCE_S)
    wait_until(lambda: sockets.limits.authentications.waiting == len(mine) - 1)
    assert sockets.send_request("GET", "/chips", token=other).status == 200
    gate.let.set()
    for one in mine:
        assert answer_of(one).status == 200
        one.close()


def test_a_quick_read_whose_client_disconnects_while_it_waits_is_not_performed(
    sockets: Sockets, gate: BlockingService, monkeypatch: pytest.MonkeyPatch
) -> None:
    block_lists(sockets, gate, monkeypatch)
    readers, before = sockets.limits.readers, count_abandoned(sockets)
    mine = [sockets.send("GET", "/chips") for _ in range(READERS_PER_USER)]
    [gate.begun.get(timeout=PATIENCE_S) for _ in mine]
    gone = [sockets.send("GET", "/chips") for _ in range(5)]
    wait_until(lambda: readers.waiting == len(gone))
    for one in gone:
        one.close()
    wait_until(lambda: readers.waiting == 0)
    gate.let.set()
    for one in mine:
        assert answer_of(one).status == 200
        one.close()
    wait_until(lambda: count_abandoned(sockets) == before + len(gone))
    assert gate.begun.empty()


def test_one_user_does_not_occupy_the_threads_of_plugins(sockets: Sockets, gate: BlockingService) -> None:
    mine = [sockets.send("GET", "/plugins/slow/read") for _ in range(20)]
    gate.begun.get(timeout=PATIENCE_S)
    limits = sockets.limits
    wait_until(lambda: limits.plugin_reads.waiting == 18)
    for one in mine[:10]:
        one.close()
    wait_until(lambda: limits.plugin_reads.waiting <= 10)
    with closing(sockets.send("GET", "/plugins/slow/read", token=sockets.host.token("viewer"))) as theirs:
        wait_until(lambda: gate.begun.qsize() == 2)
        gate.let.set()
        assert answer_of(theirs).status == 200
    for one in mine[10:]:
        assert answer_of(one).status == 200
        one.close()


def test_the_archive_of_a_disconnected_client_is_abandoned(
    sockets: Sockets, gate: BlockingService, monkeypatch: pytest.MonkeyPatch
) -> None:
    def pieces(*_: object) -> Iterator[bytes]:
        try:
            while True:
                yield bytes(2**20)
        finally:
            gate.ended.put("closed")

    monkeypatch.setattr(sockets.host.qdash.get(RESULTS), "make_archive", pieces)
    with closing(sockets.send("GET", "/executions/20261120-000/export")) as asked:
        assert asked.recv(65536).startswith(b"HTTP/1.1 200")
    assert gate.ended.get(timeout=PATIENCE_S) == "closed"
    wait_until(lambda: not sockets.limits.slow_reads._held)


def get_newest_row(sockets: Sockets, path: str) -> AuditModel | None:
    found = sockets.host.qdash.get(AUDIT_LOG).list_all(PageRequest(), by="admin").items
    return next((row for row in found if row.path == path), None)


def test_a_client_that_disconnects_while_sending_an_import_changes_nothing(
    sockets: Sockets, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[object] = []
    monkeypatch.setattr(sockets.host.qdash.get(CHIPS), "import_", lambda *given, **_: read.append(given))
    before = count_abandoned(sockets)
    sockets.send("POST", "/chips/import", b"-" * 100_000, only=50_000).close()
    wait_until(lambda: count_abandoned(sockets) == before + 1)
    assert not read
    assert get_newest_row(sockets, "/chips/import") is None


def count_abandoned(sockets: Sockets) -> int:
    """Return the number of abandoned requests."""
    text = sockets.host.app.state.counters.render().decode()
    lines = [line for line in text.splitlines() if line.startswith("qdash_requests_total")]
    return int(sum(float(line.rpartition(" ")[2]) for line in lines if 'status="499"' in line))


def test_an_import_of_a_disconnected_client_is_not_written_and_its_audit_entry_is_completed(
    sockets: Sockets, gate: BlockingService, disconnects: SimpleQueue[Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    compare, path = sockets.host.qdash.get(EXCHANGE).compare, "/imports"

    def slow(*given: Any, **named: Any) -> Any:
        found = compare(*given, **named)
        gate.begun.put("read")
        assert gate.let.wait(PATIENCE_S)
        return found

    monkeypatch.setattr(sockets.host.qdash.get(EXCHANGE), "compare", slow)
    table = b"target,parameter,value,unit\n0,t1,81.0,us\n"
    asked = sockets.send("POST", f"{path}?name=values.csv&chip_id=a", table)
    gate.begun.get(timeout=PATIENCE_S)
    before = count_abandoned(sockets)
    asked.close()
    limits = sockets.limits
    wait_until(lambda: limits.writers.threads.borrowed_tokens == 1)
    disconnects.get(timeout=PATIENCE_S)
    gate.let.set()
    wait_until(lambda: count_abandoned(sockets) == before + 1)
    row = get_newest_row(sockets, path)
    assert row is not None
    assert row.status == 499
    assert "qubit_frequency" not in str(
        sockets.host.qdash.get(CHIPS).show(sockets.host.qdash.access("owner"), "a")
    )


def test_a_started_write_is_completed_after_its_client_disconnects(
    sockets: Sockets, gate: BlockingService, disconnects: SimpleQueue[Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    add = sockets.host.qdash.get(TAGS).add

    def slow(*given: Any) -> Any:
        gate.begun.put("write")
        assert gate.let.wait(PATIENCE_S)
        return add(*given)

    monkeypatch.setattr(sockets.host.qdash.get(TAGS), "add", slow)
    asked = sockets.send("POST", "/tags", b'{"name": "cold"}')
    gate.begun.get(timeout=PATIENCE_S)
    asked.close()
    disconnects.get(timeout=PATIENCE_S)
    gate.let.set()

    def ended() -> bool:
        row = get_newest_row(sockets, "/tags")
        return row is not None and row.status == 200

    wait_until(ended)
    assert [
        tag.name for tag in sockets.host.qdash.get(TAGS).list_by_project(sockets.host.qdash.access("owner"))
    ] == ["cold"]

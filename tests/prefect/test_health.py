"""Report of `qdash doctor` on the runner: availability of the server, and foreign settings."""

from __future__ import annotations

from typing import Any

import pytest

from qdash_prefect import client
from qdash_prefect.client import PrefectError
from qdash_prefect.runner import PrefectRunner

from .rest import FakeServer


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> FakeServer:
    for name in ("PREFECT_API_URL", "PREFECT_API_AUTH_STRING", "QDASH_PREFECT_POOL"):
        monkeypatch.delenv(name, raising=False)
    fake = FakeServer()
    monkeypatch.setattr(client, "PrefectClient", lambda _settings: fake.client())
    fake.answers["GET", "/admin/version"] = lambda _body: (200, "3.8.8")
    workers = [{"status": "ONLINE"}, {"status": "OFFLINE"}]
    fake.answers["POST", "/work_pools/qdash/workers/filter"] = lambda _body: (200, workers)
    return fake


def a_pool(fake: FakeServer, **changed: Any) -> None:
    document = {"name": "qdash", "is_paused": False, "concurrency_limit": None, **changed}
    fake.answers["GET", "/work_pools/qdash"] = lambda _body: (200, document)


def test_health_shows_the_number_of_workers_in_the_pool(fake: FakeServer) -> None:
    a_pool(fake)
    assert PrefectRunner().health().endswith("workers in pool qdash: 1")


def test_health_without_a_pool_shows_no_workers(fake: FakeServer) -> None:
    fake.answers["GET", "/work_pools/qdash"] = lambda _body: (404, None)
    assert PrefectRunner().health().endswith("workers in pool qdash: 0")


@pytest.mark.parametrize(
    ("changed", "said"), [({"is_paused": True}, "is paused"), ({"concurrency_limit": 0}, "concurrency limit")]
)
def test_a_paused_or_limited_pool_is_a_health_error(
    fake: FakeServer, changed: dict[str, Any], said: str
) -> None:
    a_pool(fake, **changed)
    with pytest.raises(PrefectError, match=said):
        PrefectRunner().health()

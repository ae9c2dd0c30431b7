"""Responses of a Prefect server and of proxies before it, converted to errors and advice."""

from __future__ import annotations

import httpx
import pytest

from qdash_core.errors import ConflictError, NotFoundError
from qdash_prefect.client import PrefectClient, PrefectError, PrefectUnavailableError
from qdash_prefect.settings import PrefectSettings


def answering(status: int, body: bytes = b"{}") -> PrefectClient:
    transport = httpx.MockTransport(lambda _request: httpx.Response(status, content=body))
    return PrefectClient(PrefectSettings(), transport=transport)


@pytest.mark.parametrize("status", [500, 502, 504, 530, 599])
def test_server_errors_mean_that_prefect_is_unavailable(status: int) -> None:
    with answering(status) as client, pytest.raises(PrefectUnavailableError, match=str(status)):
        client.get("/health")


@pytest.mark.parametrize("body", [b"<html>Log in</html>", b"\xff\xfe"])
def test_an_html_response_is_not_from_a_prefect_server(body: bytes) -> None:
    with answering(200, body) as client, pytest.raises(PrefectUnavailableError, match="no Prefect server"):
        client.get("/health")


@pytest.mark.parametrize("status", [401, 403])
def test_wrong_credentials_are_reported_and_count_as_unavailable(status: int) -> None:
    with answering(status) as client, pytest.raises(PrefectUnavailableError, match="PREFECT_API_AUTH_STRING"):
        client.get("/work_pools/qdash")


@pytest.mark.parametrize(
    ("status", "kind"), [(404, NotFoundError), (409, ConflictError), (422, PrefectError), (430, PrefectError)]
)
def test_a_refused_request_is_not_retried(status: int, kind: type[Exception]) -> None:
    with answering(status, b"no such thing") as client, pytest.raises(kind, match="no such thing") as refused:
        client.get("/flow_runs/1")
    assert not isinstance(refused.value, PrefectUnavailableError)

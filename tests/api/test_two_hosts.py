"""Two hosts on one store: concurrent changes lose no write."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest
from fastapi.testclient import TestClient

from qdash_api import create_app
from qdash_core.models.project import DEFAULT_USER
from qdash_core.settings import Settings

from .chip_samples import get_refusal, make_chip
from .conftest import run_host
from .shared_host import clients, editor, host, project, viewer

if TYPE_CHECKING:
    from pathlib import Path

    from qdash_core.hooks.manager import Registry

__all__ = ["clients", "editor", "host", "project", "viewer"]

EDITS, WRITERS = 50, 4


@pytest.mark.parametrize(
    "store_url",
    [
        pytest.param("sqlite", marks=pytest.mark.slow),
        pytest.param("mongodb", marks=pytest.mark.release),
    ],
    indirect=True,
)
def test_two_hosts_lose_no_edit(store_url: str, registry: Registry, tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "home", store_url=store_url)
    with ExitStack() as stack:
        first = stack.enter_context(run_host(settings, registry))
        clients = [
            first.connect_as(DEFAULT_USER),
            stack.enter_context(TestClient(create_app(settings, registry))),
        ]
        clients[1].headers["authorization"] = clients[0].headers["authorization"]
        make_chip(clients[0])

        def write(number: int) -> int:
            """Append a word to a note; return the number of conflicts."""
            client, refused = clients[number % 2], 0
            while not _add_tag_unless_refused(client, number):
                refused += 1
            return refused

        with ThreadPoolExecutor(WRITERS) as threads:
            refused = sum(threads.map(write, range(EDITS)))
        words = clients[0].get("/chips/a/qubits/0/note").json()["note"]["content"].split()
        assert sorted(map(int, words)) == [*range(EDITS)]
        assert refused, "they did not meet"


def _add_tag_unless_refused(client: TestClient, number: int) -> bool:
    read = client.get("/chips/a/qubits/0/note")
    content = read.json().get("note", {}).get("content", "")
    written = client.put(
        "/chips/a/qubits/0/note",
        json={"content": f"{content} {number}"},
        headers={"if-match": read.headers["etag"]},
    )
    if written.status_code != 200:
        get_refusal(written, 412)
    return written.status_code == 200

"""Surfaces of a home with a simulated clock: each says so, and those of an ordinary home say nothing."""

from __future__ import annotations

import io
import json
import re
import zipfile
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import httpx
import pytest

import qdash
from qdash_builtin.chips.exported_chip import parse_export
from qdash_builtin.chips.feature import CHIPS
from qdash_builtin.digests.feature import DIGEST_DELIVERY
from qdash_builtin.exchange.chip_writing import write_chip
from qdash_builtin.exchange.device_request import WHOLE_CHIP
from qdash_builtin.exchange.feature import RELEASES
from qdash_builtin.exchange.formats.value_table import read_table
from qdash_builtin.notebooks.chip import NotebookChip
from qdash_builtin.notebooks.host import HostChip
from qdash_builtin.results.archive import stream_archive
from qdash_core.hooks.formats import Format
from qdash_core.models.execution import EventModel
from qdash_core.models.pages import Page
from qdash_core.process.clock import CLOCK_FILE, close_clock, open_clock
from qdash_core.runtime.application import open_qdash
from qdash_core.settings import Settings
from qdash_notify.notice import make_notice
from qdash_remote import connect

from ..access import ADMIN
from ..calibrated_chips import set_device_values
from ..case_tables import each_case
from ..core.bench import LINE
from .conftest import run_host

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from fastapi.testclient import TestClient

    from qdash_core.chips.chip import Chip
    from qdash_core.hooks.manager import Registry

    from .conftest import Host

START = datetime(2026, 1, 6, 0, 12, tzinfo=UTC)
SAID = re.compile(
    r"Simulated time: 2026-01-06 0[01]:12|simulated[-_]time.*2026-01-06T00:12:0|qdash_simulated_time_seconds 1\.76765832",
    re.DOTALL,
)
"""The sentence, in the time zone of the home or in UTC, and the field, header and gauge of programs."""


class InProcess(httpx.BaseTransport):
    """Transport that hands requests to a host in this process."""

    def __init__(self, client: TestClient) -> None:
        self._client = client

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        answer = self._client.request(request.method, str(request.url), headers=dict(request.headers))
        return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)


def read(path: str) -> Callable[[Host, TestClient], str]:
    """Return the function that returns the body of a response; a ZIP archive as its files one after the other."""

    def body(_host: Host, owner: TestClient) -> str:
        answer = owner.get(path)
        assert answer.status_code == 200, answer.text
        if not answer.content.startswith(b"PK"):
            return answer.text
        with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
            return "\n".join(f"{name}: {archive.read(name).decode()}" for name in archive.namelist())

    return body


def read_headers(path: str) -> Callable[[Host, TestClient], str]:
    """Return the function that returns the headers of a response."""
    return lambda _host, owner: str(owner.get(path).headers)


def make_notice_title(host: Host, _owner: TestClient) -> str:
    event = EventModel(project_id="default", chip_id="lab", kind="execution.failed", execution_id="1")
    return make_notice(event, None, host.qdash.zone).title


def send_digest(host: Host, _owner: TestClient) -> str:
    return host.qdash.get(DIGEST_DELIVERY).send(ADMIN, "lab").title


def open_notebook(host: Host, _owner: TestClient) -> str:
    with qdash.open_chip("lab", home=host.qdash.settings.home) as chip:
        return repr(chip)


def open_notebook_of_host(_host: Host, owner: TestClient) -> str:
    secret = owner.headers["authorization"].removeprefix("Bearer ")
    return repr(
        NotebookChip(HostChip(connect("http://testserver", secret, transport=InProcess(owner)), "lab"))
    )


def archive_results(host: Host, _owner: TestClient) -> str:
    pieces = stream_archive(lambda _: Page((), None), host.qdash.artifacts)
    with zipfile.ZipFile(io.BytesIO(b"".join(pieces))) as archive:
        return "\n".join(archive.read(name).decode() for name in archive.namelist())


class Folder(Format):
    """Format of a plugin with two files."""

    name = "folder"
    title = "two files"

    def write(self, _chip: Chip, folder: Path) -> list[Path]:
        files = [folder / "a.txt", folder / "b.txt"]
        for file in files:
            file.write_text("value")
        return files


def export_folder(host: Host, _owner: TestClient) -> str:
    chip = host.qdash.get(RELEASES).show(ADMIN, "lab", "one").chip
    return str(write_chip(chip, Folder(), WHOLE_CHIP, now=START).files)


SURFACES: dict[str, Callable[[Host, TestClient], str]] = {
    "response": read_headers("/chips/lab"),
    "error": read_headers("/chips/nothing"),
    "response without a login": read_headers("/ready"),
    "prometheus": read("/prometheus"),
    "digest": read("/chips/lab/digest"),
    "digest as text": read("/chips/lab/digest-page?format=text"),
    "digest as Markdown": read("/chips/lab/digest-page?format=markdown"),
    "digest as HTML": read("/chips/lab/digest-page?format=html"),
    "sent digest": send_digest,
    "notice": make_notice_title,
    "comparison": read("/chips/lab/comparison?before=release:one"),
    "report": read("/chips/lab/report?format=markdown"),
    "report of a release": read("/chips/lab/releases/one/report?format=markdown"),
    "context": read("/chips/lab/context"),
    "context as Markdown": read("/chips/lab/context-page"),
    "release": read("/chips/lab/releases/one"),
    "release comparison": read("/chips/lab/release-comparison?first=one&second=now"),
    "export as JSON": read("/chips/lab/export?format=json"),
    "export as YAML": read("/chips/lab/export?format=yaml"),
    "export as a table": read("/chips/lab/export?format=csv"),
    "export as an archive": read("/chips/lab/export?format=zip"),
    "export as a device": read("/chips/lab/export?format=device"),
    "export as a device topology": read("/chips/lab/export?format=device-topology"),
    "export as a folder": export_folder,
    "export of a release": read("/chips/lab/releases/one/export?format=json"),
    "archive of results": archive_results,
    "notebook": open_notebook,
    "notebook on a host": open_notebook_of_host,
}


class Listener:
    """Notifier that accepts every notice."""

    name = "listener"

    def notify(self, _notice: object) -> None:
        return


@contextmanager
def run_calibrated_host(folder: Path, registry: Registry, *, start: datetime | None) -> Iterator[Host]:
    """Run a host whose home has one calibrated chip and a release of it, and a simulated clock if it has a start."""
    settings = Settings(home=folder / "home", timezone="Europe/Zurich")
    with open_qdash(settings, registry, simulated_clock=start) as opened:
        opened.get(CHIPS).create(ADMIN, "lab", LINE, backend="fake")
        set_device_values(opened, "default", "lab")
        opened.get(RELEASES).create(ADMIN, "lab", "one")
    with run_host(settings, registry) as host:
        host.qdash.__dict__["notifiers"] = [Listener()]
        yield host
    close_clock(open_clock(folder))  # this process has the clock of the machine again


def read_surfaces(folder: Path, registry: Registry, *, start: datetime | None) -> dict[str, str]:
    with run_calibrated_host(folder, registry, start=start) as host:
        owner = host.connect_as("owner")
        return {name: surface(host, owner) for name, surface in SURFACES.items()}


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory, registry: Registry) -> dict[str, str]:
    """Texts of the surfaces of a home with a simulated clock."""
    return read_surfaces(tmp_path_factory.mktemp("simulated"), registry, start=START)


@pytest.fixture(scope="module")
def ordinary(tmp_path_factory: pytest.TempPathFactory, registry: Registry) -> dict[str, str]:
    """Texts of the surfaces of an ordinary home."""
    return read_surfaces(tmp_path_factory.mktemp("ordinary"), registry, start=None)


@each_case("surface", SURFACES)
def test_a_surface_says_that_its_time_is_simulated(simulated: dict[str, str], surface: str) -> None:
    assert SAID.search(simulated[surface]), simulated[surface]


@each_case("surface", SURFACES)
def test_a_surface_of_an_ordinary_home_says_nothing_of_it(ordinary: dict[str, str], surface: str) -> None:
    assert not re.search("simulated.time", ordinary[surface], re.IGNORECASE), ordinary[surface]


@pytest.mark.parametrize(("surface", "field"), [("digest", "until"), ("context", "made_at")])
def test_the_simulated_time_of_a_document_is_the_time_it_was_made_at(
    simulated: dict[str, str], surface: str, field: str
) -> None:
    document = json.loads(simulated[surface])
    assert document["simulated_time"] == document[field]


def test_an_export_is_imported_like_that_of_an_ordinary_home(simulated: dict[str, str]) -> None:
    assert parse_export(simulated["export as JSON"]).simulated_time
    table = read_table(simulated["export as a table"], "lab.csv")
    assert table.seeds
    assert not table.not_understood


def test_a_response_with_ages_is_valid_until_the_clock_of_the_home_advances(
    tmp_path: Path, registry: Registry
) -> None:
    with run_calibrated_host(tmp_path, registry, start=START) as host:
        owner = host.connect_as("owner")
        first = owner.get("/metrics/chips/lab").headers["etag"]
        known = {"if-none-match": first}
        assert owner.get("/metrics/chips/lab", headers=known).status_code == 304
        host.qdash.clock.advance_to(START + timedelta(hours=8))
        later = owner.get("/metrics/chips/lab", headers=known)
        assert later.status_code == 200
        assert later.headers["qdash-simulated-time"].startswith("2026-01-06T08:12:")


def test_a_damaged_clock_is_reported_by_readiness_and_breaks_no_response(
    tmp_path: Path, registry: Registry
) -> None:
    with run_calibrated_host(tmp_path, registry, start=START) as host:
        clock = tmp_path / "home" / CLOCK_FILE
        intact = clock.read_bytes()
        clock.write_bytes(b"123")
        health, docs, ready = (host.client.get(path) for path in ("/health", "/docs", "/ready"))
        clock.write_bytes(intact)
        assert (health.status_code, health.json()["status"]) == (200, "alive")
        assert (docs.status_code, ready.status_code) == (200, 503)
        assert (ready.json()["type"], "clock" in ready.json()["detail"]) == (
            "/problems/store-unavailable",
            True,
        )
        assert "qdash-simulated-time" in host.client.get("/ready").headers
        before = clock.read_bytes()
        assert "qdash-simulated-time" not in host.client.get("/health").headers
        assert clock.read_bytes() == before, "liveness does not touch the clock"

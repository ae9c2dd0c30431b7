"""The digest of a chip over HTTP, as a document and as a page."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from qdash_builtin.chips.feature import CHIPS
from qdash_builtin.digests import service
from qdash_builtin.digests.feature import DIGESTS
from qdash_builtin.digests.formats import write_digest
from qdash_builtin.digests.operations import show_digest
from qdash_builtin.digests.views import DigestDocument
from qdash_core import AnalysisError, CalibConfig, CalibOrchestrator
from qdash_core.models.project import DEFAULT_USER
from qdash_core.operations.local_transport import LocalTransport

from ...api.chip_samples import get_refusal
from ...api.shared_host import clients, editor, host, project, viewer
from ...core.bench import CHIP, LINE, make_backend_by_chip, make_raising, make_registry, make_task

if TYPE_CHECKING:
    from fastapi.testclient import TestClient

    from qdash_core.hooks.manager import Registry

    from ...api.conftest import Host

__all__ = ["clients", "editor", "host", "project", "viewer"]

DIGEST, PAGE = f"/chips/{CHIP}/digest", f"/chips/{CHIP}/digest-page"


@pytest.fixture(scope="module")
def registry() -> Registry:
    broken = make_task("Broken", analyse=make_raising(AnalysisError("no <b>signal</b>")))
    return make_registry([make_task(), broken], [make_backend_by_chip()], http_host=True)


@pytest.fixture
def execution_id(host: Host, project: str) -> str:
    """An execution in which one task succeeded and another one failed."""
    host.qdash.get(CHIPS).create(host.qdash.access(DEFAULT_USER, project), CHIP, LINE, backend="bench")
    session = CalibOrchestrator(
        CalibConfig(username=DEFAULT_USER, chip_id=CHIP, project_id=project), host.qdash
    )
    session.initialize()
    session.run_task("Measure", "0")
    failed = session.run_task("Broken", "1")
    session.complete()
    return failed.execution_id


def test_a_viewer_reads_the_digest_of_a_chip(
    host: Host, project: str, viewer: TestClient, execution_id: str
) -> None:
    answer = viewer.get(DIGEST)
    assert answer.status_code == 200, answer.text
    found = DigestDocument.model_validate(answer.json())
    assert [one.execution_id for one in found.runs] == [execution_id]
    assert [(one.tasks, one.targets) for one in found.failures] == [(["Broken"], ["1"])]
    assert [f" --project {project}" in one.command for one in found.advice] == [True]
    assert "--user" not in found.advice[0].command
    at_home = LocalTransport(host.qdash, "viewer", project).ask(show_digest, CHIP)
    assert at_home.advice[0].command == f"{found.advice[0].command} --user viewer"
    later = viewer.get(DIGEST, params={"since": execution_id}).json()
    assert (later["label"], later["runs"], later["failures"]) == (execution_id, [], [])


def test_an_unchanged_digest_is_made_once(
    host: Host, editor: TestClient, execution_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = editor.get(DIGEST, params={"since": "12h"})
    with monkeypatch.context() as broken:
        broken.setattr(type(host.qdash.get(DIGESTS)), "make", None)
        again = editor.get(DIGEST, params={"since": "12h"})
        known = {"if-none-match": first.headers["etag"]}
        assert editor.get(DIGEST, params={"since": "12h"}, headers=known).status_code == 304
    assert (again.json(), execution_id in again.text) == (first.json(), True)
    editor.post(f"/chips/{CHIP}/qubits/0/exclusion", json={"note": "open line"}).raise_for_status()
    changed = editor.get(DIGEST, params={"since": "12h"}).json()
    assert [(one["target"], one["note"]) for one in changed["set_aside"]] == [("0", "open line")]


def test_the_digest_of_a_running_run_is_made_at_intervals_and_after_other_events(
    host: Host, project: str, editor: TestClient, execution_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "REMADE_S", 1e12)
    config = CalibConfig(username=DEFAULT_USER, chip_id=CHIP, project_id=project)
    session = CalibOrchestrator(config, host.qdash)
    session.initialize()
    try:
        first = editor.get(DIGEST)
        session.run_task("Measure", "0")
        versions = [first.headers["etag"], editor.get(DIGEST).headers["etag"]]
        assert versions[0] == versions[1]
        editor.post(f"/chips/{CHIP}/qubits/1/exclusion", json={"note": "open line"}).raise_for_status()
        changed = editor.get(DIGEST)
        assert [one["target"] for one in changed.json()["set_aside"]] == ["1"]
        monkeypatch.setattr(service, "REMADE_S", 1e-6)
        versions += [one.headers["etag"] for one in (changed, editor.get(DIGEST), editor.get(DIGEST))]
        assert len({*versions}) == 4
        assert len(editor.get(DIGEST).json()["runs"]) == 2, execution_id
    finally:
        session.complete()


def test_the_digest_is_text_markdown_or_a_page_without_scripts(
    host: Host, project: str, viewer: TestClient, execution_id: str
) -> None:
    page = viewer.get(PAGE)
    assert page.status_code == 200, page.text
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert page.headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "script-src" not in page.headers["content-security-policy"]
    assert execution_id in page.text
    assert "<b>signal" not in page.text
    text = viewer.get(PAGE, params={"format": "text"})
    assert text.headers["content-type"] == "text/plain; charset=utf-8"
    made = host.qdash.get(DIGESTS).make(host.qdash.access("viewer", project), CHIP)
    assert text.text.splitlines()[2:8] == write_digest(made, host.qdash.zone, "text").splitlines()[2:8]
    markdown = viewer.get(PAGE, params={"format": "markdown"})
    assert markdown.headers["content-type"] == "text/markdown; charset=utf-8"
    assert markdown.text.startswith("# Digest of ")


@pytest.mark.usefixtures("execution_id")
def test_a_start_that_is_no_past_point_is_refused(viewer: TestClient) -> None:
    for path in (DIGEST, PAGE):
        assert "'soon' is not a point in time" in get_refusal(viewer.get(path, params={"since": "soon"}), 422)
        assert "in the future" in get_refusal(viewer.get(path, params={"since": "2100-01-01 08:00"}), 422)
        refused = get_refusal(viewer.get(path, params={"since": "last-night", "until": "now"}), 422)
        assert "names a whole night" in refused
        get_refusal(viewer.get(path, params={"since": "release:none"}), 404)
        get_refusal(viewer.get(path, params={"since": "20000101-000"}), 404)
    get_refusal(viewer.get(PAGE, params={"format": "pdf"}), 422)


def test_the_chip_of_another_project_appears_not_to_exist(
    host: Host, viewer: TestClient, execution_id: str
) -> None:
    stranger = host.connect_as("owner")  # in another project
    for path in (DIGEST, PAGE):
        assert viewer.get(path).status_code == 200
        other = get_refusal(stranger.get(path, params={"since": execution_id}), 404)
        assert other == get_refusal(stranger.get(f"/chips/{CHIP}"), 404)

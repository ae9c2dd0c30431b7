"""Two projects of one host: for a member of one, the records of the other do not exist, under any id in path, query or body."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from qdash_api.openapi import iter_operations
from qdash_builtin.people.feature import PROJECTS, TOKENS, USERS
from qdash_core.hooks.manager import load_plugins
from qdash_core.models.execution import ExecutionModel
from qdash_core.models.project import DEFAULT_USER, ProjectRole
from qdash_core.models.token import TokenScope
from qdash_core.models.value_change import ValueScopeModel
from qdash_core.repositories.executions import ExecutionRepository
from qdash_core.repositories.repositories import Repositories
from qdash_core.repositories.schema import COLLECTIONS
from qdash_core.repositories.value_changes import ValueScopeRepository
from qdash_core.settings import Settings

from ..scripted_assistant import AssistantPlugin, ScriptedAssistant
from .chip_samples import NOON, make_chip, measure
from .conftest import Host, run_host
from .http_requests import Answer, send_request

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_FLOW = 'def night(chip_id: str):\n    """Measure at night."""\n'
_MISSING = {
    "chip_id": "z", "chip": "z", "task_id": "q7", "execution_id": "e7", "issue_id": "77", "name": "dusk1", "number": "77",
    "seq": "77", "version": "1", "conversation_id": "0123456789ab", "root": "tree", "project_id": "lab", "qid": "0",
    "coupling_id": "0-1", "cooldown_id": "cd7", "cryo_id": "K-7", "metric_key": "t1", "metric": "t1", "message": "1",
    "proposal": "p1", "username": "editor", "day": "2020-01-01", "other_day": "2020-01-02", "target": "0", "q": "new",
    "path": "a.yaml", "targets": "0", "strategy": "best", "flow_run_id": "f7", "scope": "qubit", "target_id": "0",
}  # fmt: skip
"""Names that no record has, by parameter, and values of other parameters."""
_RECORDS = ("chip_id", "chip", "task_id", "execution_id")
"""Parameters and fields that name a record wherever they are."""
_ALSO = {
    "chip_ids": "chip_id", "execution_ids": "execution_id", "first": "task_id", "second": "task_id", "subject": "task_id",
    "other_chip_id": "chip_id", "after_result": "task_id", "rerun_of": "task_id", "cooldown_id": "cooldown_id",
}  # fmt: skip
"""Other parameters with such names."""
_NEW = ("/chips", "/chips/import", "/cryostats", "/cooldowns", "/plugins/fake/twins")
"""Paths whose bodies name a new record."""


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    folder = tmp_path_factory.mktemp("two")
    (folder / "config").mkdir()
    settings = Settings(
        home=folder / "home",
        flow_authors="editors",
        assistant="scripted",
        file_roots={"config": {"path": folder / "config", "projects": ["default"]}},
    )
    plugins = {"script": AssistantPlugin(ScriptedAssistant())}
    with run_host(settings, load_plugins(extra=plugins)) as found:
        yield found


@pytest.fixture(scope="module")
def theirs(host: Host) -> Mapping[str, str]:
    """Names of records of project `default`, by parameter."""
    client, qdash = host.connect_as("editor"), host.qdash
    project_id = qdash.access("editor").project_id
    qdash.get(PROJECTS).create("cold", username="owner")

    def make(method: str, path: str, **body: Any) -> Any:
        made = client.request(method, path, json=body)
        assert made.is_success, made.text
        return made.json() if made.content else None

    make_chip(client)
    measure(qdash, project_id, 0)
    shared = {"project_id": project_id, "username": "editor", "chip_id": "a"}
    with qdash.store.transaction() as transaction:
        repositories = Repositories(transaction)
        repositories.of(ExecutionRepository).add(
            ExecutionModel(**shared, execution_id="e", name="check", start_at=NOON)
        )
        repositories.of(ValueScopeRepository).put(ValueScopeModel(**shared, name="night"))
    issue = make("POST", "/issues", title="no decay", task_id="r0")
    make("PUT", "/flows/night", source=_FLOW)
    make("POST", "/tags", name="night")
    make("POST", "/chips/a/releases", name="night")
    make("PUT", "/chips/a/note", content="new package")
    when = {"kind": "interval", "every_s": 3600}
    make("POST", "/timetables", name="night", digest={"chip_id": "a", "since": "12h"}, when=when)
    conversation = make("POST", "/conversations", chip_id="a")
    return _MISSING | {
        "chip_id": "a", "chip": "a", "task_id": "r0", "execution_id": "e", "issue_id": str(issue["issue_id"]), "name": "night",
        "number": "1", "seq": "1", "conversation_id": conversation["conversation_id"], "root": "config",
        "project_id": "cold",
    }  # fmt: skip


def find_sample(document: Mapping[str, Any], described: Mapping[str, Any]) -> Any:
    """Return the sample of the body of an operation, or None if it has no JSON."""
    content = described.get("requestBody", {}).get("content", {}).get("application/json", {})
    name = content.get("schema", {}).get("$ref", "").rpartition("/")[2]
    return next(iter(document["components"]["schemas"].get(name, {}).get("examples", ())), None)


def fill(sample: Any, names: Mapping[str, str], key: str = "") -> Any:
    """Return a body with names of records in place of those of its sample."""
    if isinstance(sample, dict):
        return {name: fill(one, names, _ALSO.get(name, name)) for name, one in sample.items()}
    if isinstance(sample, list):
        return [fill(one, names, key) for one in sample]
    return names[key] if isinstance(sample, str) and key in _RECORDS else sample


def list_asked(described: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """Return the query of an operation with names of records, and with all that it needs."""
    asked = {one["name"]: one for one in described.get("parameters", ()) if one["in"] == "query"}
    return "&".join(
        f"{name}={names[key]}"
        for name, key in ((name, _ALSO.get(name, name)) for name in asked)
        if key in names and (key in _RECORDS or asked[name]["required"])
    )


class MemberOfAnotherProject:
    """Member of another project of a host; sends each request with the names of its records."""

    def __init__(self, host: Host, document: Mapping[str, Any]) -> None:
        self._client, self._document = host.client, document
        host.qdash.get(USERS).create("stranger", by=DEFAULT_USER)
        host.qdash.get(PROJECTS).create("elsewhere", username="stranger")
        secret, _ = host.qdash.get(TOKENS).create("stranger", "all", scope=TokenScope.ADMIN)
        self._headers = {
            "authorization": f"Bearer {secret}",
            "x-project-id": "elsewhere",
            "content-type": "application/json",
        }

    def list_operations(self) -> list[tuple[str, str, dict[str, Any]]]:
        """Return path, method and description of each operation that needs a role in the project."""
        return [
            (path, method, described)
            for path, method, described in iter_operations(self._document)
            if described["x-needs"] in list(ProjectRole) and path not in _NEW
        ]

    def ask(self, operation: tuple[str, str, dict[str, Any]], names: Mapping[str, str]) -> Answer:
        """Send the request of an operation with these names in path, query and body."""
        path, method, described = operation
        body = find_sample(self._document, described)
        return send_request(
            self._client,
            method,
            re.sub(r"\{(\w+)[^}]*\}", lambda part: names[part[1]], path),
            self._headers,
            query=list_asked(described, names),
            body=b"" if body is None else json.dumps(fill(body, names)).encode(),
        )


@pytest.fixture(scope="module")
def stranger(host: Host, theirs: Mapping[str, str], document: dict[str, Any]) -> MemberOfAnotherProject:
    assert set(theirs) == set(_MISSING)
    return MemberOfAnotherProject(host, document)


def list_documents(host: Host) -> list[Any]:
    """Return all documents of project `default`, except users."""
    with host.qdash.store.read() as snapshot:
        return [
            one
            for kind in COLLECTIONS
            for one in snapshot.find(kind, {})
            if one.get("project_id") == "default"
        ]


def test_a_member_of_another_project_reaches_no_record(
    host: Host, stranger: MemberOfAnotherProject, theirs: Mapping[str, str]
) -> None:
    before = list_documents(host)
    assert len(before) > len(theirs) / 2
    reached, hidden = [], 0
    for operation in stranger.list_operations():
        answer = stranger.ask(operation, theirs)
        hidden += answer.status in (403, 404)
        if (answer.status < 400 and "no decay" in answer.text) or answer.status >= 500:
            reached.append((operation[:2], answer.status, answer.text))
    assert reached == []
    assert hidden > 200
    assert list_documents(host) == before


@pytest.mark.slow
def test_a_record_of_another_project_is_as_absent_as_one_that_does_not_exist(
    stranger: MemberOfAnotherProject, theirs: Mapping[str, str]
) -> None:
    told_apart = []
    for operation in stranger.list_operations():
        hidden, missing = (stranger.ask(operation, names).status for names in (theirs, _MISSING))
        if hidden != missing:
            told_apart.append((operation[:2], hidden, missing))
    assert told_apart == []

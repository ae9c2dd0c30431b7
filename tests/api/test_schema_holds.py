"""Conformance of all responses to the OpenAPI document, for valid and invalid requests (Schemathesis)."""

from __future__ import annotations

from collections import Counter
from copy import deepcopy
from itertools import islice
from typing import TYPE_CHECKING, Any

import pytest
from httpx2 import InvalidURL
from hypothesis import HealthCheck, Phase, given, reject, settings, strategies
from hypothesis import seed as seeded

from ..lazy_modules import LazyModule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastapi.testclient import TestClient
    from schemathesis import Case

schemathesis = LazyModule("schemathesis")
checks, openapi_checks = LazyModule("schemathesis.checks"), LazyModule("schemathesis.specs.openapi.checks")
failures = LazyModule("schemathesis.core.failures")

REFUSED = [400, 401, 403, 404, 405, 409, 412, 413, 414, 415, 422, 423, 424, 429]
"""Statuses of refusals; a schema cannot express every refusal."""
CONFIG = {
    "checks": {
        "negative_data_rejection": {"expected-statuses": REFUSED},
        "positive_data_acceptance": {"expected-statuses": ["2xx", "3xx", *REFUSED]},
    }
}
CHECKS = (
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "missing_required_header",
    "negative_data_rejection",
    "positive_data_acceptance",
)
NOT_ASKED = {"log_out", "leave_project"}
"""Operations after which the caller has no access."""
IN_HAND = {
    "chip_id": "a",
    "chip": "a",
    "qid": "0",
    "coupling_id": "0-1",
    "project_id": "default",
    "username": "viewer",
    "metric_key": "t1",
    "name": "CheckT1",
}
"""Ids of existing objects, so that some requests find them."""


def select_operations(document: dict[str, Any], every: int) -> set[str]:
    """Return the ids of the operations that end, for every n-th path."""
    return {
        operation["operationId"]
        for methods in islice(document["paths"].values(), 0, None, every)
        for operation in methods.values()
        if "text/event-stream" not in str(operation["responses"])
    } - NOT_ASKED


def iter_operations(document: dict[str, Any], every: int) -> Iterator[Any]:
    """Yield the operations that end, for every n-th path, without random projects and tokens."""
    document = deepcopy(document)
    ids = select_operations(document, every)
    document["paths"] = dict(islice(document["paths"].items(), 0, None, every))
    for methods in document["paths"].values():
        for operation in methods.values():
            operation["security"] = []
            operation["parameters"] = [
                one for one in operation.get("parameters", ()) if one["name"] != "X-Project-Id"
            ]
    config = schemathesis.Config.from_dict(CONFIG)
    for result in schemathesis.openapi.from_dict(document, config=config).get_all_operations():
        operation = result.ok()
        if operation.definition.raw["operationId"] in ids:
            yield operation


def make_cases(operation: Any) -> strategies.SearchStrategy[Case]:
    """Return requests of an operation: valid ones, some with existing ids, and invalid ones."""
    named = {one.name for one in operation.path_parameters}
    kinds = [operation.as_strategy()]
    if named and named <= IN_HAND.keys() and operation.method != "delete":
        kinds.append(operation.as_strategy(path_parameters={name: IN_HAND[name] for name in named}))
    if operation.body or operation.query:
        kinds.append(operation.as_strategy(generation_mode=schemathesis.GenerationMode.NEGATIVE))
    return strategies.one_of(kinds)


def send_case(case: Case, client: TestClient) -> int:
    """Send a request, validate the response against the document, and return its status."""
    given = case.as_transport_kwargs(base_url="http://testserver")
    data = given.pop("data", None)
    if isinstance(data, (str, bytes)):
        given["content"] = data
    elif data is not None:
        given["data"] = data
    given.pop("cookies", None)
    given["headers"] = {name: value.encode("latin-1") for name, value in (given["headers"] or {}).items()}
    answer = client.request(**given)
    every = [checks.not_a_server_error, *(getattr(openapi_checks, name) for name in CHECKS)]
    case.validate_response(answer, checks=every)
    return answer.status_code


def find_violations(
    client: TestClient, operation: Any, *, examples: int, seed: int
) -> tuple[list[str], Counter[int]]:
    """Return the violations of the document in a number of examples of an operation, with the counts of each
    status.
    """
    found: list[str] = []
    statuses: Counter[int] = Counter()

    @seeded(seed)
    @settings(
        max_examples=examples,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=make_cases(operation))
    def asking(case: Case) -> None:
        try:
            statuses[send_case(case, client)] += 1
        except InvalidURL:  # longer than any client sends
            reject()
        except (failures.Failure, failures.FailureGroup) as failure:
            several = failure.exceptions if isinstance(failure, failures.FailureGroup) else [failure]
            found.extend(f"{operation.label}: {one}\n{case.as_curl_command()}" for one in several)

    asking()
    return found[:3], statuses


def check_operations(
    document: dict[str, Any], client: TestClient, *, examples: int, seed: int, every: int = 1
) -> Counter[int]:
    """Test all operations, or a part of them, and return the counts of each status."""
    found: list[str] = []
    done: set[str] = set()
    statuses: Counter[int] = Counter()
    for operation in iter_operations(document, every):
        wrong, answered = find_violations(client, operation, examples=examples, seed=seed)
        assert wrong or answered, f"{operation.label} was not asked at all"
        done.add(operation.definition.raw["operationId"])
        found += wrong
        statuses += answered
    assert not found, "\n\n".join(found)
    assert done == select_operations(document, every)
    assert len(done) > 130 / every, "the greater part of the routes"
    return statuses


@pytest.fixture
def chip(editor: TestClient) -> str:
    answer = editor.post("/plugins/fake/twins", json={"chip_id": "a", "device": "linear-2"})
    assert answer.status_code == 201
    return "a"


@pytest.mark.usefixtures("chip")
@pytest.mark.slow  # `test_reads` compares a few answers quickly
def test_responses_to_an_editor_match_the_openapi_document(
    document: dict[str, Any], editor: TestClient
) -> None:
    statuses = check_operations(document, editor, examples=2, seed=20261121, every=10)
    assert statuses[200] >= 4, statuses


@pytest.mark.release
@pytest.mark.usefixtures("chip")
@pytest.mark.parametrize("role", ["editor", "viewer"])
def test_responses_to_many_requests_match_the_openapi_document(
    document: dict[str, Any], role: str, request: pytest.FixtureRequest
) -> None:
    statuses = check_operations(document, request.getfixturevalue(role), examples=6, seed=1)
    assert statuses[200] > 100, statuses
    assert statuses[401] < 50, statuses  # of logins

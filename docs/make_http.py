"""Generator of the tables of `docs/http.md`, from the OpenAPI document of the host."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from docs.docstrings import make_cell
from qdash_api.problems import STATUSES
from qdash_core.errors import QDashError

PAGE = Path(__file__).with_name("http.md")
DOCUMENT = Path(__file__).parents[1] / "packages/qdash-remote/openapi.json"

_OTHERS = (
    ("set-up-needed", 401, "No user has a password yet: use the set-up link"),
    ("method-not-allowed", 405, "The path exists, but does not support the method"),
    ("too-large", 413, "The body is too large; 431: the headers are"),
    ("busy", 503, "The process serves its maximum number of connections: try again later"),
    ("ending", 503, "The host is shutting down: check whether a change was made, and try again later"),
)
"""Problems that no error of the core stands for."""
REFERENCE = (
    ("GET /chips/{chip_id}", "show_chip"),
    ("PATCH /chips/{chip_id} (topology_id, note)", "edit_chip"),
    ("DELETE /chips/{chip_id}, ?force=true", "delete_chip"),
    ("GET /chips/{chip_id}/deletion-impact", "deletion_impact"),
    ("PUT /chips/{chip}/qubits/{qid}/note", "note_qubit"),
    ("PUT /chips/{chip}/couplings/{coupling_id}/note", "note_coupling"),
    ("PUT /chips/{chip}/qubits/{qid}/metric-notes/{metric_key}", "note_metric_of_qubit"),
    ("PUT /chips/{chip}/couplings/{coupling_id}/metric-notes/{metric_key}", "note_metric_of_coupling"),
    ("PUT /task-results/{task_id}/note", "note_result"),
    ("GET /chips/{chip_id}/note-events", "note_events_of_chip"),
    ("GET /note-events/by-target?scope=&target_id=", "note_events_of_target"),
    ("GET /note-events/search?q=", "search_note_events"),
    ("/cryostats: list", "list_cryostats"),
    ("/cryostats: create", "create_cryostat"),
    ("/cryostats: read", "show_cryostat"),
    ("/cryostats: update", "edit_cryostat"),
    ("/cryostats: delete", "delete_cryostat"),
    ("/cooldowns: list", "list_cooldowns"),
    ("/cooldowns: create", "create_cooldown"),
    ("/cooldowns: read", "show_cooldown"),
    ("/cooldowns: update", "edit_cooldown"),
    ("/cooldowns: delete", "delete_cooldown"),
    ("POST /cooldowns/{cooldown_id}/chips/{chip_id}", "assign_chip"),
    ("DELETE /cooldowns/{cooldown_id}/chips/{chip_id}", "unassign_chip"),
    ("POST /executions/{flow_run_id}/cancel", "cancel_execution"),
)
"""Every endpoint that the original system names, and the operation that serves it."""


def make_page() -> str:
    """Return the text of `docs/http.md` with its tables."""
    text, document = PAGE.read_text("utf-8"), read_document()
    tables = {"problems": problems(), "routes": routes(document), "reference": reference(document)}
    for name, table in tables.items():
        mark = f"<!-- table of {name} -->\n"
        assert text.count(mark) == 1, f"http.md has no place for its table of {name}"
        text = text.replace(mark, table)
    return text


def read_document() -> dict[str, Any]:
    """Return the OpenAPI document of the host, which a test compares with its routes."""
    document: dict[str, Any] = json.loads(DOCUMENT.read_text("utf-8"))
    return document


def problems() -> str:
    """Return the rows of every problem."""
    rows = [
        f"| `/problems/{kind}` | {status} | {_why(error)} |" for error, (status, kind) in STATUSES.items()
    ]
    return "\n".join(
        [*rows, *(f"| `/problems/{kind}` | {status} | {why} |" for kind, status, why in _OTHERS), ""]
    )


def _why(error: type[Exception]) -> str:
    if error is QDashError:
        return "Something that the host did not expect: its logs say more, by the id of the request"
    return (error.__doc__ or "").strip().partition("\n")[0].rstrip(".")


def routes(document: dict[str, Any]) -> str:
    """Return the table of every operation, by tag."""
    lines: list[str] = []
    tag = ""
    for path, method, operation in _operations(document):
        if operation["tags"][0] != tag:
            tag = operation["tags"][0]
            lines += [
                "",
                f"### {tag}",
                "",
                "| route | operation | does | takes → answers | needs |",
                "|---|---|---|---|---|",
            ]
        lines.append(
            f"| `{method} {path}` | `{operation['operationId']}` | {make_cell(operation['summary'])} "
            f"| {make_cell(_exchange(operation))} | {operation['x-needs']} |"
        )
    return "\n".join([*lines, "", ""])


def reference(document: dict[str, Any]) -> str:
    """Return the table of what the original names beside what serves it."""
    known = {one["operationId"]: (method, path) for path, method, one in _operations(document)}
    lines = ["| the original | is served by | operation |", "|---|---|---|"]
    for named, operation in REFERENCE:
        method, path = known[operation]
        lines.append(f"| `{named}` | `{method} {path}` | `{operation}` |")
    return "\n".join(["", *lines, "", ""])


def _operations(document: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    found = [
        (path, method.upper(), operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]
    order = list(dict.fromkeys(operation["tags"][0] for _, _, operation in found))
    return sorted(found, key=lambda one: order.index(one[2]["tags"][0]))


def _exchange(operation: dict[str, Any]) -> str:
    """Return body, and what is answered, by the names of their schemas."""
    body = _content(operation.get("requestBody", {}))
    status, answer = next((status, one) for status, one in operation["responses"].items() if status[0] == "2")
    answered = _content(answer) or "nothing"
    headers = {one["name"].lower() for one in operation.get("parameters", ()) if one["in"] == "header"}
    marks = [
        mark
        for name, mark in (("if-match", "If-Match"), ("idempotency-key", "Idempotency-Key"))
        if name in headers
    ]
    told = f"{body} → {answered}" if body else f"→ {answered}"
    return (
        told
        + (f" ({status})" if status not in ("200", "204") else "")
        + "".join(f", {mark}" for mark in marks)
    )


def _content(part: dict[str, Any]) -> str:
    for media_type, content in part.get("content", {}).items():
        name: str = content.get("schema", {}).get("$ref", "").rpartition("/")[2]
        return f"`{name or media_type}`"
    return ""

"""Texts of actions: their targets and values in words, and the digest of the state that they depend on."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from qdash_core.assistants.proposal_actions.action import Outcome
from qdash_core.models.base import as_json_text
from qdash_core.models.quantities import format_quantity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_core.models.access import Access
    from qdash_core.models.chip import ParameterModel
    from qdash_core.models.task import TaskResultModel


def name_targets(targets: Sequence[str]) -> str:
    """Return targets with their kind: `qubits 0, 1`."""
    couplings = sum("-" in one for one in targets)
    kind = "coupling" if couplings == len(targets) else "target" if couplings else "qubit"
    return f"{kind}{'s' if len(targets) > 1 else ''} {', '.join(targets)}"


def write_value(value: ParameterModel | None) -> str:
    """Return a value with its error and unit."""
    return "no value" if value is None else format_quantity(float(value.value), value.error, value.unit)


def write_json(value: object) -> str:
    """Return options or parameters of a task as they are written."""
    return as_json_text(value).decode()


def make_basis(state: object) -> str:
    """Return the digest of the state that a proposal depends on."""
    return hashlib.sha256(as_json_text(state)).hexdigest()[:16]


def make_result_outcome(access: Access, result: TaskResultModel, text: str) -> Outcome:
    """Return an outcome with the links of a result."""
    return Outcome(
        text, make_route("task-results", result.task_id), make_page("result", access, result=result.task_id)
    )


def make_route(*parts: str) -> str:
    """Return a path of the host."""
    return "".join(f"/{quote(part, safe='')}" for part in parts)


def make_page(page: str, access: Access, **query: str) -> str:
    """Return the path of a page of the dashboard."""
    return f"{page}?{urlencode({'project': access.project_id, **query})}"

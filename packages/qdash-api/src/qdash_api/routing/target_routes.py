"""Routes of operations on a target: one for qubits, and one for couplings."""

from __future__ import annotations

import inspect
from dataclasses import replace
from functools import wraps
from typing import TYPE_CHECKING, Any

from qdash_core.models.targets import parse_coupling_id, parse_qubit_id
from qdash_core.operations.path_parts import CouplingId, Qid

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from qdash_core.operations.operation import Operation, Operations

_PARTS: dict[str, tuple[str, Any, Callable[[str], str]]] = {
    "qubit": ("qid", Qid, parse_qubit_id),
    "coupling": ("coupling_id", CouplingId, parse_coupling_id),
}
"""Name, type and parser of the id in a path, by the kind of target."""


def list_routed(operations: Operations) -> list[Operation[..., Any]]:
    """Return the operations of a resource as routes perform them: those on a target, `{kind}s/{target}`, once for each kind."""
    return [
        routed
        for one in operations.declared
        for routed in (_split(one) if "{kind}s/{target}" in one.path else (one,))
    ]


def _split(operation: Operation[..., Any]) -> Iterator[Operation[..., Any]]:
    for kind, (name, _, _) in _PARTS.items():
        path = operation.path.replace("{kind}s/{target}", f"{kind}s/{{{name}}}")
        yield replace(operation, path=path, function=_restrict(operation.function, kind))


def _restrict(function: Callable[..., Any], kind: str) -> Callable[..., Any]:
    """Return the function of an operation for one kind of target, which names it."""
    name, part, parse = _PARTS[kind]

    @wraps(function)
    def perform(*call: Any, **given: Any) -> Any:
        return function(*call, target=parse(given.pop(name)), **given)

    signature = inspect.signature(function)
    perform.__name__ = function.__name__.replace("target", kind)
    perform.__doc__ = (function.__doc__ or "").replace("a qubit or coupling", f"a {kind}")
    perform.__annotations__ = {**function.__annotations__, name: part}
    perform.__signature__ = signature.replace(  # type: ignore[attr-defined]
        parameters=[
            one.replace(name=name) if one.name == "target" else one for one in signature.parameters.values()
        ]
    )
    return perform

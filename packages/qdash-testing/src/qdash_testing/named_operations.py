"""Operations of installed features by name, performed on an open home to prepare a test."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qdash_core.operations.local_transport import LocalTransport
from qdash_core.operations.parameters import Place, list_parameters

if TYPE_CHECKING:
    from qdash_core.runtime.application import QDash


def perform(
    qdash: QDash,
    operation_name: str,
    /,
    *given: str,
    user: str,
    project: str | None = None,
    **fields: object,
) -> Any:
    """Perform the operation with this name, and return its answer.

    `given` are the values of the parameters of its path, `fields` those of its body, as JSON has them. `project` is
    None for the user's default project.
    """
    operation = next(
        one for group in qdash.registry.operations() for one in group.declared if one.name == operation_name
    )
    bodies = [
        one.model.model_validate(fields) for one in list_parameters(operation) if one.place is Place.BODY
    ]
    transport: Any = LocalTransport(qdash, user, project)
    return transport.ask(operation, *given, *bodies)

"""Values of users in the units of their quantities, and the names of results that no task has made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.values.gate import ValueDefinition, admit, check_each, state_unit

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from qdash_core.models.estimates import Parameter


MANUAL_TASK = "SetValues"
"""Task name of the results that record values set by hand."""
IMPORT = "import"
"""Name of import executions and of their results, which no task has made."""


def admit_values(
    values: Mapping[str, object],
    definitions: Mapping[str, ValueDefinition],
    problems: Iterable[str] = (),
) -> dict[str, Parameter]:
    """Return values of users in the units of their quantities; one without a unit is in that unit, also a plain number.

    Raises
    ------
    InvalidInputError
        If there are problems, or values do not pass `values.gate.admit`; the message names all.
    """

    def check(name: str, given: object) -> Parameter:
        declared = definitions[name]
        return admit(name, state_unit(name, given, declared), declared)

    return check_each(values, check, problems)

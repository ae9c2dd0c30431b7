"""Services of values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_builtin.values.connected_qubits import find_connected_qubits
from qdash_builtin.values.feature import VALUES
from qdash_builtin.values.measured_chips import refuse_while_measured
from qdash_builtin.values.service import ValueService
from qdash_core.chips.design import DESIGN_UNITS
from qdash_core.locks.liveness import is_live

if TYPE_CHECKING:
    from qdash_builtin.values.adoption import AdoptionService
    from qdash_builtin.values.proposal import AcceptAction, RejectAction
    from qdash_builtin.values.value_scopes import ValueScopeService
    from qdash_core.models.access import Access
    from qdash_core.runtime.application import QDash


def open_values(qdash: QDash) -> ValueService:
    """Open the service for the values of chips."""
    return ValueService(
        qdash.store,
        qdash.zone,
        definitions=qdash.registry.output_parameters,
        units=qdash.registry.units,
        find_connected_qubits=find_connected_qubits,
        design_units=DESIGN_UNITS,
        value_sets=lambda: qdash.registry.value_declarations().sets,
        refuse_while_measured=lambda repositories, project_id, chip_id: refuse_while_measured(
            repositories, project_id, chip_id, is_live
        ),
        judge=qdash.judge,
        status_rules=lambda: qdash.status_rules,
    )


def open_adoptions(qdash: QDash) -> AdoptionService:
    """Open the service for the adoption of simulated values."""
    from qdash_builtin.values.adoption import AdoptionService

    return AdoptionService(qdash.store, qdash.zone, status_rules=lambda: qdash.status_rules)


def open_value_scopes(qdash: QDash) -> ValueScopeService:
    """Open the service for value scopes."""
    from qdash_builtin.values.value_scopes import ValueScopeService

    return ValueScopeService(qdash.store, qdash.zone, status_rules=lambda: qdash.status_rules)


def make_acceptance_action(qdash: QDash) -> AcceptAction:
    """Return the action that proposes acceptances of results."""
    from qdash_builtin.values.proposal import AcceptAction

    return AcceptAction(qdash.store, qdash.get(VALUES))


def make_rejection_action(qdash: QDash) -> RejectAction:
    """Return the action that proposes rejections of results."""
    from qdash_builtin.values.proposal import RejectAction

    return RejectAction(qdash.store, qdash.get(VALUES))


def find_cited_change(qdash: QDash, access: Access, name: str) -> tuple[str, str] | None:
    """Return the id and a title of a cited change of values, `CHIP/NUMBER`."""
    chip_id, _, number = name.rpartition("/")
    if not (number.isascii() and number.isdigit()):
        return None
    event = qdash.get(VALUES).show_event(access, int(number))
    if event.head.chip_id != chip_id:
        return None
    return f"{chip_id}/{event.number}", f"change {event.number} of values of {chip_id}"

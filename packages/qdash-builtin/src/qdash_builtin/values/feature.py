"""Feature of decisions on values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.features.declarations import Feature, NameList, RecordKind, Service, make_event_kinds
from qdash_core.features.sections import Section

if TYPE_CHECKING:
    from qdash_builtin.values.adoption import AdoptionService
    from qdash_builtin.values.service import ValueService
    from qdash_builtin.values.value_scopes import ValueScopeService

ADOPTIONS: Service[AdoptionService] = Service("qdash_builtin.values.composition:open_adoptions")
VALUE_SCOPES: Service[ValueScopeService] = Service("qdash_builtin.values.composition:open_value_scopes")
VALUES: Service[ValueService] = Service("qdash_builtin.values.composition:open_values")

FEATURE = Feature(
    "values",
    requires=("chips",),
    services=(ADOPTIONS, VALUE_SCOPES, VALUES),
    collections=(
        "qdash_builtin.values.collections:RELEASE",
        "qdash_builtin.values.collections:RELEASE_TARGET",
    ),
    proposals=(
        "qdash_builtin.values.composition:make_acceptance_action",
        "qdash_builtin.values.composition:make_rejection_action",
    ),
    names={"scope": NameList("qdash_builtin.values.operations.value_scopes:list_value_scopes", "name")},
    searches=("qdash_builtin.values.search:find_undo",),
    operations=(
        "qdash_builtin.values.operations.value_changes:operations",
        "qdash_builtin.values.operations.value_scopes:operations",
    ),
    commands={
        "values": "qdash_builtin.values.commands.values:values",
        "scope": "qdash_builtin.values.commands.value_scopes:scope",
    },
    sections=(
        Section("qubit", "Changes", "qdash_builtin.values.pages.chip_changes:draw_target_changes", 10),
        Section("coupling", "Changes", "qdash_builtin.values.pages.chip_changes:draw_target_changes", 10),
    ),
    # The events of changes by hand; results of runs have events of their own.
    events=make_event_kinds(
        "value",
        (
            "analysed",
            "set",
            "accepted",
            "rejected",
            "used",
            "trusted",
            "reconfigured",
            "reverted",
            "imported",
            "adopted",
            "converted",
            "committed",
            "undone",
            "discarded",
        ),
        subject="changes",
        address="chip?chip={chip_id}&view=changes",
    ),
    records=(
        RecordKind(
            "value-change",
            "qdash_builtin.values.composition:find_cited_change",
            address="chip?chip={0}&view=changes&event={1}",
            route="value-events/{1}",
            noun="change {1}",
        ),
    ),
    checks=("qdash_builtin.values.units:CHECK",),
)

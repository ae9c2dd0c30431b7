"""Feature of flows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.features.declarations import Feature, FeaturePage, NameList, Service

if TYPE_CHECKING:
    from qdash_builtin.flows.saved_flows import SavedFlows

SAVED_FLOWS: Service[SavedFlows] = Service("qdash_builtin.flows.composition:open_flows")

FEATURE = Feature(
    "flows",
    requires=("runs",),
    services=(SAVED_FLOWS,),
    names={"flow": NameList("qdash_builtin.flows.operations:list_flows", "name")},
    collections=(
        "qdash_builtin.flows.collections:FLOW",
        "qdash_builtin.flows.collections:FLOW_VERSION",
    ),
    searches=("qdash_builtin.flows.search:find_flows",),
    operations=("qdash_builtin.flows.operations:operations",),
    commands={
        "flow": "qdash_builtin.flows.commands:flow",
    },
    pages=(
        FeaturePage(
            "Flows",
            ":material/account_tree:",
            "Flows",
            "flows",
            "qdash_builtin.flows.pages.flows:render",
            place=10,
        ),
    ),
    settings=("qdash_builtin.flows.settings:FlowSettings",),
    user_flows=("qdash_builtin.flows.user_flow_requests:USER_FLOWS",),
)

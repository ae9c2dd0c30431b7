"""Feature of flows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.features import Feature, FeaturePage, NameList, Service

if TYPE_CHECKING:
    from qdash_core.projects.saved_flows import SavedFlows

SAVED_FLOWS: Service[SavedFlows] = Service("qdash_core.services.flows:open_flows")

FEATURE = Feature(
    "flows",
    requires=("runs",),
    services=(SAVED_FLOWS,),
    names={"flow": NameList("qdash_core.resources.flows:list_flows", "name")},
    collections=(
        "qdash_core.flows.collections:FLOW",
        "qdash_core.flows.collections:FLOW_VERSION",
    ),
    operations=("qdash_core.resources.flows:operations",),
    commands={
        "flow": "qdash_core.cli.flows:flow",
    },
    pages=(
        FeaturePage(
            "Flows",
            ":material/account_tree:",
            "Now",
            "flows",
            "qdash_ui_streamlit.pages.flows:render",
            place=60,
        ),
    ),
    settings=("qdash_core.flows.settings:FlowSettings",),
    user_flows=("qdash_core.flows.user_flow_requests:USER_FLOWS",),
)

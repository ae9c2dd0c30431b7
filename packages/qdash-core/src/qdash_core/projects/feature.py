"""Features of people and tags."""

from __future__ import annotations

from qdash_core.features import Feature, FeaturePage

PEOPLE = Feature(
    "people",
    operations=(
        "qdash_core.resources.users:operations",
        "qdash_core.resources.projects:operations",
        "qdash_core.resources.members:operations",
        "qdash_core.resources.audit:operations",
    ),
    commands={
        "user": "qdash_core.cli.users:user",
        "token": "qdash_core.cli.tokens:token",
        "project": "qdash_core.cli.projects:project",
        "member": "qdash_core.cli.members:member",
        "audit": "qdash_core.cli.audit:audit",
    },
    pages=(
        FeaturePage(
            "Projects",
            ":material/folder_shared:",
            "Administration",
            "projects",
            "qdash_ui_streamlit.pages.projects:render",
            place=10,
        ),
        FeaturePage(
            "Members and tokens",
            ":material/group:",
            "Administration",
            "members",
            "qdash_ui_streamlit.pages.members:render",
            place=20,
        ),
        FeaturePage(
            "Audit",
            ":material/policy:",
            "Administration",
            "audit",
            "qdash_ui_streamlit.pages.audit:render",
            place=30,
        ),
    ),
)

TAGS = Feature(
    "tags",
    operations=("qdash_core.resources.tags:operations",),
    commands={
        "tag": "qdash_core.cli.tags:tag",
    },
    pages=(
        FeaturePage(
            "Tags", ":material/sell:", "Laboratory", "tags", "qdash_ui_streamlit.pages.tags:render", place=30
        ),
    ),
)

"""Feature of tags."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.features.declarations import EventKind, Feature, FeaturePage, NameList, Service

if TYPE_CHECKING:
    from qdash_builtin.tags.service import TagService

TAGS: Service[TagService] = Service("qdash_builtin.tags.composition:open_tags")

FEATURE = Feature(
    "tags",
    services=(TAGS,),
    names={"tag": NameList("qdash_builtin.tags.operations:list_tags", "name", parameters=("tags",))},
    searches=("qdash_builtin.tags.search:find_tags",),
    operations=("qdash_builtin.tags.operations:operations",),
    commands={
        "tag": "qdash_builtin.tags.commands:tag",
    },
    pages=(
        FeaturePage(
            "Tags", ":material/sell:", "Logbook", "tags", "qdash_builtin.tags.pages.tags:render", place=50
        ),
    ),
    events=(EventKind("tag.replaced"),),
)

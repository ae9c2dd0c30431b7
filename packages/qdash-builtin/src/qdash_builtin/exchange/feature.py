"""Feature of exports, imports and releases."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.features.declarations import Feature, FeaturePage, NameList, Service, make_event_kinds

if TYPE_CHECKING:
    from qdash_builtin.exchange.releases import ReleaseService
    from qdash_builtin.exchange.service import ExchangeService

RELEASES: Service[ReleaseService] = Service("qdash_builtin.exchange.composition:open_releases")
EXCHANGE: Service[ExchangeService] = Service("qdash_builtin.exchange.composition:open_exchange")

FEATURE = Feature(
    "exchange",
    requires=("chips",),
    services=(
        RELEASES,
        EXCHANGE,
    ),
    names={"release": NameList("qdash_builtin.exchange.operations.releases:list_releases", "name", "note")},
    searches=("qdash_builtin.exchange.search:find_export",),
    operations=(
        "qdash_builtin.exchange.operations.releases:operations",
        "qdash_builtin.exchange.operations.exports:operations",
    ),
    commands={
        "release": "qdash_builtin.exchange.commands.releases:release",
        "export": "qdash_builtin.exchange.commands.chip_files:export",
        "import": "qdash_builtin.exchange.commands.chip_files:import_files",
    },
    pages=(
        FeaturePage(
            "Export",
            ":material/download:",
            "Chip",
            "chip-export",
            "qdash_builtin.exchange.pages.chip_export:render",
            hidden=True,
            place=40,
        ),
        FeaturePage(
            "Import values",
            ":material/upload:",
            "Chip",
            "chip-import",
            "qdash_builtin.exchange.pages.chip_import:render",
            hidden=True,
            place=50,
        ),
    ),
    contributions={"qdash_formats": "qdash_builtin.exchange.views.chip_formats:FORMATS"},
    events=make_event_kinds("release", ("created", "deleted")),
)

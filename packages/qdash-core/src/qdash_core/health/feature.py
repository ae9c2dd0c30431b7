"""Feature of the home: set-up, checks, plugins, settings, store and backups."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.features import Feature, NameList, Service

if TYPE_CHECKING:
    from qdash_core.health.home_state import MonitoringService
    from qdash_core.projects.backends import BackendService

BACKENDS: Service[BackendService] = Service("qdash_core.services.home:open_backends")
MONITORING: Service[MonitoringService] = Service("qdash_core.services.home:open_monitoring")

FEATURE = Feature(
    "home",
    services=(
        BACKENDS,
        MONITORING,
    ),
    names={"backend": NameList("qdash_core.resources.backends:list_backends", "name")},
    operations=(
        "qdash_core.resources.backups:operations",
        "qdash_core.resources.backends:operations",
        "qdash_core.resources.plugins:operations",
        "qdash_core.resources.settings:operations",
    ),
    commands={
        "init": "qdash_core.cli.home:init",
        "doctor": "qdash_core.cli.home:doctor",
        "docs": "qdash_core.cli.docs:docs",
        "plugins": "qdash_core.cli.plugins:plugins",
        "store": "qdash_core.cli.store:store",
    },
    checks=("qdash_core.health.backups:CHECK",),
)

"""Feature of the home: set-up, checks, settings, store and backups."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.features.declarations import Feature, NameList, Service

if TYPE_CHECKING:
    from qdash_builtin.home.backends import BackendService
    from qdash_builtin.home.home_state import MonitoringService
    from qdash_builtin.home.pruning.pruner import Pruner

BACKENDS: Service[BackendService] = Service("qdash_builtin.home.composition:open_backends")
MONITORING: Service[MonitoringService] = Service("qdash_builtin.home.composition:open_monitoring")
PRUNER: Service[Pruner] = Service("qdash_builtin.home.composition:open_pruner")

FEATURE = Feature(
    "home",
    services=(
        BACKENDS,
        MONITORING,
        PRUNER,
    ),
    names={"backend": NameList("qdash_builtin.home.operations.backends:list_backends", "name")},
    operations=(
        "qdash_builtin.home.operations.backups:operations",
        "qdash_builtin.home.operations.backends:operations",
    ),
    commands={
        "init": "qdash_builtin.home.commands.home:init",
        "doctor": "qdash_builtin.home.commands.home:doctor",
        "docs": "qdash_builtin.home.commands.docs:docs",
        "store": "qdash_builtin.home.commands.store:store",
    },
    checks=("qdash_builtin.home.backup_checks:CHECK",),
    gauges=("qdash_builtin.home.gauges:read_gauges",),
)

"""Gauges of the state of a home, for programs that watch a host."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_builtin.home.feature import MONITORING
from qdash_core.models.chip import TargetStatus
from qdash_core.models.gauges import HostGauge
from qdash_core.models.judgement import Fitness, Trust

if TYPE_CHECKING:
    from collections.abc import Iterator

    from qdash_builtin.home.home_state import ChipTargets, MonitoredState
    from qdash_core.runtime.application import QDash

_TARGET = ("project", "chip", "kind")


def read_gauges(qdash: QDash, username: str) -> Iterator[HostGauge]:
    """Yield the gauges of the home, with the chips of the projects of a user."""
    state = qdash.get(MONITORING).read(username)
    yield HostGauge(
        "executions",
        "Recorded executions of all projects, by status.",
        {(str(status),): number for status, number in state.executions.items()},
        ("status",),
    )
    yield from _list_target_gauges(state)
    for name, meaning, sizes in (
        ("disk_size_bytes", "Size of a disk", {(disk.holds,): disk.size_bytes for disk in state.disks}),
        ("disk_free_bytes", "Free space on a disk", {(disk.holds,): disk.free_bytes for disk in state.disks}),
    ):
        yield HostGauge(name, f"{meaning} of the home, by what it holds.", sizes, ("holds",))
    if state.store_size is not None:
        yield HostGauge("store_bytes", "Size of the store, without raw data.", {(): state.store_size.bytes})
    if state.backup_age_s is not None:
        meaning = "Age of the last complete backup of the store."
        yield HostGauge("backup_age_seconds", meaning, {(): state.backup_age_s})


def _list_target_gauges(state: MonitoredState) -> Iterator[HostGauge]:
    yield HostGauge(
        "targets",
        "Qubits and couplings of a chip, by status.",
        {
            (*_identify(one), str(status)): one.attention.statuses.get(status, 0)
            for one in state.targets
            for status in TargetStatus
        },
        (*_TARGET, "status"),
    )
    yield HostGauge(
        "judged_targets",
        "Qubits and couplings of a chip, by fitness: whether they may be used.",
        {
            (*_identify(one), str(fitness)): one.attention.fitness.get(fitness, 0)
            for one in state.targets
            for fitness in Fitness
        },
        (*_TARGET, "fitness"),
    )
    yield HostGauge(
        "judged_values",
        "Values of a chip, by trust: whether the number is right.",
        {
            (*_identify(one), str(trust)): one.attention.trust.get(trust, 0)
            for one in state.targets
            for trust in Trust
        },
        (*_TARGET, "trust"),
    )
    yield HostGauge(
        "values_out_of_specification",
        "Values in use of a chip that are out of specification.",
        {_identify(one): sum(one.attention.out_of_specification.values()) for one in state.targets},
        _TARGET,
    )


def _identify(one: ChipTargets) -> tuple[str, str, str]:
    return one.project_id, one.chip_id, one.kind

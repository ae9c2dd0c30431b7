"""Search of metrics, and of the values of a qubit or coupling."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_builtin.metrics.feature import METRICS
from qdash_core.models.quantities import format_quantity
from qdash_core.models.search import TARGET_OPTIONS, Match, make_address
from qdash_core.models.targets import TARGET_KINDS, get_target_kind
from qdash_core.repositories.chips import get_target_repository
from qdash_core.repositories.repositories import Repositories

if TYPE_CHECKING:
    from collections.abc import Iterator

    from qdash_core.models.access import Access
    from qdash_core.models.search import Search
    from qdash_core.runtime.application import QDash


def find_metrics(qdash: QDash, _access: Access, search: Search) -> list[Match]:
    """Return the metrics that have the words."""
    file = qdash.get(METRICS).file
    return [
        Match(
            "metric",
            metric.title,
            f"of {kind}s",
            make_address("metrics", chip=search.chip_id, metric=name),
            "" if search.chip_id is None else f"qdash metrics {search.chip_id} --metric {name}",
            (name,),
        )
        for kind in TARGET_KINDS
        for name, metric in file.get_metrics(kind).items()
        if search.fits(name, metric.title, f"metric of {kind}s")
    ]


def find_values(qdash: QDash, access: Access, search: Search) -> list[Match]:
    """Return the values in use of the qubit or coupling that the words name, of metrics with the other words."""
    if search.chip_id is None or search.target is None or not search.other_words:
        return []
    with qdash.store.read() as snapshot:
        targets = get_target_repository(Repositories(snapshot), search.target)
        known = targets.find(access.project_id, search.chip_id, search.target)
    if known is None:
        return []
    values = {
        name: format_quantity(one.value, one.error, one.unit) for name, one in sorted(known.data.items())
    }
    return [*_iter_values(qdash, search, search.chip_id, search.target, values)]


def _iter_values(
    qdash: QDash, search: Search, chip_id: str, target: str, values: dict[str, str]
) -> Iterator[Match]:
    kind = get_target_kind(target)
    metrics = qdash.get(METRICS).file.get_metrics(kind)
    for name, value in values.items():
        title = metrics[name].title if name in metrics else name
        if search.fits_beside_target(name, title, kind, "value"):
            yield Match(
                "value",
                f"{title} of {kind} {target}",
                value,
                make_address(kind, **{"chip": chip_id, kind: target, "metric": name}),
                f"qdash metrics {chip_id} {TARGET_OPTIONS[kind]} {target} --metric {name}",
                (f"{name} {target}", f"{target} {name}"),
            )

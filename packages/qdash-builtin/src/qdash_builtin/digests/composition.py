"""Services of digests."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from qdash_builtin.digests.feature import DIGESTS
from qdash_builtin.explanations.feature import EXPLANATIONS
from qdash_builtin.metrics.feature import JUDGEMENTS, METRICS
from qdash_builtin.runs.feature import EXECUTIONS, RUNS

if TYPE_CHECKING:
    from qdash_builtin.digests.delivery import DigestDelivery
    from qdash_builtin.digests.service import DigestService
    from qdash_core.runtime.application import QDash


def open_digests(qdash: QDash) -> DigestService:
    """Open the service for digests of chips."""
    from qdash_builtin.digests.adviser import Adviser
    from qdash_builtin.digests.preview_times import estimate_s
    from qdash_builtin.digests.run_choice import list_measuring_runs
    from qdash_builtin.digests.service import DigestService

    return DigestService(
        qdash.store,
        qdash.zone,
        metrics=qdash.get(METRICS),
        judgements=qdash.get(JUDGEMENTS),
        attempts=qdash.get(EXECUTIONS).attempts,
        facts=qdash.facts,
        adviser=Adviser(
            find_runs=lambda access, chip_id: list_measuring_runs(
                qdash.get(RUNS).get_catalogue(access, chip_id), qdash.registry.flows()
            ),
            find_seconds=partial(estimate_s, qdash.get(RUNS)),
            find_cause=lambda *failure: qdash.get(EXPLANATIONS).find_likely_cause(*failure),
        ),
    )


def open_digest_delivery(qdash: QDash) -> DigestDelivery:
    """Open the service that sends digests by the configured notifiers."""
    from qdash_builtin.digests.delivery import DigestDelivery

    return DigestDelivery(qdash.store, qdash.get(DIGESTS), qdash.zone, notifiers=lambda: qdash.notifiers)

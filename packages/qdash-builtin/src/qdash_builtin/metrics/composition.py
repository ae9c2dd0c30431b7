"""Services of metrics."""

from __future__ import annotations

from functools import cache, partial
from typing import TYPE_CHECKING

from qdash_builtin.metrics.feature import JUDGEMENTS, METRICS

if TYPE_CHECKING:
    from qdash_builtin.metrics.judgement.reader import JudgementReader
    from qdash_builtin.metrics.service import MetricsService
    from qdash_builtin.metrics.specification_service import SpecificationService
    from qdash_core.runtime.application import QDash
    from qdash_core.runtime.runtime import Runtime


def open_metrics(qdash: QDash) -> MetricsService:
    """Open the service for the metrics of chips."""
    from qdash_builtin.metrics.service import MetricsService

    return MetricsService(qdash.store, qdash.settings.metrics_file, judgement_reader=qdash.get(JUDGEMENTS))


def open_judgements(qdash: QDash) -> JudgementReader:
    """Return the reader of the judgement of chips, which is the judge of all of QDash."""
    from qdash_builtin.metrics.judgement.reader import JudgementReader

    return qdash.judge if isinstance(qdash.judge, JudgementReader) else open_judge(qdash)


def open_judge(runtime: Runtime) -> JudgementReader:
    """Open the reader of the judgement of chips."""
    from qdash_builtin.metrics.definition_file import read_metrics_file
    from qdash_builtin.metrics.judgement.reader import JudgementReader

    read_file = partial(read_metrics_file, runtime.settings.metrics_file)
    declared = runtime.registry.value_declarations
    return JudgementReader(cache(read_file), read_now=read_file, read_declared=declared)


def open_specifications(qdash: QDash) -> SpecificationService:
    """Open the service for the specifications of chips."""
    from qdash_builtin.metrics.specification_service import SpecificationService

    return SpecificationService(qdash.store, qdash.get(METRICS), quantities=qdash.registry.quantities)

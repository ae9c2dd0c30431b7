"""Settings of the metrics."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator

from qdash_core.parsing.paths import make_absolute
from qdash_core.settings import FeatureSettings


class MetricSettings(FeatureSettings):
    """Metrics file of the laboratory."""

    metrics_file: Annotated[Path, AfterValidator(make_absolute)] | None = None
    """Metrics file of the laboratory, which overrides the built-in one: thresholds, age limits, selection in tables."""

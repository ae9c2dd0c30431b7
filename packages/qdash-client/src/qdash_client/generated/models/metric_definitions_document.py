from qdash_core.documents.metric_definitions import (
    MetricDefinitionsDocument as MetricDefinitionsDocument,
)

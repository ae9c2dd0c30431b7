from qdash_builtin.metrics.feature import JUDGEMENTS as JUDGEMENTS
from qdash_builtin.metrics.feature import METRICS as METRICS
from qdash_builtin.metrics.feature import SPECIFICATIONS as SPECIFICATIONS
from qdash_builtin.metrics.operations.chip_trends import chip_trends as chip_trends
from qdash_builtin.metrics.operations.metric_histories import (
    complete_metric_history as complete_metric_history,
)
from qdash_builtin.metrics.operations.metric_histories import draw_metric_history as draw_metric_history
from qdash_builtin.metrics.operations.metric_histories import metric_history as metric_history
from qdash_builtin.metrics.operations.metric_histories import metric_history_file as metric_history_file
from qdash_builtin.metrics.operations.metric_statistics import metric_statistics as metric_statistics
from qdash_builtin.metrics.operations.metric_statistics import (
    metric_statistics_file as metric_statistics_file,
)
from qdash_builtin.metrics.operations.metrics import chip_attention as chip_attention
from qdash_builtin.metrics.operations.metrics import chip_values as chip_values
from qdash_builtin.metrics.operations.metrics import draw_chip_map as draw_chip_map
from qdash_builtin.metrics.operations.metrics import metric_definitions as metric_definitions
from qdash_builtin.metrics.operations.metrics import metric_summary as metric_summary
from qdash_builtin.metrics.operations.metrics import value_table as value_table
from qdash_builtin.metrics.operations.specifications import accept_specification as accept_specification
from qdash_builtin.metrics.operations.specifications import ask_specification as ask_specification
from qdash_builtin.metrics.operations.specifications import chip_specification as chip_specification
from qdash_builtin.metrics.operations.specifications import proposed_specification as proposed_specification
from qdash_builtin.metrics.requests.histories import CompleteHistoryQuery as CompleteHistoryQuery
from qdash_builtin.metrics.requests.histories import HistoryQuery as HistoryQuery
from qdash_builtin.metrics.requests.histories import TraceQuery as TraceQuery
from qdash_builtin.metrics.requests.histories import ValueTraceQuery as ValueTraceQuery
from qdash_builtin.metrics.requests.specifications import SpecificationRequest as SpecificationRequest
from qdash_builtin.metrics.requests.statistics import StatisticsQuery as StatisticsQuery
from qdash_builtin.metrics.requests.values import ValuesQuery as ValuesQuery
from qdash_builtin.metrics.service import MetricsService as MetricsService
from qdash_builtin.metrics.specification_service import SpecificationService as SpecificationService

from qdash_builtin.home.backends import BackendService as BackendService
from qdash_builtin.home.feature import BACKENDS as BACKENDS
from qdash_builtin.home.feature import MONITORING as MONITORING
from qdash_builtin.home.feature import PRUNER as PRUNER
from qdash_builtin.home.home_state import MonitoringService as MonitoringService
from qdash_builtin.home.operations.backends import list_backends as list_backends
from qdash_builtin.home.operations.backups import show_last_backup as show_last_backup
from qdash_builtin.home.pruning.pruner import Pruner as Pruner

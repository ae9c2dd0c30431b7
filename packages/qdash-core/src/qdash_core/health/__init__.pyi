from qdash_core.health.feature import BACKENDS as BACKENDS
from qdash_core.health.feature import MONITORING as MONITORING
from qdash_core.health.home_state import MonitoringService as MonitoringService
from qdash_core.projects.backends import BackendService as BackendService
from qdash_core.resources.backends import list_backends as list_backends
from qdash_core.resources.backups import show_last_backup as show_last_backup
from qdash_core.resources.plugins import list_plugins as list_plugins
from qdash_core.resources.settings import show_settings as show_settings

from qdash_core.contexts.feature import CONTEXTS as CONTEXTS
from qdash_core.contexts.service import ContextService as ContextService
from qdash_core.resources.contexts import show_chip_context as show_chip_context
from qdash_core.resources.contexts import show_chip_context_page as show_chip_context_page
from qdash_core.resources.contexts import show_context as show_context
from qdash_core.resources.contexts import show_context_page as show_context_page
from qdash_core.resources.contexts import show_result_context as show_result_context
from qdash_core.resources.contexts import show_result_context_page as show_result_context_page

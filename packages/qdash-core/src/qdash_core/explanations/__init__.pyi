from qdash_core.explanations.feature import EXPLANATIONS as EXPLANATIONS
from qdash_core.explanations.service import ExplanationService as ExplanationService
from qdash_core.resources.explanations import explain as explain
from qdash_core.resources.explanations import explain_execution as explain_execution
from qdash_core.resources.explanations import explain_result as explain_result
from qdash_core.resources.explanations import explain_target as explain_target

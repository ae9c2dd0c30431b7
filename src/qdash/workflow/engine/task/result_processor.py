"""Result processor under the import path of the original."""

from qdash_core.attempts.result_processor import ResultProcessor

__all__ = ["ResultProcessor"]

"""Set-up of boxes under the import path of the original."""

from qdash_core.flows.steps import ConfigureAll

__all__ = ["ConfigureAll"]

"""Reports on a chip, an execution or a release: one page with values, figures, failures and changes."""

from qdash_core import give_names

__getattr__, __dir__ = give_names(__name__)

"""Assistant that answers with a language model behind an OpenAI-compatible address."""

from qdash_core import give_names

__getattr__, __dir__ = give_names(__name__)

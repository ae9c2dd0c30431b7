"""Dashboard of QDash, made with Streamlit: a client of the HTTP host that never opens a store."""

from qdash_core import give_names

__getattr__, __dir__ = give_names(__name__)

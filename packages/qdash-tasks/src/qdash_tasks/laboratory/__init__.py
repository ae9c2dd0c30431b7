"""Laboratory port: settings, pulses, shots, traces and random sequences, and tasks that measure with them.

Authors of laboratories, requests and tasks import all they need from here; the names are listed in the stub beside (`__init__.pyi`)
and imported when they are first used.
"""

from qdash_core import give_names

__getattr__, __dir__ = give_names(__name__)

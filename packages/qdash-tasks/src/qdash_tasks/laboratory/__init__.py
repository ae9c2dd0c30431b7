"""Laboratory port: settings, pulses, shots, traces and random sequences, and tasks that measure with them.

Import all names from here; they are listed in the stub (`__init__.pyi`) and imported when first used.
"""

from qdash_core import give_names

__getattr__, __dir__ = give_names(__name__)

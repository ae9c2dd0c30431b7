"""The session of a laboratory that programs and measurements are handed, as long as each calls its methods by itself."""

from typing import Any, TypeAlias

Session: TypeAlias = Any

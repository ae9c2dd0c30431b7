"""Repository of cryostats."""

from __future__ import annotations

from qdash_builtin.cooldowns.model import CryostatModel
from qdash_core.repositories.keyed_repository import KeyedRepository


class CryostatRepository(KeyedRepository[CryostatModel]):
    """Cryostats by project and id."""

    collection = "cryostat"
    model = CryostatModel
    noun = "cryostat"

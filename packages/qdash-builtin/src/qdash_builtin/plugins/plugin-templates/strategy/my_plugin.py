"""Scheduling strategy: it divides qubits into groups that are measured together."""

from qdash_core import Colouring, hookimpl
from qdash_scheduling import BestStrategy


class MyPluginStrategy:
    """The best known groups, the largest first."""

    name = "my-plugin"
    kind = "qubit"

    def colour(self, conflicts, layout=None):
        """Return the groups. Equal conflicts have to give equal groups."""
        best = BestStrategy().colour(conflicts)
        groups = sorted(best.groups, key=len, reverse=True)
        return Colouring(tuple(groups), best.lower_bound, best.limited_by, self.name)


@hookimpl
def qdash_schedulers():
    return [MyPluginStrategy()]

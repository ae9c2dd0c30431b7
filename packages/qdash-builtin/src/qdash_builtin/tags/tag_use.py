"""Use of tags."""

from qdash_core.models.base import Value
from qdash_core.models.quantities import format_count


class TagUse(Value):
    """Numbers of tagged objects of a project."""

    n_executions: int = 0
    n_results: int = 0
    n_flows: int = 0
    n_timetables: int = 0

    def __str__(self) -> str:
        """Return the numbers in words."""
        executions, results = (
            format_count(self.n_executions, "execution"),
            format_count(self.n_results, "result"),
        )
        flows, timetables = format_count(self.n_flows, "flow"), format_count(self.n_timetables, "timetable")
        return f"{executions}, {results}, {flows} and {timetables}"

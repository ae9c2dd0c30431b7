"""Numbers of executions, with the arguments of the original."""

from qdash_core.repositories import executions


class ExecutionCounterRepository(executions.ExecutionCounterRepository):
    """Counters for execution ids, one for each project and date."""

    def get_next_index(self, project_id: str, date: str, chip_id: str = "", *, username: str = "") -> int:
        """Return the next execution number of a project on a date, counting from 0; the chip is only recorded."""
        return super().get_next_index(project_id, date, username=username, chip_id=chip_id)

"""Selection of targets by condition, for runs and their previews."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.errors import InvalidInputError
from qdash_core.judgement.conditions import describe_conditions, meets_condition
from qdash_core.judgement.judge import NoJudge
from qdash_core.judgement.metrics_file import read_metrics_file
from qdash_core.models.targets import get_target_kind
from qdash_core.repositories.repositories import Repositories
from qdash_core.values.flagged_results import list_undecided, list_waiting

if TYPE_CHECKING:
    from collections.abc import Collection

    from qdash_core.chips.chip import Chip
    from qdash_core.hooks.flows import Lacks
    from qdash_core.judgement.conditions import Condition
    from qdash_core.models.chip import CouplingModel, QubitModel
    from qdash_core.runtime.runtime import Runtime


def make_requirement(
    runtime: Runtime, chip: Chip, conditions: Collection[Condition], names: Collection[str] | None
) -> Lacks:
    """Return the requirement that a target of a chip meets one of these conditions now.

    Parameters
    ----------
    names : collection of str or None
        Only values of these parameters count, or of all if None.

    Raises
    ------
    NotFoundError, InvalidInputError
        If the metrics file is missing or invalid, or no feature judges.
    """
    if isinstance(runtime.judge, NoJudge):
        raise InvalidInputError("no feature judges targets: they cannot be selected by a condition")
    file = read_metrics_file(runtime.settings.metrics_file).specify(chip.header.specification)
    with runtime.store.read() as snapshot:
        where = chip.header.project_id, chip.header.chip_id
        repositories = Repositories(snapshot)
        judged = runtime.judge.read(repositories, *where).targets
        flagged: dict[str, set[str]] = {}
        for one in list_waiting(repositories, chip.header):
            flagged.setdefault(one.values.qid, set()).update(list_undecided(one.values))

    def find_lack(target: QubitModel | CouplingModel) -> str | None:
        metrics = file.get_metrics(get_target_kind(target.qid))
        if any(
            meets_condition(target, one, judged[target.qid], metrics, flagged.get(target.qid, ()), names)
            for one in conditions
        ):
            return None
        return f"not {describe_conditions(conditions)}"

    return find_lack

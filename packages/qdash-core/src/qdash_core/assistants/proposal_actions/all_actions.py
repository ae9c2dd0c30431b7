"""All actions of proposals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qdash_core.assistants.proposal_actions.decision import AcceptAction, RejectAction
from qdash_core.assistants.proposal_actions.exclusion import ExcludeAction
from qdash_core.assistants.proposal_actions.issue import IssueAction
from qdash_core.assistants.proposal_actions.measurement import MeasureAction
from qdash_core.assistants.proposal_actions.refit import RefitAction

if TYPE_CHECKING:
    from qdash_core.assistants.proposal_actions.action import ProposalAction
    from qdash_core.chips.service import ChipService
    from qdash_core.chips.targets import TargetService
    from qdash_core.hooks.manager import Registry
    from qdash_core.issues.service import IssueService
    from qdash_core.results.service import ResultService
    from qdash_core.runs.service import RunService
    from qdash_core.values.service import ValueService


def make_actions(
    *,
    results: ResultService,
    runs: RunService,
    registry: Registry,
    targets: TargetService,
    values: ValueService,
    issues: IssueService,
    chips: ChipService,
) -> list[ProposalAction[Any]]:
    """Return an action for each kind of proposals, performed by these services."""
    return [
        RefitAction(results),
        MeasureAction(results, runs, registry),
        ExcludeAction(targets),
        AcceptAction(results, values),
        RejectAction(results, values),
        IssueAction(issues, chips, results),
    ]

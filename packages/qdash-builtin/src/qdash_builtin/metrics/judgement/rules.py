"""Rules that judge a chip, as a pure function of its evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_builtin.metrics.judgement.fitness import add_flagged_values, judge_target
from qdash_builtin.metrics.judgement.trust import find_signal_loss, judge_values
from qdash_core.models.chip_judgement import Judgement
from qdash_core.models.targets import get_target_kind, split_coupling

if TYPE_CHECKING:
    from datetime import datetime

    from qdash_builtin.metrics.judgement.evidence import ChipEvidence
    from qdash_core.models.chip_judgement import TargetJudgement


def judge(evidence: ChipEvidence, at: datetime) -> Judgement:
    """Return the trust of the values and the fitness of the targets of a chip at a moment, which has a time zone.

    The order of the evidence, which ends at this moment, has no effect.
    """
    losses = {one["qid"]: loss for one in evidence.targets if (loss := find_signal_loss(one)) is not None}
    changed = {one["qid"]: known for one in evidence.targets if (known := one.get("settings"))}
    judged: dict[str, TargetJudgement] = {}
    for target in sorted(evidence.targets, key=lambda one: "-" in one["qid"]):  # a coupling needs its qubits
        qid = target["qid"]
        related = (qid, *split_coupling(qid)) if "-" in qid else (qid,)
        lost = [losses[one] for one in related if one in losses]
        settings = [change for one in related for change in changed.get(one, ())]
        values = judge_values(target, evidence, lost, settings, at=at)
        metrics = evidence.file.get_metrics(get_target_kind(qid))
        values = add_flagged_values(values, target, evidence.flagged)
        of_qubits = {one: judged[one] for one in related[1:] if one in judged}
        judged[qid] = judge_target(target, values, metrics, of_qubits, evidence.usual_minima)
    return Judgement({one["qid"]: judged[one["qid"]] for one in evidence.targets})

"""What a run would do, before it begins."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from pydantic import ConfigDict

from qdash_core.documents.base import Document

if TYPE_CHECKING:
    from qdash_core.flows.checking import Foreseen
    from qdash_core.flows.forecasts import Forecast
    from qdash_core.flows.stages import Stage

_STAGE: dict[str, Any] = {
    "step": "BringUp",
    "tasks": ["CheckRabi", "CheckT1"],
    "targets": ["0", "1", "2"],
    "anew": ["1"],
    "groups": [["0", "2"], ["1"]],
    "makespan_s": 20.5,
    "lower_bound_s": 20.5,
    "group_by_group_s": 22.0,
}


class PreviewStage(Document):
    """Tasks on targets, and how long they are expected to take in the laboratory, in seconds."""

    model_config = ConfigDict(json_schema_extra={"examples": [_STAGE]})

    step: str
    tasks: list[str]
    """None: the step chooses targets."""
    targets: list[str]
    anew: list[str] | None = None
    """Of a run of what did not complete in an earlier one: the targets that are measured; the others are answered from there."""
    groups: list[list[str]] | None = None
    makespan_s: float | None = None
    lower_bound_s: float | None = None
    group_by_group_s: float | None = None

    @classmethod
    def of(cls, stage: Stage, forecast: Forecast | None) -> Self:
        """Return the document of a stage."""
        times = {}
        if forecast is not None:
            times = {
                "groups": [list(group) for group in forecast.groups],
                "makespan_s": forecast.makespan_s,
                "lower_bound_s": forecast.lower_bound_s,
                "group_by_group_s": forecast.group_by_group_s,
            }
        return cls(
            step=stage.step,
            tasks=[task.name for task in stage.tasks],
            targets=list(stage.targets),
            anew=None if stage.rest is None else list(stage.rest),
            **times,
        )


class PreviewDocument(Document):
    """What a request would run."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "dry_run": True,
                    "targets": ["0", "1", "2"],
                    "left_out": {"3": "dead: open line"},
                    "tasks": ["CheckRabi", "CheckT1"],
                    "tasks_left_out": {"CheckT2Echo": "needs Echo, which backend rack does not offer"},
                    "stages": [_STAGE],
                }
            ]
        }
    )

    dry_run: bool = True
    targets: list[str]
    left_out: dict[str, str] | None = None
    tasks: list[str]
    tasks_left_out: dict[str, str] | None = None
    """Tasks of the flow that are not run on this chip, each with the reason."""
    stages: list[PreviewStage]

    @classmethod
    def of(cls, foreseen: Foreseen) -> Self:
        """Return the document of what is foreseen."""
        stages = zip(foreseen.stages, foreseen.forecasts, strict=True)
        return cls(
            targets=list(foreseen.targets),
            left_out=dict(foreseen.left_out) or None,
            tasks=[task.name for stage in foreseen.stages for task in stage.tasks],
            tasks_left_out=dict(foreseen.tasks_left_out) or None,
            stages=[PreviewStage.of(stage, forecast) for stage, forecast in stages],
        )

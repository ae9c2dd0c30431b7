"""View models of the preview of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from qdash_core.documents.base import Document, OmitEmpty

if TYPE_CHECKING:
    from qdash_builtin.runs.previews import Forecast, RunPreview
    from qdash_core.flows.dry_run import Stage


class PreviewStage(Document):
    """Tasks on targets, with their expected durations in laboratory time, in seconds."""

    step: str
    tasks: list[str]
    """Empty if the step only chooses targets."""
    targets: list[str]
    foreseen: bool | None = None
    """False if the step was not previewed to its end, so that it may run other tasks on other targets; else absent."""
    reason: OmitEmpty[str] = None
    """Reason that it was not previewed to its end."""
    anew: list[str] | None = None
    """Targets to measure in a rerun of an earlier run's rest; the other targets reuse their results."""
    groups: list[list[str]] | None = None
    strategy: str | None = None
    """Name of the scheduling strategy; empty if none made the groups."""
    barriers: list[int] | None = None
    """Numbers of the groups, from 1, that start only after the end of all earlier groups; the first group is number 0."""
    makespan_s: float | None = None
    lower_bound_s: float | None = None
    group_by_group_s: float | None = None

    @classmethod
    def from_stage(cls, stage: Stage, forecast: Forecast | None) -> Self:
        """Return the view model of a stage."""
        return cls.from_record(
            forecast,  # its fields are absent without one
            step=stage.step,
            tasks=[task.name for task in stage.tasks],
            targets=stage.targets,
            foreseen=None if stage.foreseen else False,
            reason=stage.reason,
            anew=None if stage.rest is None else list(stage.rest),
        )


class PreviewDocument(Document):
    """The targets, tasks and stages that a request would run."""

    dry_run: bool = True
    targets: list[str]
    left_out: OmitEmpty[dict[str, str]] = None
    tasks: list[str]
    tasks_left_out: OmitEmpty[dict[str, str]] = None
    """Tasks of the flow that this chip cannot run, each with the reason."""
    stages: list[PreviewStage]
    measures: bool
    """True if anything would be measured, or a step decides it during the run."""
    from_source: bool | None = None
    """True if it was read from the text of a user's flow, without running it, so that the run may do something else; else absent."""

    @classmethod
    def from_preview(cls, foreseen: RunPreview) -> Self:
        """Return the view model of a preview."""
        stages = zip(foreseen.stages, foreseen.forecasts, strict=True)
        return cls.from_record(
            foreseen,
            tasks=[task.name for stage in foreseen.stages for task in stage.tasks],
            stages=[PreviewStage.from_stage(stage, forecast) for stage, forecast in stages],
            from_source=foreseen.from_source or None,
        )

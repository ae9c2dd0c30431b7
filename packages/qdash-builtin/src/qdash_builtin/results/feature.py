"""Feature of task results."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.features.declarations import Feature, FeaturePage, RecordKind, Service

if TYPE_CHECKING:
    from qdash_builtin.results.service import ResultService

RESULTS: Service[ResultService] = Service("qdash_builtin.results.composition:open_results")

FEATURE = Feature(
    "results",
    requires=("runs",),
    services=(RESULTS,),
    proposals=("qdash_builtin.results.composition:make_refit_action",),
    searches=("qdash_builtin.results.search:find_results",),
    operations=(
        "qdash_builtin.results.operations.results:operations",
        "qdash_builtin.results.operations.noted_results:operations",
        "qdash_builtin.results.operations.task_records:operations",
        "qdash_builtin.results.operations.thumbnails:operations",
    ),
    further_commands={"task": "qdash_builtin.results.commands.tasks:task"},
    pages=(
        FeaturePage(
            "Result",
            ":material/query_stats:",
            "Executions",
            "result",
            "qdash_builtin.results.pages.result:render",
            hidden=True,
            place=30,
            has_figures=True,
        ),
        FeaturePage(
            "Workbench",
            ":material/construction:",
            "Run",
            "workbench",
            "qdash_builtin.results.pages.workbench:render",
            place=20,
            has_figures=True,
        ),
    ),
    records=(
        RecordKind(
            "result",
            "qdash_builtin.results.composition:find_cited_result",
            address="result?result={id}",
            route="task-results/{id}",
            noun="result {short}",
            fields=("task_id", "refit_of", "rerun_of"),
        ),
    ),
)

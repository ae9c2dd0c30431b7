"""Collections of the original system at its revision c0c021cd, and their destination here."""

from __future__ import annotations

from typing import NamedTuple

_AS_RECORDS = "imported"
_IN_PART = "merged"
_NOT_IMPORTED = "left out"


class Destination(NamedTuple):
    """Destination of a collection.

    The outcome is `imported`: documents become records; `merged`: their contents become part of other records; or `left
    out`, with the reason in `where`.
    """

    outcome: str
    where: str

    @property
    def is_read(self) -> bool:
        """True if its documents are converted."""
        return self.outcome in (_AS_RECORDS, _IN_PART)


_AGENTS = "records of agents and chats with an assistant belong to the original's own assistant"

DESTINATIONS = {
    "user": Destination(_AS_RECORDS, "users without passwords, and a token for each access_token"),
    "project": Destination(_AS_RECORDS, "projects"),
    "project_membership": Destination(_AS_RECORDS, "members"),
    "backend": Destination(_AS_RECORDS, "backends"),
    "tag": Destination(_AS_RECORDS, "tags"),
    "cryostat": Destination(_AS_RECORDS, "cryostats"),
    "cooldown": Destination(_AS_RECORDS, "cool-downs; wiring_info is at the end of their notes"),
    "cooldown_wiring_event": Destination(_IN_PART, "log of notes, of their cool-downs"),
    "task_result_history": Destination(_AS_RECORDS, "results; excluded ones are withdrawn"),
    "parameter_versions": Destination(
        _IN_PART, "values of their results; a version without a result becomes one"
    ),
    "provenance_activities": Destination(_IN_PART, "their results, which are the nodes of provenance"),
    "provenance_relations": Destination(_IN_PART, "edges of provenance, from result to result"),
    "target_note": Destination(_IN_PART, "notes of qubits and couplings; comments also in the log of notes"),
    "chip_note": Destination(_IN_PART, "notes of chips"),
    "chip": Destination(_AS_RECORDS, "chips"),
    "metric_note": Destination(_AS_RECORDS, "notes on metrics"),
    "qubit": Destination(_AS_RECORDS, "qubits"),
    "coupling": Destination(_AS_RECORDS, "couplings, in the direction with the newest value"),
    "qubit_history": Destination(_AS_RECORDS, "daily copies of qubits"),
    "coupling_history": Destination(
        _AS_RECORDS, "daily copies of couplings, in the direction with the newest value"
    ),
    "chip_history": Destination(_AS_RECORDS, "daily copies of chips"),
    "task": Destination(_AS_RECORDS, "task definitions"),
    "execution_counter": Destination(_AS_RECORDS, "one counter for each project and day"),
    "execution_history": Destination(_AS_RECORDS, "executions"),
    "calibration_note": Destination(_AS_RECORDS, "calibration notes"),
    "note_event": Destination(_AS_RECORDS, "log of notes"),
    "flows": Destination(_AS_RECORDS, "flows, whose files have to be copied"),
    "execution_lock": Destination(_NOT_IMPORTED, "no run of QDash holds these locks"),
    "forum_category": Destination(_IN_PART, "labels of the issues of their threads"),
    "forum_post": Destination(_IN_PART, "issues with their comments, under the numbers of the threads"),
    "forum_counter": Destination(_NOT_IMPORTED, "the next number follows from the issues"),
    "issue": Destination(_AS_RECORDS, "issues of task results, with their comments"),
    "issue_knowledge": Destination(_IN_PART, "comments of their issues, if they were approved"),
    "notification": Destination(_NOT_IMPORTED, "notifications point to pages of the original"),
    **dict.fromkeys(
        (
            *("agent_sessions", "agent_actions", "agent_candidate_commits", "agent_campaign_commits"),
            "copilot_chat_session",
        ),
        Destination(_NOT_IMPORTED, _AGENTS),
    ),
}
"""Destinations of the 39 collections."""

MADE = {
    "access_token": "from access_token of the users",
    "latest_result": "from the results",
    "provenance": "from provenance_relations, and the inputs of the results",
    "flow_version": "from the flows",
    "issue_event": "from forum_post, issue and issue_knowledge: openings and comments of issues",
}
"""Collections of QDash that the import fills from others, and their origin."""

UNKNOWN = Destination(_NOT_IMPORTED, "the original has no such collection")

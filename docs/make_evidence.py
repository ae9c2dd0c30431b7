"""Generator of the page of the features of results, on which evidence for the causes of failures is based."""

from __future__ import annotations

from qdash_builtin.task_pages.feature_names import OF_SHARES, REASONS, RECORD_FEATURES, RESULT_PREFIXES

_INTRODUCTION = """\
# Features of results

Numbers that [evidence for the causes of failures](plugins/evidence.md) compares. Tasks declare further ones of their own.
"""
_NAMES = {"reason": "KIND", **dict.fromkeys(OF_SHARES, "GROUP")}
"""Placeholders after the dot, where these are no names of parameters."""
_OF_TASKS = ("failed", "flagged", "accepted")


def make_page() -> str:
    """Return the text of the page."""
    features = {
        **RECORD_FEATURES,
        **{f"{prefix}.{_name(prefix)}": meaning for prefix, meaning in RESULT_PREFIXES.items()},
    }
    return "\n".join(
        [
            _INTRODUCTION,
            *_table("feature", features),
            "",
            "## Kinds of failures",
            "",
            *_table("kind", REASONS),
            "",
        ]
    )


def _name(prefix: str) -> str:
    return "TASK" if prefix in _OF_TASKS else _NAMES.get(prefix, "NAME")


def _table(first: str, rows: dict[str, str]) -> list[str]:
    return [
        f"| {first} | meaning |",
        "|---|---|",
        *(f"| `{name}` | {meaning} |" for name, meaning in rows.items()),
    ]

"""Old place of the names of `qdash_core.validation.verdicts`."""

from qdash_core.moved_names import moved

_NEW = "qdash_core.validation.verdicts"

__getattr__ = moved(
    __name__,
    {
        **{name: f"{_NEW}:{name}" for name in ("Candidate", "Finding", "Validator")},
        "Judgement": f"{_NEW}:ReasonedVerdict",
        "judge": f"{_NEW}:find_verdict",
    },
)

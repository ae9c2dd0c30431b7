"""Validator: it judges the output of each task, without hardware."""

from qdash_core import Finding, Verdict, hookimpl


class MyPluginValidator:
    """Flags a relaxation time below 5 microseconds."""

    name = "my-plugin"

    def validate(self, candidate):
        """Return the findings about an output."""
        t1 = candidate.output.parameters.get("t1")
        if t1 is None or t1.value >= 5:
            return []
        return [Finding(Verdict.FLAGGED, f"T1 of {t1.value:.3g} us is below 5 us")]


@hookimpl
def qdash_validators():
    return [MyPluginValidator()]

"""Names of new analyses of recorded raw data."""


def name_analysis(model: str | None) -> str:
    """Return the name of a new analysis: `analysis (stretched exponential)` with a user's model, otherwise `refit`."""
    return "refit" if model is None else f"analysis ({model})"

"""Parser of a laboratory's metrics file, merged over the built-in one."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from pkgutil import resolve_name
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from qdash_builtin.metrics.definitions import (
    CdfGroup,
    CdfGroups,
    ColorScale,
    Evaluation,
    Metric,
    MetricsFile,
    Range,
    TableMetrics,
    Threshold,
)
from qdash_core.errors import InvalidInputError
from qdash_core.features.declarations import list_known_features
from qdash_core.models.error_messages import describe_error
from qdash_core.parsing.limits import YAML

if TYPE_CHECKING:
    from pathlib import Path

    from qdash_core.models.base import Value

_BUILTIN = "builtin.json"
_MERGED = ("qubit_metrics", "coupling_metrics")


def load_builtin() -> MetricsFile:
    """Return the built-in metrics file, with the metrics of features."""
    return _load_with_features(_list_feature_metrics())


def load_builtin_without_limits() -> MetricsFile:
    """Return the built-in metrics file without age limits and specification, for use while a laboratory's file is invalid."""
    builtin = load_builtin()
    kinds = {
        kind: {
            name: one.model_copy(update={"age_limit": None, "threshold": None}) for name, one in of.items()
        }
        for kind, of in (
            ("qubit_metrics", builtin.qubit_metrics),
            ("coupling_metrics", builtin.coupling_metrics),
        )
    }
    return builtin.model_copy(update=kinds)


@cache
def _load_with_features(places: tuple[str, ...]) -> MetricsFile:
    return MetricsFile.model_validate(_read_with_features(places))


def read_metrics_file(path: Path | None) -> MetricsFile:
    """Return the built-in metrics, overridden by those of a laboratory's YAML file if it has one.

    If both files define a metric, the laboratory's keys override single keys; in `cdf_groups` and `table`
    they replace the lists of qubits or of couplings as a whole.

    Raises
    ------
    NotFoundError
        If there is no such file.
    InvalidInputError
        If it cannot be read or breaks the format; the message is one line with the file, the key and the
        options.
    """
    if path is None:
        return load_builtin()
    # Parsing YAML would take longer than everything else, so the built-in file is JSON.
    from qdash_core.parsing.text_files import read_text

    return parse_metrics_file(read_text(path, "metrics", size=YAML.size), name=f"metrics file {path}")


def parse_metrics_file(text: str, *, name: str) -> MetricsFile:
    """Return the built-in metrics, overridden by those in the text of a laboratory's file; raise InvalidInputError, which begins with its name."""
    from qdash_core.parsing.yaml_parser import parse_yaml  # see `read_metrics_file`

    try:
        own = parse_yaml(text) or {}
        return MetricsFile.model_validate(_override(_read_with_features(_list_feature_metrics()), own))
    except ValidationError as error:
        raise InvalidInputError(f"{name}: {_explain_error(error)}") from error
    except InvalidInputError as error:
        raise InvalidInputError(f"{name}: {error}") from error


def load_feature_metrics(place: str) -> dict[str, dict[str, Any]]:
    """Return the metrics of a feature, as the metrics file has them; those of QDash have other names.

    Raises
    ------
    InvalidInputError
        If they cannot be loaded, are invalid, or have a name of QDash.
    """
    try:
        given = resolve_name(place)
    except (Exception, SystemExit) as error:  # code of a plugin
        raise InvalidInputError(
            f"the metrics {place} cannot be loaded: {type(error).__name__}: {error}"
        ) from error
    if not isinstance(given, dict):
        raise InvalidInputError(f"the metrics {place}: it is no mapping of {' and '.join(_MERGED)}")
    try:
        MetricsFile.model_validate(given)
    except ValidationError as error:
        raise InvalidInputError(f"the metrics {place}: {_explain_error(error)}") from error
    builtin = _read_builtin()
    for kind, metrics in given.items():
        if kind not in _MERGED:
            raise InvalidInputError(
                f"the metrics {place}: {kind} is for metrics files; use {', '.join(_MERGED)}"
            )
        if taken := sorted(metrics.keys() & builtin[kind].keys()):
            raise InvalidInputError(f"the metrics {place}: {taken[0]!r} is a metric of QDash: rename it")
    return {kind: dict(metrics) for kind, metrics in given.items()}


def _list_feature_metrics() -> tuple[str, ...]:
    return tuple(one.metrics for one in list_known_features() if one.metrics)


def _read_with_features(places: tuple[str, ...]) -> dict[str, Any]:
    """Return the built-in file with the metrics of features; those that cannot be used are left out, and the plugin manager tells why."""
    document = _read_builtin()
    for place in places:
        try:
            given = load_feature_metrics(place)
        except InvalidInputError:
            continue
        for kind, metrics in given.items():
            document[kind] = {**metrics, **document[kind]}
    return document


def _read_builtin() -> dict[str, Any]:
    text = files("qdash_builtin.metrics").joinpath(_BUILTIN).read_text(encoding="utf-8")
    document: dict[str, Any] = json.loads(text)
    return document


def _override(below: dict[str, Any], own: object) -> object:
    """Return the built-in file overridden by the laboratory's; validation reports invalid values."""
    if not isinstance(own, dict):
        raise InvalidInputError(
            f"it is a {type(own).__name__}, not a mapping of {', '.join(MetricsFile.model_fields)}"
        )
    merged = {**below, **own}
    for key in _MERGED:
        if isinstance(metrics := own.get(key, {}), dict):
            known = below[key]
            merged[key] = {
                **known,
                **{
                    name: {**known.get(name, {}), **metric} if isinstance(metric, dict) else metric
                    for name, metric in metrics.items()
                },
            }
    for key in ("cdf_groups", "table"):
        if isinstance(own.get(key), dict):
            merged[key] = {**below[key], **own[key]}
    return merged


def _explain_error(error: ValidationError) -> str:
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"]) or "the file"
    if first["type"] == "extra_forbidden":
        return f"unknown key {where}; possible are {', '.join(_list_valid_keys(first['loc']))}"
    if first["type"] == "missing":
        return f"{where} is missing"
    if first["type"] in ("value_error", "assertion_error"):
        return f"{where}: {describe_error(first)}"
    return f"{where} is {first['input']!r}: {describe_error(first)}"


def _list_valid_keys(place: tuple[int | str, ...]) -> list[str]:
    """Return the valid keys at the place of an unknown key."""
    inside: dict[str, type[Value]] = {
        "qubit_metrics": Metric,
        "coupling_metrics": Metric,
        "evaluation": Evaluation,
        "threshold": Threshold,
        "range": Range,
        "cdf_groups": CdfGroups,
        "qubit": CdfGroup,
        "coupling": CdfGroup,
        "table": TableMetrics,
        "color_scale": ColorScale,
    }
    holders = [inside[str(part)] for part in place[:-1] if part in inside]
    return list((holders[-1] if holders else MetricsFile).model_fields)

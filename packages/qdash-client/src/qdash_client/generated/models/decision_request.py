from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="DecisionRequest")


@_attrs_define
class DecisionRequest:
    """Acceptance or rejection of a result; a rejection needs a reason.

    Attributes:
        metrics (list[str] | None | Unset): Parameters of the result; absent: all.
        reason (str | Unset):  Default: ''.
        undecided (bool | Unset): True to refuse it with 409 if a user has decided on one of the parameters meanwhile.
            Default: False.
    """

    metrics: list[str] | None | Unset = UNSET
    reason: str | Unset = ""
    undecided: bool | Unset = False

    def to_dict(self) -> dict[str, Any]:
        metrics: list[str] | None | Unset
        if isinstance(self.metrics, Unset):
            metrics = UNSET
        elif isinstance(self.metrics, list):
            metrics = self.metrics

        else:
            metrics = self.metrics

        reason = self.reason

        undecided = self.undecided

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if metrics is not UNSET:
            field_dict["metrics"] = metrics
        if reason is not UNSET:
            field_dict["reason"] = reason
        if undecided is not UNSET:
            field_dict["undecided"] = undecided

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)

        def _parse_metrics(data: object) -> list[str] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                metrics_type_0 = cast(list[str], data)

                return metrics_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[str] | None | Unset, data)

        metrics = _parse_metrics(d.pop("metrics", UNSET))

        reason = d.pop("reason", UNSET)

        undecided = d.pop("undecided", UNSET)

        decision_request = cls(
            metrics=metrics,
            reason=reason,
            undecided=undecided,
        )

        return decision_request

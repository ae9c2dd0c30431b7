from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="ReversionRequest")


@_attrs_define
class ReversionRequest:
    """Reversion of values to an earlier time, to the end of an execution, or to a release.

    Attributes:
        to (str): A time such as `2026-11-20 18:00` or `12h`, an execution id (its end), or `release:NAME`.
        qubits (None | str | Unset): Qubits, such as `0-3,7`; without targets, all qubits and couplings.
        muxes (None | str | Unset): Multiplexers, such as `0-3`: all their qubits.
        couplings (None | str | Unset): Couplings, such as `0-1,1-2`.
        metrics (list[str] | None | Unset): Parameters; absent: all.
        reason (str | Unset):  Default: ''.
    """

    to: str
    qubits: None | str | Unset = UNSET
    muxes: None | str | Unset = UNSET
    couplings: None | str | Unset = UNSET
    metrics: list[str] | None | Unset = UNSET
    reason: str | Unset = ""

    def to_dict(self) -> dict[str, Any]:
        to = self.to

        qubits: None | str | Unset
        if isinstance(self.qubits, Unset):
            qubits = UNSET
        else:
            qubits = self.qubits

        muxes: None | str | Unset
        if isinstance(self.muxes, Unset):
            muxes = UNSET
        else:
            muxes = self.muxes

        couplings: None | str | Unset
        if isinstance(self.couplings, Unset):
            couplings = UNSET
        else:
            couplings = self.couplings

        metrics: list[str] | None | Unset
        if isinstance(self.metrics, Unset):
            metrics = UNSET
        elif isinstance(self.metrics, list):
            metrics = self.metrics

        else:
            metrics = self.metrics

        reason = self.reason

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "to": to,
            }
        )
        if qubits is not UNSET:
            field_dict["qubits"] = qubits
        if muxes is not UNSET:
            field_dict["muxes"] = muxes
        if couplings is not UNSET:
            field_dict["couplings"] = couplings
        if metrics is not UNSET:
            field_dict["metrics"] = metrics
        if reason is not UNSET:
            field_dict["reason"] = reason

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        to = d.pop("to")

        def _parse_qubits(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        qubits = _parse_qubits(d.pop("qubits", UNSET))

        def _parse_muxes(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        muxes = _parse_muxes(d.pop("muxes", UNSET))

        def _parse_couplings(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        couplings = _parse_couplings(d.pop("couplings", UNSET))

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

        reversion_request = cls(
            to=to,
            qubits=qubits,
            muxes=muxes,
            couplings=couplings,
            metrics=metrics,
            reason=reason,
        )

        return reversion_request

"""Laboratory calls by tasks: impossible requests are rejected beforehand, and answers are validated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from qdash_analysis.iq_noise import find_covariance_fault
from qdash_core.errors import BackendError, InvalidInputError
from qdash_core.models.targets import split_coupling
from qdash_tasks.laboratory.limits import are_within
from qdash_tasks.laboratory.pair_requests import PairRequest
from qdash_tasks.laboratory.request_reads import note_played_settings
from qdash_tasks.laboratory.trace import ShotRecord, Trace

if TYPE_CHECKING:
    from collections.abc import Iterable

    from qdash_tasks.laboratory.limits import Limits
    from qdash_tasks.laboratory.port import Answer, Answers, Laboratory
    from qdash_tasks.laboratory.request import Request
    from qdash_tasks.laboratory.shots import Shots


def measure_targets(
    laboratory: Laboratory, requests: Mapping[str, Sequence[Request]], shots: Shots
) -> dict[str, Sequence[Answer] | Exception]:
    """Measure all targets in one call. Touches hardware.

    Returns
    -------
    dict of str to sequence of Trace or ShotRecord, or exception
        For every target an answer to each of its requests, or the reason for its absence: `InvalidInputError`
        For every target an answer to each of its requests, or the reason for its absence: `InvalidInputError`
        if the request is rejected before any hardware is touched, `BackendError` if the answer is invalid, or
        the laboratory's own exception.
    """
    users = _map_users(requests)
    refused = {
        target: _find_refusal(laboratory, target, users, asked, shots) for target, asked in requests.items()
    }
    taken = {target: asked for target, asked in requests.items() if refused[target] is None}
    answers = _call_laboratory(laboratory, taken, shots)
    found: dict[str, Sequence[Answer] | Exception] = {}
    for target, asked in requests.items():
        refusal = refused[target]
        found[target] = (
            _check_answers(laboratory, target, asked, answers, shots) if refusal is None else refusal
        )
    return found


def _call_laboratory(
    laboratory: Laboratory, requests: Mapping[str, Sequence[Request]], shots: Shots
) -> Answers:
    """Call the laboratory; an exception fails all targets."""
    if not requests:
        return {}
    try:
        with note_played_settings(laboratory, requests):
            return laboratory.measure(requests, shots)
    except Exception as error:  # noqa: BLE001  the border to a laboratory's own code
        return dict.fromkeys(requests, error)


def _find_refusal(
    laboratory: Laboratory,
    target: str,
    users: Mapping[str, Sequence[str]],
    requests: Sequence[Request],
    shots: Shots,
) -> InvalidInputError | None:
    """Return the reason why a target cannot be measured, or None if it can."""
    try:
        _require_target(laboratory, target, users)
        for request in requests:
            _require_possible(laboratory, target, request)
            _require_within(laboratory.limits, target, request)
        _require_size(laboratory.limits, target, requests, shots)
    except InvalidInputError as error:
        return error
    return None


def _map_users(targets: Iterable[str]) -> Mapping[str, Sequence[str]]:
    """Return the targets that each qubit belongs to."""
    users: dict[str, list[str]] = {}
    for target in targets:
        for qid in target.split("-"):
            users.setdefault(qid, []).append(target)
    return users


def _require_target(laboratory: Laboratory, target: str, users: Mapping[str, Sequence[str]]) -> None:
    if "-" in target:
        laboratory.coupling(target)
    elif target not in laboratory.settings:
        raise InvalidInputError(f"qubit {target}: this laboratory has no such qubit")
    for qid in target.split("-"):
        if len(users[qid]) > 1:
            raise InvalidInputError(
                f"{' and '.join(users[qid])} share {qid}: measure them one after the other"
            )


def _require_possible(laboratory: Laboratory, target: str, request: Request) -> None:
    name = type(request).__name__
    if request.single_shots and not laboratory.limits.single_shots:
        raise InvalidInputError(f"{target}: {name} needs single shots, which this laboratory does not keep")
    if not laboratory.supports(type(request)):
        raise InvalidInputError(f"{target}: this laboratory does not support {name}")
    is_pair = isinstance(request, PairRequest)
    if is_pair != (target in laboratory.couplings):
        raise InvalidInputError(f"{target}: {name} measures a {'coupling' if is_pair else 'qubit'}")
    if isinstance(request, PairRequest):
        both = [request.control, request.target]
        if sorted(both) != sorted(split_coupling(target)):
            raise InvalidInputError(
                f"{target}: {', '.join(both)} are not control and target of this coupling"
            )


def _require_within(limits: Limits, target: str, request: Request) -> None:
    """Reject frequencies, amplitudes and times beyond the limits of the lines."""
    name = type(request).__name__
    for what, asked, ranges in (
        ("drive", request.drive_frequencies_ghz, limits.line(target).frequencies_ghz),
        ("readout", request.readout_frequencies_ghz, limits.readout_frequencies_ghz(target)),
    ):
        if asked is None:
            continue
        for value in asked[~are_within(ranges, asked)]:
            possible = ", ".join(f"{low:g} to {high:g}" for low, high in ranges)
            raise InvalidInputError(
                f"{target}: {name} at {value:.6g}\N{NO-BREAK SPACE}GHz: the {what} line plays {possible}\N{NO-BREAK SPACE}GHz"
            )
    for qid, amplitude in request.largest_amplitudes(target).items():
        most = limits.line(qid).largest_amplitude
        if amplitude > most:
            raise InvalidInputError(
                f"{target}: {name} with an amplitude of {amplitude:.4g} on the line of qubit {qid}: it plays at most {most:g}"
            )
    read, most = request.largest_readout_amplitude, limits.readout.largest_amplitude
    if read > most:
        raise InvalidInputError(
            f"{target}: {name} with a readout amplitude of {read:.4g}: the readout line plays at most {most:g}"
        )
    if request.longest_ns > limits.longest_program_ns:
        raise InvalidInputError(
            f"{target}: {name} of {request.longest_ns:g}\N{NO-BREAK SPACE}ns: programs last at most {limits.longest_program_ns:g}\N{NO-BREAK SPACE}ns"
        )


def _require_size(limits: Limits, target: str, requests: Sequence[Request], shots: Shots) -> None:
    """Reject too many points or shots for one call, and unsupported resets and intervals."""
    points = sum(request.points for request in requests)
    if limits.points_a_call is not None and points > limits.points_a_call:
        raise InvalidInputError(
            f"{target}: {points} points in one call: this laboratory takes at most {limits.points_a_call}"
        )
    if limits.shots_a_call is not None and shots.count > limits.shots_a_call:
        raise InvalidInputError(
            f"{target}: {shots.count} shots in one call: this laboratory takes at most {limits.shots_a_call}"
        )
    if shots.reset not in limits.resets:
        possible = ", ".join(sorted(limits.resets))
        raise InvalidInputError(f"{target}: reset {shots.reset!r}: this laboratory supports {possible}")
    if shots.reset == "passive" and shots.interval_us < limits.shortest_interval_us:
        raise InvalidInputError(
            f"{target}: a shot interval of {shots.interval_us:g}\N{NO-BREAK SPACE}µs: this laboratory takes at least {limits.shortest_interval_us:g}\N{NO-BREAK SPACE}µs"
        )


def _check_answers(
    laboratory: Laboratory, target: str, requests: Sequence[Request], answers: Answers, shots: Shots
) -> Sequence[Answer] | Exception:
    """Validate the answers of one target; return them, or an exception that describes their fault."""
    who = type(laboratory).__name__
    if not isinstance(answers, Mapping):
        return BackendError(f"{who} returned a {type(answers).__name__} instead of answers by target")
    given = answers.get(target)
    if given is None:
        return BackendError(f"{who} returned no answer for {target}")
    if isinstance(given, Exception):
        return given
    if not isinstance(given, Sequence):
        return BackendError(
            f"{who} returned a {type(given).__name__} for {target} instead of a list of answers"
        )
    if len(given) != len(requests):
        return BackendError(f"{who} returned {len(given)} answers to {len(requests)} requests for {target}")
    for request, answer in zip(requests, given, strict=True):
        wrong = _find_fault(request, answer, shots.count)
        if wrong is not None:
            return BackendError(f"{who} answers {type(request).__name__} of {target} wrongly: {wrong}")
    return given


def _find_fault(request: Request, answer: object, shots: int) -> str | None:
    """Return the fault of one answer, or None if it is valid."""
    wanted = ShotRecord if request.single_shots else Trace
    if not isinstance(answer, wanted):
        return f"a {type(answer).__name__} instead of a {wanted.__name__}"
    shape = request.shape(shots)
    shapes: list[tuple[str, object, tuple[int, ...] | None]] = [("iq", answer.iq, shape)]
    if isinstance(answer, Trace):
        rows = None if request.rows is None else request.rows.shape
        shapes += [
            ("x", answer.x, request.x.shape),
            ("sigma", answer.sigma, shape),
            ("covariance", answer.covariance, shape),
            ("rows", answer.rows, rows),
            ("ends", answer.ends, request.ends_shape),
        ]
    wrong = (_find_array_fault(name, array, wanted_shape) for name, array, wanted_shape in shapes)
    found = next((one for one in wrong if one is not None), None)
    return found or (_find_noise_fault(answer) if isinstance(answer, Trace) else None)


def _find_noise_fault(trace: Trace) -> str | None:
    """Return the fault of a trace's noise, or None; an invalid error would make every estimate too certain."""
    sigma = np.asarray(trace.sigma)
    if not np.iscomplexobj(sigma) or sigma.real.min() <= 0 or sigma.imag.min() <= 0:
        return "sigma must be complex (error of I plus i times error of Q, both above 0) (`Trace.from_shots` computes it)"
    return find_covariance_fault(sigma.real, sigma.imag, np.asarray(trace.covariance))


def _find_array_fault(name: str, array: object, shape: tuple[int, ...] | None) -> str | None:
    if shape is None:
        return None if array is None else f"{name} is given, but this request has none"
    if array is None:
        return f"{name} is missing"
    found = np.asarray(array)
    if found.shape != shape:
        return f"{name} has shape {found.shape}, not {shape}"
    if not np.isfinite(found).all():
        return f"{name} has values that are not finite"
    return None

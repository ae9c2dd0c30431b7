"""Options of a run: targets, parameters, backend and tags."""

from __future__ import annotations

from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Any

import click

from qdash_cli import options
from qdash_cli.hosts import choose_host

if TYPE_CHECKING:
    from collections.abc import Callable

    from qdash_cli.command_user import CommandUser
    from qdash_core.models.request import RunRequest, TargetSelection
    from qdash_core.models.strategies import StrategySelection


_MOST_STRATEGIES = 2
"""One for qubits, one for couplings."""


@dataclass(frozen=True, slots=True)
class RunOptions:
    """Options of a run besides its chip and flow, unparsed; None or empty if not given.

    Parameters
    ----------
    only : str or None
        Conditions, one of them to be met by a target; `none` for all targets.
    backend : str or None
        Replacement for the chip's own backend.
    scope : str or None
        Value scope that is read before the chip's values and written instead of them.
    settings, parameters : tuple of str
        Run parameters; arguments of a user's flow.
    repeat : bool or None
        Whether a result that is flagged only because it is far from the last value is measured once more.
    max_parallel : int or None
        Largest number of targets measured at once.
    one_of_each_mux : bool or None
        Whether one qubit of each multiplexer is measured at a time.
    """

    qids: str | None
    mux: str | None
    couplings: str | None
    exclude: str | None
    only: str | None
    backend: str | None
    tags: tuple[str, ...]
    scope: str | None
    settings: tuple[str, ...]
    parameters: tuple[str, ...]
    repeat: bool | None
    strategies: tuple[str, ...]
    max_parallel: int | None
    one_of_each_mux: bool | None

    def collect_fields(self) -> dict[str, Any]:
        """Return the fields of a request that were given; raise InvalidInputError if one is invalid."""
        found: dict[str, Any] = {}
        if any(one is not None for one in (self.qids, self.mux, self.couplings, self.exclude)):
            found["targets"] = self._select_targets()
        if self.only is not None:
            found["only"] = _parse_only(self.only)
        if self.backend is not None:
            found["backend_name"] = self.backend
        if self.tags:
            found["tags"] = self.tags
        if self.scope is not None:
            found["scope"] = self.scope
        if self.settings:
            found["run_parameters"] = options.parse_run_parameters(self.settings)
        if self.parameters:
            found["parameters"] = options.parse_flow_parameters(self.parameters)
        if self.repeat is not None:
            found["repeat"] = self.repeat
        if self.strategies or self.max_parallel is not None or self.one_of_each_mux is not None:
            found["scheduling"] = self._select_strategies()
        return found

    def _select_strategies(self) -> StrategySelection:
        from qdash_core.errors import InvalidInputError
        from qdash_core.models.strategies import select_strategies

        if len(self.strategies) > _MOST_STRATEGIES:
            raise InvalidInputError(
                "--strategy: select one strategy for qubits and one for couplings at most"
            )
        return select_strategies(
            strategies=self.strategies,
            max_parallel=self.max_parallel,
            one_of_each_mux=self.one_of_each_mux,
        )

    def make_request(self, chip_id: str, flow: str, command_user: CommandUser) -> RunRequest:
        """Return the request of a user for a flow on a chip; raises as `collect_fields` and `resolve_flow`."""
        from qdash_core.models.request import RunRequest

        return RunRequest(chip_id=chip_id, flow=resolve_flow(flow, command_user), **self.collect_fields())

    def _select_targets(self) -> TargetSelection:
        from qdash_core.errors import InvalidInputError
        from qdash_core.models.request import TargetSelection
        from qdash_core.models.target_lists import parse_couplings, parse_multiplexers, parse_qubits

        if sum(given is not None for given in (self.qids, self.mux, self.couplings)) > 1:
            raise InvalidInputError("use one of --qids, --mux and --couplings")
        if self.couplings is not None and self.exclude is not None:
            raise InvalidInputError(
                "--exclude applies to qubits: with --couplings, name only the couplings to measure"
            )
        return TargetSelection(
            qubits=None if self.qids is None else parse_qubits(self.qids),
            muxes=None if self.mux is None else parse_multiplexers(self.mux),
            couplings=None if self.couplings is None else parse_couplings(self.couplings),
            exclude=() if self.exclude is None else parse_qubits(self.exclude),
        )


flow_option = click.option(
    "--flow",
    metavar="NAME",
    help="A flow (`rough`, `bring-up`, `two-qubit`, `full`, `check`, `fine-tune`, a plugin's, or a saved one), the name of a task, or FILE.py[:FUNCTION].",
)

scope_option = click.option(
    "--scope",
    metavar="NAME",
    help="Value scope: its values are read before the chip's and written instead of them.",
)

_OPTIONS = (
    click.option("--qids", metavar="0-3,7,..", help="Only these qubits and ranges."),
    click.option("--mux", metavar="0-3,7,..", help="Only qubits of these multiplexers and ranges."),
    click.option("--couplings", metavar="0-1,..", help="Only these couplings."),
    click.option("--exclude", metavar="5,8-11,..", help="Exclude these qubits and ranges."),
    click.option(
        "--only",
        metavar="CONDITION,..",
        help="Only targets that are stale, disputed, flagged, failed or out-of-spec; several with commas; none: all targets.",
    ),
    click.option("--backend", metavar="NAME", help="Backend; default: the chip's own."),
    click.option(
        "--tag",
        "tags",
        multiple=True,
        metavar="TAG",
        help="Tag of the execution and its results; may be repeated.",
    ),
    scope_option,
    options.settings,
    options.parameters,
    options.repeat,
    click.option(
        "--strategy",
        "strategies",
        multiple=True,
        metavar="S",
        help="Scheduling strategy for qubits or for couplings, as in `qdash schedule`; twice for both kinds.",
    ),
    click.option(
        "--max-parallel",
        type=click.IntRange(min=1),
        metavar="N",
        help="Largest number of targets measured at once.",
    ),
    click.option(
        "--one-of-each-mux/--no-one-of-each-mux",
        default=None,
        help="Whether one qubit of each multiplexer is measured at a time; default: as the steps of the flow say.",
    ),
)


def run_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options of a run, `--qids` to `--no-repeat`, to a command, passed as one argument `run`."""

    @wraps(command)
    def with_run(*args: Any, **given: Any) -> Any:
        run = RunOptions(**{name: given.pop(name) for name in RunOptions.__slots__})
        return command(*args, run=run, **given)

    for option in reversed(_OPTIONS):
        with_run = option(with_run)
    return with_run


def _parse_only(given: str) -> tuple[str, ...]:
    from qdash_core.judgement.conditions import parse_conditions

    return () if given == "none" else tuple(map(str, parse_conditions(given)))


def resolve_flow(flow: str, command_user: CommandUser) -> str:
    """Return the absolute path of a flow in a file, for runs in another folder, or a name unchanged.

    Raise InvalidInputError for a file if a host is named, which cannot read it.
    """
    import shlex
    from pathlib import Path

    from qdash_core.errors import InvalidInputError
    from qdash_core.models.request import is_file, split_location

    if not is_file(flow):
        if Path(flow).suffix:
            raise InvalidInputError(f"{flow}: write FILE.py or FILE.py:FUNCTION, or the name of a flow")
        return flow
    if (named := choose_host(command_user.profile)) is not None:
        options = f" --project {command_user.project}" if command_user.project else ""
        raise InvalidInputError(
            f"{flow} is a file of this machine, and {named}: save the flow there by `qdash flow save {shlex.quote(flow)}{options}{command_user.profile_option}`, "
            f"and use its name, `{split_location(flow)[0].stem}`"
        )
    return str(Path(flow).absolute())

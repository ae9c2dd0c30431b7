"""Laboratory that plays pulses: one method supports every request of the port."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from qdash_core.errors import BackendError, InvalidInputError
from qdash_tasks.laboratory.answer_assembly import assemble_answer
from qdash_tasks.laboratory.batch import Batch
from qdash_tasks.laboratory.compilation import CompilationRequest, compile_requests
from qdash_tasks.laboratory.compiled_request import Setup
from qdash_tasks.laboratory.earlier_answers import EarlierAnswers
from qdash_tasks.laboratory.pair_requests import PAIR_REQUESTS
from qdash_tasks.laboratory.port import Answer, Answers, Laboratory
from qdash_tasks.laboratory.program import Play, Program, ProgramAnswer, Signs
from qdash_tasks.laboratory.program_player import Point, ProgramGroup, ProgramPlayer
from qdash_tasks.laboratory.requests import QUBIT_REQUESTS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from qdash_tasks.laboratory.batch import CompiledEntry
    from qdash_tasks.laboratory.request import Request
    from qdash_tasks.laboratory.settings import Settings
    from qdash_tasks.laboratory.shots import Shots

_FEWEST_BLOCKS = 7
"""Fewest blocks: with six degrees of freedom, the error of a fit is too small by only 15 %."""
_USUAL_SIGNS = Signs()


class PulseLaboratory(Laboratory):
    """Laboratory whose author implements `play`, to which all standard requests are compiled. Safe for threads.

    Requests at the same place are merged into the same programs, which are played in as few calls as `limits`
    allow. Set limits of an instance before calling this constructor: it puts settings on the grid.

    The noise of a mean is known in one of three ways: the adapter states it (`limits.covariances`); or every
    shot is kept; or, if shots cannot be kept or few programs of a call can keep them, each program is played
    in `blocks`, and their scatter gives the noise.
    """

    requests = QUBIT_REQUESTS | PAIR_REQUESTS
    """All standard requests. Kinds of plugins that define their programs (`Request.compiled`) need not be listed."""
    plays_programs = True
    blocks: ClassVar[int] = 10
    """Number of blocks into which the shots of a program are split if the noise of means is not known
    otherwise.

    At least 7: points are weighted by the scatter of their own blocks, and with fewer blocks the error bars
    of results are too small.
    """
    saturation_ns: ClassVar[float] = 200_000.0
    """Length of the spectroscopy pulse, several T1: a qubit driven for one T1 is not yet steady, and its line
    has another shape.
    """

    def __init_subclass__(cls, **options: Any) -> None:
        """Reject a number of blocks that would make error bars too small."""
        super().__init_subclass__(**options)
        if cls.blocks < _FEWEST_BLOCKS:
            raise InvalidInputError(
                f"{cls.__name__}.blocks is {cls.blocks}: estimating noise needs at least {_FEWEST_BLOCKS} blocks"
            )

    @abstractmethod
    def play(self, programs: Sequence[Program], shots: Shots) -> Sequence[ProgramAnswer]:
        """Play programs in one call and return an answer for each, in order. Touches hardware.

        Times are on the grids of `limits`; raise for a program that cannot be played, and never round.

        Parameters
        ----------
        shots
            Number of shots, whether the mean or each shot is kept (`keep`), and their repetition.
        """

    def answer(self, target: str, request: Request, shots: Shots) -> Answer | None:  # noqa: ARG002  for adapters that can
        """Answer a request by means other than `play`, such as a hardware sweep. Touches hardware.

        Called for kinds in `requests` only. Return None, as by default, to have it compiled; an exception fails this target alone. All answers to
        a target share one IQ plane: if the plane rotates between calls (`limits.plane_turns`), this is called
        only for a target with one request.
        """
        return None

    def signs(self, play: Play) -> Signs:  # noqa: ARG002  the same for all, unless an adapter knows better
        """Return the sign conventions of the generator of a play; those of `program` by default."""
        return _USUAL_SIGNS

    def rng(self) -> np.random.Generator:
        """Return the random generator for the random sequences of one call."""
        return np.random.default_rng()

    def perform(self, programs: Sequence[Program], shots: Shots) -> Sequence[ProgramAnswer]:
        """Play programs in one call, with signs mirrored for generators that need it. Touches hardware."""
        return self.play(self.as_sent(programs), shots)

    def measure(self, requests: Mapping[str, Sequence[Request]], shots: Shots) -> Answers:
        """Compile and merge the requests, and play them. Touches hardware.

        The call uses the current settings; changes by another thread take effect in the next call.
        """
        setup = self._make_setup()
        own = {target: self._collect_own_answers(target, entry, shots) for target, entry in requests.items()}
        wanted = [
            CompilationRequest(target, place, request, self._choose_shots(request, shots))
            for target, given in own.items()
            if not isinstance(given, Exception)
            for place, request in enumerate(requests[target])
            if place not in given
        ]
        found = compile_requests(wanted, setup)
        entry = [one for those in found.values() if not isinstance(those, Exception) for one in those]
        played = self._play_entries(entry, shots, setup.settings)
        answers: dict[str, Sequence[Answer] | Exception] = {}
        for target, given in own.items():
            programs = found.get(target, [])
            if isinstance(given, Exception):
                answers[target] = given
            elif isinstance(programs, Exception):
                answers[target] = programs
            else:
                answers[target] = _collect_answers(target, len(requests[target]), given, played)
        return answers

    def read_means(self, programs: Sequence[Program], shots: Shots) -> list[Point]:
        """Play programs in one IQ plane, in few calls, and return means with their noise. Touches hardware."""
        kept, blocks = self._choose_mean_shots(shots)
        player = self.make_player(dict(self.settings))
        (points,) = player.play([ProgramGroup(self.as_sent(programs), kept, blocks)])
        if isinstance(points, Exception):
            raise points
        return points

    def make_player(self, settings: Mapping[str, Settings]) -> ProgramPlayer:
        """Return a player for programs with these settings, which detects answers of the last call."""
        return ProgramPlayer(self.play, type(self).__name__, settings, self.limits, self._earlier)

    @cached_property
    def _earlier(self) -> EarlierAnswers:
        return EarlierAnswers()

    def _round_settings(self, qid: str, settings: Settings) -> Settings:
        """Round pulse lengths to the grid of the line, so that the recorded lengths are the played ones."""
        return settings.on_grid(self.limits, qid)

    def _make_setup(self) -> Setup:
        """Return the setup of a call, with the current settings."""
        return Setup(
            settings=dict(self.settings),
            couplings=dict(self.couplings),
            limits=self.limits,
            rng=self.rng(),
            saturation_ns=self.saturation_ns,
            lines=set(),
        )

    def _collect_own_answers(
        self, target: str, requests: Sequence[Request], shots: Shots
    ) -> Mapping[int, Answer] | Exception:
        """Return the answers that the adapter measures itself, by place, or its exception. Touches hardware."""
        if self.limits.plane_turns and len(requests) > 1:
            # Other calls have other planes, but all answers to a target share one.
            return {}
        try:
            # A subclass of a listed kind measures something else.
            listed = ((place, one) for place, one in enumerate(requests) if type(one) in self.requests)
            given = ((place, self.answer(target, one, shots)) for place, one in listed)
            return {place: one for place, one in given if one is not None}
        except Exception as error:  # noqa: BLE001  the border between one target and the others of its call
            return error

    def _choose_shots(self, request: Request, shots: Shots) -> Shots:
        """Return the shots of a request, with the way in which they are kept."""
        return replace(shots, keep="each") if request.single_shots else self._choose_mean_shots(shots)[0]

    def _play_entries(
        self, entry: Sequence[CompiledEntry], shots: Shots, settings: Mapping[str, Settings]
    ) -> dict[tuple[str, int], Answer | Exception]:
        """Play compiled requests and return the answers by target and place. Touches hardware."""
        blocks = self._choose_mean_shots(shots)[1]
        kept: dict[Shots, list[CompiledEntry]] = {}
        for one in entry:
            kept.setdefault(self._choose_shots(one.request, shots), []).append(one)
        batches = [Batch.from_requests(those, self.limits) for those in kept.values()]
        groups = [
            ProgramGroup(self.as_sent(batch.programs), those, blocks if those.keep == "mean" else 1)
            for batch, those in zip(batches, kept, strict=True)
        ]
        player = self.make_player(settings)
        found: dict[tuple[str, int], Answer | Exception] = {}
        for batch, those, points in zip(batches, kept.values(), player.play(groups), strict=True):
            for one in those:
                places = batch.places[one.target, one.place]
                found[one.target, one.place] = (
                    _name_failure(one, points)
                    if isinstance(points, Exception)
                    else _answer(one, [points[number] for number in places])
                )
        return found

    def _choose_mean_shots(self, shots: Shots) -> tuple[Shots, int]:
        """Return the shots of a mean, how they are kept, and the number of blocks."""
        limits = self.limits
        keeps_each = "each" in limits.keeps and not limits.few_single_shots
        if "mean" not in limits.keeps or (keeps_each and not limits.covariances):
            return replace(shots, keep="each"), 1
        if limits.covariances:
            return replace(shots, keep="mean"), 1
        blocks = max(_FEWEST_BLOCKS, min(self.blocks, shots.count))
        return replace(shots, keep="mean", count=-(-shots.count // blocks)), blocks

    def as_sent(self, programs: Sequence[Program]) -> tuple[Program, ...]:
        """Return programs with the signs that the generators need; unchanged programs are the same objects."""
        if type(self).signs is PulseLaboratory.signs:
            return tuple(programs)
        return tuple(self._mirror_program(program) for program in programs)

    def _mirror_program(self, program: Program) -> Program:
        plays = tuple(self._mirror_play(play) for play in program.plays)
        if all(one is other for one, other in zip(plays, program.plays, strict=True)):
            return program
        return Program(plays, program.readouts)

    def _mirror_play(self, play: Play) -> Play:
        signs = self.signs(play)
        if signs == _USUAL_SIGNS:
            return play
        waveform = play.waveform if signs.envelope == 1 else play.waveform.mirrored()
        return replace(play, waveform=waveform, phase_rad=signs.phase * play.phase_rad)


def _name_failure(entry: CompiledEntry, error: Exception) -> Exception:
    """Return the failure of a request; a rejection names target and request."""
    if isinstance(error, InvalidInputError):
        return InvalidInputError(f"{entry.target}: {type(entry.request).__name__}: {error}")
    return error


def _answer(entry: CompiledEntry, points: Sequence[Point]) -> Answer | Exception:
    """Return the answer to a request, or the failure of any qubit of its target."""
    read, qids = [], entry.list_qids()
    for point in points:
        of_target = {qid: point.read[qid] for qid in qids if qid in point.read}
        failed = next((one for one in of_target.values() if isinstance(one, BackendError)), None)
        if failed is not None:
            return failed
        read.append({qid: one for qid, one in of_target.items() if not isinstance(one, BackendError)})
    try:
        return assemble_answer(entry, read, began_s=points[0].began_s)
    except Exception as error:  # noqa: BLE001  the border between one target and the others of its call
        return error


def _collect_answers(
    target: str, count: int, own: Mapping[int, Answer], played: Mapping[tuple[str, int], Answer | Exception]
) -> Sequence[Answer] | Exception:
    """Return the answers of one target in order, or the first failure."""
    answers: list[Answer] = []
    for place in range(count):
        answer = own[place] if place in own else played[target, place]
        if isinstance(answer, Exception):
            return answer
        answers.append(answer)
    return answers

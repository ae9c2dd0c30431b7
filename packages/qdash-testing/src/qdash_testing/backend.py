"""Conformance tests of backends. A plugin author subclasses `BackendContract` in a test module.

from qdash_testing import BackendContract

class TestMyBackend(BackendContract):
    backend_class = MyBackend
    target = "0"

    def context(self, tmp_path):
        return BackendContext(project_id="default", chip_id="chip", qids=(), home=tmp_path)
"""

from __future__ import annotations

import copy
import inspect
import json
import math
from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

import pytest

from qdash_core.backends.base import BaseBackend, ChipKnowledge
from qdash_core.backends.instruments import (
    get_constraints,
    get_declared_unit,
    get_design,
    get_offers,
    list_files,
    list_tags,
    merges_notes,
    prepare_simulation,
)
from qdash_core.backends.laboratory import LaboratoryTime
from qdash_core.chips.design import validate_design
from qdash_core.chips.topology import make_topology
from qdash_core.models.estimates import Parameter
from qdash_core.process.clock import utc_now
from qdash_testing.contract import Contract

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from qdash_core.backends.base import BackendContext


class BackendContract(Contract):
    """Conformance tests of a backend. Do not override tests; to except one, use a strict xfail with a reason.

    Attributes
    ----------
    backend_class : type of BaseBackend
        The tested class.
    target : str
        A qubit that the backend of `context` knows.
    """

    backend_class: ClassVar[type[BaseBackend]]
    target: ClassVar[str] = "0"

    @abstractmethod
    def context(self, tmp_path: Path) -> BackendContext:
        """Return the context of the backend, after creating everything to which it connects.

        This is called once for a test; all backends of the test get its return value.
        """

    @pytest.fixture
    def run_context(self, tmp_path: Path) -> BackendContext:
        return self.context(tmp_path)

    @pytest.fixture
    def backend(self, run_context: BackendContext) -> Iterator[BaseBackend]:
        backend = self._open(run_context)
        yield backend
        backend.disconnect()

    def _open(self, context: BackendContext) -> BaseBackend:
        backend = self.backend_class()
        backend.context = context
        backend.connect()
        return backend

    def test_the_class_declares_valid_attributes(self) -> None:
        backend = self.backend_class
        assert issubclass(backend, BaseBackend)
        assert not inspect.isabstract(backend), f"it lacks {sorted(backend.__abstractmethods__)}"
        assert isinstance(backend.name, str)
        assert backend.name
        assert backend.name == backend.name.strip()
        assert backend.max_parallel is None or (
            type(backend.max_parallel) is int and backend.max_parallel > 0
        )
        assert isinstance(backend.transient_errors, tuple)
        for error in backend.transient_errors:
            assert isinstance(error, type)
            assert issubclass(error, BaseException)

    def test_it_is_made_without_arguments_and_without_hardware(self) -> None:
        """Make a backend before its context, and so the access to hardware, is set."""
        assert isinstance(self.backend_class(), self.backend_class)

    def test_it_names_its_instrument_without_a_connection(self, run_context: BackendContext) -> None:
        """Check that the name of the instrument, which is the key of its lock, is always the same."""
        context = replace(run_context, qids=())
        instrument = self.backend_class.instrument(context)
        assert isinstance(instrument, str)
        assert instrument.strip()
        assert self.backend_class.instrument(context) == instrument

    def test_it_names_the_part_of_its_instrument_that_a_run_uses(self, run_context: BackendContext) -> None:
        """Check that the unit is constant and known without a connection, and that a backend that shares its instrument merges notes."""
        context = replace(run_context, qids=())
        unit = get_declared_unit(self.backend_class, context)
        assert get_declared_unit(self.backend_class, context) == unit
        assert unit == "instrument" or merges_notes(self.backend_class), (
            f"it declares {unit}, but has no merge_note: its runs exclude each other"
        )

    def test_it_merges_its_note_by_target(self, backend: BaseBackend) -> None:
        """Merge the note of a session into that of another one, which has other values of the target."""
        new = backend.save_note()
        if new is None or not merges_notes(self.backend_class):
            return
        merge = self.backend_class.merge_note
        before = copy.deepcopy(new)
        assert merge(new, new, [self.target]) == new
        assert merge(new, new, []) == new
        assert merge(merge({}, new, [self.target]), {}, [self.target]) == merge({}, {}, []), (
            "a target that the new note lacks is removed"
        )
        assert merge(new, {}, []) == new, "other targets stay as stored"
        assert new == before, "merging changes neither note"
        backend.update_note(copy.deepcopy(merge(new, new, [self.target])))
        assert backend.save_note() == new

    def test_its_offers_are_the_same_without_a_connection(self, run_context: BackendContext) -> None:
        """Compare the names before and after a connection: the tasks of a chip depend on them at both times."""
        context = replace(run_context, qids=())
        offers = get_offers(self.backend_class, context)
        assert isinstance(self.backend_class.offers(context), frozenset)
        self._open(run_context).disconnect()
        assert get_offers(self.backend_class, context) == offers

    def test_its_constraints_are_the_same_without_a_connection(self, run_context: BackendContext) -> None:
        """Compare the constraints before and after a connection: previews and runs obey the same ones."""
        context = replace(run_context, qids=())
        constraints = get_constraints(self.backend_class, context)
        for kinds in (constraints.serial_muxes, constraints.serial_modules):
            assert isinstance(kinds, frozenset)
            assert kinds <= {"qubit", "coupling"}
        self._open(run_context).disconnect()
        assert get_constraints(self.backend_class, context) == constraints

    def test_it_names_the_files_that_it_keeps_of_a_chip(self, run_context: BackendContext) -> None:
        """Check that the listed files, which backups include, are below the home and known without a connection."""
        context = replace(run_context, qids=())
        files = list_files(self.backend_class, context)
        assert list_files(self.backend_class, context) == files
        assert len(set(files)) == len(files)

    def test_it_tags_its_runs_alike(self, run_context: BackendContext) -> None:
        """Check that the tags, by which users find runs, are constant and known without a connection."""
        assert list_tags(self.backend_class, run_context) == list_tags(self.backend_class, run_context)

    def test_it_knows_the_design_of_a_chip_or_nothing(self, run_context: BackendContext) -> None:
        """Check that design values, which tasks use if the chip has none, are constant and known without a connection."""
        context = replace(run_context, qids=())
        design = get_design(self.backend_class, context)
        assert get_design(self.backend_class, context) == design
        validate_design(design, design)

    def test_a_simulation_of_another_chip_is_prepared_once(self, run_context: BackendContext) -> None:
        """Check that a simulating backend connects to a chip of another backend, and keeps what it has prepared."""
        if not self.backend_class.simulated:
            return
        context = replace(run_context, chip_id="simulated", qids=(), chip_made_at=utc_now())
        topology = make_topology("pair", ("0", "1"), ("0-1",)).to_document()
        chip = ChipKnowledge(topology, {"0": {"qubit_frequency": 5.1}}, {}, {})
        prepare_simulation(self.backend_class, context, chip)
        design = get_design(self.backend_class, context)
        prepare_simulation(self.backend_class, context, chip)
        assert get_design(self.backend_class, context) == design
        self._open(context).disconnect()

    def test_it_gives_the_librarys_own_session(self, backend: BaseBackend) -> None:
        instance = backend.get_instance()
        assert instance is not None
        assert backend.get_instance() is instance

    def test_its_note_is_json_or_absent(self, backend: BaseBackend) -> None:
        note = backend.save_note()
        if note is not None:
            assert isinstance(note, dict)
            assert json.loads(json.dumps(note, allow_nan=False)) == note

    def test_reading_the_note_changes_nothing(self, backend: BaseBackend) -> None:
        assert backend.save_note() == backend.save_note()

    def test_it_takes_back_its_own_note(self, backend: BaseBackend) -> None:
        note = backend.save_note()
        if note is not None:
            backend.update_note(json.loads(json.dumps(note)))
            assert backend.save_note() == note

    def test_the_next_session_goes_on_with_the_note_of_the_last(
        self, backend: BaseBackend, run_context: BackendContext
    ) -> None:
        note = backend.save_note()
        backend.disconnect()
        following = self._open(run_context)
        if note is not None:
            following.update_note(json.loads(json.dumps(note)))
            assert following.save_note() == note
        following.disconnect()

    def test_unknown_values_are_harmless(self, backend: BaseBackend) -> None:
        """Apply an input that the library does not use, as the engine does with every input of a task."""
        before, used = backend.save_note(), dict(backend.read_back(self.target))
        unknown = {"a_parameter_of_somebody_else": Parameter(1.0, 0.1, "furlong")}
        backend.apply({})
        backend.apply({self.target: {}})
        backend.apply({self.target: unknown})
        assert backend.save_note() == before
        assert dict(backend.read_back(self.target)) == used

    def test_values_in_use_are_read_back_as_finite_numbers(self, backend: BaseBackend) -> None:
        used = backend.read_back(self.target)
        assert isinstance(used, Mapping)
        for name, value in used.items():
            assert isinstance(name, str)
            assert isinstance(value, (int, float))
            assert not isinstance(value, bool)
            assert math.isfinite(value), f"{name} is {value}: leave out parameters that are not set"

    def test_nothing_counts_as_used_without_a_task(self, backend: BaseBackend) -> None:
        """Check that reading values back and saving the note do not count as use by a task."""
        with backend.observe_reads() as reads:
            backend.read_back(self.target)
            backend.save_note()
        assert isinstance(reads, Mapping)
        used = {target: sorted(values) for target, values in reads.items() if values}
        assert not used, f"observe_reads reports {used}, but no task has run"

    def test_values_in_use_may_be_applied_again(self, backend: BaseBackend) -> None:
        used = dict(backend.read_back(self.target))
        backend.apply({self.target: {name: Parameter(value) for name, value in used.items()}})
        assert dict(backend.read_back(self.target)) == used

    def test_laboratory_time_begins_with_the_connection(self, backend: BaseBackend) -> None:
        clock = backend.clock
        assert clock is backend.clock
        if clock is not None:
            assert isinstance(clock, LaboratoryTime)
            assert math.isfinite(clock.begun_s)
            assert clock.now_s(self.target) == clock.latest_s == clock.begun_s

    def test_disconnecting_twice_is_harmless(self, backend: BaseBackend) -> None:
        backend.disconnect()
        backend.disconnect()

    def test_disconnecting_without_a_connection_is_harmless(self, run_context: BackendContext) -> None:
        backend = self.backend_class()
        backend.context = run_context
        backend.disconnect()

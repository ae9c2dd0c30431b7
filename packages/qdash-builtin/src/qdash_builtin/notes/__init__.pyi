from qdash_builtin.notes.feature import METRIC_NOTES as METRIC_NOTES
from qdash_builtin.notes.feature import NOTES as NOTES
from qdash_builtin.notes.metric_notes import MetricNoteService as MetricNoteService
from qdash_builtin.notes.model import MetricNoteModel as MetricNoteModel
from qdash_builtin.notes.model import NoteEventModel as NoteEventModel
from qdash_builtin.notes.model import NoteScope as NoteScope
from qdash_builtin.notes.note_places import NotePlace as NotePlace
from qdash_builtin.notes.operations.metric_notes import metric_notes_of_chip as metric_notes_of_chip
from qdash_builtin.notes.operations.metric_notes import note_metric_of_target as note_metric_of_target
from qdash_builtin.notes.operations.metric_notes import (
    show_metric_note_of_target as show_metric_note_of_target,
)
from qdash_builtin.notes.operations.note_events import note_events_of_chip as note_events_of_chip
from qdash_builtin.notes.operations.note_events import note_events_of_target as note_events_of_target
from qdash_builtin.notes.operations.note_events import note_timeline as note_timeline
from qdash_builtin.notes.operations.note_events import restore_note as restore_note
from qdash_builtin.notes.operations.note_events import search_note_events as search_note_events
from qdash_builtin.notes.operations.note_events import show_note_event as show_note_event
from qdash_builtin.notes.operations.notes import note_chip as note_chip
from qdash_builtin.notes.operations.notes import note_cooldown as note_cooldown
from qdash_builtin.notes.operations.notes import note_cryostat as note_cryostat
from qdash_builtin.notes.operations.notes import note_result as note_result
from qdash_builtin.notes.operations.notes import note_target as note_target
from qdash_builtin.notes.operations.notes import notes_of_chip as notes_of_chip
from qdash_builtin.notes.operations.notes import show_note_of_chip as show_note_of_chip
from qdash_builtin.notes.operations.notes import show_note_of_cooldown as show_note_of_cooldown
from qdash_builtin.notes.operations.notes import show_note_of_cryostat as show_note_of_cryostat
from qdash_builtin.notes.operations.notes import show_note_of_result as show_note_of_result
from qdash_builtin.notes.operations.notes import show_note_of_target as show_note_of_target
from qdash_builtin.notes.requests import EditRange as EditRange
from qdash_builtin.notes.requests import ListPeriod as ListPeriod
from qdash_builtin.notes.requests import NoteRequest as NoteRequest
from qdash_builtin.notes.requests import Period as Period
from qdash_builtin.notes.requests import TimelineFilter as TimelineFilter
from qdash_builtin.notes.requests import WrittenRange as WrittenRange
from qdash_builtin.notes.service import NoteService as NoteService

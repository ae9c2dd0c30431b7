from qdash_core.models.timetable import Moment as Moment

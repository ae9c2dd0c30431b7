from qdash_core.models.timetable import Interval as Interval

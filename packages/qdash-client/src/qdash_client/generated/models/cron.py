from qdash_core.models.timetable import Cron as Cron

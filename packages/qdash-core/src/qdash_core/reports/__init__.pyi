from qdash_core.reports.feature import REPORTS as REPORTS
from qdash_core.reports.service import ReportService as ReportService
from qdash_core.resources.reports import report_chip as report_chip
from qdash_core.resources.reports import report_execution as report_execution
from qdash_core.resources.reports import report_release as report_release
from qdash_core.resources.reports import show_report_page as show_report_page

from qdash_builtin.reports.feature import REPORTS as REPORTS
from qdash_builtin.reports.operations import report_chip as report_chip
from qdash_builtin.reports.operations import report_execution as report_execution
from qdash_builtin.reports.operations import report_release as report_release
from qdash_builtin.reports.operations import show_report_page as show_report_page
from qdash_builtin.reports.service import ReportService as ReportService

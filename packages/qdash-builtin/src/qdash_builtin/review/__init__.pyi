from qdash_builtin.review.feature import REVIEW as REVIEW
from qdash_builtin.review.operations import count_review as count_review
from qdash_builtin.review.operations import list_review as list_review
from qdash_builtin.review.operations import list_reviewed_results as list_reviewed_results
from qdash_builtin.review.operations import show_review as show_review
from qdash_builtin.review.service import ReviewService as ReviewService

from qdash_builtin.search.feature import SEARCH as SEARCH
from qdash_builtin.search.operations import search as search
from qdash_builtin.search.service import SearchService as SearchService

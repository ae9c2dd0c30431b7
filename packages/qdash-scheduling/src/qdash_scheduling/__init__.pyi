from qdash_scheduling.bounds import quick_bound as quick_bound
from qdash_scheduling.instance import make_problem as make_problem
from qdash_scheduling.orderings import UncoupledStrategy as UncoupledStrategy
from qdash_scheduling.strategies import BestStrategy as BestStrategy

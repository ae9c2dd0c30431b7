from qdash_builtin.proposals.action import ActionArguments as ActionArguments
from qdash_builtin.proposals.action import Confirmation as Confirmation
from qdash_builtin.proposals.action import Outcome as ProposalOutcome
from qdash_builtin.proposals.action import ProposalAction as ProposalAction

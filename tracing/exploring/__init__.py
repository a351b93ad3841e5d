"""`explore()`: a program under many schedules: how it can end, and the schedule that breaks it.

programs.py   what is explored
executing.py  one run, without a record
searching.py  which schedules: depth-first, few preemptions first, none that ends as an earlier one must
minimising.py of a failing schedule, what is needed
exploring.py  the order of all that, within a budget
outcomes.py   what came of it
"""

from tracing.exploring.exploring import explore, replay
from tracing.exploring.outcomes import Coverage, Exploration, Failure, Outcome
from tracing.exploring.programs import only_makes

__all__ = ["Coverage", "Exploration", "Failure", "Outcome", "explore", "only_makes", "replay"]

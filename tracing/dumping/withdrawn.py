"""Nothing: what a process runs in place of a question that it has not answered in time.

A request to run a script cannot be taken back, only replaced; were its file gone, the process would complain
on its standard error.
"""

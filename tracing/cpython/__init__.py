"""What we use of CPython that it does not promise: private names, opcodes, asynchronous exceptions.

Owns: every private name of the standard library and every opcode that the package touches. A new version of
Python is read into this room, and into no other.

Rule: each thing says what it is for, why no public way does, since and until which version, and what is done
where it is missing. This room knows no other of the package; `tests/test_layers.py` fails where another one
touches what should stand here.

versions.py   which Pythons are meant, and what is said on any other
command_line.py   whether this is `python -m tracing`, whose current folder is the program's
frames.py     the frame that called, the frames of all threads
stack.py      whether the stack has room for an operation
threads.py    a thread started by hand, the register of those that live
exceptions.py an exception raised in another thread, and a function that none comes to at its entry
ownership.py  locks that neither a Ctrl-C nor a fork leaves held
locks.py      what `threading` asks its own locks, and where it keeps their state
names.py      what a simulated run replaces or builds on
executors.py  the insides of `concurrent.futures`
queues.py     the insides of `queue.Queue`
waiting.py    where the interpreter itself waits: at its exit, for another thread's import
main_modules.py what `python -m` and `python FOLDER` run
remote.py     another process: its stacks from outside, a script that it runs
probe.py      what that script says of its threads
bytecodes.py  what the instructions of a function read and write
durations.py  durations as `threading` and `time` read them
storing.py    what the value of a call is bound to, by the instructions that follow it
generated.py  the `__init__` that a dataclass makes
blocks.py     whether an exception leaves a `with` block
"""

"""`proved`: what the folded cells of the lessons say.

A lesson claims something of a run: "reader waited for lock_a until writer released it". The cell below the
run asks its record whether that is so, and prints the claim behind a ✓. Open one, change a word, run it: it
says ✗.
"""

from __future__ import annotations

from collections.abc import Iterable


class Disproved(AssertionError):
    """A lesson says what its run does not show."""


def proved(claim: str, fact: object = False, *, by: Iterable[object] = ()) -> None:
    """Print the claim behind a ✓ if it is true; otherwise raise Disproved, with the claim behind a ✗.

    fact: whether it is so; what is not empty counts as yes. by: instead, parts of a record (waits, holds,
    ...), each of which is a sentence, and one of these sentences is the claim, word by word.
    """
    said = [str(part) for part in by]
    if not (fact or claim in said):
        says = "; ".join(said) or "no such thing"
        raise Disproved(f"✗ {claim}. The record says: {says}.")
    print(f"✓ {claim}")

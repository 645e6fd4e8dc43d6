"""Letters, mails and meeting notes as files: passages of what people wrote in them.

`read` takes a folder, an archive or a mailbox; `summary` says what came of it.
"""

from collections import Counter

from analysis.letters.parts import EMAIL, LETTER, NOTES
from analysis.letters.reading import File, Passage, Read, read

__all__ = ["File", "Passage", "Read", "read", "summary"]

_PLURAL = {LETTER: "letters", EMAIL: "emails", NOTES: "meeting notes"}


def summary(found: Read) -> str:
    """What was read and what was left out, in words."""
    letters = found.letters
    told = ", ".join(f"{letters[k]:,} {many}" for k, many in _PLURAL.items() if letters[k])
    unread = sum(not one.letter for one in found.files)
    empty = sum(bool(one.letter) and not one.passages for one in found.files)
    reasons = Counter(left.reason for _, _, left in found.left)
    left = ", ".join(f"{reason} {n:,}" for reason, n in sorted(reasons.items()))
    return (
        f"{len(found.passages):,} passages of {letters.total():,} letters"
        f"{f' ({told})' if told else ''}; {unread:,} files not read, {empty:,} without words of "
        f"their own. Left out: {left or 'nothing'}."
    )

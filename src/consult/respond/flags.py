"""Why an analyst may doubt a response: the whole list.

A flagged response is stored and counted like any other. A flag says what was noticed, and leaves it
to people to judge; the report gives its headline with and without. None rests on who somebody is,
where they sit or what they answered.
"""

from __future__ import annotations

from collections.abc import Mapping

#: In a survey where one may answer again, and why; the column ``again`` of the dataset.
AGAIN = "again"
FAST = "fast"
HONEYPOT = "honeypot"
NO_PROOF = "no_proof"
BURST = "burst"
#: What a partner's app sent twice under two ids, most often by mistake.
REPEATED = "repeated"
#: Never stored with a response: it is read off the key that it came with (``datasets/store.py``).
SET_ASIDE = "set_aside"

#: Each flag and what it means, as codebooks and staff pages say it.
FLAGS: Mapping[str, str] = {
    AGAIN: "Answered again from the same browser, and said why",
    FAST: "Sent sooner than the questions can be read",
    HONEYPOT: "Filled in a box that people cannot see",
    NO_PROOF: "Sent with neither the small task a browser works out nor the wait in its place",
    BURST: "Came with very many others from one connection or one app",
    REPEATED: "Came twice from the app of a partner, word for word",
    SET_ASIDE: "Came through a partner whose responses were set aside as a whole",
}
#: Why someone answers again, as it is stored.
REASONS = ("household", "more", "mistake", "other")

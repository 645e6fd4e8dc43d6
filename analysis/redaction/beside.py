"""Names that are told by a name found already: “Mark” in “Mark and Sue”, what follows a mark."""

from analysis.redaction import lexicon as lex
from analysis.redaction.extent import extend, of_place
from analysis.redaction.lists import cue
from analysis.redaction.words import Words


def beside(words: Words) -> None:
    """Take what is joined to a name: “Mark” in “Mark and Sue”, “Jo” in “Sue, Shirly and Jo”."""
    near = {i + k for i in range(len(words)) if words.named(i) for k in (-2, -1, 1, 2)}
    at = 0
    while at < len(words):
        i, at = at, at + 1
        if i not in near or words.taken[i]:
            continue
        here = words.flags[i]
        if not words.low[i] or here & (lex.NEVER | lex.PLACED | lex.INITIAL | lex.LETTER):
            continue
        if not here & (lex.CAPITAL | lex.LAST | lex.FIRST | lex.RARE):
            continue
        joined = _joined(words, i)
        if joined == "":
            continue
        if not words.cased(i) or here & lex.UPPER:
            good = joined in ("and", "title") and _small(words, i, here, joined)
        else:
            good = _capital(words, i, here, joined)
        if good and not of_place(words, i, i + 1):
            end = extend(words, i)
            words.take(i, end)
            near |= {i - 2, i - 1, *range(i, end + 2)}


def _capital(words: Words, i: int, here: int, joined: str) -> bool:
    """Whether a word with a capital, joined to a name, is one."""
    unknown = not here & (lex.ANY_WORD | lex.PLACE | lex.TITLE | lex.SOFT)
    if joined == "title":
        return bool(here & (lex.ANY_NAME | lex.ODD_LAST)) or unknown or words.closes(i)
    if joined == "and":
        return bool(here & lex.ANY_FIRST) or unknown
    return bool(here & (lex.FIRST | lex.RARE)) and unknown


def _small(words: Words, i: int, here: int, joined: str) -> bool:
    """Whether a word whose capital says nothing, “and” between it and a name, is one."""
    if joined == "title":
        return bool(here & lex.LAST) and words.low[i] not in cue("no_surname")
    if here & lex.ANY_WORD and not here & lex.FIRST:
        return False
    known = here & (lex.FIRST | lex.RARE) and not here & lex.PLACE
    back = words.before(i)
    if i + 1 < len(words) and words.low[i + 1] == "and":
        led = words.opens(i) or back in cue("opener") or back in ("and", "with", "to")
        return bool(known) and (led or bool(words.flags[i - 1] & lex.KIN))
    return bool(known) and not here & lex.RARE_WORD and words.closes(i)


def _joined(words: Words, i: int) -> str:
    """How a word is joined to a name: by “and”, after a title's, by a comma, or not at all."""
    for k, step in ((i + 1, 1), (i - 1, -1)):
        if not 0 <= k < len(words):
            continue
        gap = words.gap(min(i, k)).strip(" []")
        if words.named(k) and gap in ("&", "/", "+"):
            return "and"
        if words.named(k) and gap == ",":
            return ","
        far = k + step
        there = 0 <= far < len(words) and words.named(far) and words.low[k] == "and"
        if there and gap == words.gap(min(k, far)).strip(" []") == "":
            return "title" if step < 0 and _titled(words, far) else "and"
    return ""


def _titled(words: Words, k: int) -> bool:
    """Whether the name that ends with word `k` has a title of more than one: “Councillors”."""
    while k > 0 and words.named(k) and words.gap(k - 1).strip(" [].") == "":
        k -= 1
    return bool(words.flags[k] & (lex.TITLE | lex.SOFT)) and words.low[k][-1:] == "s"


def after_mark(words: Words) -> None:
    """Take the surname after a mark: “[NAME] gill”."""
    for i in range(1, len(words)):
        if (
            not words.flags[i - 1] & lex.MARKED
            or words.text[words.end[i - 1] : words.start[i]] != "] "
        ):
            continue
        here = words.flags[i]
        if words.taken[i] or here & (lex.NEVER | lex.PLACED | lex.TITLE | lex.SOFT | lex.KIN):
            continue
        barred = words.low[i] in cue("no_surname") or words.low[i] in cue("of_people")
        known = here & (lex.ANY_LAST if words.cased(i) else lex.LAST) and not barred
        if known and (words.closes(i) or not here & lex.ANY_WORD):
            words.take(i, i + 1)


def again(words: Words) -> None:
    """Take a name wherever else the text has it."""
    known = {low for low, taken in zip(words.low, words.taken, strict=True) if taken}
    for i, low in enumerate(words.low):
        if low not in known or words.taken[i] or len(low) < 3:
            continue
        flags, after = words.flags[i], words.after(i)
        acts = after in cue("of_any") or after in cue("of_people") or after in cue("of_duty")
        alone = not words.cased(i) or (words.opens(i) and not acts)
        if flags & (lex.ANY_WORD | lex.PARTICLE) and alone:
            continue
        if not flags & lex.PLACE and not of_place(words, i, i + 1):
            words.taken[i] = True

"""Which tool an export is of, by the columns about each response that only that tool writes."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from analysis.errors import DataError
from analysis.exports import layouts
from analysis.exports.grid import Block, Grid

OTHER = "Other"
"""The code and label of an answer that was written in beside the options."""
FINISHED = frozenset({"complete", "completed", "yes", "y", "1", "true", "finished", "submitted"})
TRIALS = frozenset({"test", "preview", "trial", "test response"})
_STATES = {
    *FINISHED, *TRIALS, "", "partial", "partially complete", "incomplete", "in progress", "no",
    "n", "0", "false", "draft", "not finished", "not complete", "disqualified", "live",
}  # fmt: skip
_NOTHING = "it tells nothing about the answers"
_PERSON = "it identifies the respondent"
_MACHINE = "it identifies the respondent's machine"
_ENDED = "time of sending: responses without one are not finished; cut to the day"
_STARTED = "time of starting: with the time of sending it could tell who answered"

About = tuple[str, bool, str]
"""What becomes of a column about the response: type, whether it is kept, why."""

_SHARED: dict[str, About] = {
    "ipaddress": ("", False, _MACHINE),
    "ip": ("", False, _MACHINE),
    "useragent": ("", False, _MACHINE),
    "email": ("", False, _PERSON),
    "emailaddress": ("", False, _PERSON),
    "name": ("", False, _PERSON),
    "firstname": ("", False, _PERSON),
    "lastname": ("", False, _PERSON),
    "started": ("", False, _STARTED),
    "starttime": ("", False, _STARTED),
    "test": ("test", False, "responses for which it says yes are trials"),
    "istest": ("test", False, "responses for which it says yes are trials"),
    "responsestatus": ("complete", False, "responses that it does not call complete are left out"),
    "status": ("complete", False, "responses that it does not call complete are left out"),
    "completed": ("complete", False, "responses for which it does not say yes are left out"),
}


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool's export. `all_of` are headers it always has, `any_of` such of which it has one.

    `not_asked` are cells of questions off the route, `codes` cells that mean something else;
    `yes_or_no` says that the boxes of a question hold these, not the option.
    """

    name: str
    all_of: tuple[str, ...]
    any_of: tuple[str, ...]
    about: dict[str, About]
    blocks: Callable[[Grid, set[int]], list[Block]]
    month_first: bool = False
    not_asked: tuple[str, ...] = ()
    codes: Mapping[str, str] = field(default_factory=dict)
    yes_or_no: bool = False


SURVEYMONKEY = Tool(
    "SurveyMonkey",
    ("respondentid", "collectorid"),
    (),
    {
        **_SHARED,
        "respondentid": ("id", True, "the tool's number of the response"),
        "collectorid": ("", False, _NOTHING),
        "datecreated": ("", False, _STARTED),
        "datemodified": ("day", True, "time of the last change, cut to the day"),
        "startdate": ("", False, _STARTED),
        "enddate": ("ended", True, _ENDED),
        **dict.fromkeys(
            ("customdata1", "custom1", "customvalue", "customdata"), ("", False, _PERSON)
        ),
    },
    layouts.two_rows,
    month_first=True,
)
SMARTSURVEY = Tool(
    "SmartSurvey",
    ("started", "ended"),
    ("userid", "userno", "uniqueid", "trackinglink", "trackinglinkid", "trackingid"),
    {
        **_SHARED,
        "userid": ("id", True, "the tool's number of the response"),
        "responseid": ("id", True, "the tool's number of the response"),
        "userno": ("", False, _NOTHING),
        "uniqueid": ("", False, _PERSON),
        **dict.fromkeys(
            ("trackinglink", "trackinglinkid", "trackingid", "trackinglinkname"),
            ("", False, _NOTHING),
        ),
        "ended": ("ended", True, _ENDED),
        "progress": ("", False, _NOTHING),
        "language": ("language", True, "language of the response"),
        "device": ("", False, _MACHINE),
        "browser": ("", False, _MACHINE),
        "platform": ("", False, _MACHINE),
    },
    layouts.two_rows,
)
MICROSOFT = Tool(
    "Microsoft Forms",
    ("id", "starttime", "completiontime"),
    (),
    {
        **_SHARED,
        "id": ("id", True, "the tool's number of the response"),
        "completiontime": ("ended", True, _ENDED),
        "lastmodifiedtime": ("", False, _STARTED),
        "language": ("language", True, "language of the response"),
        "totalpoints": ("", False, _NOTHING),
        "quizfeedback": ("", False, _NOTHING),
        "gradepostedtime": ("", False, _NOTHING),
    },
    layouts.one_row,
)
LIMESURVEY = Tool(
    "LimeSurvey",
    (),
    ("submitdate", "datesubmitted"),
    {
        **_SHARED,
        "id": ("id", True, "the tool's number of the response"),
        "responseid": ("id", True, "the tool's number of the response"),
        "submitdate": ("ended", True, _ENDED),
        "datesubmitted": ("ended", True, _ENDED),
        **dict.fromkeys(("startlanguage",), ("language", True, "language of the response")),
        **dict.fromkeys(("lastpage", "seed", "interviewtime", "totaltime"), ("", False, _NOTHING)),
        **dict.fromkeys(
            ("startdate", "datestamp", "datestarted", "datelastaction"), ("", False, _STARTED)
        ),
        **dict.fromkeys(("ipaddr",), ("", False, _MACHINE)),
        **dict.fromkeys(("token", "accesscode", "attribute1", "attribute2"), ("", False, _PERSON)),
        **dict.fromkeys(("refurl", "referrerurl"), ("", False, _MACHINE)),
    },
    layouts.lime,
    not_asked=("N/A",),
    codes={"-oth-": OTHER},
    yes_or_no=True,
)
CITIZEN_SPACE = Tool(
    "Citizen Space",
    ("responseid",),
    (),
    {
        **_SHARED,
        "responseid": ("id", True, "the tool's number of the response"),
        **dict.fromkeys(
            ("submitted", "datesubmitted", "submissiondate", "submittedon", "submissiondatetime"),
            ("ended", True, _ENDED),
        ),
        **dict.fromkeys(("created", "datecreated", "startdate"), ("", False, _STARTED)),
        "language": ("language", True, "language of the response"),
        **dict.fromkeys(("analystnotes", "tags", "notes"), ("", False, "an analyst wrote it")),
        **dict.fromkeys(("user", "username", "userid"), ("", False, _PERSON)),
    },
    layouts.two_rows,
)
TOOLS = (SURVEYMONKEY, MICROSOFT, LIMESURVEY, SMARTSURVEY, CITIZEN_SPACE)
_CITIZEN_ID = re.compile(r"[A-Z]{3,5}(-[A-Z0-9]{4}){2}-[A-Z0-9]")
_LIME_TIME = re.compile(
    r"(group|question) ?time.*|q?\d*time\d+|grouptime\d+|\w+time", re.IGNORECASE
)
_LIME_BESIDE = ("lastpage", "startlanguage", "seed", "interviewtime")
_ANALYST = re.compile(r"\b(analyst('s)? (notes?|comments?|fields?)|tags)\s*$", re.IGNORECASE)
_QUIZ = re.compile(r"(points|feedback) [-–] ", re.IGNORECASE)


def plain(header: str) -> str:
    """A header by its letters and figures alone."""
    return re.sub(r"[^a-z0-9]", "", header.lower())


def recognised(name: str, grids: Iterable[Grid]) -> tuple[Tool, str, Grid]:
    """The tool, why it is thought to be that, and the grid with its rows of headers counted.

    `grids` are the sheets of the file `name`. Raises DataError when none is an export of a known
    tool, and when it holds no responses.
    """
    for grid in grids:
        there = [plain(cell) for cell in grid.headers]
        for tool in TOOLS:
            why = _fits(tool, there, grid)
            if why:
                found = replace(grid, depth=_depth(tool, there, grid))
                if not found.rows:
                    raise DataError(f"{grid.name}: there are no responses below its headers.")
                return tool, why, found
    raise DataError(
        f"{name}: it is no export of {', '.join(t.name for t in TOOLS[:-1])} or "
        f"{TOOLS[-1].name} that is known here: the columns about each response are missing from "
        "its first row. Export all responses, one a row, with the columns about each response, and "
        "do not remove or rename any."
    )


def _fits(tool: Tool, there: list[str], grid: Grid) -> str:
    found = [name for name in tool.all_of if name in there]
    some = [name for name in tool.any_of if name in there]
    if len(found) < len(tool.all_of) or (tool.any_of and not some):
        return ""
    named = [grid.headers[there.index(name)] for name in (*found, *some)]
    if tool is LIMESURVEY:
        beside = [n for n in _LIME_BESIDE if n in there]
        if not beside or not {"id", "responseid"} & set(there):
            return ""
        named += [grid.headers[there.index(n)] for n in beside]
    if tool is CITIZEN_SPACE:
        ids = [row[there.index("responseid")] for row in grid.cells[1:]]
        if not any(_CITIZEN_ID.fullmatch(cell) for cell in ids):
            return ""
        return "it has a column “Response ID” with numbers such as ANON-ABCD-1234-E"
    return "it has the columns " + ", ".join(f"“{name}”" for name in named)


def _depth(tool: Tool, there: list[str], grid: Grid) -> int:
    """2 where the second row has cells, but none under the columns about the response."""
    if tool.blocks is not layouts.two_rows or len(grid.cells) < 2:
        return 1
    own = {k for k, name in enumerate(there) if tool.about.get(name, ("",))[0] in ("id", "ended")}
    second = grid.cells[1]
    return 2 if any(second) and not any(second[k] for k in own) else 1


def about(tool: Tool, grid: Grid) -> dict[int, About]:
    """The columns about the response, counted from 0, with what becomes of each."""
    found: dict[int, About] = {}
    taken: set[str] = set()
    for place, header in enumerate(grid.headers):
        name, second = plain(header), grid.second[place]
        what = tool.about.get(name)
        if what is None or second:
            what = _recognised_by_shape(tool, header, second)
            if what is None:
                continue
        elif name in taken:
            continue  # a question that is worded like a column of the tool comes later
        elif what[0] in ("complete", "test") and not _STATES.issuperset(
            cell.lower() for cell in grid.column(place)
        ):
            continue  # a question of that name
        taken.add(name)
        found[place] = what
    return found


def _recognised_by_shape(tool: Tool, header: str, second: str) -> About | None:
    if tool is LIMESURVEY and "[" not in header and _LIME_TIME.fullmatch(header.split(":")[0]):
        return "", False, "time taken: it tells nothing about the answers"
    if tool is MICROSOFT and _QUIZ.match(header):
        return "", False, _NOTHING
    if tool is CITIZEN_SPACE and _ANALYST.search(second or header):
        return "", False, "an analyst wrote it"
    return None

"""Invented people and what identifies them, for ``benchmarks.personal``.

The names of ``texts/names.txt`` were written from general knowledge, of many origins; no person is
meant. Numbers are drawn by chance in the shapes that real ones have.
"""

from __future__ import annotations

import string
import unicodedata
from functools import lru_cache
from random import Random

from benchmarks.grammar import TEXTS, Maker

KINDS = (
    "NAME", "ADDRESS", "POSTCODE", "PHONE", "EMAIL", "PLATE", "NHS", "NI", "DOB", "HANDLE",
    "CRIME", "COLLAR",
)  # fmt: skip
#: Origins of names, as often as here; names that are also words come from all.
ORIGINS = {
    "english": 40, "scottish": 5, "irish": 6, "welsh": 5, "polish": 6, "romanian": 4,
    "southasian": 16, "eastasian": 5, "african": 7, "arabicturkish": 5, "portuguese": 3,
    "caribbean": 3,
}  # fmt: skip
OPEN, CLOSE, DIVIDE = "\ue000", "\ue001", "\ue002"
RANKS = (
    "PC", "PC", "PC", "Sgt", "Sergeant", "Inspector", "DC", "DS", "DI", "PCSO", "Insp",
    "Chief Inspector", "Police Constable", "Detective Sergeant", "WPC", "Supt",
)  # fmt: skip
TITLES = ("Mr", "Mrs", "Mrs", "Miss", "Ms", "Dr", "Mr.", "Mrs.")
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
AREAS = ("CV", "B", "WR", "HR", "TF", "SY", "DY", "GL", "LE", "M", "SW", "E", "BT", "CF", "LS")
DIALLING = ("01926", "01788", "01789", "01905", "01952", "01743", "01432", "01562", "01384")
DOMAINS = (
    "gmail.com", "gmail.com", "hotmail.co.uk", "hotmail.com", "outlook.com", "btinternet.com",
    "icloud.com", "yahoo.co.uk", "sky.com", "live.co.uk", "talktalk.net", "protonmail.com",
    "nhs.net", "warwickshire.police.uk", "warwickshire.gov.uk", "westmercia.police.uk",
    "rugby.gov.uk", "mossendfarm.co.uk", "stjohnsprimary.sch.uk",
)  # fmt: skip


@lru_cache(maxsize=1)
def lists() -> dict[str, list[str]]:
    """The word lists, by section."""
    found: dict[str, list[str]] = {}
    section = ""
    for line in (TEXTS / "names.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("== "):
            section = line[3:].strip()
        else:
            found.setdefault(section, []).extend(w.replace("_", " ") for w in line.split())
    return found


def marked(kind: str, form: str, text: str) -> str:
    """A piece of personal data, marked for ``benchmarks.personal``."""
    return f"{OPEN}{kind}{DIVIDE}{form}{DIVIDE}{text}{CLOSE}"


def plain(text: str) -> str:
    """ASCII letters only, small."""
    flat = unicodedata.normalize("NFKD", text.replace("ł", "l").replace("Ł", "l"))
    return "".join(c for c in flat if c.isascii() and c.isalnum()).lower()


def origin(dice: Random) -> str:
    """Where a person's name comes from."""
    return dice.choices(list(ORIGINS), list(ORIGINS.values()))[0]


def first(dice: Random, of: str) -> str:
    """A first name; one in eight is also a word."""
    british = of in ("english", "scottish", "irish", "welsh", "caribbean")
    wordy = british and dice.random() < 0.14
    return dice.choice(lists()["first.wordy" if wordy else f"first.{of}"])


def last(dice: Random, of: str) -> str:
    """A surname; one in eight is also a word, some have two barrels."""
    british = of in ("english", "scottish", "irish", "welsh", "caribbean")
    name = dice.choice(lists()["last.wordy" if british and dice.random() < 0.16 else f"last.{of}"])
    if dice.random() < 0.05 and " " not in name:
        name = f"{name}-{dice.choice(lists()['last.' + origin(dice)])}"
    if dice.random() < 0.2:
        name = name.replace("'", "’")
    return name


def full(dice: Random) -> str:
    """First name and surname, at times with more between."""
    of = origin(dice)
    name, family = first(dice, of), last(dice, of)
    chance = dice.random()
    if chance < 0.05:
        return f"{name} {dice.choice('ABCDEFGHJKLMPRSTW')} {family}"
    return f"{name} {first(dice, of)} {family}" if chance < 0.1 else f"{name} {family}"


def whole(dice: Random) -> str:
    """A full name."""
    return marked("NAME", "full", full(dice))


def first_alone(dice: Random) -> str:
    """A first name alone."""
    return marked("NAME", "first", first(dice, origin(dice)))


def first_of(dice: Random) -> str:
    """A first name with an s and no apostrophe: "Daves bike"."""
    return marked("NAME", "first", first(dice, origin(dice)).removesuffix("s") + "s")


def last_alone(dice: Random) -> str:
    """A surname alone."""
    return marked("NAME", "last", last(dice, origin(dice)))


def titled(dice: Random) -> str:
    """A title, and the name after it."""
    return f"{dice.choice(TITLES)} {marked('NAME', 'titled', last(dice, origin(dice)))}"


def officer(dice: Random) -> str:
    """A rank, and the name after it."""
    name = full(dice) if dice.random() < 0.4 else last(dice, origin(dice))
    return f"{dice.choice(RANKS)} {marked('NAME', 'officer', name)}"


def councillor(dice: Random) -> str:
    """A councillor."""
    name = full(dice) if dice.random() < 0.5 else last(dice, origin(dice))
    return f"{dice.choice(('Cllr', 'Councillor', 'Cllr.'))} {marked('NAME', 'councillor', name)}"


def initials(dice: Random) -> str:
    """Two initials and nothing else."""
    one, two = dice.choice("ABCDEGJKLMNPRST"), dice.choice("ABCDFGHKLMPRSTW")
    return marked("NAME", "initials", dice.choice((f"{one}.{two}.", f"{one}. {two}.")))


def initialled(dice: Random) -> str:
    """A surname after initials."""
    one, two = dice.choice("ABCDEGJKLMNPRST"), dice.choice("ABCDFGHKLMPRSTW")
    start = dice.choice((f"{one}.", one, f"{one} {two}", f"{one}.{two}."))
    return marked("NAME", "initialled", f"{start} {last(dice, origin(dice))}")


def road(dice: Random) -> str:
    """A street of a name that many towns have."""
    kind = dice.choice(lists()["street.type"])
    if dice.random() < 0.12:
        short = {"Road": "Rd", "Street": "St", "Lane": "Ln", "Avenue": "Ave", "Close": "Cl"}
        kind = short.get(kind, kind)
    return f"{dice.choice(lists()['street.proper'])} {kind}"


def street(dice: Random) -> str:
    """A street without a number."""
    return marked("ADDRESS", "street alone", road(dice))


def house(dice: Random) -> str:
    """A house that has a name, with its street or without."""
    name = dice.choice(lists()["house"])
    text = f"{name}, {road(dice)}" if dice.random() < 0.5 else name
    return marked("ADDRESS", "house name", text)


def flat(dice: Random) -> str:
    """A flat in a block."""
    unit = f"{dice.choice(('Flat', 'flat', 'Apartment', 'Apt'))} {dice.randint(1, 90)}"
    unit += dice.choice(("", "", "", "b"))
    text = f"{unit}{dice.choice((', ', ' '))}{dice.choice(lists()['block'])}"
    return marked("ADDRESS", "flat", text)


def address(dice: Random) -> str:
    """A number and a street."""
    number = f"{dice.randint(1, 240)}{dice.choice(('', '', '', '', 'a', 'B'))}"
    text = f"{number}{dice.choice((' ', ' ', ' ', ', '))}{road(dice)}"
    if dice.random() < 0.1:
        text = f"Flat {dice.randint(1, 12)}, {text}"
    return marked("ADDRESS", "number and street", text)


def digits(dice: Random, count: int) -> str:
    """Digits by chance."""
    return "".join(dice.choices(string.digits, k=count))


def letters(dice: Random, count: int, among: str = "ABCDEFGHJKLMNOPRSTUVWXY") -> str:
    """Letters by chance, without those that plates leave out."""
    return "".join(dice.choices(among, k=count))


def cased(text: str, dice: Random) -> str:
    """Some type everything small."""
    return text.lower() if dice.random() < 0.2 else text


def postcode(dice: Random) -> str:
    """A postcode, at times without its space or in small letters."""
    area = dice.choice(AREAS)
    district = f"{dice.randint(1, 9)}W" if area == "E" and dice.random() < 0.3 else ""
    district = district or str(dice.randint(1, 49))
    inward = dice.choice(string.digits) + letters(dice, 2, "ABDEFGHJLNPQRSTUWXYZ")
    between = dice.choices((" ", "", "  "), (75, 23, 2))[0]
    return marked("POSTCODE", "", cased(f"{area}{district}{between}{inward}", dice))


def phone(dice: Random) -> str:
    """A mobile or landline number, in the ways people write them."""
    kind = dice.random()
    if kind < 0.55:
        head, tail = f"7{dice.randint(4, 9)}{digits(dice, 2)}", digits(dice, 6)
        text = dice.choice((
            f"0{head} {tail}", f"0{head}{tail}", f"0{head} {tail[:3]} {tail[3:]}",
            f"+44 {head} {tail}", f"+44{head}{tail}", f"+44 (0){head} {tail}",
            f"0{head}-{tail[:3]}-{tail[3:]}", f"0{head}.{tail[:3]}.{tail[3:]}",
            f"0{head[:2]} {head[2:]}{tail[:2]} {tail[2:]}", f"0044 {head} {tail}",
        ))  # fmt: skip
        return marked("PHONE", "mobile", text)
    if kind < 0.85:
        code, tail = dice.choice(DIALLING), dice.choice("23468") + digits(dice, 5)
        text = dice.choice((
            f"{code} {tail}", f"({code}) {tail}", f"{code}{tail}", f"{code} {tail[:3]} {tail[3:]}",
            f"+44 {code[1:]} {tail}", f"{code}-{tail}", f"{code}.{tail}",
        ))  # fmt: skip
    else:
        code, tail = dice.choice(("0121", "0161", "0117")), dice.choice("23478") + digits(dice, 6)
        text = dice.choice((
            f"{code} {tail[:3]} {tail[3:]}", f"({code}) {tail}",
            f"024 76{digits(dice, 2)} {tail[3:]}", f"020 7{digits(dice, 3)} {tail[3:]}",
            f"+44 20 8{digits(dice, 3)} {tail[3:]}",
        ))  # fmt: skip
    return marked("PHONE", "landline", text)


def email(dice: Random) -> str:
    """An address for e-mail, some of them disguised."""
    of = origin(dice)
    name, family = plain(first(dice, of)), plain(last(dice, of))
    tail = str(dice.randint(1, 99))
    local = dice.choice((
        f"{name}.{family}", f"{name}.{family}", f"{name}{family}{tail}", f"{name[0]}{family}",
        f"{name}_{family}", f"{family}.{name}{tail}", f"{name[0]}.{family}", f"the{family}family",
        f"{name}-{family}", f"{name}{tail}",
    ))  # fmt: skip
    domain = dice.choice(DOMAINS)
    if dice.random() < 0.08:
        dotted = domain.replace(".", " dot ")
        text = dice.choice((
            f"{local} at {dotted}", f"{local} (at) {domain}", f"{local}(at){domain}",
            f"{local.replace('.', ' dot ')} at {dotted}", f"{local} @ {domain}",
        ))  # fmt: skip
        return marked("EMAIL", "disguised", text)
    text = f"{local}@{domain}"
    return marked("EMAIL", "", text.capitalize() if dice.random() < 0.1 else text)


def plate(dice: Random) -> str:
    """A number plate of four formats."""
    gap = dice.choice((" ", " ", ""))
    year = f"{dice.randint(2, 25):02d}" if dice.random() < 0.6 else str(dice.randint(51, 74))
    form, text = dice.choices((
        ("current", letters(dice, 2) + year + gap + letters(dice, 3)),
        ("prefix", f"{letters(dice, 1)}{dice.randint(11, 999)}{gap}{letters(dice, 3)}"),
        ("suffix", f"{letters(dice, 3)}{gap}{dice.randint(11, 999)}{letters(dice, 1)}"),
        ("Northern Irish", f"{letters(dice, 1)}{dice.choice('IZ')}{letters(dice, 1)}{gap}"
         f"{dice.randint(1000, 9999)}"),
    ), (70, 12, 8, 10))[0]  # fmt: skip
    return marked("PLATE", form, cased(text, dice))


def nhs(dice: Random) -> str:
    """An NHS number whose last digit checks."""
    check = 10
    while check == 10:
        nine = dice.choice("46") + digits(dice, 8)
        weighted = sum(int(d) * w for d, w in zip(nine, range(10, 1, -1), strict=True))
        check = (11 - weighted % 11) % 11
    ten = f"{nine}{check}"
    gap = dice.choice((" ", " ", "", "-"))
    return marked("NHS", "", gap.join((ten[:3], ten[3:6], ten[6:])))


def insurance(dice: Random) -> str:
    """A National Insurance number."""
    start = dice.choice(("AB", "JC", "NR", "PW", "SH", "TY", "WE", "JX", "CE", "LM"))
    two = [digits(dice, 2) for _ in range(3)]
    gap = dice.choice((" ", " ", ""))
    return marked("NI", "", cased(gap.join((start, *two, dice.choice("ABCD"))), dice))


def birth(dice: Random) -> str:
    """A date of birth."""
    day, month, year = dice.randint(1, 28), dice.randint(1, 12), dice.randint(1932, 2009)
    name = MONTHS[month - 1]
    end = {1: "st", 2: "nd", 3: "rd", 21: "st", 22: "nd", 23: "rd"}.get(day, "th")
    return marked("DOB", "", dice.choice((
        f"{day:02d}/{month:02d}/{year}", f"{day}/{month}/{year % 100:02d}",
        f"{day:02d}.{month:02d}.{year}", f"{day:02d}-{month:02d}-{year}", f"{day} {name} {year}",
        f"{day}{end} {name} {year}", f"{day}{end} of {name} {year}", f"{name} {day}, {year}",
        f"{day} {name[:3]} {year}", f"{year}-{month:02d}-{day:02d}", f"{day} {month} {year}",
    )))  # fmt: skip


def handle(dice: Random) -> str:
    """A name on a social network."""
    of = origin(dice)
    name, family = plain(first(dice, of)), plain(last(dice, of))
    noun = dice.choice(("biker", "mum", "cv", "rugby", "lad", "darts", "wheels", "gardener"))
    tail = str(dice.randint(1, 99))
    return marked("HANDLE", "", "@" + dice.choice((
        f"{name}_{noun}", f"{name}{family}{tail}", f"{noun}_{name}{tail}", f"{name}.{family}",
        f"x{name}x{tail}", f"the_real_{name}", f"{family}_{noun}",
    )))  # fmt: skip


def crime(dice: Random) -> str:
    """The number of a crime or an incident."""
    return marked("CRIME", "", dice.choice((
        f"23/{dice.randint(1000, 59999)}/{dice.randint(19, 25)}",
        f"{dice.randint(1, 998)} of {dice.randint(1, 28):02d}/{dice.randint(1, 12):02d}/2024",
        f"22/{digits(dice, 6)}/{dice.randint(20, 25)}", f"44{digits(dice, 5)}/{digits(dice, 2)}",
    )))  # fmt: skip


def collar(dice: Random) -> str:
    """An officer's number."""
    return marked("COLLAR", "", str(dice.randint(111, 6999)))


MAKERS: dict[str, Maker] = {
    "full": whole, "first": first_alone, "firsts": first_of, "last": last_alone, "titled": titled,
    "officer": officer, "councillor": councillor, "initials": initials, "initialled": initialled,
    "street": street, "house": house, "flat": flat, "address": address, "postcode": postcode,
    "phone": phone, "email": email, "plate": plate, "nhs": nhs, "ni": insurance, "dob": birth,
    "handle": handle, "crime": crime, "collar": collar,
}  # fmt: skip

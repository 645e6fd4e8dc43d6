"""Margins from T.csv, and official figures made into them.

Every figure here is invented; only the layouts are those of Nomis and ONS.
"""

import codecs
from pathlib import Path

import openpyxl
import pytest

from analysis import official, population
from analysis.errors import DataError
from analysis.official_tables import ages

AREAS = ("Rugby", "Warwick")


def read(folder: Path, content: str | bytes) -> population.Population:
    path = folder / "T.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return population.read(path)


def test_margins_keep_where_their_figures_are_from(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        "margin,category,population,source,date,status,licence\n"
        'district,Rugby,"114,400",ONS,2021,official,OGL\n'
        "district,Warwick,148500,,,,\n\n"
        "sex,Female,130000,,,,\nsex,Male,132900,,,,\n",
    )
    district = found.margins[0]
    assert (district.totals, district.source, district.date) == ((114400, 148500), "ONS", "2021")
    assert (district.status, district.licence, found.licence) == ("official", "OGL", "OGL")
    assert found.find("sex") is found.margins[1]


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbfmargin,category,population\nsex,f,1000\nsex,m,2000\n",
        b'margin;category;population\nsex;f;"1,000"\nsex;m;2 000\n',
        codecs.BOM_UTF16_LE
        + "margin\tcategory\tpopulation\nsex\tf\t1000\nsex\tm\t2000\n".encode("utf-16-le"),
    ],
)
def test_margins_in_every_dress(tmp_path: Path, content: bytes) -> None:
    assert read(tmp_path, content).margins[0].totals == (1000, 2000)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("", "no figures below the header"),
        ("sex,f,\n", "line 2: the population must be a number above 0"),
        ("sex,f,1\nsex,m,NaN\n", "line 3: the population must be"),
        ("sex,f,-4\n", "line 2: the population must be"),
        ("sex,f,0\n", "Leave out a category in which nobody lives"),
        ('sex,f,"1,2"\n', "line 2: the population must be"),
        ("sex,f,1,234\n", "line 2 has 4 cells, the header 3"),
        ("sex,f,1\nsex,m,1\nsex,f,2\n", "“f” more than once (lines 2 and 4)"),
        ("sex,,1\n", "line 2 has no margin or no category"),
        ("a*b,x,1\n", "line 2: the margin “a*b” crosses 2 questions"),
        ("sex,f,1\nage,old,2\n", "“sex” adds up to 1 people and “age” to 2"),
    ],
)
def test_bad_margins_are_refused_by_their_line(tmp_path: Path, rows: str, said: str) -> None:
    with pytest.raises(DataError) as caught:
        read(tmp_path, "margin,category,population\n" + rows)
    assert said in str(caught.value)
    assert "T.csv" in str(caught.value)


def test_a_header_without_its_columns_or_an_unknown_status_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="missing: “margin”"):
        read(tmp_path, "name,category,population\nsex,f,1\n")
    with pytest.raises(DataError, match="line 2: margin “sex” has the status “true”"):
        read(tmp_path, "margin,category,population,status\nsex,f,1,true\n")
    with pytest.raises(DataError, match="line 2 is not UTF-8"):
        read(tmp_path, b"margin,category,population\nlle,Ynys M\xf4n,1\n")


def test_old_illustrative_and_unsourced_figures_are_named(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        "margin,category,population,source,date,status\n"
        "sex,f,1,ONS,2011-03-27,official\nage,old,1,,,\narea,here,1,ONS,2021,illustrative\n",
    )
    old, bare, invented = population.warnings(found, 2025)
    assert old == "The population figures for “sex” are of 2011, 14 years before the responses."
    assert bare == "The population figures for “age” come without a source and a date."
    assert "“area” are illustrative" in invented
    assert len(population.warnings(found, 2021)) == 2
    assert len(population.warnings(found, None)) == 2


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("Aged 16 to 24 years", (16, 24)), ("16-24", (16, 24)), ("Age 5 to 9", (5, 9)),
        ("Aged 15 years and under", (0, 15)), ("Aged under 1 year", (0, 0)), ("90+", (90, None)),
        ("Aged 65 years and over", (65, None)), ("Age 25", (25, 25)), ("Aged 4 years", (4, 4)),
        ("Total", None), ("Aged", None),
    ],
)  # fmt: skip
def test_ages_are_read_as_they_are_written(label: str, expected: object) -> None:
    assert ages(label) == expected


def census(folder: Path) -> Path:
    rows = ["Lower tier local authorities Code,Lower tier local authorities,"
            "Age (6 categories) Code,Age (6 categories),Sex (2 categories) Code,"
            "Sex (2 categories),Observation"]  # fmt: skip
    bands = ["Aged 15 years and under", "Aged 16 to 24 years", "Aged 25 to 34 years",
             "Aged 35 to 49 years", "Aged 50 to 64 years", "Aged 65 years and over"]  # fmt: skip
    for a, area in enumerate((*AREAS, "Stratford-on-Avon")):
        for b, band in enumerate(bands, start=1):
            for s, sex in enumerate(("Female", "Male"), start=1):
                rows.append(
                    f"E0700022{a},{area},{b},{band},{s},{sex},{1000 * (a + 1) + 10 * b + s}"
                )
            rows.append(f"E0700022{a},{area},-8,Does not apply,1,Female,0")
    path = folder / "custom-filtered.csv"
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return path


def test_census_custom_datasets_become_crossed_margins(tmp_path: Path) -> None:
    out = tmp_path / "T.csv"
    told = official.run(
        census(tmp_path), out, names=["area*age*sex", "area"], areas=AREAS,
        bands="16-34,35-64,65+", renames={"Female": "f", "Male": "m"},
        called={"area": "district", "age": "age_band"},
    )  # fmt: skip
    found = population.read(out)
    crossed, plain = found.margins
    assert crossed.name == "district*age_band*sex"
    assert len(crossed.categories) == 2 * 3 * 2
    at = crossed.categories.index("Rugby*16-34*f")
    assert crossed.totals[at] == 1021 + 1031
    assert plain.categories == AREAS
    assert plain.source == "Office for National Statistics, Census 2021"
    assert (plain.licence, plain.status, plain.year) == (
        "Open Government Licence v3.0", "official", 2021,
    )  # fmt: skip
    assert "district: 2 categories" in told
    assert population.warnings(found, 2026) == ()


def test_adults_alone_and_ages_as_the_file_has_them(tmp_path: Path) -> None:
    table = official.read(census(tmp_path), AREAS, adults_from=16)
    margin = official.margins(table, ["age"])[0]
    assert margin.categories == ("16-24", "25-34", "35-49", "50-64", "65+")
    with pytest.raises(DataError, match="“Aged 16 to 24 years” lie only partly in “18-24”"):
        official.read(census(tmp_path), bands="18-24,25+")
    with pytest.raises(DataError, match="lie only partly in “18\\+”"):
        official.read(census(tmp_path), adults_from=18)


API = """"DATE","DATE_NAME","GEOGRAPHY","GEOGRAPHY_NAME","GEOGRAPHY_CODE","C_SEX","C_SEX_NAME",\
"C_AGE","C_AGE_NAME","MEASURES","MEASURES_NAME","OBS_VALUE","OBS_STATUS_NAME"
"""


def test_the_long_answers_of_nomis_lose_their_totals(tmp_path: Path) -> None:
    rows = [
        f'2021,"2021",{k},"{area}","E0{k}",{s},"{sex}",{b},"{age}",{m},"{measure}",'
        f'{100 * s + b},"Normal"'
        for k, area in enumerate(AREAS)
        for s, sex in enumerate(("All persons", "Males", "Females"))
        for b, age in enumerate(("All categories: Age", "Age 16 to 24", "Age 25 and over"))
        for m, measure in ((20100, "value"), (20301, "percent"))
    ]
    path = tmp_path / "nomis.csv"
    path.write_text(API + "\n".join(rows) + "\n", encoding="utf-8")
    table = official.read(path)
    assert table.dimensions == ("area", "sex", "age")
    assert (table.source, table.date) == ("Office for National Statistics, from Nomis", "2021")
    sexes = official.margins(table, ["sex"])[0]
    assert dict(zip(sexes.categories, sexes.totals, strict=True)) == {"Male": 406, "Female": 806}
    path.write_text(
        API + "\n".join([*rows, rows[-2].replace('"2021"', '"2011"')]), encoding="utf-8"
    )
    with pytest.raises(DataError, match="holds the dates “2021”, “2011”"):
        official.read(path)


WIDE = """"TS008 - Sex"
"ONS Crown Copyright Reserved [from Nomis on 4 March 2025]"

"Population :","All usual residents"
"Units      :","Persons"
"Date       :","2021"

"local authority: district / unitary (as of April 2023)","mnemonic","All persons","%",\
"Female","%","Male","%"

"lad2023:Rugby","E07000220",300,100.0,160,53.3,140,46.7
"Warwick","E07000222",500,100.0,240,48.0,260,52.0


"In order to protect against disclosure of personal information, records have been swapped."
"""


def test_the_download_of_nomis_is_read_between_preamble_and_footnotes(tmp_path: Path) -> None:
    path = tmp_path / "wide.csv"
    path.write_text(WIDE, encoding="utf-8")
    table = official.read(path)
    by_area, by_sex = official.margins(table, ["area", "sex"])
    assert dict(zip(by_area.categories, by_area.totals, strict=True)) == {
        "Rugby": 300,
        "Warwick": 500,
    }
    assert dict(zip(by_sex.categories, by_sex.totals, strict=True)) == {"Female": 400, "Male": 400}
    assert by_sex.source.endswith("from Nomis: TS008 - Sex")
    assert by_sex.date == "2021"
    with pytest.raises(DataError, match="not counted by “age”, but by “area”, “sex”"):
        official.margins(table, ["age"])


def test_the_blocks_of_a_crossed_download_are_put_together(tmp_path: Path) -> None:
    block = """"Gender     :","{}"

"Area","mnemonic","All ages","Age 16","Age 17","Age 18 and over"
"Rugby","E07000220",{},{},{},{}

"""
    path = tmp_path / "blocks.csv"
    path.write_text(
        '"Population estimates"\n"ONS Crown Copyright Reserved"\n\n"Date       :","2023"\n'
        + block.format("Male", 60, 10, 20, 30)
        + block.format("Female", 66, 11, 22, 33),
        encoding="utf-8",
    )
    crossed = official.margins(official.read(path, bands="16-17,18+"), ["sex*age"])[0]
    assert crossed.categories == ("Male*16-17", "Male*18+", "Female*16-17", "Female*18+")
    assert crossed.totals == (30, 30, 33, 33)


def estimates(folder: Path) -> Path:
    book = openpyxl.Workbook()
    book.active.title = "Contents"
    book.active.append(["Invented figures in the layout of the mid-year estimates"])
    for title, sex in (("MYE2 - Persons", 2), ("MYE2 - Females", 1), ("MYE2 - Males", 1)):
        sheet = book.create_sheet(title)
        sheet.append([f"{title}: Population estimates: by single year of age, mid-2023"])
        sheet.append(["This worksheet contains one table."])
        sheet.append([])
        years = [*range(90), "90+"]
        sheet.append(["Code", "Name", "Geography", "All ages", *years])
        for code, name, level, size in (
            ("E12000005", "WEST MIDLANDS", "Region", 300),
            ("E07000220", "Rugby", "Non-metropolitan District", 100),
            ("E07000222", "Warwick", "Non-metropolitan District", 200),
        ):
            sheet.append([code, name, level, 91 * size * sex, *[size * sex] * 91])
    path = folder / "mye23.xlsx"
    book.save(path)
    return path


def test_mid_year_estimates_are_banded_by_sex(tmp_path: Path) -> None:
    path = estimates(tmp_path)
    table = official.read(path, AREAS, "16-24,25-74,75+")
    assert table.date == "2023-06-30"
    crossed = official.margins(table, ["area*sex*age"])[0]
    people = dict(zip(crossed.categories, crossed.totals, strict=True))
    assert people["Rugby*Female*16-24"] == 900
    assert people["Warwick*Male*75+"] == 200 * 16
    with pytest.raises(DataError, match="several levels"):
        official.read(path, bands="16+")
    with pytest.raises(DataError, match="Name bands"):
        official.read(path, AREAS)
    with pytest.raises(DataError, match="there is no area “Coventry”"):
        official.read(path, ["Coventry"], "16+")


def test_what_cannot_be_made_into_margins_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("a,b\nc,d\n", encoding="utf-8")
    with pytest.raises(DataError, match="no figures were found"):
        official.read(path)
    path.write_text(WIDE.replace(",140,", ",c,"), encoding="utf-8")
    with pytest.raises(DataError, match=r"x\.csv: line 10: a figure is missing"):
        official.read(path)
    for wrong, said in (
        ("16-24,20-30", "overlap"),
        ("young", "is not like"),
        ("24-16", "not like"),
    ):
        with pytest.raises(DataError, match=said):
            official.bands_of(wrong)
    with pytest.raises(DataError, match="no category “Women” to rename"):
        official.read(census(tmp_path), renames={"Women": "f"})
    with pytest.raises(DataError, match="cannot be read"):
        official.read(tmp_path / "none.csv")

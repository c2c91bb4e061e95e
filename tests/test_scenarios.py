"""The scenarios that come with the program: they load, they say where their numbers come from, and the report's facts hold."""

from __future__ import annotations

import datetime as dt
import re
import shutil
from collections import Counter
from collections.abc import Iterator
from fractions import Fraction
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from sim.plan import compile_scenario
from sim.scenario import LoadedScenario, load_scenario, warnings
from sim.scenario.schema import Evidence, Scenario

FOLDER = Path(__file__).resolve().parent.parent / "scenarios"
PARTS = {"process.toml"}
"""Files that other scenarios extend and that are none themselves."""

WHAT_IFS = {
    "board-monthly": {"meetings.board"},
    "early-bygglov": {"activities.permit_drawings.after", "activities.anmalan_drawings.after"},
    "fewer-slots": {"resources.establishment_slots.changes"},
    "mobile-first": {"type_mix.round1", "type_mix.round2"},
    "no-shortage": {
        "risks.material_shortage",
        "risks.material_shortage_later",
        "risks.critical_part",
        "risks.critical_part_later",
        "risks.furniture_supply",
        "risks.it_supply",
    },
    "slower-municipalities": {"risks.municipal_backlog", "risks.municipal_backlog_later", "risks.slow_municipalities"},
    "thin-markets": {"risks.thin_market"},
    "two-more-crews": {"resources.installation_crews.capacity"},
    "unlimited-slots": {"resources.establishment_slots"},
}
"""What each what-if may change, beside its name and description."""

POOL = "resources.establishment_slots.capacity"
EXPECTED_WARNINGS = {name: {POOL} for name in ("programme-2021", *WHAT_IFS)} | {
    "unlimited-slots": set(),
    "pert-network": set(),
    "two-machine-workshop": set(),
    "school-renovation": {"resources.engineer_teams.capacity"},
}
"""Paths that each scenario is warned of: queues for slots are the point of it."""

FILES = sorted(p for p in (*FOLDER.glob("*.toml"), *FOLDER.glob("examples/*.toml")) if p.name not in PARTS)

Loader = dict[str, LoadedScenario]


@pytest.fixture(scope="module")
def loaded() -> Loader:
    return {path.stem: load_scenario(path) for path in FILES}


@pytest.fixture(scope="module")
def programme(loaded: Loader) -> Scenario:
    return loaded["programme-2021"].scenario


def of_round(scenario: Scenario, *rounds: int) -> list[str]:
    return [id_ for id_, office in scenario.offices.items() if office.round in rounds]


# --- All of them -----------------------------------------------------------------------------------------------------------


def test_each_file_is_expected(loaded: Loader) -> None:
    assert set(loaded) == set(EXPECTED_WARNINGS)


@pytest.mark.parametrize("name", EXPECTED_WARNINGS)
def test_warnings_are_as_listed(loaded: Loader, name: str) -> None:
    assert {fault.path for fault in warnings(loaded[name].scenario)} == EXPECTED_WARNINGS[name]


@pytest.mark.parametrize("name", EXPECTED_WARNINGS)
def test_each_compiles(loaded: Loader, name: str) -> None:
    plan = compile_scenario(loaded[name].scenario)
    assert plan.activities[plan.opening].id == (loaded[name].scenario.scenario.opening or plan.activities[plan.opening].id)
    assert len(plan.offices) == len(loaded[name].scenario.offices)


def evidence(model: Any, path: str = "") -> Iterator[tuple[str, Evidence]]:
    """Every entry that can have a grade and stands on its own (a distribution is graded by what it belongs to)."""
    for section in type(model).model_fields:
        value = getattr(model, section)
        if isinstance(value, Evidence):
            yield section, value
        elif isinstance(value, dict):
            yield from ((f"{section}.{id_}", entry) for id_, entry in value.items() if isinstance(entry, Evidence))
    for id_, activity in model.activities.items():
        parts = {"redo": activity.redo, "opening_days": activity.opening_days, **dict(enumerate(activity.adjustments))}
        yield from ((f"activities.{id_}.{name}", part) for name, part in parts.items() if part is not None)


NUMBERLESS = {"calendars.calendar_time", "calendars.any", "activities.opening"}
"""Nothing in them needs a source: all days, and an end whose rules have a grade of their own."""


@pytest.mark.parametrize("name", EXPECTED_WARNINGS)
def test_each_number_has_a_grade(loaded: Loader, name: str) -> None:
    scenario = loaded[name].scenario
    without = {path for path, entry in evidence(scenario) if entry.grade is None and entry.model_fields_set}
    assert without <= NUMBERLESS


@pytest.mark.parametrize("name", ["programme-2021", *WHAT_IFS])
def test_each_grade_has_a_source(loaded: Loader, name: str) -> None:
    graded = [(path, entry) for path, entry in evidence(loaded[name].scenario) if entry.grade]
    assert [path for path, entry in graded if not entry.source] == []
    assert [path for path, entry in graded if entry.grade == "report" and not re.search(r"\b[1-4]\.\d\b", entry.source)] == []


def test_each_row_named_is_in_the_evidence() -> None:
    rows = set(re.findall(r"^\| (\d+[a-n]?) \|", (FOLDER / "evidence.md").read_text("utf-8"), re.MULTILINE))
    text = "".join(path.read_text("utf-8") for path in FOLDER.glob("*.toml"))
    named = set(re.findall(r"\brow (\d+[a-n]?)\b", text, re.IGNORECASE))
    assert named
    assert named <= rows


def test_the_readme_names_each_file() -> None:
    text = (FOLDER / "README.md").read_text("utf-8")
    files = [path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*") if path.is_file() and "living" not in path.parts]
    assert [file for file in files if f"`{file}`" not in text and file != "README.md"] == []


# --- The what-ifs -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", WHAT_IFS)
def test_a_what_if_changes_only_what_it_says(loaded: Loader, name: str) -> None:
    changed = {change.path for change in loaded[name].changes if change.source == f"{name}.toml"}
    changed -= {"scenario.name", "scenario.description.sv", "scenario.description.en"}
    meant = WHAT_IFS[name]
    assert changed
    assert {path for path in changed if not any(path == m or path.startswith(f"{m}.") for m in meant)} == set()
    assert {m for m in meant if not any(path == m or path.startswith(f"{m}.") for path in changed)} == set()


def test_what_ifs_combine(tmp_path: Path) -> None:
    shutil.copytree(FOLDER, tmp_path / "scenarios")
    path = tmp_path / "scenarios" / "both.toml"
    path.write_text('extends = ["no-shortage.toml", "fewer-slots.toml"]\nscenario = { name = "Both" }\n', "utf-8")
    both = load_scenario(path).scenario
    assert "material_shortage" not in both.risks
    assert [change.capacity for change in both.resources["establishment_slots"].changes] == [14]


def test_mobile_first_has_no_small_office(loaded: Loader) -> None:
    mixes = loaded["mobile-first"].scenario.type_mix
    assert mixes["round1"].counts["small"] == mixes["round2"].counts["small"] == 0
    assert sum(largest(count) for count in mixes["round1"].counts.values()) >= 14


def largest(count: int | tuple[int, int]) -> int:
    return count if isinstance(count, int) else count[1]


# --- The report: offices and dates --------------------------------------------------------------------------------------------


def test_the_offices(programme: Scenario) -> None:
    assert len(programme.offices) == 32
    assert [len(of_round(programme, r)) for r in (0, 1, 2)] == [4, 14, 14]
    named = [programme.offices[id_] for id_ in of_round(programme, 1, 2)]
    assert len({o.municipality for o in named}) == 28
    assert {o.county for o in named} >= {"Norrbotten", "Skåne"}
    assert all(not programme.offices[id_].county for id_ in of_round(programme, 0))


def test_preliminary_dates_of_round_1(programme: Scenario) -> None:
    targets = Counter(programme.offices[id_].target for id_ in of_round(programme, 1))
    assert targets == {
        dt.date(2022, 6, 1): 4,
        dt.date(2022, 10, 3): 3,
        dt.date(2022, 11, 1): 3,
        dt.date(2022, 12, 1): 2,
        dt.date(2022, 12, 15): 2,
    }
    assert programme.offices["boden"].target == dt.date(2022, 10, 3)
    assert {programme.offices[id_].target for id_ in of_round(programme, 0, 2)} == {None}


def test_first_days(programme: Scenario) -> None:
    assert programme.scenario.start == dt.date(2021, 6, 1)
    assert programme.scenario.status_date == dt.date(2021, 9, 22)
    assert {programme.offices[id_].start for id_ in of_round(programme, 1)} == {dt.date(2021, 6, 1)}
    assert {programme.offices[id_].start for id_ in of_round(programme, 2)} == {dt.date(2021, 10, 25)}
    assert programme.activities["area_named"].not_before == dt.date(2022, 1, 14)


def attributes(scenario: Scenario, id_: str) -> dict[str, Any]:
    return scenario.offices[id_].__pydantic_extra__ or {}


def test_attributes_of_the_offices(programme: Scenario) -> None:
    open_areas = {id_ for id_ in programme.offices if attributes(programme, id_).get("area_open")}
    vulnerable = {id_ for id_ in programme.offices if attributes(programme, id_).get("vulnerable")}
    assert open_areas == {"sodertalje", "eskilstuna", "norrkoping"}
    assert len(vulnerable) == 8 + 5  # eight municipalities and five districts of the three largest cities (report 1.2, 2.1)
    assert vulnerable == {id_ for id_ in programme.offices if attributes(programme, id_).get("frame") == "vulnerable_areas"}
    assert attributes(programme, "borgholm")["municipality_code"] == "0885"
    for id_ in of_round(programme, 1, 2):
        assert 55 < attributes(programme, id_)["latitude"] < 69
        assert 11 < attributes(programme, id_)["longitude"] < 24


def test_the_four_of_2020_are_under_way(programme: Scenario) -> None:
    for id_ in of_round(programme, 0):
        assert programme.offices[id_].enters_at == ("site_works", "recruitment")
    plan = compile_scenario(programme)
    under_way = [office for office in plan.offices if any(office.done)]
    assert len(under_way) == 4
    done = {plan.activities[i].id for i, flag in enumerate(under_way[0].done) if flag}
    assert {"lease", "bygglov_decision", "start_notice", "landlord_design"} <= done
    assert not done & {"site_works", "furniture_delivery", "recruitment", "opening"}
    assert under_way[0].held == (list(programme.resources).index("establishment_slots"),)


def test_seven_main_activities_in_order(programme: Scenario) -> None:
    assert list(programme.phases) == ["analysis", "directive", "premises", "adaptation", "inspection", "move_in", "close"]
    used = [activity.phase for activity in programme.activities.values()]
    assert list(dict.fromkeys(used)) == list(programme.phases)
    assert all(activity.actor for activity in programme.activities.values())


def test_all_names_are_in_two_languages(programme: Scenario) -> None:
    sections = ("office_types", "phases", "activities", "resources", "meetings", "risks", "costs", "budgets", "targets", "reference_class")
    lacking = [
        f"{section}.{id_}"
        for section in sections
        for id_, entry in getattr(programme, section).items()
        if not isinstance(entry.name, dict) or set(entry.name) != {"sv", "en"}
    ]
    assert lacking == []


# --- The report: types and money ----------------------------------------------------------------------------------------------


def rows(scenario: Scenario, mix: str) -> list[dict[str, int]]:
    """Every fitting combination of counts, by brute force."""
    wanted = scenario.type_mix[mix]
    offices = len(of_round(scenario, *(int(r) for r in wanted.offices["round"])))
    ranges = [range(c, c + 1) if isinstance(c, int) else range(c[0], c[1] + 1) for c in wanted.counts.values()]
    return [dict(zip(wanted.counts, row, strict=True)) for row in product(*ranges) if sum(row) == offices]


def test_round_1_costs_what_the_report_budgets(programme: Scenario) -> None:
    types = programme.office_types
    budget = [sum(n * (types[t].budget or 0) for t, n in row.items()) for row in rows(programme, "round1")]
    operation = [sum(n * (types[t].operating_cost or 0) for t, n in row.items()) for row in rows(programme, "round1")]
    assert sorted(budget) == [24_650_000, 25_625_000]
    assert sorted(operation) == [57_300_000, 64_600_000]


def test_sizes_and_budgets_of_the_types(programme: Scenario) -> None:
    known = {id_: (t.handlers, t.budget, t.operating_cost) for id_, t in programme.office_types.items()}
    assert known == {
        "large": ((10, 20), 3_850_000, 15_300_000),
        "medium": ((6, 9), 2_875_000, 8_000_000),
        "small": ((2, 5), 1_550_000, 3_200_000),
        "flexi": ((1, 2), 1_050_000, 900_000),
    }


def test_types_of_round_2_are_open(programme: Scenario) -> None:
    assert len(rows(programme, "round2")) > 10
    assert all(not office.type for office in programme.offices.values())


ESTABLISHMENT = {"working_time", "site_visits", "advertising_inauguration", "furniture", "security_technology", "it", "facade_sign"}
OPERATION = {"operation_pay", "operation_rent", "operation_other"}
BEFORE = {"rent_before_opening", "pay_before_opening"}


def test_shares_sum_to_exactly_one(programme: Scenario) -> None:
    shares = {id_: Fraction(str(item.share)) for id_, item in programme.costs.items()}
    assert sum(shares[id_] for id_ in ESTABLISHMENT) == 1
    assert sum(shares[id_] for id_ in OPERATION) == 1
    assert set(shares) == ESTABLISHMENT | OPERATION | BEFORE


def test_every_share_is_a_whole_number_of_ore(programme: Scenario) -> None:
    for item in programme.costs.values():
        for office_type in programme.office_types.values():
            base = office_type.budget if item.share_of == "budget" else office_type.operating_cost
            assert (Fraction(str(item.share)) * Fraction(base or 0) * 100).denominator == 1


def test_costs_are_not_counted_twice(programme: Scenario) -> None:
    """What comes before opening ends at the moment at which operation begins, and is never more than it is then."""
    costs = programme.costs
    assert {costs[id_].until for id_ in BEFORE} == {"opening.finish"} == {costs[id_].per_year_from for id_ in OPERATION}
    assert costs["rent_before_opening"].share == costs["operation_rent"].share
    assert (costs["pay_before_opening"].share or 0) <= (costs["operation_pay"].share or 0)
    assert all(item.share_of == "budget" for id_, item in costs.items() if id_ in ESTABLISHMENT)


def test_loans_have_years(programme: Scenario) -> None:
    by_loan = {id_ for id_, item in programme.costs.items() if item.financing == "loan"}
    assert by_loan == {"furniture", "security_technology", "it", "facade_sign"} == set(programme.budgets["loan_frame"].items)
    assert all(programme.costs[id_].depreciation_years for id_ in by_loan)


def test_frames(programme: Scenario) -> None:
    vulnerable = programme.budgets["vulnerable_areas"].years
    assert vulnerable == {"2021": 15_000_000, "2022": 60_000_000, "2023": 75_000_000, "2024": 75_000_000}
    assert set(programme.budgets["expansion"].years.values()) == {54_000_000 + 54_000_000}


def test_prices_know_nothing_of_2022(programme: Scenario) -> None:
    for index in programme.price_index.values():
        assert index.base == dt.date(2021, 7, 1)
        assert (index.yearly or 0) <= 0.03
        assert all(level <= 1.06 for level in index.points.values())


# --- The report: targets ---------------------------------------------------------------------------------------------------------


def test_targets(programme: Scenario) -> None:
    known = {id_: (len(of_round(programme, *map(int, t.offices["round"]))), t.at_least, t.by) for id_, t in programme.targets.items()}
    end_of_2022, end_of_2023, june = dt.date(2022, 12, 31), dt.date(2023, 12, 31), dt.date(2022, 6, 30)
    assert known == {
        "round1_thirteen": (14, 13, end_of_2022),
        "round1_all": (14, None, end_of_2022),
        "round1_four_by_june": (14, 4, june),
        "round1_one_by_june": (14, 1, june),
        "round2_all": (14, None, end_of_2023),
        "round2_twelve": (14, 12, end_of_2023),
        "all28": (28, None, dt.date(2024, 2, 23)),
        "network149": (32, None, end_of_2023),
    }
    assert programme.targets["network149"].existing + 32 == 149


def test_the_outside_view(programme: Scenario) -> None:
    reference = programme.reference_class["ssc_2019_2021"]
    assert reference.weeks == (39, 39, 39, 39)
    since_the_decision = (dt.date(2021, 9, 22) - dt.date(2020, 6, 15)).days // 7
    assert reference.unfinished_weeks == (since_the_decision,) * 4


# --- Examples ------------------------------------------------------------------------------------------------------------------------


def test_the_pert_network_is_as_its_head_says(loaded: Loader) -> None:
    """The longest path of the means is 29 days: day 29 after 1 January is 30 January, its target."""
    scenario = loaded["pert-network"].scenario

    def mean(id_: str) -> float:
        duration = scenario.activities[id_].duration
        assert duration is not None
        if duration.pert is None:
            return duration.fixed or 0.0
        a, m, b = duration.pert
        return (a + 4 * m + b) / 6

    assert len(scenario.activities) == 7
    assert [mean(id_) for id_ in scenario.activities] == [6, 10, 12, 15, 5, 4, 2]
    longest = sum(mean(id_) for id_ in ("specify", "build_motor", "assemble", "test", "deliver"))
    assert scenario.offices["machine"].target == scenario.scenario.start + dt.timedelta(days=int(longest))


def test_examples_are_no_offices(loaded: Loader) -> None:
    for name in ("pert-network", "two-machine-workshop", "school-renovation"):
        text = str(loaded[name].raw).casefold()
        assert "servicekontor" not in text
        assert "flexi" not in text


def test_the_schools_are_twelve_in_four_waves(loaded: Loader) -> None:
    scenario = loaded["school-renovation"].scenario
    assert [len(of_round(scenario, wave)) for wave in (1, 2, 3, 4)] == [3, 3, 3, 3]
    assert scenario.calendars["office"].country == "NO"

"""One future told: all days accounted for, the same in both engines, in words that a planner reads."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from programmes import Tables, attempt
from programmes import run as simulate
from random_programmes import plan_if_valid, programmes

from sim.analysis.replay import event_table, span_table, told
from sim.cli.several import report_input
from sim.engine import kernel
from sim.errors import InputError
from sim.report.charts.replay import office_gantt, programme_gantt
from sim.report.replayed import chosen, lines, office_text
from sim.results import run
from sim.results.replay import Replay, replay
from sim.sampling import Sampler

EXAMPLES = Path(__file__).parent.parent / "scenarios" / "examples"
WORKSHOP = EXAMPLES / "two-machine-workshop.toml"
DEFAULT = Path(__file__).parent.parent / "scenarios" / "programme-2021.toml"

BY_HAND = """
    [offices.a]
    [offices.b]
    [activities.plan]
    duration = 3                 # Monday 3 January 2022 to Thursday morning
    [activities.build]           # one crew: a builds Thursday to Tuesday, b waits 5 days for it
    duration = 3
    after = ["plan"]
    uses = { crew = 1 }
    [activities.decide]          # a from the 11th, b from the 14th; the board sits on the 25th
    meeting = "board"
    after = ["build"]
    [activities.open]
    opening_days = { weekdays = ["thu"] }
    after = ["decide"]
    [resources.crew]
    capacity = 1
    [meetings.board]
    dates = [2022-01-25]
    """


@pytest.fixture(scope="module")
def one() -> Replay:
    return replay(WORKSHOP, 7, replications=200)


def test_a_case_worked_by_hand() -> None:
    outcome = simulate(BY_HAND)
    table = event_table(outcome.plan, told(outcome.plan, outcome.timeline, 0))
    names = ("date", "office", "activity", "event", "days", "waited_days", "waited_for", "given_back_by")
    found = [tuple(row[name] for name in names) for row in table.rows()]

    def day(number: int) -> dt.date:
        return dt.date(2022, 1, number)

    assert found == [
        (day(3), "a", "plan", "start", None, 0, "", ""),
        (day(3), "b", "plan", "start", None, 0, "", ""),
        (day(6), "a", "plan", "finish", 3, 0, "", ""),
        (day(6), "b", "plan", "finish", 3, 0, "", ""),
        (day(6), "a", "build", "start", None, 0, "", ""),
        (day(11), "a", "build", "finish", 5, 0, "", ""),
        (day(11), "a", "decide", "start", None, 0, "", ""),
        (day(11), "b", "build", "start", None, 5, "pool", "a.build"),
        (day(14), "b", "build", "finish", 3, 0, "", ""),
        (day(14), "b", "decide", "start", None, 0, "", ""),
        (day(25), "a", "decide", "finish", 14, 14, "meeting", ""),
        (day(25), "b", "decide", "finish", 11, 11, "meeting", ""),
        (day(25), "a", "open", "start", None, 0, "", ""),
        (day(25), "b", "open", "start", None, 0, "", ""),
        (day(27), "a", "open", "open", 2, 2, "opening_day", ""),
        (day(27), "b", "open", "open", 2, 2, "opening_day", ""),
    ]


@given(programmes())
@settings(max_examples=25)
def test_the_spans_of_every_activity_lie_end_to_end_in_any_programme(tables: Tables) -> None:
    plan = plan_if_valid(tables)
    timeline, _ = attempt(kernel, plan, Sampler(plan).draw(0, 2))
    for row in range(0 if timeline is None else 2):
        assert timeline is not None
        passes = told(plan, timeline, row)
        took_place = [(one.office, one.pass_) for one in passes if timeline.happens[row, one.office, one.pass_]]
        assert sorted(took_place) == [tuple(place) for place in np.argwhere(timeline.happens[row]).tolist()]
        for one in passes:
            day = one.ready
            for span in one.spans:
                assert (span.begin, span.days > 0) == (day, True)
                day += span.days
            assert day == one.finish
            assert sum(span.days for span in one.waits) == one.start - one.ready
        opened = [(event["office"], event["date"]) for event in event_table(plan, passes).rows() if event["event"] == "open"]
        days = timeline.opening(plan)[row].tolist()
        assert sorted(opened) == sorted((office.id, plan.date(day)) for office, day in zip(plan.offices, days, strict=True))


@pytest.mark.parametrize(("scenario", "options"), [(WORKSHOP, {"at": "P80"}), (DEFAULT, {"replication": 3, "office": "finspang"})])
def test_both_engines_tell_the_same(scenario: Path, options: dict[str, object]) -> None:
    fast, slow = (replay(scenario, replications=30, engine=engine, workers=1, **options) for engine in ("kernel", "simpy"))  # type: ignore[arg-type]
    assert (fast.replication, fast.passes) == (slow.replication, slow.passes)
    assert {name: table.csv() for name, table in fast.tables.items()} == {name: table.csv() for name, table in slow.tables.items()}
    texts = [list(lines(report_input(found), found["events"], found["spans"])) for found in (fast, slow)]
    assert texts[0] == texts[1]


def test_the_future_is_that_of_the_run(one: Replay) -> None:
    alone = run(WORKSHOP, replications=20, gather=("openings",))
    days = alone.tallies["openings"].days[7]
    assert [(date - one.plan.start).days for date in one["offices"]["opening"]] == days.tolist()


def test_the_causes_add_up_to_the_days_after_the_plan(one: Replay) -> None:
    for row in one["offices"].rows():
        assert sum(one["causes"].where(office=row["office"])["days"]) == (row["opening"] - row["planned"]).days


@pytest.mark.parametrize("level", ["P10", "P50", "P80"])
def test_at_a_quantile_it_is_a_future_of_that_date(level: str) -> None:
    alone = run(WORKSHOP, replications=200, gather=("openings",))["openings"].where(office="gear")
    found = replay(WORKSHOP, at=level, office="gear", replications=200)
    assert found["offices"]["opening"] == alone[level.lower()]
    assert found["offices"]["office"] == ["gear"]
    assert set(found["events"]["office"]) == {"gear"}
    share, asked = found["offices"]["share_by_then"][0], int(level[1:]) / 100
    assert share >= asked


def test_at_a_quantile_of_a_target_or_of_the_last_office() -> None:
    target = replay(WORKSHOP, at=0.5, target="all_in_april", replications=200)
    last = replay(WORKSHOP, at="P50", replications=200)
    assert target.replication == last.replication
    assert (target.about_what, last.about_what) == ("targets.all_in_april", "programme")
    days = run(WORKSHOP, replications=200, gather=("openings",)).tallies["openings"].days.max(axis=1)
    assert (max(last["offices"]["opening"]) - last.plan.start).days == np.sort(days)[99]


def test_what_is_asked_must_be_there() -> None:
    for options, said in (
        ({}, "give one of"),
        ({"replication": 1, "at": "P80"}, "give one of"),
        ({"replication": -1}, "begin at 0"),
        ({"at": "80"}, "no quantile"),
        ({"at": "P80", "office": "geer"}, 'did you mean "gear"'),
        ({"at": "P80", "target": "none"}, "all_in_april"),
        ({"replication": 1, "target": "all_in_april"}, "goes with --at"),
    ):
        with pytest.raises(InputError, match=said):
            replay(WORKSHOP, replications=10, **options)  # type: ignore[arg-type]


def test_a_target_that_does_not_come_so_often_has_no_such_future() -> None:
    from sim.analysis.futures import NEVER
    from sim.results.replay import future_at

    with pytest.raises(InputError, match="in 60% of the futures only"):
        future_at(np.array([5, NEVER, 4, NEVER, 3], np.int32), 0.8, "targets.x")


# --- in words and pictures --------------------------------------------------------------------------------------------------------


def test_the_words_are_those_of_a_planner(one: Replay) -> None:
    text = "\n".join(lines(report_input(one), one["events"], one["spans"])).replace("\N{NO-BREAK SPACE}", " ")
    assert len(text.splitlines()) == len(one["events"])
    assert "2024-03-04 Bracket: set_up_lathe begins" in text
    assert " for lathe, until " in text
    assert text.count("OPENS") == 6
    assert "waited 2 days for a working day" not in text, "weekends go without saying"


def test_being_sent_back_is_told() -> None:
    found = next(found for number in range(60) if "send_back" in (found := replay(WORKSHOP, number, replications=2))["events"]["event"])
    text = list(lines(report_input(found), found["events"], found["spans"]))
    place = next(i for i, line in enumerate(text) if "sent back" in line)
    office = text[place].split()[1]
    assert any(line.split()[1] == office and "mill (again)" in line for line in text[place + 1 :])


def test_what_became_of_an_office_is_said_with_its_causes() -> None:
    found = replay(WORKSHOP, at="P80", office="gear", replications=200, overrides=['scenario.language="sv"'])
    given_ = report_input(found)
    said = office_text(given_, next(found["offices"].rows()), found["causes"].rows()).replace("\N{NO-BREAK SPACE}", " ")
    assert said.startswith(f"Gear öppnar {found['offices']['opening'][0]}. Det är ")
    assert "av framtiderna" in said
    assert f"Framtid nummer {found.replication}: Gear öppnar lika tidigt eller tidigare i 80 % av framtiderna." == chosen(
        given_, found.asked
    ).replace("\N{NO-BREAK SPACE}", " ")


def test_the_pictures_show_every_span_with_its_cause_in_letters(one: Replay) -> None:
    whole = programme_gantt(report_input(one), one["chain"], one["offices"], 7)
    values = whole.spec["data"]["values"]
    assert {value["row"] for value in values} == {"Bracket", "Shaft", "Housing", "Flange", "Bearing", "Gear"}
    assert sum(value["days"] for value in values) == sum(row["days"] for row in one["chain"].rows() if row["kind"] != "office_start")
    single = office_gantt(report_input(one), one["spans"], "gear", 7)
    names = {value["cause"] for value in single.spec["data"]["values"]}
    assert len({name.split(":")[0] for name in names}) == len(names), "letters tell the causes apart"
    assert "<svg" in single.svg()
    single.altair()
    whole.altair()


def test_spans_of_an_office_are_those_among_all(one: Replay) -> None:
    alone = replay(WORKSHOP, 7, office="gear", replications=2)
    assert alone["spans"].csv() == one["spans"].where(office="gear").csv()
    assert span_table(one.plan, [told for told in one.passes if told.office == one.plan.office_index["gear"]]).csv() == alone["spans"].csv()

"""Wrong shapes, in a planner's words: path, what was found, what is allowed, line."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from scenario_cases import faults_of


@pytest.mark.parametrize(
    ("overlay", "expected"),
    [
        ("scenario.seed = -1", "scenario.seed: -1 is too small; it must be at least 0  [case.toml, line 2]"),
        (
            "scenario.replications = 1_000_000_000",
            "scenario.replications: 1000000000 is too large; it must be at most 100000000  [case.toml, line 2]",
        ),
        (
            'scenario.replications = "10"',
            'scenario.replications: "10" is not allowed here; give a whole number without quotes: 10  [case.toml, line 2]',
        ),
        ("scenario.replications = 10.0", "scenario.replications: 10.0 is not allowed here; give a whole number  [case.toml, line 2]"),
        ("scenario.name = 5", "scenario.name: 5 is not allowed here; give a text in quotes  [case.toml, line 2]"),
        ('scenario.start = "soon"', 'scenario.start: "soon" is not allowed here; give a date such as 2022-06-01  [case.toml, line 2]'),
        (
            "scenario.start = 2022-06-01T08:00:00",
            'scenario.start: "2022-06-01T08:00:00" is not allowed here; give a date such as 2022-06-01  [case.toml, line 2]',
        ),
        ("scenario.start = 1066-10-14", "scenario.start: 1066-10-14 is too small; it must be at least 1900-01-01  [case.toml, line 2]"),
        ('scenario.language = "de"', 'scenario.language: "de" is not allowed here; use one of sv, en  [case.toml, line 2]'),
        (
            'scenario.language = "SV"',
            'scenario.language: "SV" is not allowed here; use one of sv, en (did you mean "sv"?)  [case.toml, line 2]',
        ),
        ("activities.find.probability = 1.5", "activities.find.probability: 1.5 is too large; it must be at most 1  [case.toml, line 2]"),
        ("activities.find.probability = true", "activities.find.probability: true is not allowed here; give a number  [case.toml, line 2]"),
        (
            "activities.lease.duration.triangular = [1, 2]",
            "activities.lease.duration.triangular: has too few values; give 3  [case.toml, line 2]",
        ),
        (
            "activities.lease.duration.triangular = [1, 2, 3, 4]",
            "activities.lease.duration.triangular: has too many values; give at most 3  [case.toml, line 2]",
        ),
        (
            "activities.lease.duration.triangular = [1,\n 2, -3]",
            "activities.lease.duration.triangular[2]: -3 is too small; it must be at least 0  [case.toml, line 3]",
        ),
        (
            "activities.lease.duration = 4",
            "activities.lease.duration: 4 is not allowed here; give a table such as { fixed = 20 } or { triangular = ",
        ),
        (
            "activities.lease.duration.fixed = 1_000_000_000",
            "activities.lease.duration.fixed: 1000000000 is too large; it must be at most 200000  [case.toml, line 2]",
        ),
        ("activities.lease.after = 5", "activities.lease.after: 5 is not allowed here; give a list in [ ]  [case.toml, line 2]"),
        (
            'activities.lease.after = [{ activity = "find", typ = "SS" }]',
            'activities.lease.after[0].typ: "typ" is not a field of activities.lease.after[0]; use one of activity, type, lag '
            '(did you mean "type"?)  [case.toml, line 2]',
        ),
        (
            'activities.lease.after = ["find",\n { type = "SS" }]',
            "activities.lease.after[1].activity: is missing: id of the activity waited for  [case.toml, line 3]",
        ),
        (
            "activities.lease.redo.at_most = 99",
            "activities.lease.redo.at_most: 99 is too large; it must be at most 20  [case.toml, line 2]",
        ),
        (
            "activities.lease.uses = { crews = 0 }",
            "activities.lease.uses.crews: 0 is too small; it must be at least 1  [case.toml, line 2]",
        ),
        ("activities.lease.when = { round = [] }", "activities.lease.when.round: is empty  [case.toml, line 2]"),
        (
            "activities.lease.when = { round = { a = 1 } }",
            'activities.lease.when.round: {"a": 1} is not allowed here; give a list in [ ]  [case.toml, line 2]',
        ),
        (
            'activities.lease.name = { de = "x" }',
            'activities.lease.name.de: "de" is not a key here; use one of sv, en  [case.toml, line 2]',
        ),
        (
            "offices.east.type = 4",
            "offices.east.type: 4 is not allowed here; give a text in quotes or a table such as { NAME = … }  [case.toml, line 2]",
        ),
        ('offices.east.type = { small = "x" }', 'offices.east.type.small: "x" is not allowed here; give a number  [case.toml, line 2]'),
        ("offices.west.type.small = -1", "offices.west.type.small: -1 is too small; it must be at least 0  [case.toml, line 2]"),
        (
            'offices.east.colocated = "yes"',
            'offices.east.colocated: "yes" is not allowed here; give true or false or a table such as { NAME = … }  [case.toml, line 2]',
        ),
        (
            "offices.east.extra = [1]",
            "offices.east.extra: [1] is not allowed here; give true or false, a whole number, a number, a text in quotes, "
            "a date such as 2022-06-01 or a table such as { NAME = … }  [case.toml, line 2]",
        ),
        ("offices.east = 3", "offices.east: 3 is not allowed here; give a table with keys of grade, source, name, "),
        (
            '[offices."Östra Gården"]',
            'offices."Östra Gården": "Östra Gården" is not an id; use lower-case a–z, 0–9, "_" and "-", at most 64 '
            '(perhaps "ostra-garden")  [case.toml, line 2]',
        ),
        ('offices."…" = {}', 'offices."…": "…" is not an id; use lower-case a–z, 0–9, "_" and "-", at most 64  [case.toml, line 2]'),
        (
            'resources.slots.held.from = "find.finish"',
            'resources.slots.held.from: "find.finish" is not the start of an activity; write ACTIVITY.start  [case.toml, line 2]',
        ),
        (
            'resources.slots.held.until = "opening"',
            'resources.slots.held.until: "opening" is not a moment of an activity; write ACTIVITY.start or ACTIVITY.finish  '
            "[case.toml, line 2]",
        ),
        (
            'calendars.work.closed = [{ from = "Christmas" }]',
            'calendars.work.closed[0].from: "Christmas" is neither a date nor a day of the year; write 2022-06-30, or 06-30 for every '
            "year  [case.toml, line 2]",
        ),
        (
            'calendars.work.weekdays = ["monday"]',
            'calendars.work.weekdays[0]: "monday" is not allowed here; use one of mon, tue, wed, thu, fri, sat, sun',
        ),
        (
            "risks.shortage.factor = true",
            "risks.shortage.factor: true is not allowed here; give a table such as { fixed = 1.2 }  [case.toml, line 2]",
        ),
        (
            'risks.shortage.factor = { uniform = [1, "x"] }',
            'risks.shortage.factor.uniform[1]: "x" is not allowed here; give a number  [case.toml',
        ),
        ("branches.empty.options = {}", "branches.empty.options: is empty: outcomes with probabilities that sum to 1  [case.toml, line 2]"),
        ("targets.first.confidence = 1", "targets.first.confidence: 1 is too large; it must be less than 1  [case.toml, line 2]"),
        (
            "[resorces.x]\ncapacity = 3",
            'resorces: "resorces" is not a section of a scenario; use one of extends, offices_file, scenario, calendars, ',
        ),
        (
            "resources.crews.capcity = 3",
            'resources.crews.capcity: "capcity" is not a field of resources.crews; use one of grade, source, name, capacity, changes, '
            'held, queue (did you mean "capacity"?)  [case.toml, line 2]',
        ),
    ],
)
def test_one_wrong_shape(tmp_path: Path, overlay: str, expected: str) -> None:
    found = faults_of(tmp_path, overlay)
    assert len(found) == 1
    assert found[0].startswith(expected)
    assert re.search(r"\[case\.toml, line \d\]$", found[0])


def test_all_wrong_shapes_come_together(tmp_path: Path) -> None:
    overlay = "scenario.seed = -1\noffices.east.round = 'x'\nactivities.find.probabilty = 1\nactivities.lease.redo.scale = 'y'\n"
    assert [fault.split(":")[0] for fault in faults_of(tmp_path, overlay)] == [
        "scenario.seed",
        "offices.east.round",
        "activities.find.probabilty",
        "activities.lease.redo.scale",
    ]

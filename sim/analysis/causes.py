"""The causes that delay is split into, numbered."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

import numpy as np

from sim.analysis.chain_steps import I32
from sim.plan import Kind, Plan


class CauseKind(StrEnum):
    """What sort of cause; each may have several members, named by their ids."""

    OUTCOME = "outcome"
    """The office's own type and branches ask for more or less than the most likely ones."""
    ACTOR = "actor"
    """Work took longer or shorter than its median, by whose work it was."""
    OCCURRENCE = "occurrence"
    """An activity that may happen or not did otherwise than the plan says."""
    RISK = "risk"
    REDO = "redo"
    """All that happened between being sent back and finishing again, by the activity that sent back."""
    POOL = "pool"
    """Waiting for a pool."""
    MEETING = "meeting"
    """Waiting for a date of a meeting, more or less than in the plan."""
    OPENING_DAY = "opening_day"
    """Waiting for a day on which an office may open."""
    CALENDAR = "calendar"
    """The same work takes more or fewer days when it falls at another time of the year or the week."""
    NOT_BEFORE = "not_before"
    """Waiting for a date before which an activity may not begin; less than in the plan when it comes later anyway."""
    SLACK = "slack"
    """Days that the plan had to spare where its paths meet; they swallow delay, so they count as negative."""
    STATUS = "status"
    """Facts up to the status date, and waiting for it."""


class Places(NamedTuple):
    """Where each cause stands among all of a plan."""

    actor: I32
    """Cause by activity, like the next one."""
    occurrence: I32
    risk: I32
    """Cause by risk."""
    redo: I32
    """Cause by loop."""
    pool: I32
    meeting: I32
    """Cause by series."""
    single: I32
    """Those of one member, in the order of :data:`SINGLE`."""


SINGLE = (CauseKind.OUTCOME, CauseKind.OPENING_DAY, CauseKind.CALENDAR, CauseKind.NOT_BEFORE, CauseKind.SLACK, CauseKind.STATUS)
OUTCOME, OPENING_DAY, CALENDAR, NOT_BEFORE, SLACK, STATUS = range(6)
"""Places in :attr:`Places.single`."""


Name = tuple[CauseKind, str]
"""Kind and id of a cause; the id is empty where the kind has but one member."""


def causes_of(plan: Plan) -> tuple[tuple[Name, ...], Places]:
    """The causes of a plan, in the order of :class:`CauseKind`, and their places."""
    meetings = {a.series for a in plan.activities if a.kind is Kind.MEETING}
    members: dict[CauseKind, list[str]] = {
        CauseKind.ACTOR: list(dict.fromkeys(a.actor for a in plan.activities if a.kind is Kind.WORK)),
        CauseKind.OCCURRENCE: [a.id for a in plan.activities if 0 < a.probability < 1],
        CauseKind.RISK: [r.id for r in plan.risks],
        CauseKind.REDO: [plan.activities[loop.activity].id for loop in plan.loops],
        CauseKind.POOL: [p.id for p in plan.pools],
        CauseKind.MEETING: [plan.series_names[s] for s in sorted(meetings)],
    }
    names = tuple((kind, id_) for kind in CauseKind for id_ in members.get(kind, [""]))
    place = {name: i for i, name in enumerate(names)}

    def places(kind: CauseKind, ids: list[str]) -> I32:
        return np.array([place.get((kind, id_), place[CauseKind.OUTCOME, ""]) for id_ in ids], np.int32)

    return names, Places(
        places(CauseKind.ACTOR, [a.actor for a in plan.activities]),
        places(CauseKind.OCCURRENCE, [a.id for a in plan.activities]),
        places(CauseKind.RISK, members[CauseKind.RISK]),
        places(CauseKind.REDO, members[CauseKind.REDO]),
        places(CauseKind.POOL, members[CauseKind.POOL]),
        places(CauseKind.MEETING, list(plan.series_names)),
        np.array([place[kind, ""] for kind in SINGLE], np.int32),
    )

# long module: the single catalogue of what may be written; two files would be two catalogues
"""What a planner may write: the single catalogue of sections and fields.

Every field has its type, bound, default, unit and one line of text here and nowhere else. The JSON Schema for editors, the
reference page and the starter scenario are generated from this module. All models are frozen and refuse unknown keys.
Shapes are checked here; sense across sections is checked in :mod:`sim.scenario.checks`.
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

Id = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")]
"""A key in the scenario: lower-case letters, digits, ``_`` and ``-``."""


def _unit(name: str) -> dict[str, Any]:
    """What a number counts, for the reference page and the JSON Schema."""
    return {"unit": name}


def _dated(value: Any) -> Any:
    """An attribute that reads as an ISO date is a date, however it was written (TOML, CSV, JSON)."""
    if isinstance(value, str) and len(value) == 10 and value[4] == value[7] == "-":
        try:
            return dt.date.fromisoformat(value)
        except ValueError:
            return value
    return value


def _frozen(value: Any) -> Any:
    """Lists as tuples, all the way down: the strict reader takes no list for a tuple once a validator has touched it."""
    if isinstance(value, (list, tuple)):
        return tuple(_frozen(item) for item in value)
    return {key: _frozen(item) for key, item in value.items()} if isinstance(value, dict) else value


Scalar = Annotated[bool | int | float | str | dt.date, BeforeValidator(_dated)]
"""A value of an office's attribute; a text that reads as an ISO date is a date."""

Probability = Annotated[float, Field(ge=0, le=1, json_schema_extra=_unit("probability"))]
Share = Annotated[float, Field(ge=0, le=1, json_schema_extra=_unit("share"))]
Weight = Annotated[float, Field(ge=0, json_schema_extra=_unit("weight"))]
Money = Annotated[float, Field(ge=-1e12, le=1e12, json_schema_extra=_unit("kronor"))]
Days = Annotated[float, Field(ge=0, le=200_000)]
"""Length of work; about 550 years at most. No unit here: that is said beside it, or it is a factor."""

Positive = Annotated[float, Field(gt=0, le=200_000)]
"""A parameter of a length of work or of a factor, bounded as that is."""

WorkingDays = Annotated[int, Field(ge=0, le=200_000, json_schema_extra=_unit("working days"))]
NoticeDays = Annotated[int, Field(ge=0, le=1000, json_schema_extra=_unit("working days"))]
Weeks = Annotated[float, Field(gt=0, json_schema_extra=_unit("calendar weeks"))]

Event = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]*\.(start|finish)$")]
"""A moment of an activity: ``site_works.start`` or ``opening.finish``."""

MonthDay = Annotated[str, Field(pattern=r"^(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$")]
"""A day of every year, ``MM-DD``."""

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
Grade = Literal["report", "A", "B", "C", "assumption"]


def _one_or_many(value: Any) -> Any:
    return (value,) if isinstance(value, (str, bool, int, float, dt.date)) else _frozen(value)


OneOrMany = Annotated[
    tuple[Scalar, ...], Field(min_length=1), BeforeValidator(_one_or_many, json_schema_input_type=Scalar | tuple[Scalar, ...])
]
Filter = dict[str, OneOrMany]
"""Attributes and the values they may have, e.g. ``{ round = 1, type = ["small", "flexi"] }``; all must fit. ``id`` names offices."""


class Model(BaseModel):
    """Base: frozen, no unknown keys, no silent change of type."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", populate_by_name=True, allow_inf_nan=False, use_attribute_docstrings=True, defer_build=True
    )


class Evidence(Model):
    """Where a number comes from; shown by ``check`` and in the report."""

    grade: Grade | None = None
    """``report`` (the commissioning document), ``A`` official source, ``B`` secondary, ``C`` memory, ``assumption``."""
    source: str = ""
    """Section, page or reason, in plain words."""


Words = Annotated[str, Field(max_length=200)]
Text = Words | dict[Literal["sv", "en"], Words]
"""One text for all languages, or one a language."""

LongWords = Annotated[str, Field(max_length=10_000)]
LongText = LongWords | dict[Literal["sv", "en"], LongWords]
"""Likewise, as long as it need be."""


class Fact(Model):
    """What is known of one activity of one office on the status date: a row of the status file."""

    office: str
    """Id of the office."""
    activity: str | None = None
    """Id of the activity; left out with ``opened``."""
    started: dt.date | None = None
    """First day of work; may be left out for a meeting or an opening that is over."""
    finished: dt.date | None = None
    """The morning on which it was over (a meeting: its date); empty while it goes on."""
    opened: dt.date | None = None
    """The office opened on this day: all that comes before its opening is done, known or not."""
    pass_: Annotated[int, Field(ge=1)] | str = Field(1, alias="pass")
    """Which time it was done, where it may be sent back: ``2``; in nested redo spans ``lease.2,permit.3`` (who sent back, time)."""
    expected_finish: dt.date | None = None
    """What those who do the work expect; used only with ``use_expected_finish``."""


class ScenarioInfo(Model):
    """The scenario as a whole."""

    name: Annotated[str, Field(min_length=1, max_length=200)]
    """Title shown in tables and reports."""
    description: LongText = ""
    """What question the scenario answers: one text, or one a language (``{ sv = "…", en = "…" }``); stands at the top of the report."""
    start: Annotated[dt.date, Field(ge=dt.date(1900, 1, 1), le=dt.date(2200, 1, 1))]
    """Day 0: the first day that is simulated, from 1900 to 2200."""
    status_date: dt.date | None = None
    """Facts are known up to the morning of this day."""
    status_file: str | None = None
    """Table of what has happened up to the status date (.csv or .xlsx), relative to this file; nothing else starts before that date."""
    status: tuple[Fact, ...] | None = None
    """The facts themselves: written here, or read from the file that ``status_file`` names, so that a run's passport is whole."""
    accept_out_of_sequence: bool = False
    """Facts that stand against the order of the process (begun before what it waits for was done) are a warning, not a fault."""
    use_expected_finish: bool = False
    """Work under way is scaled so that its median finish is the ``expected_finish`` given for it."""
    learn: bool = False
    """How long known work has taken moves the common factors of ``correlation``, and with them what is still to come."""
    opening: str | None = None
    """The activity whose finish is the outcome; default: the last to finish."""
    calendar: str | None = None
    """Calendar of activities that name none; may be left out when there is only one."""
    replications: Annotated[int, Field(ge=1, le=100_000_000)] = 10_000
    """Number of futures drawn."""
    seed: Annotated[int, Field(ge=0, le=2**63 - 1)] = 0
    """The same seed gives the same futures; 0 is a seed like any other."""
    sampling: Literal["independent", "sobol"] = "independent"
    """``sobol``: futures from scrambled Sobol sequences, spread more evenly; their error is told by 16 randomisations."""
    language: Literal["sv", "en"] = "en"
    """Language of texts for people."""
    horizon: Annotated[dt.date, Field(le=dt.date(2400, 1, 1))] | None = None
    """Last day that can be simulated; default 40 years after ``start``."""


class Period(Model):
    """A stretch of days, both ends included: of every year (``MM-DD`` or ISO weeks) or dated once."""

    from_: MonthDay | dt.date | None = Field(None, alias="from")
    """First day."""
    to: MonthDay | dt.date | None = None
    """Last day; before ``from`` (as ``MM-DD``) the period runs over the new year. Default: the same as ``from``."""
    weeks: tuple[Annotated[int, Field(ge=1, le=53)], Annotated[int, Field(ge=1, le=53)]] | None = None
    """First and last ISO week of every year, instead of ``from`` and ``to``."""


class PacePeriod(Period):
    """A period in which only a share of the working days count."""

    share: Share
    """0.4 makes 4 of 10 working days count, by a fixed pattern."""


class Calendar(Evidence):
    """Working days."""

    every_day: bool = False
    """All days count (calendar time); weekdays and holidays are then left out."""
    country: str | None = None
    """Public holidays of this country (ISO code), with its de-facto holidays such as Swedish eves."""
    subdivision: str | None = None
    """Region within the country, where it has holidays of its own."""
    weekdays: Annotated[tuple[Weekday, ...], Field(min_length=1)] = ("mon", "tue", "wed", "thu", "fri")
    """Days of the week on which work is done."""
    closed: tuple[Period, ...] = ()
    """Periods without work."""
    pace: tuple[PacePeriod, ...] = ()
    """Periods at a share of normal speed; where two meet, the later in the list holds."""


class OfficeType(Evidence):
    """A kind of establishment."""

    name: Text = ""
    """Name for people."""
    handlers: tuple[int, int] | None = None
    """Smallest and largest staff."""
    budget: Money | None = None
    """Establishment budget, kronor."""
    operating_cost: Money | None = None
    """Operating cost, kronor per year."""


class Office(Evidence):
    """One establishment. Further keys are attributes that ``when`` and filters can use."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, Scalar | dict[str, Weight]]

    name: Words = ""
    """Name for people; default: the id."""
    municipality: Words | None = None
    """Who decides permits; also a layer of correlation and a scope of risks."""
    county: Words | None = None
    """County; also a layer of correlation and a scope of risks."""
    round: Annotated[int, Field(ge=0, le=1000)] | None = None
    """Round or wave of the programme."""
    type: str | dict[str, Weight] | None = None
    """An office type, or weights: ``{ small = 0.6, flexi = 0.4 }``; left out when a type mix decides it."""
    target: dt.date | None = None
    """Planned opening date."""
    start: dt.date | None = None
    """First possible day; default: the scenario's start."""
    enters_at: tuple[str, ...] = ()
    """Activities at which an establishment already under way stands on its start day; what comes before them is done."""
    priority: Annotated[int, Field(ge=-1000, le=1000)] = 0
    """Order in queues: lower is served first."""
    colocated: bool | dict[str, Weight] | None = None
    """Shares premises with others; weights when not yet known: ``{ true = 0.3, false = 0.7 }``."""


class TypeMix(Evidence):
    """How many of each type a group of offices has together; each replication draws one assignment that fits."""

    offices: Filter
    """The offices in the group, by attributes that are certain."""
    counts: dict[str, Annotated[int, Field(ge=0)] | tuple[Annotated[int, Field(ge=0)], Annotated[int, Field(ge=0)]]]
    """Number of each type: exact, or smallest and largest (every fitting combination of counts is as likely)."""


class Phase(Model):
    """A main activity of the process, in order."""

    name: Text
    """Name for people."""


class Actor(Model):
    """Somebody who does activities."""

    name: Text
    """Name for people."""


class MeanSd(Model):
    """Mean and standard deviation."""

    mean: Positive
    """Mean."""
    sd: Days
    """Standard deviation."""


class Mean(Model):
    """Mean only."""

    mean: Positive
    """Mean."""


class ShapeScale(Model):
    """Shape and scale of a Weibull distribution."""

    shape: Annotated[float, Field(gt=0)]
    """Below 1 the rate falls with time, above 1 it rises."""
    scale: Positive
    """The value that 63 % stay below."""


class LognormalFit(Model):
    """Either P10 and P90, or the median and sigma (standard deviation of the logarithm)."""

    p10: Positive | None = None
    """One in ten is below."""
    p90: Positive | None = None
    """One in ten is above."""
    median: Positive | None = None
    """Half are below; with ``sigma``."""
    sigma: Annotated[float, Field(ge=0, le=5)] | None = None
    """Standard deviation of the logarithm; with ``median``."""


class Quantiles(Model):
    """Three quantiles of a metalog distribution bounded at 0."""

    p10: Positive
    """One in ten is below."""
    p50: Positive
    """Half are below."""
    p90: Positive
    """One in ten is above."""


class Discrete(Model):
    """Values with weights that sum to 1."""

    values: Annotated[tuple[Days, ...], Field(min_length=1)]
    """What it may be."""
    weights: Annotated[tuple[Weight, ...], Field(min_length=1)]
    """Probability of each value, summing to 1."""


class Mixture(Model):
    """Distributions with weights that sum to 1."""

    of: Annotated[tuple[Distribution, ...], Field(min_length=1)]
    """The distributions, in one unit."""
    weights: Annotated[tuple[Weight, ...], Field(min_length=1)]
    """Probability of each distribution, summing to 1."""


class Distribution(Evidence):
    """One uncertain number of at least 0: exactly one of the families below."""

    fixed: Days | None = None
    """Always this value."""
    uniform: tuple[Days, Days] | None = None
    """Smallest and largest."""
    triangular: tuple[Days, Days, Days] | None = None
    """Smallest, most likely, largest."""
    pert: tuple[Days, Days, Days] | None = None
    """Smallest, most likely, largest; a beta distribution with mean (a + 4m + b) / 6."""
    normal: MeanSd | None = None
    """Normal, cut at 0 (the part above 0 is scaled up)."""
    exponential: Mean | None = None
    """Exponential."""
    gamma: MeanSd | None = None
    """Gamma."""
    weibull: ShapeScale | None = None
    """Weibull."""
    lognormal: LognormalFit | None = None
    """Lognormal, by P10 and P90 or by median and sigma."""
    quantiles: Quantiles | None = None
    """Metalog through P10, P50 and P90, bounded at 0."""
    discrete: Discrete | None = None
    """Given values with weights."""
    empirical: str | None = None
    """Observed values in a CSV file (first column), path relative to the file that names it; read when the scenario is loaded."""
    empirical_values: Annotated[tuple[Days, ...], Field(max_length=100_000)] = ()
    """The observed values themselves: written here, or read from the file that ``empirical`` names, so that a run's passport is whole."""
    mixture: Mixture | None = None
    """One of several distributions, by weight."""


class Duration(Distribution):
    """Length of work on the activity's calendar."""

    unit: Literal["days", "weeks"] | None = None
    """``days`` (default) are days of the calendar; a week is 5 of them, or 7 on an every-day calendar."""


class After(Model):
    """A predecessor."""

    activity: str
    """Id of the activity waited for."""
    type: Literal["FS", "SS", "FF", "SF"] = "FS"
    """Which end of it holds back which end of this one: the first letter is the predecessor's end."""
    lag: WorkingDays = 0
    """Working days of this activity's calendar."""


def _after(value: Any) -> Any:
    if not isinstance(value, (str, list, tuple)):
        return value
    return tuple({"activity": item} if isinstance(item, str) else item for item in _one_or_many(value))


class Redo(Evidence):
    """After finishing, the activity may send the office back."""

    probability: Probability
    """Chance that this pass is not the last."""
    back_to: str
    """The activity at which the span to do again begins."""
    scale: Annotated[float, Field(ge=0, le=100)] = 1.0
    """Factor on the new draws of every further pass."""
    at_most: Annotated[int, Field(ge=1, le=20)] = 1
    """Largest number of further passes."""


class OpeningDays(Evidence):
    """Days on which an office may open."""

    weekdays: Annotated[tuple[Weekday, ...], Field(min_length=1)] = ("mon", "tue", "wed", "thu", "fri")
    """Days of the week."""
    closed: tuple[Period, ...] = ()
    """Periods in which no office opens."""
    notice: NoticeDays = 0
    """Working days from ready to the earliest opening."""
    country: str | None = None
    """Public holidays of this country are left out; default: those of the activity's calendar."""


class Adjustment(Evidence):
    """A factor on the duration for some offices."""

    when: Filter
    """Attributes, types or branch outcomes that must fit."""
    factor: Annotated[float, Field(gt=0, le=100)]
    """Multiplies the duration."""


class Activity(Evidence):
    """One step of the process, done for every office."""

    name: Text = ""
    """Name for people; default: the id."""
    phase: str | None = None
    """The phase it belongs to."""
    actor: str | None = None
    """Who does it, e.g. ``municipality``; causes of delay are summed by actor."""
    calendar: str | None = None
    """Calendar of the work, of lags into it and of notice; default: the scenario's calendar."""
    duration: Duration | None = None
    """Length of the work. Exactly one of ``duration``, ``meeting`` and ``opening_days``."""
    by_type: dict[str, Duration] = {}
    """Durations of some office types, in place of ``duration``, which the others have; unit as there unless given."""
    by_round: dict[str, Duration] = {}
    """Durations of some rounds; go before ``by_type``."""
    adjustments: tuple[Adjustment, ...] = ()
    """Factors on the duration for some offices; all that fit multiply."""
    meeting: str | None = None
    """Finishes at a meeting of this series."""
    opening_days: OpeningDays | None = None
    """Finishes on an allowed opening day."""
    after: Annotated[tuple[After, ...], BeforeValidator(_after, json_schema_input_type=str | tuple[str | After, ...])] = ()
    """Predecessors: ids, or tables with ``activity``, ``type`` and ``lag``."""
    when: Filter = {}
    """Happens only for offices that fit: attributes, types, branch outcomes."""
    probability: Probability = 1.0
    """Chance that it happens, where ``when`` fits."""
    uses: dict[str, Annotated[int, Field(ge=1)]] = {}
    """Units of pools needed from start to finish."""
    redo: Redo | None = None
    """Chance of being sent back when it has finished."""
    not_before: dt.date | None = None
    """Earliest start."""


class Branch(Evidence):
    """Alternatives of which exactly one holds for each office; drawn once."""

    options: Annotated[dict[str, Probability], Field(min_length=1)]
    """Outcomes with probabilities that sum to 1."""
    by_type: dict[str, dict[str, Probability]] = {}
    """Other probabilities for some office types."""
    by_round: dict[str, dict[str, Probability]] = {}
    """Other probabilities for some rounds; go before ``by_type``."""


class CapacityChange(Model):
    """A new capacity from a day on."""

    from_: dt.date = Field(alias="from")
    """First day."""
    capacity: Annotated[int, Field(ge=0, le=1_000_000)]
    """Units from then on; work under way is never interrupted."""


class HeldSpan(Model):
    """One unit is held by each office from the start of one activity to an end of another."""

    from_: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]*\.start$")] = Field(alias="from")
    """The start of an activity, e.g. ``directive.start``: the unit is requested together with what that activity uses."""
    until: Event
    """When the unit is given back, e.g. ``close.finish``."""


class Resource(Evidence):
    """A pool of equal units shared by all offices."""

    name: Text = ""
    """Name for people; default: the id."""
    capacity: Annotated[int, Field(ge=0, le=1_000_000)]
    """Units at the start."""
    changes: Annotated[tuple[CapacityChange, ...], Field(max_length=10_000)] = ()
    """Capacity over time."""
    held: HeldSpan | None = None
    """Held by every office over a span, beside any ``uses``."""
    queue: Literal["strict", "fit"] = "strict"
    """``strict``: nobody passes a waiting request; ``fit``: a later one may pass if its units are free."""


class Meeting(Evidence):
    """A series of meeting dates."""

    name: Text = ""
    """Name for people; default: the id."""
    dates: Annotated[tuple[dt.date, ...], Field(max_length=10_000)] = ()
    """Explicit dates."""
    rule: str | None = None
    """E.g. ``second Tuesday of every month except July``; with ``dates`` it holds after the last of them."""
    lead: NoticeDays = 0
    """Working days needed for papers, on the calendar of the activity that waits."""


class Factor(Distribution):
    """A factor without unit."""


def _factor(value: Any) -> Any:
    return {"fixed": value} if isinstance(value, (int, float)) and not isinstance(value, bool) else _frozen(value)


AnyFactor = Annotated[Factor, BeforeValidator(_factor, json_schema_input_type=float | Factor)]
"""A distribution, or simply a number."""


class Risk(Evidence):
    """Something that may happen and then hits many activities."""

    name: Text = ""
    """Name for people; default: the id."""
    probability: Probability
    """Chance that it occurs for one member of its scope."""
    scope: str = "office"
    """Drawn once per ``programme``, ``office``, or value of an office attribute such as ``municipality`` or ``county``."""
    window: tuple[dt.date, dt.date] | None = None
    """First and last day; hits activities that start inside it. Default: always."""
    activities: tuple[str, ...] = ()
    """Activities that it hits."""
    actor: Annotated[tuple[str, ...], BeforeValidator(_one_or_many, json_schema_input_type=str | tuple[str, ...])] = ()
    """Or, or also, all activities of these actors that have a duration."""
    offices: Filter = {}
    """Only these offices, by attributes that are certain; default: all."""
    factor: AnyFactor | None = None
    """Multiplies the duration; drawn once per scope member."""
    delay: Duration | None = None
    """Added to the duration; drawn once per scope member."""


class Correlation(Evidence):
    """Common factors: the share of the variance of a duration (as a standard normal score) that is shared within a layer."""

    programme: Share = 0.0
    """Shared by all activities of all offices."""
    county: Share = 0.0
    """Shared within a county."""
    municipality: Share = 0.0
    """Shared within a municipality."""
    office: Share = 0.0
    """Shared by the activities of one office."""
    actor: Share = 0.0
    """Shared by the activities of one actor, over all offices."""
    activity: Share = 0.0
    """Shared by the same activity, over all offices: how far its estimate as a whole may be wrong."""


class CostSpan(Model):
    """From one moment to another."""

    from_: Event = Field(alias="from")
    """The first moment."""
    until: Event
    """The last moment; it must come after the first in the process."""


class CostItem(Evidence):
    """Something that costs money: at an event, evenly over a span, or per year from an event on.

    Exactly one of ``at``, ``over`` and ``per_year_from``, and exactly one of ``amount``, ``by_type`` and ``share``.
    """

    name: Text = ""
    """Name for people; default: the id."""
    at: Event | None = None
    """The whole amount on the day of this event."""
    over: CostSpan | None = None
    """The amount evenly over the days of a span."""
    per_year_from: Event | None = None
    """The amount per year from this event on."""
    until: Event | None = None
    """With ``per_year_from``: ends at this event; default: goes on."""
    stretches: bool = False
    """With ``over``: the amount is for the span of the deterministic plan; a longer span costs more in proportion."""
    amount: Money | None = None
    """Kronor; per year with ``per_year_from``. One of ``amount``, ``by_type``, ``share``."""
    by_type: dict[str, Money] = {}
    """Kronor by office type."""
    share: Annotated[float, Field(ge=0, le=10)] | None = None
    """Share of the office type's ``budget`` or ``operating_cost``, see ``share_of``."""
    share_of: Literal["budget", "operating_cost"] = "budget"
    """Which sum of the office type the share is of."""
    offices: Filter = {}
    """Only these offices; default: all."""
    financing: Literal["appropriation", "loan"] = "appropriation"
    """Paid from the appropriation as it arises, or by a loan that is written off."""
    depreciation_years: Annotated[float, Field(gt=0, le=100)] | None = None
    """With ``financing = "loan"``: years of straight-line depreciation."""
    price_index: str | None = None
    """The amount follows this index from its base date."""
    uncertainty: AnyFactor | None = None
    """A factor on the amount; drawn once per office."""
    correlation: Annotated[float, Field(ge=-1, le=1)] = 0.0
    """Correlation of the uncertainty with the office's common factor of durations."""


class PriceIndex(Evidence):
    """A price level over time, 1 at its base date, straight lines between the points."""

    base: dt.date
    """Price level of the amounts."""
    points: dict[str, Annotated[float, Field(gt=0, le=1000)]] = {}
    """Index at dates (``"2022-10-01" = 1.12``); the last value holds on, unless ``yearly`` is given."""
    yearly: Annotated[float, Field(gt=-1, lt=10)] | None = None
    """Yearly growth after the last point (or from the base date): 0.02 is 2 %."""
    uncertainty: AnyFactor | None = None
    """A factor on the deviation of the index from 1; drawn once per replication."""


class Budget(Evidence):
    """A frame per year."""

    name: Text = ""
    """Name for people; default: the id."""
    years: Annotated[dict[str, Money], Field(min_length=1)]
    """Kronor by budget year: ``2022 = 60_000_000``."""
    kind: Literal["appropriation", "loan", "cost"] = "cost"
    """``appropriation``: expense of the year, with depreciation and interest for what loans pay; ``loan``: debt at the end of
    the year; ``cost``: all cost as it arises."""
    offices: Filter = {}
    """Only these offices; default: all."""
    items: tuple[str, ...] = ()
    """Only these cost items; default: all."""
    interest: Annotated[float, Field(ge=0, le=1)] = 0.0
    """Yearly interest on loans."""


class Target(Evidence):
    """What is to be reached by a date."""

    name: Text = ""
    """Name for people; default: the id."""
    offices: Filter = {}
    """Which offices count; default: all."""
    at_least: Annotated[int, Field(ge=1)] | None = None
    """How many; default: all of them."""
    existing: Annotated[int, Field(ge=0)] = 0
    """Counted as open already, beside those that are simulated."""
    by: dt.date
    """Open on or before this date."""
    confidence: Annotated[float, Field(gt=0, lt=1)] = 0.8
    """The probability that is asked for."""


class ReferenceClass(Evidence):
    """How long similar establishments took, from outside this programme."""

    name: Text = ""
    """Name for people; default: the id."""
    offices: Filter = {}
    """Which offices of the scenario it is to be compared with; default: all."""
    weeks: tuple[Weeks, ...] = ()
    """Start to opening, calendar weeks, of finished cases."""
    unfinished_weeks: tuple[Weeks, ...] = ()
    """Weeks so far of cases not known to be finished (right-censored)."""
    at_most_weeks: tuple[Weeks, ...] = ()
    """Weeks allowed to cases known only to have opened by then (left-censored)."""


class Scenario(Model):
    """A whole scenario: everything that a run depends on, beside the files it names."""

    scenario: ScenarioInfo
    """Name, first day, number of futures, seed."""
    calendars: Annotated[dict[Id, Calendar], Field(min_length=1)]
    """Working time, by id."""
    office_types: dict[Id, OfficeType] = {}
    """Kinds of establishment, by id."""
    offices: Annotated[dict[Id, Office], Field(min_length=1)]
    """The establishments, by id; a network without offices has one."""
    type_mix: dict[Id, TypeMix] = {}
    """Groups of offices whose types are known only as counts."""
    phases: dict[Id, Phase] = {}
    """Main activities, in order."""
    actors: dict[Id, Actor] = {}
    """Names of those who do the activities; an actor that is not here is called by its id."""
    activities: Annotated[dict[Id, Activity], Field(min_length=1)]
    """Steps of the process, by id."""
    branches: dict[Id, Branch] = {}
    """Alternatives of which one holds for each office."""
    resources: dict[Id, Resource] = {}
    """Pools that the offices compete for."""
    meetings: dict[Id, Meeting] = {}
    """Series of decision meetings."""
    risks: dict[Id, Risk] = {}
    """What may happen and then delays many activities."""
    correlation: Correlation = Correlation()
    """What durations have in common."""
    costs: dict[Id, CostItem] = {}
    """What costs money."""
    price_index: dict[Id, PriceIndex] = {}
    """Price levels over time."""
    budgets: dict[Id, Budget] = {}
    """Frames per year."""
    targets: dict[Id, Target] = {}
    """What is to be reached, by when."""
    reference_class: dict[Id, ReferenceClass] = {}
    """How long similar establishments took elsewhere."""

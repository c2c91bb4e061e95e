"""Sense across sections: every check, run over a whole scenario, and every fault of all of them at once.

A check is a function ``(Scenario) -> Iterator[Fault]`` with one concern, found in one of the ``check_…`` modules by what it is
about. Each copes with what the others report. Warnings (:mod:`sim.scenario.advice`) have the same form; they tell of what can
be simulated but is hardly meant.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sim.errors import Fault
from sim.scenario import advice
from sim.scenario import advice_numbers as single
from sim.scenario import check_dates as dates
from sim.scenario import check_network as network
from sim.scenario import check_numbers as numbers
from sim.scenario import check_offices as offices
from sim.scenario import check_references as references
from sim.scenario import check_status as status
from sim.scenario.schema import Scenario

Check = Callable[[Scenario], Iterator[Fault]]

CHECKS: tuple[Check, ...] = (
    dates.horizon_after_start,
    references.calendars_exist,
    references.activities_exist,
    references.moments_exist,
    references.pools_exist,
    references.meetings_exist,
    references.phases_exist,
    references.actors_exist,
    references.types_exist,
    references.rounds_exist,
    references.price_indexes_exist,
    references.cost_items_exist,
    references.filters_can_fit,
    references.risk_scopes_exist,
    network.one_ending,
    network.durations_belong,
    network.no_circles,
    network.no_twins,
    network.redo_goes_back,
    network.redo_spans_nest,
    network.spans_run_forward,
    network.entries_stand_apart,
    offices.ids_differ,
    offices.office_weights_sum,
    offices.branch_weights_sum,
    offices.branch_outcomes_exist,
    offices.branch_names_free,
    offices.types_are_given,
    offices.shares_have_a_base,
    offices.filters_are_certain,
    offices.mixes_stand_apart,
    offices.mixes_are_possible,
    offices.targets_are_possible,
    numbers.distributions_can_be_built,
    numbers.correlation_shares_fit,
    numbers.pools_are_large_enough,
    numbers.risks_have_effect,
    numbers.cost_kinds_are_clear,
    numbers.price_points_are_dates,
    numbers.budget_years_are_years,
    numbers.handlers_are_a_range,
    dates.calendar_is_known,
    dates.periods_are_whole,
    dates.holidays_are_known,
    dates.calendars_have_working_days,
    dates.offices_may_open,
    dates.meetings_take_place,
    dates.windows_are_in_order,
    dates.capacity_changes_are_in_order,
    dates.offices_start_in_time,
    status.status_holds_together,
)
"""What makes a scenario impossible to simulate, or to mean anything."""

WARNINGS: tuple[Check, ...] = (
    advice.activities_are_waited_for,
    advice.actors_do_something,
    advice.pools_are_used,
    advice.pools_are_not_closed_for_ever,
    advice.offices_fit_the_pools,
    advice.risks_touch_something,
    advice.risk_scopes_are_given,
    advice.targets_after_start,
    advice.targets_on_opening_days,
    advice.meetings_last,
    advice.numbers_have_grades,
    single.ranges_are_wide,
    single.tails_are_left,
    single.means_are_within,
    single.correlation_layers_bind,
    advice.branches_are_alive,
    advice.types_are_drawn,
    advice.costs_cover_types,
    advice.attributes_are_spelt,
    advice.not_before_matters,
    advice.status_in_sequence,
)
"""What can be simulated but is hardly meant; ``check --strict`` takes these for faults."""


def check(scenario: Scenario) -> tuple[Fault, ...]:
    """Every fault of a scenario; empty when it can be simulated.

    Paths are given, files and lines not: :meth:`sim.scenario.load.LoadedScenario.locate` adds them.
    """
    return tuple(dict.fromkeys(fault for check_one in CHECKS for fault in check_one(scenario)))


def warnings(scenario: Scenario) -> tuple[Fault, ...]:
    """Everything in a scenario that is hardly meant."""
    return tuple(dict.fromkeys(fault for check_one in WARNINGS for fault in check_one(scenario)))

"""What all tests share: how hard hypothesis tries, and fixtures that more than one file needs.

No test depends on time: hypothesis has no deadline. ``HYPOTHESIS_PROFILE=thorough`` looks longer for a counter-example;
with ``CI=true`` the examples are always the same, so that a failure there can be had again.
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

settings.register_profile("default", max_examples=40, deadline=None)
settings.register_profile("ci", max_examples=40, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("thorough", max_examples=2000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci" if os.environ.get("CI") == "true" else "default"))

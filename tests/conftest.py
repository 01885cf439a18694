"""Settings that hold for every test."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

# Machines are shared and noisy: no test is timed.
settings.register_profile("cordiale", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile(
    "campaign", deadline=None, max_examples=2_000, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "cordiale"))

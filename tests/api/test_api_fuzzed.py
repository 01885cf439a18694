"""What the description says of the interface holds for requests that nobody thought of."""

from __future__ import annotations

import pytest
from tests.api.client import Client
from tests.world.world import World


@pytest.mark.slow
def test_every_answer_is_one_that_the_description_knows() -> None:
    import schemathesis
    from hypothesis import HealthCheck, given, settings
    from schemathesis.specs.openapi.checks import positive_data_acceptance

    schema = schemathesis.openapi.from_asgi("/api/v1/openapi.json", Client.of(World.in_force().tokyo).app)
    for found in schema.get_all_operations():
        operation = found.ok()

        @given(case=operation.as_strategy())
        @settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
        def run(case: schemathesis.Case) -> None:
            # Nobody signs what is made up: of the right form, it is still turned away.
            case.call_and_validate(excluded_checks=[positive_data_acceptance])

        run()

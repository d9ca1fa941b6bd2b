"""The API behaves as its OpenAPI document says, whatever schemathesis makes up."""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import Case

from tests.journeys.conftest import Assistant, Delegate

pytestmark = pytest.mark.journey


CHECKS = [
    schemathesis.checks.not_a_server_error,
    schemathesis.checks.status_code_conformance,
    schemathesis.checks.content_type_conformance,
    schemathesis.checks.response_schema_conformance,
]
CALLS = [
    ("POST", "/conversations"),
    ("POST", "/conversations/{conversation}/messages"),
    ("GET", "/conversations/{conversation}/messages"),
    ("POST", "/conversations/{conversation}/feedback"),
    ("GET", "/conversations/{conversation}/transcript"),
    ("DELETE", "/conversations/{conversation}"),
]


@pytest.mark.parametrize(("method", "path"), CALLS)
def test_every_answer_is_one_the_document_promises(assistant: Assistant, method: str, path: str) -> None:
    schema = schemathesis.openapi.from_url(f"{assistant.address}/api/v1/openapi.json")

    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
    @given(case=schema[path][method].as_strategy())
    def ask(case: Case[Any]) -> None:
        delegate = Delegate(assistant)
        if "conversation" in case.path_parameters:
            case.path_parameters["conversation"] = delegate.path.rsplit("/", 1)[-1]
        response = case.call(headers={"Authorization": f"Bearer {delegate.token}"})
        case.validate_response(response, checks=CHECKS)

    ask()

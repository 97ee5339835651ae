from collections.abc import Callable

import pytest

from plugins.contact_forms.definition.definitions import FormDefinition
from tests.plugins.contact_forms.forms_kit import NO_LIMITS, PATIENT, make_form, set_limits


@pytest.fixture(autouse=True)
def forms_enabled(enable_plugins: Callable[..., None]) -> None:
    enable_plugins("contact_forms")


@pytest.fixture
def contact(forms_enabled: None) -> FormDefinition:
    """An open form with the slug `contact`, and limits that no test meets by accident."""
    set_limits(**PATIENT, **NO_LIMITS)
    return make_form()

"""What other plugins may use of contact_forms."""

from .building import create_form, create_from_starter
from .definitions import FieldDefinition, FormDefinition, Kind, SavesAs, find_definition
from .services import Received, receive
from .validation import Checked, check_answers
from .visits import Visit

__all__ = [
    "Checked",
    "FieldDefinition",
    "FormDefinition",
    "Kind",
    "Received",
    "SavesAs",
    "Visit",
    "check_answers",
    "create_form",
    "create_from_starter",
    "find_definition",
    "receive",
]

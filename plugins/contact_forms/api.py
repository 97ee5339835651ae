"""What other plugins may use of contact_forms."""

from .building import create_form, create_from_starter
from .definitions import FieldDefinition, FormDefinition, Kind, SavesAs, find_definition
from .judging import Judgement, Message, hold_back
from .options import AnswerTest, Count, FieldOptions, Mode, Operator, ShowIf
from .services import Received, receive
from .validation import Checked, check_answers
from .visits import Visit

__all__ = [
    "AnswerTest",
    "Checked",
    "Count",
    "FieldDefinition",
    "FieldOptions",
    "FormDefinition",
    "Judgement",
    "Kind",
    "Message",
    "Mode",
    "Operator",
    "Received",
    "SavesAs",
    "ShowIf",
    "Visit",
    "check_answers",
    "create_form",
    "create_from_starter",
    "find_definition",
    "hold_back",
    "receive",
]

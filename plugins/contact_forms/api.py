"""What other plugins may use of contact_forms."""

from .builder.building import create_form, create_from_starter
from .definition.definitions import FieldDefinition, FormDefinition, Kind, SavesAs, find_definition
from .definition.options import AnswerTest, Count, FieldOptions, Mode, Operator, ShowIf
from .definition.validation import Checked, check_answers
from .files.verdicts import CLEAN, Verdict, ask_again_later, infected
from .sending.services import Received, receive
from .sending.visits import Visit
from .spam.judging import Judgement, Message, hold_back

__all__ = [
    "CLEAN",
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
    "Verdict",
    "Visit",
    "ask_again_later",
    "check_answers",
    "create_form",
    "create_from_starter",
    "find_definition",
    "hold_back",
    "infected",
    "receive",
]

"""The things ledgerbook is about. Frozen values; nothing here reads or writes.

A *plan* of a bureau lists *tasks*; each task names the *sections* responsible, in
*roles*. The office keeps them in *the book*, issues *forms* to the sections in
*rounds*, and merges what returns.
"""

from ledgerbook.model.book import Book
from ledgerbook.model.forms import (
    Choice,
    ChoiceList,
    Column,
    Condition,
    DueRule,
    Extension,
    Filler,
    Form,
    Kind,
    Meaning,
    Source,
    When,
    roles_field,
)
from ledgerbook.model.tasks import (
    Assignment,
    Deadline,
    Every,
    HandMade,
    OnDate,
    Ongoing,
    Origin,
    Question,
    Recurrence,
    Revision,
    Role,
    Round,
    Section,
    Task,
    Undated,
)

__all__ = [
    "Assignment",
    "Book",
    "Choice",
    "ChoiceList",
    "Column",
    "Condition",
    "Deadline",
    "DueRule",
    "Every",
    "Extension",
    "Filler",
    "Form",
    "HandMade",
    "Kind",
    "Meaning",
    "OnDate",
    "Ongoing",
    "Origin",
    "Question",
    "Recurrence",
    "Revision",
    "Role",
    "Round",
    "Section",
    "Source",
    "Task",
    "Undated",
    "When",
    "roles_field",
]

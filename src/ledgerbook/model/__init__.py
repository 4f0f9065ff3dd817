"""Define the classes of the subject: tasks, forms, the book, problems and results.

All are frozen values; nothing here reads or writes files. A *plan* of a bureau lists
*tasks*; each task names the *sections* responsible, in *roles*. The office records
them in *the book*, issues *forms* to the sections in *rounds*, and merges the *returns*
into a *ledger*.
"""

from ledgerbook.model.book import DISCLOSURE_WORK, Book, PaperSize
from ledgerbook.model.forms import (
    Choice,
    ChoiceList,
    Column,
    ColumnSource,
    ColumnType,
    Condition,
    ConditionKind,
    DueRule,
    Extension,
    Filler,
    Form,
    PeriodRole,
    StatusCategory,
    format_roles_field,
)
from ledgerbook.model.tasks import (
    Assignment,
    AssignmentOverride,
    Deadline,
    FixedDeadline,
    Interval,
    NoDeadline,
    OngoingDeadline,
    OriginalWording,
    Question,
    Recurrence,
    Revision,
    Role,
    Round,
    Section,
    Task,
)

__all__ = [
    "DISCLOSURE_WORK",
    "Assignment",
    "AssignmentOverride",
    "Book",
    "Choice",
    "ChoiceList",
    "Column",
    "ColumnSource",
    "ColumnType",
    "Condition",
    "ConditionKind",
    "Deadline",
    "DueRule",
    "Extension",
    "Filler",
    "FixedDeadline",
    "Form",
    "Interval",
    "NoDeadline",
    "OngoingDeadline",
    "OriginalWording",
    "PaperSize",
    "PeriodRole",
    "Question",
    "Recurrence",
    "Revision",
    "Role",
    "Round",
    "Section",
    "StatusCategory",
    "Task",
    "format_roles_field",
]

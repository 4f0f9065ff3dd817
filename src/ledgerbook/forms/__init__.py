"""Forms as data: TOML records or rows of the 字段 and 选项 sheets → Form, and back.

Both spellings of a form are flat records with the same keys, read by one function,
so a factory definition and one changed by the office in Excel obey the same rules.
"""

from ledgerbook.forms.loader import (
    Manner,
    build_form,
    factory_forms,
    factory_ledger,
    from_json,
    load_form,
    to_json,
    version,
)
from ledgerbook.forms.records import (
    CHOICE_FIELDS,
    COLUMN_FIELDS,
    choice_records,
    column_record,
)

__all__ = [
    "CHOICE_FIELDS",
    "COLUMN_FIELDS",
    "Manner",
    "build_form",
    "choice_records",
    "column_record",
    "factory_forms",
    "factory_ledger",
    "from_json",
    "load_form",
    "to_json",
    "version",
]

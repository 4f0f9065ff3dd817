"""Build forms from TOML files or from the rows of 字段 and 选项, and write them back.

Both representations are flat records with the same keys, and one function reads them. So
the same rules apply to a factory definition and to one that the office has changed.
"""

from ledgerbook.forms.loader import (
    RegisterSettings,
    build_form,
    compute_form_version,
    deserialize_form,
    inherit_empty_answers,
    inherit_exclusions,
    list_factory_personal_columns,
    load_factory_forms,
    load_factory_ledger,
    load_form,
    map_factory_periods,
    serialize_form,
)
from ledgerbook.forms.records import (
    CHOICE_FIELDS,
    COLUMN_FIELDS,
    PERSONAL_WORD,
    build_column_record,
    iter_choice_records,
)
from ledgerbook.forms.validation import check_form_key

__all__ = [
    "CHOICE_FIELDS",
    "COLUMN_FIELDS",
    "PERSONAL_WORD",
    "RegisterSettings",
    "build_column_record",
    "build_form",
    "check_form_key",
    "compute_form_version",
    "deserialize_form",
    "inherit_empty_answers",
    "inherit_exclusions",
    "iter_choice_records",
    "list_factory_personal_columns",
    "load_factory_forms",
    "load_factory_ledger",
    "load_form",
    "map_factory_periods",
    "serialize_form",
]

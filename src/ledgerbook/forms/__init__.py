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
    load_ledger_of_kind,
    map_factory_periods,
    serialize_form,
)
from ledgerbook.forms.plan_kinds import PlanKind, add_plan_columns, find_plan_kind, list_plan_kinds
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
    "PlanKind",
    "RegisterSettings",
    "add_plan_columns",
    "build_column_record",
    "build_form",
    "check_form_key",
    "compute_form_version",
    "deserialize_form",
    "find_plan_kind",
    "inherit_empty_answers",
    "inherit_exclusions",
    "iter_choice_records",
    "list_factory_personal_columns",
    "list_plan_kinds",
    "load_factory_forms",
    "load_factory_ledger",
    "load_form",
    "load_ledger_of_kind",
    "map_factory_periods",
    "serialize_form",
]

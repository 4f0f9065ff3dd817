"""Parse cells of 责任单位: which sections are named, and in which role.

    cell    = clause { (, ; 。) clause }
    clause  = names [ verbs ] { names [ verbs ] }
    names   = name [ (verbs) ] { (、 space 和 及 与) name [ (verbs) ] }

A list of names shares the verb that follows it in its clause, a verb in brackets
belongs to the name before it only, and names without a verb implement. ``负责`` alone
means to lead, unless another section leads or it is about all sections. ``各科室``
means every section, ``其他科室`` every section that the cell does not name, and
``除…外各科室`` every section but those listed. Names that are no section of the agency
are returned unchanged; similar names are never substituted.

A cell is rewritten without what the grammar does not know (``_normalize_units_text``),
split into tokens (``_tokenize_units``), and the tokens combined into mentions of units
in roles (``_parse_mentions``).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from functools import lru_cache
from types import MappingProxyType

from ledgerbook.chinese_numerals import ORDINAL_CHARACTERS
from ledgerbook.model import Assignment, Role
from ledgerbook.plan.text_repair import narrow_characters, remove_noise_spaces
from ledgerbook.text import normalize


class _TokenKind(Enum):
    """The kinds of token in a cell of 责任单位."""

    CLAUSE_END = auto()
    LIST_SEPARATOR = auto()
    VERB = auto()
    BRACKETED_VERB = auto()
    ALL_SECTIONS = auto()
    OTHER_SECTIONS = auto()
    ALL_SECTIONS_EXCEPT = auto()
    VAGUE = auto()
    NAME = auto()
    UNKNOWN = auto()


@dataclass(frozen=True, slots=True)
class _Token:
    """A token; ``text`` is its normalized text."""

    kind: _TokenKind
    text: str


_EVERY_SECTION_KINDS = frozenset(
    {_TokenKind.ALL_SECTIONS, _TokenKind.OTHER_SECTIONS, _TokenKind.ALL_SECTIONS_EXCEPT}
)
_COLLECTIVE_KINDS = _EVERY_SECTION_KINDS | {_TokenKind.VAGUE}
_UNIT_KINDS = _COLLECTIVE_KINDS | {_TokenKind.NAME, _TokenKind.UNKNOWN}


@dataclass(frozen=True, slots=True)
class _Mention:
    """A name, or a word for sections, and its role.

    ``is_tentative`` is set for the role LEAD that 负责 alone gives: it applies only if
    no other section leads.
    """

    token: _Token
    role: Role
    is_tentative: bool = False


@dataclass(frozen=True, slots=True)
class ParsedUnits:
    """The assignments of a cell, and the names for which the office must decide.

    ``unknown_names`` are no sections; ``vague_names`` (有关科室) name none in particular.
    ``open_roles`` maps each of both to its roles, in the order of Role.
    """

    assignments: tuple[Assignment, ...]
    unknown_names: tuple[str, ...]
    vague_names: tuple[str, ...]
    open_roles: Mapping[str, tuple[Role, ...]] = field(default_factory=dict)


# No cell of 责任单位 is longer, in characters.
_MAX_CELL_LENGTH = 300
# Prefixes that do not change which section a name means.
AGENCY_PREFIXES = ("局机关", "本局", "市局", "机关", "局")
# Names of offices that every agency has: 办公室 is the same section as 局办公室.
_COMMON_OFFICE_NAMES = ("办公室", "秘书科", "秘书处", "综合科", "综合处", "机关党委")
# Verbs that name a role, and verbs that only mean "do it": in a sequence such as
# 负责汇总 or 牵头落实 the first kind decides.
_ROLE_VERBS: Mapping[str, Role] = MappingProxyType(
    {
        "牵头": Role.LEAD,
        "统筹": Role.LEAD,
        "主办": Role.LEAD,
        "主责": Role.LEAD,
        "为主": Role.LEAD,
        "配合": Role.SUPPORT,
        "会办": Role.SUPPORT,
        "协助": Role.SUPPORT,
        "协办": Role.SUPPORT,
        "参与": Role.SUPPORT,
        "协同": Role.SUPPORT,
        "汇总": Role.COMPILE,
    }
)
_PLAIN_VERBS = ("落实", "负责", "实施", "办理", "承办", "完成", "推进")
_FILLER_WORDS = (
    "全面",
    "分别",
    "共同",
    "具体",
    "协调",
    "组织",
    "抓好",
    "做好",
    "各自",
    "工作",
)

# Matches 按职责, 按照职能, 按各自职责分工, 按有关要求 and so on.
_MANNER_PHRASE = (
    r"(?:按照|按|依照|依据|依|根据|结合)"
    r"(?:各自|本科室|有关|相关|工作)*(?:职责|职能|分工|要求|任务)+"
)
# Verbs and other words that a name may begin with or contain: 管委会办公室, 统筹城乡办.
_NO_VERB = r"(?!会办公|统筹城乡)"
_VERBS = "|".join((*_ROLE_VERBS, *_PLAIN_VERBS))
_VERB_RUN = rf"(?:{_NO_VERB}(?:{_MANNER_PHRASE}|{_VERBS}|{'|'.join(_FILLER_WORDS)}))++"
# The verbs that may stand between two names without a mark (综合科牵头法规科配合). 组织, 工作
# and the like are parts of names there: 县委组织部, 农村工作领导小组办公室.
_VERB_RUN_BETWEEN_NAMES = rf"(?:{'|'.join(_FILLER_WORDS)})*+{_NO_VERB}(?:{_MANNER_PHRASE}|{_VERBS})"
_RESPONSIBLE_ONLY = re.compile(r"\(?(?:具体|分别|共同|全面)*负责\)?")

_SECTION_NOUN = (
    r"(?:科\(室\)|科室|处\(室\)|处室|股\(室\)|股室|部室|部门|站办所|办站所|站所|办公室"
    r"|办\((?:中心|室|所|站|局)\)|办\(所\)|办\(站、所\))"
)
_EVERY_PREFIX = r"(?:局|委|办|厅|机关|本局|全局|局机关)?(?:各|所有|全体|全部)"
_ALL_SECTIONS = rf"{_EVERY_PREFIX}(?:{_SECTION_NOUN}(?:、中心)?|[科处股室办](?:、中心)?)"
_OTHER_SECTIONS = rf"(?:其他|其余)(?:各|所有)?{_SECTION_NOUN}"
_ALL_SECTIONS_EXCEPT = (
    rf"除(?P<excepted>.{{1,40}}?)(?:以外|之外|外)的?(?:{_ALL_SECTIONS}|{_OTHER_SECTIONS})"
)

# Which authority the sections belong to, and which duty they have.
_PARENT_PREFIX = r"(?:局属|直属|下属|所属|全?[省市区县州镇][级直属]?|局|机关|政府)*"
_DUTY_QUALIFIER = r"(?:(?:具有|承担|负有)[\u4e00-\u9fff]{1,12}?的)?"
_VAGUE_UNITS = (
    rf"{_DUTY_QUALIFIER}{_PARENT_PREFIX}(?:其他|其余|各|所有)?(?:相关|有关|责任|业务|职能|涉及|其他|其余)"
    rf"(?:的)?(?:责任|业务|职能)?(?:{_SECTION_NOUN}|单位|科|处)"
    r"|等(?:(?:相关|有关|责任)?(?:科室|处室|部门|单位))?"
    # Units outside the bureau and above it.
    rf"|{_DUTY_QUALIFIER}{_PARENT_PREFIX}各(?:责任|有关|相关|直属|下属|所属)?"
    r"(?:单位|(?:区县|县区|市县|乡镇|区|县|市|镇)(?:人民)?政府|镇街\(园区\)|镇街|镇\(街\)|镇\(街道\)|镇\(园区\)|镇街道|乡镇|街道|镇区"
    r"|园区|镇|区县|县区|区|县|市)"
    # All offices of a city or county, not those of one bureau.
    r"|(?:全?[省市区县州](?:直属?|级|属|政府|委)?(?:机关)?)各(?:部门|委办局|委、办、局|单位)"
    r"|(?:局|分管|班子|党组|主要|有关|各)*领导(?:班子)?"
    # Many governments without 各: 乡镇人民政府, 镇街.
    r"|(?:乡镇|镇街|县区|区县|乡镇街道)(?:人民)?政府|镇街|县区|区县"
    r"|同上"
)
# Words for governments or villages beside the agency or below it: they are no sections of it.
_OTHER_BODIES = re.compile(
    r"各(?:省|市|县|区|州|旗|乡|镇|街道|村|社区|园区|功能区|开发区|高新区|经开区|地)(?![直级]).*"
    r"|(?:乡镇|镇街|县区|区县).*"
)

# The last characters of section names.
NAME_LAST_CHARACTERS = "科室处股办部队站所院局委组"
_NAME_ENDINGS = (*NAME_LAST_CHARACTERS, "中心")
_MAX_NAME_LENGTH = 12
# White space between two names is a separator; anywhere else a wrapped line left it. After
# the last characters of other bodies (国网供电公司, 县残联, 人民银行支行) only what begins like
# a name tells it.
_NAME_GAP = re.compile(
    rf"(?<=[{NAME_LAST_CHARACTERS}心])\s+(?=[\u4e00-\u9fff])(?!室)"
    r"|(?<=[司府校会联行社区县市乡镇村园道])\s+(?=[省市区县州各])"
    r"|(?<=[司府校联行社园道团馆心])[ \t]*\n\s*(?=[\u4e00-\u9fff])(?!室|办公室)"
    # 信息中心（李四） on a line of its own.
    rf"|(?:(?<=[{NAME_LAST_CHARACTERS}心][(\uff08][\u4e00-\u9fff]{{2}}[)\uff09])"
    rf"|(?<=[{NAME_LAST_CHARACTERS}心][(\uff08][\u4e00-\u9fff]{{3}}[)\uff09]))\s*\n\s*(?=[\u4e00-\u9fff])"
)


def parse_units(
    text: str, sections: Sequence[str], aliases: Mapping[str, str] | None = None
) -> ParsedUnits:
    """Parse a cell of 责任单位; ``sections`` are the names of the agency's sections.

    ``aliases`` are other names of sections (alias → section). The assignments are in the
    order of ``sections``, then of roles, without repetition.
    """
    alias_items = tuple((aliases or {}).items())
    section_by_spelling = _map_spellings(tuple(sections), alias_items)
    unresolved = tuple(_parse_mentions(_tokenize_units(text, section_by_spelling)))
    mentions = tuple(_resolve_mentions(unresolved, section_by_spelling))
    mentioned_sections = {
        section_by_spelling[mention.token.text]
        for mention in mentions
        if mention.token.kind is _TokenKind.NAME
    }
    section_roles = {
        (section, mention.role)
        for mention in mentions
        for section in _expand_token(mention.token, section_by_spelling, mentioned_sections)
    }
    open_roles: dict[str, set[Role]] = {}
    for mention in mentions:
        if mention.token.kind in (_TokenKind.UNKNOWN, _TokenKind.VAGUE):
            open_roles.setdefault(mention.token.text, set()).add(mention.role)
    return ParsedUnits(
        assignments=tuple(
            Assignment(section, role)
            for section in dict.fromkeys(sections)
            for role in Role
            if (section, role) in section_roles
        ),
        unknown_names=_collect_texts(mentions, _TokenKind.UNKNOWN),
        vague_names=_collect_texts(mentions, _TokenKind.VAGUE)
        or _find_text_naming_nobody(text, mentions),
        open_roles={
            name: tuple(role for role in Role if role in roles)
            for name, roles in open_roles.items()
        },
    )


def is_other_body(name: str) -> bool:
    """Return whether a vague name is one for governments or villages, not for sections."""
    return _OTHER_BODIES.fullmatch(name) is not None


def list_named_sections(texts: Iterable[str], known_names: Collection[str] = ()) -> tuple[str, ...]:
    """Return the section names in cells of 责任单位, in order of first mention.

    各科室 and similar words are not included. A name that is another one with a prefix
    (局办公室 for 办公室), here or in ``known_names``, is left out.
    """
    names = (name for text in texts for name in parse_units(text, ()).unknown_names)
    candidates = dict.fromkeys(name for name in names if _looks_like_section_name(name))
    all_names = {*candidates, *known_names}
    return tuple(
        name
        for name in candidates
        if not any(
            name.startswith(prefix) and name.removeprefix(prefix) in all_names
            for prefix in AGENCY_PREFIXES
        )
    )


def has_every_section(text: str) -> bool:
    """Return whether a cell names all sections of the agency: 各科室, 其他科室."""
    kinds = {mention.token.kind for mention in _parse_mentions(_tokenize_units(text, ()))}
    return bool(kinds & _EVERY_SECTION_KINDS)


def is_units_cell(text: str, sections: Sequence[str] = ()) -> bool:
    """Return whether ``text`` as a whole is a cell of 责任单位.

    Without ``sections`` any name that ends like a section's counts as one.
    """
    if len(text) > _MAX_CELL_LENGTH:
        return False
    mentions = tuple(_parse_mentions(_tokenize_units(text, sections)))
    unknown_names = _collect_texts(mentions, _TokenKind.UNKNOWN)
    if sections:
        return bool(mentions) and not unknown_names
    return bool(mentions) and all(map(_looks_like_section_name, unknown_names))


def clean_units_text(text: str) -> str:
    """Return ``text`` on one line, with a space where only a gap separates two names."""
    first_part, *other_parts = _NAME_GAP.split(narrow_characters(text).strip())
    wording = remove_noise_spaces(first_part)
    for part in map(remove_noise_spaces, other_parts):
        wording += part if re.match(_VERB_RUN, part) else f" {part}"
    return wording


def add_role_verb(units: str, verb: str) -> str:
    """Return ``units`` with ``verb`` after every name that has no verb of its own.

    The verb is that of the column or label: 办公室，法规科 under 配合单位 becomes
    办公室、法规科配合. Unchanged if each name has a verb, or ``verb`` is blank.
    """
    completed: list[str] = []
    names: list[str] = []
    for clause in map(str.strip, _CLAUSE.findall(units) if verb else ()):
        open_name_count, has_verb = _count_open_names(clause)
        if has_verb:
            completed += [f"{'、'.join(names)}{verb}"] if names else []
            completed.append(f"{clause}{verb}" if open_name_count else clause)
            names = []
        elif open_name_count:
            names.append(clause)
    completed += [f"{'、'.join(names)}{verb}"] if names else []
    return "\uff0c".join(completed) or units


def _count_open_names(clause: str) -> tuple[int, bool]:
    """Return how many names no verb follows, and whether the clause has any verb."""
    open_name_count, has_verb = 0, False
    for token in _tokenize_units(clause, ()):
        if token.kind in _UNIT_KINDS:
            open_name_count += 1
        elif token.kind is _TokenKind.VERB:
            open_name_count, has_verb = 0, True
        elif token.kind is _TokenKind.BRACKETED_VERB:
            open_name_count, has_verb = open_name_count - 1, True
    return open_name_count, has_verb


def find_name_starts(text: str, sections: Collection[str]) -> tuple[int, ...]:
    """Return the indices at which a section, or a word for sections, begins in ``text``."""
    pattern = "|".join((*map(re.escape, sections), _ALL_SECTIONS, _VAGUE_UNITS))
    return tuple(match.start() for match in re.finditer(pattern, text))


def _find_text_naming_nobody(text: str, mentions: Sequence[_Mention]) -> tuple[str, ...]:
    """Return ``text`` if it contains Chinese but mentions nobody, such as 见附件1."""
    stripped = text.strip()
    return (stripped,) if not mentions and re.search(r"[\u4e00-\u9fff]", stripped) else ()


# Called with the same sections for every item of a plan.
@lru_cache(maxsize=8)
def _map_spellings(
    sections: tuple[str, ...], aliases: tuple[tuple[str, str], ...]
) -> Mapping[str, str]:
    """Return spelling → section: names, aliases, and both with and without prefixes."""
    section_names = [section for section in sections if section.strip()]
    section_by_spelling = {normalize(name): name for name in section_names}
    for alias, section in aliases:
        section_by_spelling.setdefault(normalize(alias), section)
    for spelling, name in list(section_by_spelling.items()):
        for prefix in AGENCY_PREFIXES:
            section_by_spelling.setdefault(prefix + spelling, name)
            short_name = spelling.removeprefix(prefix)
            if short_name in _COMMON_OFFICE_NAMES:
                section_by_spelling.setdefault(short_name, name)
    return section_by_spelling


def _resolve_mentions(
    mentions: Iterable[_Mention], section_by_spelling: Mapping[str, str]
) -> Iterator[_Mention]:
    """Yield the mentions with what depends on the whole cell decided: 负责 and 其他科室."""
    all_mentions = tuple(mentions)
    has_explicit_lead = any(
        mention.role is Role.LEAD and not mention.is_tentative for mention in all_mentions
    )
    has_section_name = any(mention.token.kind is _TokenKind.NAME for mention in all_mentions)
    for mention in all_mentions:
        token, role = mention.token, mention.role
        if mention.is_tentative and (has_explicit_lead or token.kind in _COLLECTIVE_KINDS):
            role = Role.IMPLEMENT
        is_other_than_none = token.kind is _TokenKind.OTHER_SECTIONS and not has_section_name
        is_unclear_exception = (
            token.kind is _TokenKind.ALL_SECTIONS_EXCEPT
            and not _find_excluded_sections(token, section_by_spelling)
        )
        if is_other_than_none or is_unclear_exception:
            token = _Token(_TokenKind.VAGUE, token.text)
        yield _Mention(token, role)


def _find_excluded_sections(
    token: _Token, section_by_spelling: Mapping[str, str]
) -> frozenset[str]:
    """Return the sections that 除…外 excludes; none if it names anything but sections."""
    match = re.match(_ALL_SECTIONS_EXCEPT, token.text)
    inner_tokens = _tokenize_units(match["excepted"], section_by_spelling) if match else ()
    unit_tokens = [inner_token for inner_token in inner_tokens if inner_token.kind in _UNIT_KINDS]
    if any(inner_token.kind is not _TokenKind.NAME for inner_token in unit_tokens):
        return frozenset()
    return frozenset(section_by_spelling[inner_token.text] for inner_token in unit_tokens)


def _expand_token(
    token: _Token,
    section_by_spelling: Mapping[str, str],
    mentioned_sections: Collection[str],
) -> Iterable[str]:
    """Return the sections that a token stands for."""
    all_sections = dict.fromkeys(section_by_spelling.values())
    match token.kind:
        case _TokenKind.ALL_SECTIONS:
            return all_sections
        case _TokenKind.OTHER_SECTIONS:
            return [section for section in all_sections if section not in mentioned_sections]
        case _TokenKind.ALL_SECTIONS_EXCEPT:
            excluded = _find_excluded_sections(token, section_by_spelling)
            return [section for section in all_sections if section not in excluded]
        case _TokenKind.NAME:
            return [section_by_spelling[token.text]]
        case _:
            return ()


def _collect_texts(mentions: Iterable[_Mention], kind: _TokenKind) -> tuple[str, ...]:
    """Return the texts of the mentions of one kind, without repetition."""
    return tuple(
        dict.fromkeys(mention.token.text for mention in mentions if mention.token.kind is kind)
    )


def _looks_like_section_name(text: str) -> bool:
    """Return whether ``text`` is Chinese and ends like the name of a section."""
    return (
        1 < len(text) <= _MAX_NAME_LENGTH
        and text.endswith(_NAME_ENDINGS)
        and re.fullmatch(r"[\u4e00-\u9fff]+", text) is not None
    )


# --- from tokens to mentions ---


def _parse_mentions(tokens: Iterable[_Token]) -> Iterator[_Mention]:
    """Yield each name with the roles of the verbs that follow it.

    A verb without names before it (综合科牵头,并汇总) applies to the previous names.
    """
    pending_names: list[_Token] = []
    subjects: list[_Token] = []
    for token in (*tokens, _Token(_TokenKind.CLAUSE_END, "")):
        if token.kind in _UNIT_KINDS:
            pending_names.append(token)
        elif token.kind is _TokenKind.VERB:
            subjects, pending_names = pending_names or subjects, []
            is_tentative = _is_responsible_only(token.text)
            for role in _find_roles(token.text):
                yield from (_Mention(name_token, role, is_tentative) for name_token in subjects)
        elif token.kind is _TokenKind.BRACKETED_VERB and pending_names:
            name_token = pending_names.pop()
            is_tentative = _is_responsible_only(token.text)
            yield from (
                _Mention(name_token, role, is_tentative) for role in _find_roles(token.text)
            )
        elif token.kind is _TokenKind.CLAUSE_END and pending_names:
            subjects, pending_names = pending_names, []
            yield from (_Mention(name_token, Role.IMPLEMENT) for name_token in subjects)


def _find_roles(verbs: str) -> tuple[Role, ...]:
    """Return the roles that a sequence of verbs names."""
    if _is_responsible_only(verbs):
        return (Role.LEAD,)
    roles = dict.fromkeys(role for verb, role in _ROLE_VERBS.items() if verb in verbs)
    return tuple(roles) or (Role.IMPLEMENT,)


def _is_responsible_only(verbs: str) -> bool:
    """Return whether the verbs are 负责 and nothing more."""
    return _RESPONSIBLE_ONLY.fullmatch(verbs) is not None


# --- from the text to tokens ---

_BRACKETED_VERB = rf"\({_VERB_RUN}\)"
_CLAUSE_END = r"[,;。.!]+"
_CONJUNCTION = "以及|和|及|与|并且|并|兼"
_LIST_SEPARATOR = rf"[、/ ]+|{_CONJUNCTION}"
# A bracket belongs to the name before it as a whole: 各县(市、区)人民政府(管委会).
_BRACKET = r"[(\uff08](?:[^()\uff08\uff09]|[(\uff08][^()\uff08\uff09]*[)\uff09])*[)\uff09]"
_NAME_PART = rf"(?>{_BRACKET}|.)"
_AFTER_NAME = rf"(?<=[{NAME_LAST_CHARACTERS}心司府])"
_CLAUSE = re.compile(rf"(?:会同)?(?:(?!会同|[,\uff0c;\uff1b。!\uff01]){_NAME_PART})+", re.DOTALL)
_TokenPatterns = tuple[tuple[_TokenKind, re.Pattern[str]], ...]


def _tokenize_units(text: str, sections: Collection[str]) -> Iterator[_Token]:
    """Yield the tokens of a cell.

    A section's name counts only as a whole, up to the next token: 市财政局综合科 is not
    the section 综合科. Of several names that match the longest counts.
    """
    prepared = _normalize_units_text(unicodedata.normalize("NFKC", text).strip())
    remaining = " ".join(normalize(part) for part in _NAME_GAP.split(prepared))
    patterns = _compile_token_patterns(tuple(sections))
    patterns_after_name = ((_TokenKind.VERB, re.compile(_VERB_RUN)), *patterns)
    previous_kind = _TokenKind.CLAUSE_END
    while remaining:
        # Directly after a name a verb needs no boundary; at the start of a clause it may
        # be the beginning of a name (统筹协调科).
        token = _match_token(
            remaining, patterns_after_name if previous_kind in _UNIT_KINDS else patterns
        )
        yield token
        previous_kind = token.kind
        remaining = remaining[len(token.text) :]


def _match_token(text: str, patterns: _TokenPatterns) -> _Token:
    """Return the token at the beginning of ``text``."""
    matches = ((kind, pattern.match(text)) for kind, pattern in patterns)
    kind, matched_text = next((kind, match[0]) for kind, match in matches if match)
    # 各 within a name, too, means several: 全区经济运行各专班.
    is_collective = kind is _TokenKind.UNKNOWN and "各" in matched_text
    return _Token(_TokenKind.VAGUE if is_collective else kind, matched_text)


# Called with the same sections for every item of a plan.
@lru_cache(maxsize=8)
def _compile_token_patterns(sections: tuple[str, ...]) -> _TokenPatterns:
    """Return the patterns of the tokens in the order to try them; the last always matches."""
    longest_first = sorted(map(normalize, sections), key=len, reverse=True)
    section_names = "|".join(map(re.escape, longest_first)) or r"(?!)"
    end = rf"(?:\Z|{_CLAUSE_END}|[、/ ]|{_BRACKETED_VERB})"
    end_of_names = (
        rf"{end}|{_VERB_RUN}{end}|(?:{_ALL_SECTIONS}|{_VAGUE_UNITS})(?:{_VERB_RUN})?{end}"
    )
    continuation = rf"{_CONJUNCTION}|{_VERB_RUN_BETWEEN_NAMES}"
    whole_name = rf"(?={section_names}|{end_of_names}|{continuation})"
    # What is no section is the longest name up to a mark: a word within it separates only
    # where a name may end.
    unknown_name = rf"{_NAME_PART}+?(?={end_of_names}|{_AFTER_NAME}(?:{continuation}))"
    kind_patterns = (
        (_TokenKind.NAME, rf"(?:{section_names}){whole_name}"),
        (_TokenKind.CLAUSE_END, _CLAUSE_END),
        (_TokenKind.LIST_SEPARATOR, _LIST_SEPARATOR),
        (_TokenKind.ALL_SECTIONS_EXCEPT, _ALL_SECTIONS_EXCEPT + whole_name),
        (_TokenKind.OTHER_SECTIONS, _OTHER_SECTIONS + whole_name),
        (_TokenKind.ALL_SECTIONS, _ALL_SECTIONS + whole_name),
        (_TokenKind.VAGUE, rf"(?:{_VAGUE_UNITS}){whole_name}"),
        (_TokenKind.BRACKETED_VERB, _BRACKETED_VERB),
        (_TokenKind.VERB, _VERB_RUN + whole_name),
        (_TokenKind.VAGUE, rf"各{unknown_name}"),
        (_TokenKind.UNKNOWN, unknown_name),
    )
    return tuple((kind, re.compile(pattern)) for kind, pattern in kind_patterns)


# --- rewriting the text for the grammar ---

# Label → the verb that it stands for; 责任单位 alone stands for none.
_LABEL_VERBS = {
    "牵头": "牵头",
    "主办": "牵头",
    "主责": "牵头",
    "配合": "配合",
    "协办": "配合",
    "协助": "配合",
    "参与": "配合",
    "会办": "会办",
    "汇总": "汇总",
    "责任": "",
    "负责": "",
    "承办": "",
    "落实": "",
    "实施": "",
}
_OFFICE_NOUN = "(?:责任)?(?:单位|科室|处室|股室|部门)?"
_LABEL = re.compile(
    rf"(?:^|(?<=[\s,;。、)科室处股办]))(?P<label>{'|'.join(_LABEL_VERBS)}){_OFFICE_NOUN}:"
)
_NAME_SEPARATORS = ",;。、 \n"
_ANNEX_REFERENCE = re.compile(
    rf"\(?(?:详见|具体见|参见|见)附件[\d{ORDINAL_CHARACTERS}]*(?:,?下同)?\)?"
)
_SAME_BELOW = re.compile(r"[,;]?\(?下同\)?")
_LEADING_NUMBER = re.compile(r"(?:^|(?<=[\s;,。、]))\(?\d{1,2}[.、)](?=[\u4e00-\u9fff])")
_LEADING_PREPOSITION = re.compile(r"(?:^|(?<=[\s;,。、]))(?:由|以(?!及))(?=[\u4e00-\u9fff])")
_TOGETHER_WITH = re.compile(r"[,;]?会同(?P<names>[^,;。]+)")
# In 综合科(法规科配合) the names and the verb in brackets are a clause of their own.
_BRACKETED_CLAUSE = re.compile(r"\((?P<clause>[^()]+(?:牵头|配合|协助|会办|协办|汇总))\)")
# In 法规科(李四) the bracket names a person by one of the commonest family names.
_FAMILY_NAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕"
    "丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严"
)
_BRACKETED_PERSON = re.compile(
    rf"(?<=[{NAME_LAST_CHARACTERS}心])\([{_FAMILY_NAMES}][\u4e00-\u9fff]{{1,2}}(?:同志)?\)"
)
_VERBS_ONLY = re.compile(r"(?:牵头|配合|协助|会办|协办|汇总|负责|[、,及和并])+")


def _normalize_units_text(text: str) -> str:
    """Return the NFKC ``text`` rewritten in the words of the grammar.

    Labels become verbs (牵头单位：综合科 → 综合科牵头), 会同 becomes 配合 after the names,
    and references to an annex, 下同 and leading numbers are removed.
    """
    cleaned = _SAME_BELOW.sub("", _ANNEX_REFERENCE.sub("", text))
    cleaned = _LEADING_NUMBER.sub("", cleaned)
    cleaned = _BRACKETED_PERSON.sub("", cleaned)
    cleaned = _BRACKETED_CLAUSE.sub(_expand_bracketed_clause, cleaned)
    cleaned = _LEADING_PREPOSITION.sub("", "".join(_convert_labels(cleaned)))
    return _TOGETHER_WITH.sub(r",\g<names>配合", cleaned)


def _expand_bracketed_clause(match: re.Match[str]) -> str:
    """Return names and a verb in brackets between commas; verbs alone stay unchanged."""
    clause = match["clause"]
    return match[0] if _VERBS_ONLY.fullmatch(clause) else f",{clause},"


def _convert_labels(text: str) -> Iterator[str]:
    """Yield the text with each label and its names as a clause of names and verb."""
    labels = list(_LABEL.finditer(text))
    if not labels:
        yield text
        return
    yield text[: labels[0].start()]
    ends = [*(label.start() for label in labels[1:]), len(text)]
    for label, end in zip(labels, ends, strict=True):
        names = text[label.end() : end].strip(_NAME_SEPARATORS)
        if names:
            yield f";{add_role_verb(names, _LABEL_VERBS[label['label']])};"

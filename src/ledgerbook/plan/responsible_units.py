"""The grammar of 责任单位: who is named, in which role.

    cell    = clause { (, ; 。) clause }
    clause  = names [ verbs ] { names [ verbs ] }
    names   = name [ (verbs) ] { (、 space 和 及 与) name [ (verbs) ] }

A list of names shares the verb that follows it in its clause, a verb in brackets is
that of the one name before it, and names without a verb implement. ``负责`` alone
leads, unless somebody else does or it is said of everybody. ``各科室`` is every
section, ``其他科室`` every one that the cell does not name, ``除…外各科室`` all others.
Whatever is no section of ours is returned as found: nobody is guessed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from functools import lru_cache
from types import MappingProxyType

from ledgerbook.chinese_numerals import ORDINAL_CHARACTERS
from ledgerbook.model import Assignment, Role
from ledgerbook.plan.text_repair import narrow_characters, remove_noise_spaces
from ledgerbook.text import normalize

_MAX_CELL_LENGTH = 300


@dataclass(frozen=True, slots=True)
class _Mention:
    """``is_tentative`` is a lead that 负责 alone gives, and a 牵头 elsewhere takes away."""

    token: Token
    role: Role
    is_tentative: bool = False


@dataclass(frozen=True, slots=True)
class ParsedUnits:
    """Who owes a task what; ``unknown_names`` and ``vague_names`` await the office's word.

    ``vague_roles`` are those in which the vague ones stand, in Role order.
    """

    assignments: tuple[Assignment, ...]
    unknown_names: tuple[str, ...]
    vague_names: tuple[str, ...]
    vague_roles: tuple[Role, ...] = ()


def parse_units(
    text: str, sections: Sequence[str], aliases: Mapping[str, str] | None = None
) -> ParsedUnits:
    """Read a cell of 责任单位, where ``sections`` are those of the agency.

    ``aliases`` are other names of sections. Assignments come in the order of
    ``sections``, then of roles, each once.
    """
    alias_items = tuple((aliases or {}).items())
    section_by_spelling = _map_spellings(tuple(sections), alias_items)
    unresolved = tuple(_parse_mentions(tokenize_units(text, section_by_spelling)))
    mentions = tuple(_resolve_mentions(unresolved, section_by_spelling))
    mentioned_sections = {
        section_by_spelling[mention.token.text]
        for mention in mentions
        if mention.token.kind is TokenKind.NAME
    }
    section_roles = {
        (section, mention.role)
        for mention in mentions
        for section in _expand_token(mention.token, section_by_spelling, mentioned_sections)
    }
    vague_roles = {mention.role for mention in mentions if mention.token.kind is TokenKind.VAGUE}
    return ParsedUnits(
        assignments=tuple(
            Assignment(section, role)
            for section in dict.fromkeys(sections)
            for role in Role
            if (section, role) in section_roles
        ),
        unknown_names=_collect_texts(mentions, TokenKind.UNKNOWN),
        vague_names=_collect_texts(mentions, TokenKind.VAGUE)
        or _find_text_naming_nobody(text, mentions),
        vague_roles=tuple(role for role in Role if role in vague_roles),
    )


def _find_text_naming_nobody(text: str, mentions: Sequence[_Mention]) -> tuple[str, ...]:
    """Return words that name nobody: 见附件1 is not blank."""
    stripped = text.strip()
    return (stripped,) if not mentions and re.search(r"[\u4e00-\u9fff]", stripped) else ()


# What may stand before a section's name without making it another one.
_AGENCY_PREFIXES = ("局机关", "本局", "市局", "机关", "局")


# A plan asks for the same sections again and again.
@lru_cache(maxsize=8)
def _map_spellings(
    sections: tuple[str, ...], aliases: tuple[tuple[str, str], ...]
) -> Mapping[str, str]:
    """Return every spelling of every section: its own, its aliases, 局办公室."""
    section_names = [section for section in sections if section.strip()]
    section_by_spelling = {normalize(name): name for name in section_names}
    for alias, section in aliases:
        section_by_spelling.setdefault(normalize(alias), section)
    for spelling, name in list(section_by_spelling.items()):
        for prefix in _AGENCY_PREFIXES:
            section_by_spelling.setdefault(prefix + spelling, name)
            short_name = spelling.removeprefix(prefix)
            if short_name in COMMON_OFFICE_NAMES:
                section_by_spelling.setdefault(short_name, name)
    return section_by_spelling


# Offices so called whatever the agency: 办公室 is 局办公室.
COMMON_OFFICE_NAMES = ("办公室", "秘书科", "秘书处", "综合科", "综合处", "机关党委")


def _resolve_mentions(
    mentions: Iterable[_Mention], section_by_spelling: Mapping[str, str]
) -> Iterator[_Mention]:
    """Decide what depends on the whole cell: 负责 alone, and 其他科室."""
    all_mentions = tuple(mentions)
    has_explicit_lead = any(
        mention.role is Role.LEAD and not mention.is_tentative for mention in all_mentions
    )
    has_section_name = any(mention.token.kind is TokenKind.NAME for mention in all_mentions)
    for mention in all_mentions:
        token, role = mention.token, mention.role
        if mention.is_tentative and (has_explicit_lead or token.kind in COLLECTIVE_KINDS):
            role = Role.IMPLEMENT
        is_other_than_none = token.kind is TokenKind.OTHER_SECTIONS and not has_section_name
        is_unclear_exception = (
            token.kind is TokenKind.ALL_SECTIONS_EXCEPT
            and not _find_excluded_sections(token, section_by_spelling)
        )
        if is_other_than_none or is_unclear_exception:
            token = Token(TokenKind.VAGUE, token.text)
        yield _Mention(token, role)


def _find_excluded_sections(token: Token, section_by_spelling: Mapping[str, str]) -> frozenset[str]:
    """Return the sections that 除…外 leaves out; none if it names anything else."""
    match = re.match(ALL_SECTIONS_EXCEPT, token.text)
    inner_tokens = tokenize_units(match["excepted"], section_by_spelling) if match else ()
    unit_tokens = [inner_token for inner_token in inner_tokens if inner_token.kind in UNIT_KINDS]
    if any(inner_token.kind is not TokenKind.NAME for inner_token in unit_tokens):
        return frozenset()
    return frozenset(section_by_spelling[inner_token.text] for inner_token in unit_tokens)


def list_named_sections(texts: Iterable[str], known_names: Collection[str] = ()) -> tuple[str, ...]:
    """List the sections that cells of 责任单位 name, in order of first mention.

    各科室 and its like name none; 局办公室 is no other than a 办公室, named here or
    ``known_names``.
    """
    names = (name for text in texts for name in parse_units(text, ()).unknown_names)
    candidates = dict.fromkeys(name for name in names if _looks_like_section_name(name))
    return tuple(
        name
        for name in candidates
        if not any(
            name == prefix + other_name
            for prefix in _AGENCY_PREFIXES
            for other_name in (*candidates, *known_names)
        )
    )


def is_units_cell(text: str, sections: Sequence[str] = ()) -> bool:
    """Whether all of ``text`` reads as a cell of 责任单位.

    Without ``sections`` any name of the right shape will do.
    """
    if len(text) > _MAX_CELL_LENGTH:
        return False
    mentions = tuple(_parse_mentions(tokenize_units(text, sections)))
    unknown_names = _collect_texts(mentions, TokenKind.UNKNOWN)
    if sections:
        return bool(mentions) and not unknown_names
    return bool(mentions) and all(map(_looks_like_section_name, unknown_names))


def clean_units_text(text: str) -> str:
    """``text`` on one line, with a single space where only a gap parts two names."""
    first_part, *other_parts = NAME_GAP.split(narrow_characters(text).strip())
    wording = remove_noise_spaces(first_part)
    for part in map(remove_noise_spaces, other_parts):
        wording += part if re.match(VERB_RUN, part) else f" {part}"
    return wording


def find_name_starts(text: str, sections: Collection[str]) -> tuple[int, ...]:
    """Where in ``text`` a section, or a word for sections, begins."""
    pattern = "|".join((*map(re.escape, sections), ALL_SECTIONS, VAGUE_UNITS))
    return tuple(match.start() for match in re.finditer(pattern, text))


def _expand_token(
    token: Token,
    section_by_spelling: Mapping[str, str],
    mentioned_sections: Collection[str],
) -> Iterable[str]:
    all_sections = dict.fromkeys(section_by_spelling.values())
    match token.kind:
        case TokenKind.ALL_SECTIONS:
            return all_sections
        case TokenKind.OTHER_SECTIONS:
            return [section for section in all_sections if section not in mentioned_sections]
        case TokenKind.ALL_SECTIONS_EXCEPT:
            excluded = _find_excluded_sections(token, section_by_spelling)
            return [section for section in all_sections if section not in excluded]
        case TokenKind.NAME:
            return [section_by_spelling[token.text]]
        case _:
            return ()


def _collect_texts(mentions: Iterable[_Mention], kind: TokenKind) -> tuple[str, ...]:
    return tuple(
        dict.fromkeys(mention.token.text for mention in mentions if mention.token.kind is kind)
    )


def _looks_like_section_name(text: str) -> bool:
    return (
        1 < len(text) <= MAX_NAME_LENGTH
        and text.endswith(NAME_ENDINGS)
        and re.fullmatch(r"[\u4e00-\u9fff]+", text) is not None
    )


# ── from tokens to mentions ──────────────────────────────────────────────────────


def _parse_mentions(tokens: Iterable[Token]) -> Iterator[_Mention]:
    """Give each name the role of the verbs that follow it.

    A verb with no names of its own (综合科牵头,并汇总) adds to the last ones.
    """
    pending_names: list[Token] = []
    subjects: list[Token] = []
    for token in (*tokens, Token(TokenKind.CLAUSE_END, "")):
        if token.kind in UNIT_KINDS:
            pending_names.append(token)
        elif token.kind is TokenKind.VERB:
            subjects, pending_names = pending_names or subjects, []
            is_tentative = _is_tentative(token.text)
            for role in _find_roles(token.text):
                yield from (_Mention(name_token, role, is_tentative) for name_token in subjects)
        elif token.kind is TokenKind.BRACKETED_VERB and pending_names:
            name_token = pending_names.pop()
            is_tentative = _is_tentative(token.text)
            yield from (
                _Mention(name_token, role, is_tentative) for role in _find_roles(token.text)
            )
        elif token.kind is TokenKind.CLAUSE_END and pending_names:
            subjects, pending_names = pending_names, []
            yield from (_Mention(name_token, Role.IMPLEMENT) for name_token in subjects)


def _find_roles(verbs: str) -> tuple[Role, ...]:
    if _is_tentative(verbs):
        return (Role.LEAD,)
    roles = dict.fromkeys(role for verb, role in ROLE_VERBS.items() if verb in verbs)
    return tuple(roles) or (Role.IMPLEMENT,)


def _is_tentative(verbs: str) -> bool:
    """Whether the verbs come to 负责 and nothing more."""
    return _RESPONSIBLE_ONLY.fullmatch(verbs) is not None


_RESPONSIBLE_ONLY = re.compile(r"\(?(?:具体|分别|共同|全面)*负责\)?")

# The tokens of 责任单位: names, words for many sections, verbs, separators.

# Verbs that name a role outright, and verbs that only say "do it": in a run such as
# 负责汇总 or 牵头落实 the first kind decides.
ROLE_VERBS: Mapping[str, Role] = MappingProxyType(
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

# 按职责, 按照职能, 按各自职责分工, 按有关要求, …
_MANNER_PHRASE = (
    r"(?:按照|按|依照|依据|依|根据|结合)"
    r"(?:各自|本科室|有关|相关|工作)*(?:职责|职能|分工|要求|任务)+"
)

_SECTION_NOUN = r"(?:科\(室\)|科室|处\(室\)|处室|股室|部门)"
_EVERY_PREFIX = r"(?:局|委|办|厅|机关|本局|全局|局机关)?(?:各|所有|全体|全部)"
ALL_SECTIONS = rf"{_EVERY_PREFIX}(?:{_SECTION_NOUN}(?:、中心)?|[科处股室](?:、中心)?)"
_OTHER_SECTIONS = rf"(?:其他|其余)(?:各|所有)?{_SECTION_NOUN}"
ALL_SECTIONS_EXCEPT = (
    rf"除(?P<excepted>.{{1,40}}?)(?:以外|之外|外)的?(?:{ALL_SECTIONS}|{_OTHER_SECTIONS})"
)
# Whose offices they are, and which of them.
_PARENT_PREFIX = r"(?:局属|市属|市直|区直|县直|直属|下属|所属|市|区|县|局)*"
_DUTY_QUALIFIER = r"(?:(?:具有|承担|负有)[\u4e00-\u9fff]{1,12}?的)?"
VAGUE_UNITS = (
    rf"{_DUTY_QUALIFIER}{_PARENT_PREFIX}(?:其他|其余|各|所有)?(?:相关|有关|责任|业务|职能|涉及|其他|其余)"
    rf"(?:的)?(?:责任|业务|职能)?(?:{_SECTION_NOUN}|单位|科|处)"
    r"|等(?:(?:相关|有关|责任)?(?:科室|处室|部门|单位))?"
    # Those outside the bureau's own sections, and those above them.
    rf"|{_DUTY_QUALIFIER}{_PARENT_PREFIX}各(?:责任|有关|相关|直属|下属|所属)?"
    r"(?:单位|(?:区县|县区|市县|乡镇|区|县|市|镇)(?:人民)?政府|镇街\(园区\)|镇街|镇\(街\)|镇\(街道\)|镇\(园区\)|镇街道|乡镇|街道|镇区"
    r"|园区|镇|区县|县区|区|县|市)"
    # The offices of a whole town or county, as against those of one bureau.
    r"|(?:[省市区县州]直|[省市区县](?:政府|委)?)各(?:部门|委办局|委、办、局)"
    r"|(?:局|分管|班子|党组|主要|有关|各)*领导(?:班子)?"
    r"|同上"
)

# The last character of an office's name.
NAME_LAST_CHARACTERS = "科室处股办部队站所院局委组"
NAME_ENDINGS = (*NAME_LAST_CHARACTERS, "中心")
MAX_NAME_LENGTH = 12

# Between two names a space or a line break is a separator; anywhere else it is what
# a wrapped line left behind.
NAME_GAP = re.compile(rf"(?<=[{NAME_LAST_CHARACTERS}心])\s+(?=[\u4e00-\u9fff])(?!室)")


class TokenKind(Enum):
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


COLLECTIVE_KINDS = frozenset(
    {
        TokenKind.ALL_SECTIONS,
        TokenKind.OTHER_SECTIONS,
        TokenKind.ALL_SECTIONS_EXCEPT,
        TokenKind.VAGUE,
    }
)
UNIT_KINDS = COLLECTIVE_KINDS | {TokenKind.NAME, TokenKind.UNKNOWN}


@dataclass(frozen=True, slots=True)
class Token:
    kind: TokenKind
    text: str


VERB_RUN = rf"(?:{_MANNER_PHRASE}|{'|'.join((*ROLE_VERBS, *_PLAIN_VERBS, *_FILLER_WORDS))})++"
_BRACKETED_VERB = rf"\({VERB_RUN}\)"
_CLAUSE_END = r"[,;。.!]+"
_LIST_SEPARATOR = r"[、/ ]+|以及|和|及|与|并且|并|兼"
_NAME_SHAPE = rf"[\u4e00-\u9fff]{{1,{MAX_NAME_LENGTH - 1}}}?(?:{'|'.join(NAME_ENDINGS)})"


def tokenize_units(text: str, sections: Collection[str]) -> Iterator[Token]:
    """Cut a cell into tokens, the longest section first.

    A name counts only when it is whole, up to the next token: the 综合科 in
    市财政局综合科 is somebody else's.
    """
    prepared = normalize_units_text(unicodedata.normalize("NFKC", text).strip())
    remaining = " ".join(normalize(part) for part in NAME_GAP.split(prepared))
    patterns = _compile_token_patterns(tuple(sections))
    patterns_after_name = ((TokenKind.VERB, re.compile(VERB_RUN)), *patterns)
    previous_kind = TokenKind.CLAUSE_END
    while remaining:
        # A verb straight after a name needs no more; at the start of a clause it may
        # be the beginning of a name (统筹协调科).
        token = _match_token(
            remaining, patterns_after_name if previous_kind in UNIT_KINDS else patterns
        )
        yield token
        previous_kind = token.kind
        remaining = remaining[len(token.text) :]


_TokenPatterns = tuple[tuple[TokenKind, re.Pattern[str]], ...]


def _match_token(text: str, patterns: _TokenPatterns) -> Token:
    matches = ((kind, pattern.match(text)) for kind, pattern in patterns)
    return next(Token(kind, match[0]) for kind, match in matches if match)


# A plan asks for the same sections again and again.
@lru_cache(maxsize=8)
def _compile_token_patterns(sections: tuple[str, ...]) -> _TokenPatterns:
    """List the kinds of token in the order tried; the last always fits."""
    longest_first = sorted(map(normalize, sections), key=len, reverse=True)
    section_names = "|".join(map(re.escape, longest_first)) or r"(?!)"
    boundary = (
        rf"(?=\Z|{_CLAUSE_END}|{_LIST_SEPARATOR}|{VERB_RUN}|{_BRACKETED_VERB}|"
        rf"{ALL_SECTIONS}|{VAGUE_UNITS})"
    )
    whole_name = rf"(?={section_names}|{boundary})"
    kind_patterns = (
        (TokenKind.NAME, rf"(?:{section_names}){whole_name}"),
        (TokenKind.CLAUSE_END, _CLAUSE_END),
        (TokenKind.LIST_SEPARATOR, _LIST_SEPARATOR),
        (TokenKind.ALL_SECTIONS_EXCEPT, ALL_SECTIONS_EXCEPT + whole_name),
        (TokenKind.OTHER_SECTIONS, _OTHER_SECTIONS + whole_name),
        (TokenKind.ALL_SECTIONS, ALL_SECTIONS + whole_name),
        (TokenKind.VAGUE, rf"(?:{VAGUE_UNITS}){whole_name}"),
        (TokenKind.BRACKETED_VERB, _BRACKETED_VERB),
        (TokenKind.VERB, VERB_RUN + whole_name),
        (TokenKind.UNKNOWN, rf"{_NAME_SHAPE}{boundary}|.+?{boundary}"),
    )
    return tuple((kind, re.compile(pattern)) for kind, pattern in kind_patterns)


# What a cell of 责任单位 says besides names and verbs, brought into the grammar.
#
# Labels become verbs (牵头单位：综合科 → 综合科牵头), references to an annex, 下同 and
# numbers in front are left out, and 会同 becomes the support that it asks for.

# Label → the verb that it stands for; who is only 责任单位 implements.
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
# 综合科(法规科配合): names and a verb in brackets are a clause of their own.
_BRACKETED_CLAUSE = re.compile(r"\((?P<clause>[^()]+(?:牵头|配合|协助|会办|协办|汇总))\)")
_VERBS_ONLY = re.compile(r"(?:牵头|配合|协助|会办|协办|汇总|负责|[、,及和并])+")


def normalize_units_text(text: str) -> str:
    """Rewrite ``text``, narrow already, without what the grammar does not know."""
    cleaned = _SAME_BELOW.sub("", _ANNEX_REFERENCE.sub("", text))
    cleaned = _LEADING_NUMBER.sub("", cleaned)
    cleaned = _BRACKETED_CLAUSE.sub(_expand_bracketed_clause, cleaned)
    cleaned = _LEADING_PREPOSITION.sub("", "".join(_convert_labels(cleaned)))
    return _TOGETHER_WITH.sub(r",\g<names>配合", cleaned)


def _expand_bracketed_clause(match: re.Match[str]) -> str:
    clause = match["clause"]
    return match[0] if _VERBS_ONLY.fullmatch(clause) else f",{clause},"


def _convert_labels(text: str) -> Iterator[str]:
    """Turn each label and the names after it into names and a verb."""
    labels = list(_LABEL.finditer(text))
    if not labels:
        yield text
        return
    yield text[: labels[0].start()]
    ends = [*(label.start() for label in labels[1:]), len(text)]
    for label, end in zip(labels, ends, strict=True):
        names = text[label.end() : end].strip(_NAME_SEPARATORS)
        if names:
            yield f";{names}{_LABEL_VERBS[label['label']]};"

"""What a cell of 责任单位 says besides names and verbs, brought into the grammar.

Labels become verbs (牵头单位：综合科 → 综合科牵头), references to an annex, 下同 and
numbers in front are left out, and 会同 becomes the support that it asks for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

# Label → the verb that it stands for; who is only 责任单位 implements.
_LABELS = {
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
_OFFICE = "(?:责任)?(?:单位|科室|处室|股室|部门)?"
_LABEL = re.compile(
    rf"(?:^|(?<=[\s,;。、)科室处股办]))(?P<label>{'|'.join(_LABELS)}){_OFFICE}:"
)
_ENDS = ",;。、 \n"

_ANNEX = re.compile(
    r"\(?(?:详见|具体见|参见|见)附件[\d一二三四五六七八九十]*(?:,?下同)?\)?"
)
_BELOW = re.compile(r"[,;]?\(?下同\)?")
_NUMBER = re.compile(r"(?:^|(?<=[\s;,。、]))\(?\d{1,2}[.、)](?=[\u4e00-\u9fff])")
_BY = re.compile(r"(?:^|(?<=[\s;,。、]))(?:由|以(?!及))(?=[\u4e00-\u9fff])")
_TOGETHER = re.compile(r"[,;]?会同(?P<names>[^,;。]+)")
# 综合科(法规科配合): names and a verb in brackets are a clause of their own.
_ASIDE = re.compile(r"\((?P<clause>[^()]+(?:牵头|配合|协助|会办|协办|汇总))\)")
_BARE = re.compile(r"(?:牵头|配合|协助|会办|协办|汇总|负责|[、,及和并])+")


def brought_in(text: str) -> str:
    """Rewrite ``text``, narrow already, without what the grammar does not know."""
    plain = _BELOW.sub("", _ANNEX.sub("", text))
    plain = _NUMBER.sub("", plain)
    plain = _ASIDE.sub(_aside, plain)
    plain = _BY.sub("", "".join(_unlabelled(plain)))
    return _TOGETHER.sub(r",\g<names>配合", plain)


def _aside(found: re.Match[str]) -> str:
    clause = found["clause"]
    return found[0] if _BARE.fullmatch(clause) else f",{clause},"


def _unlabelled(text: str) -> Iterator[str]:
    """Turn each label and the names after it into names and a verb."""
    labels = list(_LABEL.finditer(text))
    if not labels:
        yield text
        return
    yield text[: labels[0].start()]
    ends = [*(found.start() for found in labels[1:]), len(text)]
    for found, end in zip(labels, ends, strict=True):
        names = text[found.end() : end].strip(_ENDS)
        if names:
            yield f";{names}{_LABELS[found['label']]};"

"""Choose a few files in which everything occurs that occurs in many."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from lxml import etree

from tests.validation.packages import NAMESPACES, Package

Traits = frozenset[tuple[str, ...]]


def find_xml_traits(package: Package) -> Traits:
    """Return each kind of element with each of its attributes, by the kind of part."""
    traits: set[tuple[str, ...]] = set()
    for name, tree in package.trees.items():
        kind = package.types.get(name, "")
        for element in tree.iter(etree.Element):
            tag = str(element.tag)
            traits.add((kind, tag))
            traits.update((kind, tag, str(attribute)) for attribute in element.attrib)
    return frozenset(traits)


def find_formula_traits(package: Package) -> Traits:
    """Return the shapes of the formulas in cells: their texts without references and numbers."""
    return frozenset(
        (re.sub(r"\$?[A-Z]{0,3}\$?\d+", "#", formula.text or ""),)
        for tree in package.trees.values()
        for formula in tree.iterfind(".//x:c/x:f", NAMESPACES)
    )


def choose_spread(candidates: Mapping[Path, tuple[str, Traits]], limit: int) -> list[Path]:
    """Return at most ``limit`` paths: those that together have all traits, then others.

    ``candidates`` is path → kind of output, traits; the others are of each kind in turn.
    """
    chosen: list[Path] = []
    covered: set[tuple[str, ...]] = set()
    rest = sorted(candidates)
    while rest and len(chosen) < limit:
        best = max(rest, key=lambda path: len(candidates[path][1] - covered))
        if candidates[best][1] <= covered:
            break
        covered |= candidates[best][1]
        chosen.append(best)
        rest.remove(best)
    counts: Counter[str] = Counter()
    ranks: dict[Path, int] = {}
    for path in rest:
        kind = candidates[path][0]
        counts[kind] += 1
        ranks[path] = counts[kind]
    return chosen + sorted(rest, key=lambda path: (ranks[path], path))[: limit - len(chosen)]

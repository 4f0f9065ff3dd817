"""Turn values into JSON and back without running code of whoever made the JSON.

A pickle may name any function to be called. This JSON has values alone: :func:`decode` is
told the type of the whole, and makes only what the fields are annotated with.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from functools import cache
from types import NoneType, UnionType
from typing import Any, cast, get_args, get_origin, get_type_hints

_Decoder = Callable[[Any], Any]

# The type of a field → the types in which JSON may have it.
_JSON_TYPES: Mapping[Any, tuple[type, ...]] = {
    str: (str,),
    bool: (bool,),
    int: (int,),
    float: (float, int),
    NoneType: (NoneType,),
}
# Types that JSON has not: how to write them as text, and how to read them.
_TEXT_TYPES: Mapping[Any, tuple[Callable[[Any], str], Callable[[str], Any]]] = {
    datetime: (datetime.isoformat, datetime.fromisoformat),
    date: (date.isoformat, date.fromisoformat),
    bytes: (lambda data: data.decode("latin-1"), lambda text: text.encode("latin-1")),
}


def encode(value: object) -> bytes:
    """Return a value as JSON. Raises TypeError for a type that is neither here nor in JSON."""
    return json.dumps(value, default=_encode_other, separators=(",", ":")).encode()


def decode(kind: Any, data: bytes) -> Any:
    """Return a value of the type ``kind``. Raises ValueError for any other data."""
    try:
        return _make_decoder(kind)(json.loads(data))
    except (TypeError, LookupError, AttributeError, RecursionError) as error:
        raise ValueError(f"not of the type {kind}") from error


def _encode_other(value: Any) -> list[Any]:
    """Return what stands in JSON for a value that JSON has not."""
    kind = type(value)
    if is_dataclass(kind):
        values = [getattr(value, name) for name in _list_field_names(kind)]
        # As pairs, because the keys of an object of JSON are text.
        pairs = [list(item.items()) if _is_plain_mapping(item) else item for item in values]
        return [kind.__name__, *pairs]
    if kind is frozenset:
        return sorted(value)
    if kind in _TEXT_TYPES:
        # A list, to differ from a text in the same field.
        return [_TEXT_TYPES[kind][0](value)]
    raise TypeError(f"{kind.__name__} is no plain data")


def _is_plain_mapping(value: Any) -> bool:
    return isinstance(value, Mapping) and not is_dataclass(value)


@cache
def _list_field_names(kind: Any) -> list[str]:
    return [field.name for field in fields(kind) if field.init]


@cache
def _make_decoder(kind: Any) -> _Decoder:
    """Return the function that makes a value of a type from what JSON has."""
    origin, arguments = get_origin(kind), get_args(kind)
    if kind in _JSON_TYPES:
        return lambda data: _require(data, _JSON_TYPES[kind])
    if kind in _TEXT_TYPES:
        parse_text = _TEXT_TYPES[kind][1]
        return lambda data: parse_text(*_require(data, (list,)))
    if is_dataclass(kind):
        return _make_class_decoder(kind)
    if origin is UnionType:
        return _make_union_decoder(arguments)
    if origin is Mapping:
        decode_key, decode_value = map(_make_decoder, arguments)
        return lambda data: {
            decode_key(key): decode_value(value)
            for key, value in (data.items() if type(data) is dict else data)
        }
    if origin is tuple and arguments[-1] is not ...:
        decoders = [_make_decoder(argument) for argument in arguments]
        return lambda data: tuple(_decode_each(decoders, data))
    if origin in (tuple, frozenset):
        decode_item = _make_decoder(arguments[0])
        return lambda data: origin(map(decode_item, _require(data, (list,))))
    return cast(_Decoder, kind)  # an enum


def _make_class_decoder(kind: Any) -> _Decoder:
    decoders: list[_Decoder] = []

    def decode_fields(data: Any) -> Any:
        if not decoders:  # not earlier: of many classes no value is ever sent
            hints = get_type_hints(kind)
            decoders.extend(_make_decoder(hints[name]) for name in _list_field_names(kind))
        name, *values = data
        if name != kind.__name__:
            raise TypeError
        return kind(*_decode_each(decoders, values))

    return decode_fields


def _make_union_decoder(kinds: tuple[Any, ...]) -> _Decoder:
    """Return the decoder of a union of JSON's types with classes, and with one other type."""
    plain_types = {json_type for kind in kinds for json_type in _JSON_TYPES.get(kind, ())}
    others = [kind for kind in kinds if kind not in _JSON_TYPES]
    decoders = [(kind.__name__, is_dataclass(kind), _make_decoder(kind)) for kind in others]
    classes = {name: decoder for name, is_class, decoder in decoders if is_class}
    unnamed = [decoder for _, is_class, decoder in decoders if not is_class]

    def decode_member(data: Any) -> Any:
        if type(data) in plain_types:
            return data
        name = data[0] if data and type(data[0]) is str else ""
        return (classes.get(name) or unnamed[0])(data)

    return decode_member


def _decode_each(decoders: list[_Decoder], data: Any) -> list[Any]:
    return [decode_item(item) for decode_item, item in zip(decoders, data, strict=True)]


def _require(data: Any, kinds: tuple[type, ...]) -> Any:
    if type(data) not in kinds:
        raise TypeError
    return data

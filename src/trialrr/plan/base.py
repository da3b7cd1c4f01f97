"""What every model of the plan is built of: the frozen base, its keys, and the types of values."""

from decimal import Decimal
from typing import Annotated, Any, ClassVar, NamedTuple, TypeVar

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    PrivateAttr,
    StrictInt,
    StringConstraints,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
    WithJsonSchema,
    WrapValidator,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError, PydanticKnownError

T = TypeVar("T")
Handler = ValidatorFunctionWrapHandler


class Absent(NamedTuple):
    """Default of a key that a written plan must have: `empty`, or an object of it if it is a model,
    stands for it in a slice of a plan, and in an object that code makes."""

    empty: Any


class ValidationRecord:
    """What validation notes of a written document: which model each mapping was read as."""

    def __init__(self) -> None:
        self.models: dict[int, type[Model]] = {}


def key(default: Any, text: str, **limits: Any) -> Any:
    """A key that may be left out: its default, an object of it if it is a model, and what it
    means."""
    if isinstance(default, type):
        return Field(default_factory=default, description=text, **limits)
    return Field(default, description=text, **limits)


def must(empty: Any, text: str, **limits: Any) -> Any:
    """A key that a written plan has: what an object without it holds, and what it means."""
    return Field(Absent(empty), validate_default=True, description=text, **limits)


class Model(BaseModel):
    """Frozen, closed and strict. Made by the names of its keys, or in their order.

    Validation with a context, a `ValidationRecord`, is that of a written document: keys that it
    must have are there, and exact numbers are texts. Without one, of a slice or of code, they may
    be absent and are numbers.
    """

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,
        defer_build=True,
        validate_by_name=True,
        validate_by_alias=True,
    )
    of_slices: ClassVar[tuple[str, ...]] = ()
    """Keys that a slice of a plan may have, and no written plan."""
    _written: dict[str, Any] = PrivateAttr(default_factory=dict)

    def __init__(self, *values: Any, **keys: Any) -> None:
        named = zip(type(self).model_fields, values, strict=False)
        super().__init__(**dict(named), **keys)

    __init__.__pydantic_base_init__ = True  # type: ignore[attr-defined]

    @field_validator("*", mode="wrap")
    @classmethod
    def _there(cls, value: Any, handler: Handler, info: ValidationInfo) -> Any:
        """The value, validated; outside a written document an empty one, of any type, means that
        the key is absent."""
        absent = isinstance(value, Absent)
        if absent and info.context:
            raise PydanticCustomError("absent", "the key is missing; add it")
        empty = value is None or value in ("", {}, [])
        if not absent and (info.context or not empty):
            return handler(value)
        default = value if absent else cls.model_fields[str(info.field_name)].default
        if isinstance(default, Absent) and value not in (None, ""):
            return default.empty() if isinstance(default.empty, type) else default.empty
        return () if value == [] else value

    @model_validator(mode="wrap")
    @classmethod
    def _noted(cls, value: Any, handler: Handler, info: ValidationInfo) -> Any:
        if isinstance(value, Model):
            return handler(value)
        if info.context and isinstance(value, dict):
            info.context.models[id(value)] = cls
        made = handler(value)
        made._written.update(value)
        return made

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.__dict__ == other.__dict__

    def __hash__(self) -> int:
        return hash((type(self), *self.__dict__.values()))

    @classmethod
    def attributes(cls) -> dict[str, str]:
        """Key as it is written → attribute."""
        fields = cls.model_fields.items()
        return {f.alias or name: name for name, f in fields if name not in cls.of_slices}


M = TypeVar("M", bound=Model)


def replace(model: M, /, **changes: Any) -> M:
    """The object with other values of some attributes, which are not validated."""
    unknown = changes.keys() - type(model).model_fields.keys()
    if unknown:
        raise TypeError(f"{type(model).__name__} has no {', '.join(sorted(unknown))}")
    made = model.model_copy(update=changes)
    names = {name: written for written, name in type(model).attributes().items()}
    made._written = model._written | {
        names.get(name, name): value for name, value in changes.items()
    }
    return made


def written(model: Model) -> dict[str, Any]:
    """The keys that were written, in their order, as plain data: lists, and numbers as their
    text."""
    return {key: _plain(value) for key, value in model._written.items()}


def texts(model: Model, key: str) -> list[str]:
    """The numbers of a key, one or a list or mapping of them, as they were written."""
    value = model._written.get(key, [])
    listed = value.values() if isinstance(value, dict) else value
    return [str(v) for v in ([value] if isinstance(value, str) else listed)]


def _plain(value: Any) -> Any:
    if isinstance(value, Model):
        return written(value)
    if isinstance(value, dict):
        return {k: _plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(v) for v in value]
    return str(value) if isinstance(value, Decimal) else value


# ----------------------------------------------------------------------------- types of values


def _distinct(value: Any, handler: Handler) -> Any:
    """A list without doubles, compared as they are written."""
    made = handler(value)
    doubled = sorted({str(v) for v in value if list(value).count(v) > 1})
    if doubled:
        told = {"text": f"{', '.join(doubled)} stands twice; keep one"}
        raise PydanticCustomError("told", "{text}", told)
    return made


Items = Annotated[tuple[T, ...], Field(strict=False)]
"""A list, which is a tuple afterwards."""
Distinct = Annotated[
    tuple[T, ...], Field(strict=False, json_schema_extra={"uniqueItems": True}),
    WrapValidator(_distinct),
]  # fmt: skip
"""A list in which nothing stands twice."""

NAME, DAY, WORD = (
    "^[A-Za-z0-9][A-Za-z0-9_.-]*$",
    "^[0-9]{4}-[0-9]{2}-[0-9]{2}$",
    "^[a-z][a-z0-9_]*$",
)
VERSION, ITEM = "^[0-9]+(\\.[0-9]+)*$", "^[^/]+/[^/]+$"
POSITIVE, SIGNED, LONGEST = "^[0-9]*\\.?[0-9]+$", "^-?[0-9]*\\.?[0-9]+$", 24

Name = Annotated[str, StringConstraints(pattern=NAME, max_length=100)]
"""An id of the plan, or the name of a column of ours."""
Text = Annotated[str, StringConstraints(min_length=1)]
Day = Annotated[str, StringConstraints(pattern=DAY)]
Pair = Annotated[tuple[T, ...], Field(strict=False, min_length=2, max_length=2)]
Count = Annotated[StrictInt, Field(ge=1)]
Several = Annotated[StrictInt, Field(ge=2)]


def _number(kind: type, pattern: str) -> tuple[BeforeValidator, WithJsonSchema]:
    """A number that is written as text, so that no digit is lost."""
    import re

    form = re.compile(pattern.removesuffix("$") + r"\Z")

    def read(value: Any, info: ValidationInfo) -> Any:
        if isinstance(value, str):
            if len(value) > LONGEST:
                raise PydanticKnownError("string_too_long", {"max_length": LONGEST})
            if not form.match(value):
                raise PydanticKnownError("string_pattern_mismatch", {"pattern": pattern})
            return kind(value)
        if info.context or isinstance(value, bool) or not isinstance(value, (int, float, Decimal)):
            raise PydanticKnownError("string_type")
        return kind(value)

    schema = {"type": "string", "pattern": pattern, "maxLength": LONGEST}
    return BeforeValidator(read), WithJsonSchema(schema)


Exact = Annotated[Decimal, *_number(Decimal, POSITIVE)]
"""A decimal number from 0, as text."""
Number = Annotated[float, *_number(float, POSITIVE)]
"""A number from 0 as text, which is computed with in binary."""
Signed = Annotated[float, *_number(float, SIGNED)]


def _scalar(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise PydanticCustomError("type", "expected", {"types": ["string", "number"]})
    return value


Scalar = Annotated[Any, BeforeValidator(_scalar), WithJsonSchema({"type": ["string", "number"]})]
"""A text or a number, as a code of a file is written."""


def _limit(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise PydanticCustomError("type", "expected", {"types": "number"})
    return value


Limit = Annotated[Any, BeforeValidator(_limit), WithJsonSchema({"type": "number"})]
"""A number as YAML reads it, whole or not."""


class _Written:
    """A value that is None where the key is absent, and never written so."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> Any:
        return handler(source)["schema"]


Maybe = Annotated[T | None, _Written()]
"""What may be left out, and is then None."""

"""One raw string against its field: the typed value, what was repaired, or the fault."""

import re
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from trialrr.ingest.fields import Field

Remark = tuple[str, str, str, str]
"""(rule, severity, parsed, action)"""

LARGEST_INTEGER = 2**53
"""Up to it every integer is a double of its own."""
BORNE = (1e-100, 1e100)
"""Sizes of numbers whose squares and products stay within the doubles."""
SAYS_MISSING = ("na", "n/a", "#n/a", "nan", "null", "none", "nil", "missing", ".", "-", "--", "?")
"""Texts that programs and people write for a missing value, in lower case."""

CODE_SHAPE = re.compile(r"-?(7+|8+|9+|9+[78]|9+\.9+)|-1")
"""Numbers that are often codes for missing: of digits 7, 8 or 9 alone, 97, 98, 997, 99.9, -1, …"""

_INTEGER = re.compile(r"[+-]?\d+", re.ASCII)
_WHOLE = re.compile(r"([+-]?\d+)\.0+", re.ASCII)
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_THOUSANDS = re.compile(r"[+-]?\d{1,3}([,.'_ \u00a0\u202f]\d{3})+([.,]\d+)?", re.ASCII)
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")
_SHAPES = {
    "%Y-%m-%d": re.compile(r"\d{4}-\d\d-\d\d", re.ASCII),
    "%m/%d/%Y": re.compile(r"\d{1,2}/\d{1,2}/\d{4}", re.ASCII),
}
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_SPREADSHEET_DATE = re.compile(r"0?(\d{1,2})-([A-Z][a-z]{2})", re.ASCII)
_SPREADSHEET_ID = re.compile(
    rf"\d{{1,2}}-({'|'.join(_MONTHS)})|({'|'.join(_MONTHS)})-\d\d|\d\.\d+[eE]\+\d+", re.ASCII
)


def parse(field: Field, raw: str) -> tuple[object, list[Remark]]:
    """(value or None, remarks) of one raw string.

    Dates come back as datetime.date, integers as int, numbers as float, the rest as str.
    """
    value, remarks = _tidied(field, raw)
    if value == "" or (field.type == "text" and value.isspace()):
        if field.required:
            do = f"fill it in, or leave such rows out with `where` in {_source(field)}"
            do = do if field.key else "fill it in at the source"
            remarks.append(_fault("blank_required", field, do))
        return None, remarks
    if _declared_missing(field, value):
        return None, [*remarks, _missing(field)]
    match field.type:
        case "integer" | "number":
            return _number(field, value, remarks)
        case "flag":
            if value not in ("0", "1"):
                return None, [*remarks, _fault("unknown_code", field)]
            return value, remarks
        case "code":
            return _code(field, value, remarks)
        case "date":
            return _date(field, value, remarks)
        case "id":
            return _id(field, value, remarks)
        case _:
            return value, remarks


def decimal_text(value: str, sign: str) -> str:
    """The number `value` with a point before its fraction; "" where the sign is another one and
    a point stands in it, which is then no part of a number."""
    if sign == ".":
        return value
    return "" if "." in value else value.replace(sign, ".")


def exact(text: str) -> Decimal | None:
    """The number that `text` writes, to its last digit, or None."""
    try:
        return Decimal(text) if _NUMBER.fullmatch(text) else None
    except InvalidOperation:
        return None


def _tidied(field: Field, raw: str) -> tuple[str, list[Remark]]:
    """The value without spaces around it and without characters that nobody sees."""
    if field.type == "text":
        return raw, []
    remarks, value = [], raw.strip()
    if value and raw != value:
        action = "leading and trailing spaces removed"
        remarks.append(("trailing_space", "repaired", value, action))
    if _INVISIBLE.search(value):
        value = _INVISIBLE.sub("", value).strip()
        action = "characters without width removed"
        remarks.append(("invisible_character", "repaired", value, action))
    return value, remarks


# ------------------------------------------------------------------------------ missing codes


def _declared_missing(field: Field, value: str) -> bool:
    """Codes match as text; in a numeric column also as the same number, written otherwise."""
    if not field.missing_codes:
        return False
    if value.strip() in field.missing_codes:
        return value not in field.codes
    if field.type in ("integer", "number"):
        number = exact(decimal_text(value, field.decimal))
        return number is not None and number in [exact(code) for code in field.missing_codes]
    if field.type == "code":
        whole = _WHOLE.fullmatch(value)
        return whole is not None and whole[1] in field.missing_codes and value not in field.codes
    return False


def _missing(field: Field) -> Remark:
    if field.key and (field.type == "id" or field.required):
        do = "correct it in the file, or declare the code only at the columns that use it"
        return _fault("missing_code", field, do, ", not a declared missing code")
    if field.key:
        return "missing_code", "repaired", "", "declared missing: set to missing"
    return "paper_code", "repaired", "", "refused or unreadable on paper: set to missing"


def _hint(field: Field, value: str) -> str:
    """What a value that is no number may mean, and the key that would say so."""
    if not field.key:
        return field.remedy
    source = _source(field)
    comma, point = _NUMBER.fullmatch(value.replace(",", ".")), _NUMBER.fullmatch(value)
    if value.lower() in SAYS_MISSING:
        return _if_missing(field, value)
    if _THOUSANDS.fullmatch(value) and field.decimal not in value:
        return "write the number without separators of thousands, or the decimal sign as declared"
    if field.decimal == "." and "," in value and comma:
        return f'if the comma is a decimal sign, declare `decimal: ","` in {source}'
    if field.decimal == "," and point:
        return f'the plan declares `decimal: ","` in {source}: write the comma, or correct the plan'
    if not value.isascii() and value.strip("+-.,").isdigit():
        return "write the number in the digits 0 to 9"
    return field.remedy


def _if_missing(field: Field, value: str) -> str:
    """How to declare `value` as missing, if that is what it means."""
    if not field.key or field.required:
        return field.remedy
    return (
        f'if it means missing, declare `missing: ["{value}"]` in {field.key} or {_source(field)}; '
        f"otherwise {field.remedy}"
    )


def _source(field: Field) -> str:
    """Key of the source of a field that a plan maps: data.participants.source, …"""
    return ".".join([*field.key.split(".")[:2], "source"])


# ------------------------------------------------------------------------------------- types


def _number(field: Field, value: str, remarks: list[Remark]):
    integer = field.type == "integer"
    text = decimal_text(value, field.decimal)
    if integer and field.key and (whole := _WHOLE.fullmatch(text)):
        text = whole[1]
        action = "an integer written with a fraction of zero: read as the integer"
        remarks = [*remarks, ("whole_fraction", "repaired", text, action)]
    if not (_INTEGER if integer else _NUMBER).fullmatch(text):
        rule = "not_an_integer" if integer else "not_a_number"
        return None, [*remarks, _fault(rule, field, _hint(field, value))]
    number = float(text) + 0.0  # -0 is 0
    nothing = re.search("[1-9]", re.split("[eE]", text)[0]) is None
    borne = nothing or BORNE[0] <= abs(number) <= BORNE[1]
    if not borne or (integer and abs(number) > LARGEST_INTEGER):
        span = f"within ±{LARGEST_INTEGER}" if integer else "between 1e-100 and 1e100 in size, or 0"
        return None, [*remarks, _fault("beyond_arithmetic", field, field.remedy, f", {span}")]
    low = field.minimum is not None and number < field.minimum
    high = field.maximum is not None and number > field.maximum
    if low or high:
        do = _if_missing(field, value) if CODE_SHAPE.fullmatch(text) else ""
        return None, [*remarks, _fault("out_of_range", field, do)]
    return int(text) if integer else number, remarks


def _fault(rule: str, field: Field, do: str = "", more: str = "") -> Remark:
    return rule, "error", "", f"expected {field.expected}{more}; {do or field.remedy}"


def _id(field: Field, value: str, remarks: list[Remark]):
    if len(value.split()) > 1:
        return None, [*remarks, _fault("not_an_id", field)]
    if field.key and _SPREADSHEET_ID.fullmatch(value):
        action = "looks like a date or a rounded number that a spreadsheet made: left as it is"
        remarks = [*remarks, ("spreadsheet_id", "note", value, action)]
    return value, remarks


def _code(field: Field, value: str, remarks: list[Remark]):
    if value in field.codes:
        return value, remarks
    if field.key and (whole := _WHOLE.fullmatch(value)) and whole[1] in field.codes:
        action = "a code written with a fraction of zero: read as the code"
        return whole[1], [*remarks, ("whole_fraction", "repaired", whole[1], action)]
    hit = _SPREADSHEET_DATE.fullmatch(value)
    if hit and hit[2] in _MONTHS:
        day, month = int(hit[1]), _MONTHS.index(hit[2]) + 1
        meant = {f"{month}-{day}", f"{day}-{month}"} & set(field.codes)
        if len(meant) == 1:
            code = meant.pop()
            action = "a spreadsheet made a date of the code: code restored"
            return code, [*remarks, ("excel_damage", "repaired", code, action)]
    return None, [*remarks, _fault("unknown_code", field, _code_hint(field, value))]


def _code_hint(field: Field, value: str) -> str:
    if value.lower() in SAYS_MISSING or CODE_SHAPE.fullmatch(value):
        return _if_missing(field, value)
    if field.key == "data.visits.month":
        return (
            "choose the rows of the plan's visits with `where` in data.visits.source, map the "
            "value with `codes` in data.visits.month, or correct it in the file"
        )
    return field.remedy


def _date(field: Field, value: str, remarks: list[Remark]):
    for form in field.formats:
        day = _day(value, form)
        if day is None:
            continue
        if form != field.formats[0]:
            action = "read as month/day/year"
            remarks = [*remarks, ("date_format", "repaired", day.isoformat(), action)]
        return day, remarks
    do = _if_missing(field, value) if value.lower() in SAYS_MISSING else ""
    return None, [*remarks, _fault("not_a_date", field, do)]


def _day(value: str, form: str) -> date | None:
    if form in _SHAPES and not _SHAPES[form].fullmatch(value):
        return None
    try:
        if form == "%Y-%m-%d":
            return date.fromisoformat(value)
        return datetime.strptime(value, form).date()
    except ValueError:
        return None

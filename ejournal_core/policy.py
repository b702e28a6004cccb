"""The school's parameters P01…P62: typed, each with the clause that its value comes from.

A preset (`presets.py`) holds what one regulation says; where it is silent the neutral default holds. A school may set
any parameter in its own local regulation (`PolicySetting` records). docs/policies.md shows the whole table.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from types import MappingProxyType
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from ejournal_core import policy_values as v
from ejournal_core import presets
from ejournal_core.errors import NOT_JSON, Refusal
from ejournal_core.kinds import PolicySetting

#: Id of the `PolicySetting` record whose value (JSON text) names the preset that the school took.
PRESET_RECORD = "preset"

#: V: read in the source. V-ex: read in an excerpt. U: custom of the field, never law. own: our choice or definition.
Evidence = Literal["V", "V-ex", "U", "own"]


class Source(Struct, frozen=True):
    """Where a value comes from: clause ids ("S1-2.3.3"), how sure that is, and a sentence for the screen."""

    clauses: tuple[str, ...]
    evidence: Evidence
    note: str = ""


class Parameter(Struct, frozen=True):
    """One parameter: code "P06", identifier `edit_window`, Russian title, group, and where the default comes from."""

    code: str
    identifier: str
    group: str
    title: str
    default_source: Source

    @property
    def type(self) -> Any:
        """Return the type of the parameter's value."""
        return _types()[self.identifier]

    def source(self, preset_name: str) -> Source:
        """Return where the value of this parameter in a preset comes from."""
        _known(preset_name)
        named = presets.PRESETS[preset_name].get(self.code)
        return Source(named[1], named[2], named[3]) if named else self.default_source


class BadPolicy(Refusal, ValueError):
    """A setting that cannot be understood; the sentence names the parameter, `details["parameter"]` its code."""

    def __init__(self, parameter: str, sentence: str) -> None:
        super().__init__("EJ-280", sentence, "", parameter=parameter)


class Policy(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Every parameter of the school by its identifier, in order of codes, and where the values come from.

    `preset_name` is the preset taken ("+" lays one over another); `own` holds (code, local regulation) of the
    parameters that the school set itself.
    """

    preset_name: str
    own: tuple[tuple[str, str], ...] = ()

    homework_deadline: v.Deadline
    lesson_deadline: v.Deadline
    absence_deadline: v.Deadline
    oral_mark_deadline: v.Deadline
    written_mark_deadline: Annotated[tuple[v.GradeTerm, ...], Meta(min_length=1)]
    edit_window: v.EditWindow
    late_approver: v.LateApprover
    change_register: v.ChangeRegister
    period_mark_deadline: v.PeriodMarkDeadline
    period_mark_place: v.PeriodMarkPlace
    exam_deadline: v.Count  # hours after the results were received
    min_marks: v.MinMarks
    min_marks_exempt_excused: bool
    markless_grades: tuple[v.Grade, ...]
    allow_exempt_mark: bool
    allow_mark_when_absent: bool
    absence_codes: Annotated[tuple[v.AbsenceCode, ...], Meta(min_length=1)]
    absence_reason_owner: v.AbsenceReasonOwner
    dda_check_interval: v.Interval
    director_check_interval: v.Interval
    activity_report_interval: v.Interval
    quality_report_points: tuple[v.ReportPoint, ...]
    family_report_interval: v.Count | None  # days; None: on request
    preliminary_report_lead: v.Count  # days before the period ends
    backup_schedule: v.BackupSchedule
    backup_carriers: v.BackupCarriers
    retention: v.Retention
    year_end_print: v.YearEndPrint
    ktp_deadline: v.MonthDay
    ktp_hours_strict: bool
    export_schedule: v.ExportSchedule
    credential_issue_limit: v.CredentialIssue
    data_fix_limit: v.DataFix
    contingent_check: v.Interval
    grade1_intake_date: v.MonthDay
    allow_future_lessons: v.PlanningAhead
    timetable_owner: v.TimetableOwner
    substitution_mode: v.Substitutions
    period_scheme: tuple[v.GradeScheme, ...]
    work_kind_required: bool
    no_attestation: bool  # a subject may be kept without period marks
    rollover_role: v.Rollover
    access_hours: v.AccessHours
    excluded_pupils: v.ExcludedPupils
    grades_covered: Annotated[tuple[v.Grade, ...], Meta(min_length=1)]
    remark_due_days: v.Count | None  # working days; None: named in each remark
    max_columns_per_lesson: Annotated[int, Meta(ge=1, le=100)]
    auto_lock_minutes: Annotated[int, Meta(ge=1, le=1_440)]
    forbidden_fields: tuple[v.ForbiddenField, ...]
    missed_day_rule: v.MissedDayRule
    rounding_thresholds: v.RoundingThresholds
    sou_variant: v.SouVariant
    avg_counts_na: bool
    homework_minutes_by_grade: tuple[v.GradeMinutes, ...]
    assessment_limits: v.AssessmentLimits
    double_mark_allowed: v.DoubleMarks
    homework_max_chars_print: v.Count | None
    late_counts_as_missed: v.LateRule
    document_layout_version: v.DocumentLayout
    behaviour_mark: v.BehaviourMark
    entry_grace: v.EntryGrace
    clock_doubt: v.ClockDoubt

    @staticmethod
    def default() -> Policy:
        """Return the neutral policy of a school that has chosen nothing yet."""
        return preset("default")

    def source(self, code: str) -> Source:
        """Return where the value of a parameter comes from: the school's regulation, else the preset's clause.

        Raises:
            BadPolicy: there is no such parameter.
        """
        parameter = _parameter(code)
        basis = dict(self.own).get(code)
        if basis is not None:
            return Source((), "own", basis or "Значение задано школой.")
        named = [name for name in self.preset_name.split("+") if code in presets.PRESETS[name]]
        return parameter.source(named[-1]) if named else parameter.default_source

    def written_term_days(self, grade_level: int) -> int:
        """Return the days in which a written work of a grade has to be marked; the longest where no band fits."""
        terms = self.written_mark_deadline
        return next((t.days for t in terms if t.first_grade <= grade_level <= t.last_grade), max(t.days for t in terms))

    def absence_code(self, code: str) -> v.AbsenceCode | None:
        """Return a code of the register of absentees, None when the school has no such code."""
        return next((known for known in self.absence_codes if known.code == code), None)


#: Every parameter by its code, in order.
PARAMETERS: dict[str, Parameter] = {
    code: Parameter(code, identifier, group, title, Source((), evidence, note))
    for code, (identifier, group, title, _, evidence, note) in presets.PARAMETERS.items()
}

PRESET_NAMES: tuple[str, ...] = tuple(presets.PRESETS)


@cache
def preset(name: str) -> Policy:
    """Return the policy of a preset; "sgo-tomsk-2021+fop-2025" lays the federal overlay over a school's regulation.

    Raises:
        BadPolicy: there is no preset of that name.
    """
    return from_settings(name, {})


def from_settings(
    preset_name: str, settings: Mapping[str, str], bases: Mapping[str, str] = MappingProxyType({})
) -> Policy:
    """Return the policy of a preset with the school's own values laid over it.

    Args:
        preset_name: a name of `PRESET_NAMES`, or several joined by "+", later ones over earlier ones.
        settings: code ("P06") → JSON text, as in `PolicySetting` records.
        bases: code → the local regulation that the school adopted, as text.

    Raises:
        BadPolicy: unknown preset or code, or a value that the parameter cannot take.
    """
    values: dict[str, Any] = {row[0]: row[3] for row in presets.PARAMETERS.values()}
    for name in preset_name.split("+"):
        _known(name)
        values |= {PARAMETERS[code].identifier: named[0] for code, named in presets.PRESETS[name].items()}
    policy = msgspec.convert(values | {"preset_name": preset_name}, Policy)
    own = {_parameter(code).identifier: parse(code, text) for code, text in settings.items()}
    sources = tuple((code, bases.get(code, "")) for code in sorted(settings))
    return msgspec.structs.replace(policy, own=sources, **own) if own else policy


def from_records(records: Iterable[PolicySetting]) -> Policy:
    """Return the school's policy from its `PolicySetting` records; the record "preset" names the preset.

    A setting that this program cannot read, of a newer one say, leaves what the preset has: no single record may keep
    a whole school from working. What is entered is judged by `is_setting`.
    """
    live = {record.id: record for record in records if not record.voided and is_setting(record.id, record.value)}
    preset_record = live.pop(PRESET_RECORD, None)
    name = _preset_named(preset_record.value) if preset_record else "default"
    settings = {code: record.value for code, record in live.items()}
    return from_settings(name, settings, {code: record.basis for code, record in live.items()})


def is_setting(code: str, text: str) -> bool:
    """Say whether the JSON text is a value of the parameter; of the record "preset": the name of a preset."""
    try:
        if code == PRESET_RECORD:
            _preset_named(text)
        else:
            parse(code, text)
    except BadPolicy:
        return False
    return True


def _preset_named(text: str) -> str:
    try:
        name = msgspec.json.decode(text, type=str)
    except NOT_JSON as error:
        raise BadPolicy(PRESET_RECORD, "Название набора правил записано неверно.") from error
    for part in name.split("+"):
        _known(part)
    return name


def parse(code: str, text: str) -> Any:
    """Return the typed value of a parameter from JSON text.

    Raises:
        BadPolicy: unknown code, or a value that the parameter cannot take; the sentence names the parameter.
    """
    parameter = _parameter(code)
    try:
        return msgspec.json.decode(text, type=parameter.type)
    except NOT_JSON as error:
        place = re.search(r"`\$\.?([^`]+)`$", str(error))
        where = f" (место: {place[1]})" if place else ""
        raise BadPolicy(code, f"Параметр {code} «{parameter.title}»: такого значения не бывает{where}.") from error


def to_text(value: Any) -> str:
    """Return the JSON text of a parameter's value: what a `PolicySetting` record holds."""
    return msgspec.json.encode(value).decode()


def _parameter(code: str) -> Parameter:
    if code not in PARAMETERS:
        raise BadPolicy(code, f"Параметр {code} программе неизвестен.")
    return PARAMETERS[code]


def _known(name: str) -> None:
    if name not in presets.PRESETS:
        raise BadPolicy(PRESET_RECORD, f"Набор правил «{name}» программе неизвестен.")


@cache
def _types() -> dict[str, Any]:
    return {field.name: field.type for field in msgspec.structs.fields(Policy)}

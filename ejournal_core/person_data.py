"""Where the journal names a person, kind by kind, and what of such a record is somebody else's: for the report of all
that is held about one person (152-ФЗ, art. 14).

A test walks every kind: a field that is neither here nor known to name nobody fails it.
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from ejournal_core import ids
from ejournal_core.kinds import Fields

Whose = Literal["Pupil", "Person"]

#: Fields that hold the id of a pupil or of a member of staff.
NAMING: dict[str, tuple[str, ...]] = {
    "Pupil": ("id",), "Person": ("id",),
    "PupilFile": ("pupil_id",), "Guardian": ("pupil_id",), "Enrolment": ("pupil_id",),
    "SubgroupMember": ("pupil_id",), "SpecialGroup": ("pupil_id",),
    "Mark": ("pupil_id",), "PeriodMark": ("pupil_id",), "Attendance": ("pupil_id",),
    "AbsenceDocument": ("pupil_id",), "RegisteredAbsence": ("pupil_id",), "PupilRemark": ("pupil_id",),
    "DataReport": ("pupil_id", "reporter_id", "answered_by"),
    "RoleGrant": ("person_id",), "TeachingLoad": ("person_id",), "Lesson": ("teacher_id",),
    "LessonPlan": ("submitted_by", "returned_by", "approved_by"), "ListCheck": ("checked_by",),
    "Certificate": ("person_id",), "CredentialIssue": ("person_id", "given_by", "second_id"),
    "ClockJump": ("person_id",), "AuditEvent": ("person_id", "by", "subject"),
    "Destruction": ("pupil_id", "ordered_by", "confirmed_by"),
}  # fmt: skip

#: Fields that name people inside a text: by the id in quotation marks, or by surname and first name.
SPELT: dict[str, tuple[str, ...]] = {
    "PolicySetting": ("value",),
    "BackupDrive": ("holder",), "BackupAct": ("gives", "takes"), "Epoch": ("first_person", "second_person"),
}  # fmt: skip

#: Fields that may name somebody and are in no list of the report by themselves, and why.
PASSED: dict[tuple[str, str], str] = {
    ("Guardian", "last_name"): "said in the report of the pupil whose family it is",
    ("Guardian", "first_name"): "said in the report of the pupil whose family it is",
    ("Guardian", "patronymic"): "said in the report of the pupil whose family it is",
    ("Guardian", "consent_by"): "said in the report of the pupil whose family it is",
    ("AbsenceDocument", "told_by"): "words of a class teacher about a pupil's family, said in that pupil's report",
    ("School", "full_name"): "the school's own name",
    ("School", "short_name"): "the school's own name",
    ("School", "founder"): "an institution",
    ("Certificate", "confirmed"): "yes or no; who answered stands in the history of the certificate",
}

#: What a record that names a member of staff holds of a pupil: it is in that pupil's report and in no colleague's.
OF_A_PUPIL: dict[str, frozenset[str]] = {
    "DataReport": frozenset({"pupil_id", "wrong", "should_be", "answer_reason"}),
    "Destruction": frozenset({"pupil_id", "target_record", "basis"}),
}


class DataSubject(Struct, frozen=True):
    """A pupil or a member of staff; of the latter the names by which a text may spell them, "" of the former."""

    kind: Whose
    id: str
    last_name: str = ""
    first_name: str = ""


def concerns(kind: str, record: str, fields: Fields, whom: DataSubject) -> bool:
    """Say whether a record, or what a change of it sets, names the person.

    The id of a fact is made of the ids of its parts, so a change that sets nothing but a value names the pupil too.
    """
    if kind in NAMING and whom.id in record.split(ids.SEPARATOR):
        return True
    if any(fields.get(name) == whom.id for name in NAMING.get(kind, ())):
        return True
    return any(_spells(str(fields.get(name) or ""), whom) for name in SPELT.get(kind, ()))


def _spells(text: str, whom: DataSubject) -> bool:
    by_name = bool(whom.last_name and whom.first_name) and whom.last_name in text and whom.first_name in text
    return by_name or f'"{whom.id}"' in text


def own_part(kind: str, fields: Fields, whom: DataSubject) -> Fields:
    """Return the fields without those that are somebody else's data: nobody's report tells of another."""
    others = OF_A_PUPIL.get(kind, frozenset()) if whom.kind == "Person" else frozenset()
    if kind == "AuditEvent" and fields.get("subject_kind") in ("Pupil", "Person") and fields.get("subject") != whom.id:
        others = frozenset({"subject"})
    return {name: value for name, value in fields.items() if name not in others}

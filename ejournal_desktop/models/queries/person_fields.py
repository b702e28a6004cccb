"""Where the journal names a person: kind by kind, for the report of all that it holds about somebody.

A test walks every kind: a field that is neither here nor known to name nobody fails it.
"""

from __future__ import annotations

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

#: What the records are called, in the order of the paper.
TITLES: dict[str, str] = {
    "Pupil": "Ученик", "Person": "Сотрудник",
    "PupilFile": "Сведения личного дела", "Guardian": "Законные представители", "Enrolment": "Зачисление и выбытие",
    "SubgroupMember": "Подгруппы", "SpecialGroup": "Специальная медицинская группа",
    "RoleGrant": "Роли", "TeachingLoad": "Нагрузка", "Lesson": "Замены уроков", "LessonPlan": "Утверждение КТП",
    "PeriodMark": "Отметки за периоды", "Mark": "Текущие отметки", "Attendance": "Посещаемость и причины пропусков",
    "RegisteredAbsence": "Реестр отсутствующих", "AbsenceDocument": "Документы о пропусках",
    "PupilRemark": "Похвалы и замечания", "DataReport": "Сообщения о неверных сведениях",
    "ListCheck": "Сверки списков", "Certificate": "Рабочие места и сертификаты", "CredentialIssue": "Коды для входа",
    "ClockJump": "Переводы часов", "AuditEvent": "Журнал событий", "Destruction": "Акты об уничтожении",
    "PolicySetting": "Правила школы", "BackupDrive": "Носители копий", "BackupAct": "Акты о носителях",
    "Epoch": "Восстановление школы",
}  # fmt: skip

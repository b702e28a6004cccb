"""What the kinds of records that name a person are called, in the order of the report of all data about somebody."""

from __future__ import annotations

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

"""What screens and documents show: functions that return the frozen pages of `pages.py`."""

from ejournal_desktop.models.queries.acts import (
    acts_shown,
    deals_with_destruction,
    leavers,
    may_order,
    pupils_to_name,
)
from ejournal_desktop.models.queries.deciding import deciding
from ejournal_desktop.models.queries.destruction import destroyed_by
from ejournal_desktop.models.queries.documents import signing_places, summary_sheet, year_book
from ejournal_desktop.models.queries.due import due
from ejournal_desktop.models.queries.epochs import not_back_yet, restorations
from ejournal_desktop.models.queries.holding import history_of_page, holding_state, slice_notices
from ejournal_desktop.models.queries.lesson import lesson_sheet
from ejournal_desktop.models.queries.notices import news
from ejournal_desktop.models.queries.own_steps import own_steps
from ejournal_desktop.models.queries.people import roles_held
from ejournal_desktop.models.queries.period_results import period_results
from ejournal_desktop.models.queries.proofs import standing
from ejournal_desktop.models.queries.readiness import readiness
from ejournal_desktop.models.queries.requests import (
    correction_register,
    decides_about_others,
    lessons_to_substitute,
    open_disputes,
    own_requests,
    request_draft,
    waiting_decisions,
)
from ejournal_desktop.models.queries.spread import journal_spread
from ejournal_desktop.models.queries.state import cell_history, disputes, sync_state
from ejournal_desktop.models.queries.surroundings import journal_pages
from ejournal_desktop.models.queries.today import today
from ejournal_desktop.models.queries.work_kinds import work_kinds
from ejournal_desktop.models.queries.workplaces import new_workplaces, opened_anew

__all__ = [
    "acts_shown",
    "cell_history",
    "correction_register",
    "deals_with_destruction",
    "decides_about_others",
    "deciding",
    "destroyed_by",
    "disputes",
    "due",
    "history_of_page",
    "holding_state",
    "journal_pages",
    "journal_spread",
    "leavers",
    "lesson_sheet",
    "lessons_to_substitute",
    "may_order",
    "new_workplaces",
    "news",
    "not_back_yet",
    "open_disputes",
    "opened_anew",
    "own_requests",
    "own_steps",
    "period_results",
    "pupils_to_name",
    "readiness",
    "request_draft",
    "restorations",
    "roles_held",
    "signing_places",
    "slice_notices",
    "standing",
    "summary_sheet",
    "sync_state",
    "today",
    "waiting_decisions",
    "work_kinds",
    "year_book",
]

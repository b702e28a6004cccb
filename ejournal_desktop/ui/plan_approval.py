"""What is decided about a whole lesson plan: given in, approved, given back, the yearly hours it has to have."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt

from ejournal_core import access
from ejournal_desktop.models.commands import lesson_plans as plans
from ejournal_desktop.models.queries.people import roles_held
from ejournal_desktop.models.queries.plans_to_approve import WaitingPlan, plans_to_approve
from ejournal_desktop.ui.widgets.plan_standing import may_return, what_to_do, why_nothing
from ejournal_desktop.ui.words import tr

if TYPE_CHECKING:
    from ejournal_desktop.models.change_set import ChangeSet
    from ejournal_desktop.models.journal import Journal
    from ejournal_desktop.models.queries.lesson_plans import LessonPlanPage
    from ejournal_desktop.ui.jobs import Jobs
    from ejournal_desktop.ui.screens.lesson_plan import LessonPlanScreen


class PlanApproval(QObject):
    """Works on the plan that its screen shows; none of its steps is taken back by Ctrl+Z."""

    def __init__(self, journal: Journal, jobs: Jobs, screen: LessonPlanScreen) -> None:
        super().__init__(screen)
        self._journal = journal
        self._jobs = jobs
        self._screen = screen
        self._is_closed = False

    def close(self) -> None:
        """Tell nothing any more."""
        self._is_closed = True

    # --- what waits --------------------------------------------------------------------------------------------------

    def look_what_waits(self) -> None:
        """Read in the background which plans wait for whoever approves them: all plans of a school are compared."""

        def failed(error: BaseException) -> None:
            if not self._is_closed:
                self._screen.troubled.emit(error)

        if access.OVERSEERS & set(roles_held(self._journal)):
            work = partial(plans_to_approve, self._journal)
            self._jobs.run(lambda _report: work(), done=self._show_what_waits, failed=failed, quiet=True)

    def _show_what_waits(self, waiting: Sequence[WaitingPlan]) -> None:
        if not self._is_closed:
            self._screen.header.show_waiting(waiting)

    def open_waiting(self) -> None:
        """Open the list of plans that wait for approval."""
        if not self._screen.header.open_waiting():
            self._say(tr("Утверждения здесь не ждёт ни одно КТП."))

    # --- given in, given back ----------------------------------------------------------------------------------------

    def give(self) -> None:
        """Do what the main button says: give in, take back, approve, take the approval back."""
        self._screen.table.editor.finish()
        plan = self._plan
        if plan is None:
            return
        if not what_to_do(plan):
            self._say(why_nothing(plan))
            return
        command, done = _giving(plan)
        if self._write(partial(command, self._journal, plan.page.id), done):
            self.look_what_waits()

    def ask_return(self) -> None:
        """Open the line for what the teacher is to mend, where this person can give the plan back."""
        plan = self._plan
        if plan is None:
            return
        if may_return(plan):
            self._screen.returning.ask()
        else:
            told = tr("Возвращать нечего: это КТП учитель не сдавал, или оно утверждено.")
            self._say(told if plan.may_approve else tr("Вернуть КТП может завуч, которому его сдали."))

    def return_plan(self, why: str) -> None:
        """Give the plan back to its teacher; without a reason nothing is done and the line stays open."""
        plan = self._screen.plan
        done = tr("КТП возвращено: учитель увидит причину в «Сегодня».")
        if plan is not None and self._write(partial(plans.return_plan, self._journal, plan.page.id, why), done):
            self._screen.returning.close_line()
            self.look_what_waits()
            self._screen.table.setFocus(Qt.FocusReason.OtherFocusReason)

    # --- hours -------------------------------------------------------------------------------------------------------

    def write_hours(self) -> None:
        """Go to the field of the yearly hours."""
        plan, field = self._plan, self._screen.standing.curriculum
        if plan is not None and plan.may_set_hours:
            field.setFocus(Qt.FocusReason.OtherFocusReason)
            field.selectAll()
        else:
            self._say(tr("Часы учебного плана вносит завуч."))

    def set_hours(self, typed: str) -> None:
        """Write the yearly hours of the subject in the class."""
        plan = self._screen.plan
        if plan is None or not typed.isdecimal():
            return
        command = partial(plans.set_curriculum_hours, self._journal, plan.page.subject_id, plan.page.class_group_id)
        done = tr("Часы учебного плана записаны: {n}.").format(n=typed)
        if self._write(partial(command, int(typed)), done):
            self._screen.enter()

    @property
    def _plan(self) -> LessonPlanPage | None:
        """The plan in sight, None while rows are looked at that are not entered yet."""
        return None if self._screen.is_offering else self._screen.plan

    def _write(self, command: Callable[[], ChangeSet], done: str) -> bool:
        return self._screen.writing.run(command, done, step=False)

    def _say(self, sentence: str) -> None:
        self._screen.message.say(sentence)


def _giving(plan: LessonPlanPage) -> tuple[Callable[..., ChangeSet], str]:
    """Return what the main button does, and what is said when it is done."""
    if plan.may_approve:
        if plan.stage == "approved":
            return plans.withdraw_approval, tr("Утверждение снято.")
        return plans.approve_plan, tr("КТП утверждено: учитель это увидит.")
    if plan.stage in ("submitted", "resubmitted"):
        return partial(plans.submit_plan, submitted=False), tr("КТП снова у вас.")
    return plans.submit_plan, tr("КТП отправлено на утверждение: ответ завуча будет в «Сегодня».")

"""What is decided about a whole lesson plan: given in, approved, given back, the yearly hours it has to have."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

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
    from ejournal_desktop.ui.plan_writing import PlanWriting


class PlanApproval(QObject):
    """Works on the plan that its screen shows; none of its steps is taken back by Ctrl+Z.

    Args:
        in_sight: returns the plan, None while rows are looked at that are not entered yet.

    Signals:
        waiting: the plans that wait for whoever approves them.
        said: a sentence.
        return_asked, returned: the line for what the teacher is to mend opens; what it says is written.
        hours_asked: the field of the yearly hours is gone to.
        settled: what was typed is written, work goes on in the plan.
        troubled: a `Trouble` that was met.
    """

    waiting = Signal(object)
    said = Signal(str)
    return_asked = Signal()
    returned = Signal()
    hours_asked = Signal()
    settled = Signal()
    troubled = Signal(object)

    def __init__(
        self,
        journal: Journal,
        jobs: Jobs,
        writing: PlanWriting,
        in_sight: Callable[[], LessonPlanPage | None],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._journal = journal
        self._jobs = jobs
        self._writing = writing
        self._in_sight = in_sight
        self._is_closed = False

    def close(self) -> None:
        """Tell nothing any more."""
        self._is_closed = True

    # --- what waits --------------------------------------------------------------------------------------------------

    def look_what_waits(self) -> None:
        """Read in the background which plans wait for whoever approves them: all plans of a school are compared."""

        def failed(error: BaseException) -> None:
            if not self._is_closed:
                self.troubled.emit(error)

        if access.OVERSEERS & set(roles_held(self._journal)):
            work = partial(plans_to_approve, self._journal)
            self._jobs.run(lambda _report: work(), done=self._show_what_waits, failed=failed, quiet=True)

    def _show_what_waits(self, waiting: Sequence[WaitingPlan]) -> None:
        if not self._is_closed:
            self.waiting.emit(waiting)

    # --- given in, given back ----------------------------------------------------------------------------------------

    def give(self) -> None:
        """Do what the main button says: give in, take back, approve, take the approval back."""
        plan = self._in_sight()
        if plan is None:
            return
        if not what_to_do(plan):
            self.said.emit(why_nothing(plan))
            return
        command, done = _giving(plan)
        if self._write(partial(command, self._journal, plan.page.id), done):
            self.look_what_waits()

    def ask_return(self) -> None:
        """Open the line for what the teacher is to mend, where this person can give the plan back."""
        plan = self._in_sight()
        if plan is None:
            return
        if may_return(plan):
            self.return_asked.emit()
        else:
            told = tr("Возвращать нечего: это КТП учитель не сдавал, или оно утверждено.")
            self.said.emit(told if plan.may_approve else tr("Вернуть КТП может завуч, которому его сдали."))

    def return_plan(self, why: str) -> None:
        """Give the plan back to its teacher; without a reason nothing is done and the line stays open."""
        plan = self._in_sight()
        done = tr("КТП возвращено: учитель увидит причину в «Сегодня».")
        if plan is not None and self._write(partial(plans.return_plan, self._journal, plan.page.id, why), done):
            self.returned.emit()
            self.settled.emit()

    # --- hours -------------------------------------------------------------------------------------------------------

    def write_hours(self) -> None:
        """Go to the field of the yearly hours."""
        plan = self._in_sight()
        if plan is not None and plan.may_set_hours:
            self.hours_asked.emit()
        else:
            self.said.emit(tr("Часы учебного плана вносит завуч."))

    def set_hours(self, typed: str) -> None:
        """Write the yearly hours of the subject in the class."""
        plan = self._in_sight()
        if plan is None or not typed.isdecimal():
            return
        command = partial(plans.set_curriculum_hours, self._journal, plan.page.subject_id, plan.page.class_group_id)
        done = tr("Часы учебного плана записаны: {n}.").format(n=typed)
        if self._write(partial(command, int(typed)), done):
            self.settled.emit()

    def _write(self, command: Callable[[], ChangeSet], done: str) -> bool:
        return self._writing.run(command, done, step=False)


def _giving(plan: LessonPlanPage) -> tuple[Callable[..., ChangeSet], str]:
    """Return what the main button does, and what is said when it is done."""
    if plan.may_approve:
        if plan.stage == "approved":
            return plans.withdraw_approval, tr("Утверждение снято.")
        return plans.approve_plan, tr("КТП утверждено: учитель это увидит.")
    if plan.stage in ("submitted", "resubmitted"):
        return partial(plans.submit_plan, submitted=False), tr("КТП снова у вас.")
    return plans.submit_plan, tr("КТП отправлено на утверждение: ответ завуча будет в «Сегодня».")

"""What a person does with the files of a lesson: attach, open, save, take away; whatever is long in the background."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QMimeData, QObject, QRect, QTimer, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QApplication, QFileDialog, QLineEdit, QPlainTextEdit, QWidget

from ejournal_core.blobs import MEDIA_TYPES, suggested_name
from ejournal_core.errors import Refusal, Trouble
from ejournal_desktop.models.commands import files
from ejournal_desktop.models.commands.asking import Wanted, wanted_file
from ejournal_desktop.models.commands.audit_log import tell_event
from ejournal_desktop.models.commands.files import NotOnThisPc
from ejournal_desktop.models.queries.files import AttachedFile, LessonFiles, lesson_files
from ejournal_desktop.ui import errors
from ejournal_desktop.ui.asking import Asking
from ejournal_desktop.ui.attaching import Attached, Read, attach_all, picture
from ejournal_desktop.ui.file_copies import FileNotOpened, FileNotSaved, copy_to_look_at, save_copy, wipe_copy
from ejournal_desktop.ui.grids.mark_grid import invitation
from ejournal_desktop.ui.jobs import Jobs, Report
from ejournal_desktop.ui.widgets.file_row import LIMIT_MB
from ejournal_desktop.ui.widgets.files_panel import FilesPanel, image_in, paths_in
from ejournal_desktop.ui.words import tr

if TYPE_CHECKING:
    from ejournal_desktop.models.change_set import ChangeSet
    from ejournal_desktop.models.journal import Journal

LOOK_MS = 400  # how often the list looks how far a file on its way has come
AWAY_MS = 3_000  # the same while the server does not answer
UNDERWAY = ("sending", "fetching")

TakeBack = Callable[[], "ChangeSet"]


class Filing(QObject):
    """Works on the files of one lesson at a time.

    Signals:
        done: something was entered; the argument takes it back when called and returns the change set.
        troubled: a `Trouble` that belongs to no file in particular.
        sync_wanted: a file was asked for, and the server should hear of it now.
    """

    done = Signal(object)
    troubled = Signal(object)
    sync_wanted = Signal()

    def __init__(
        self,
        journal: Journal,
        jobs: Jobs,
        panel: FilesPanel,
        read: Callable[[Journal, str], LessonFiles] | None = None,
    ) -> None:
        super().__init__(panel)
        self._journal = journal
        self._jobs = jobs
        self._panel = panel
        self._read = read or lesson_files
        self._lesson_id = ""
        self._read_only = ""
        self._askable: list[Read] = []  # refused, and another person may allow it
        self._asking: Asking | None = None
        self._awaited = ""  # the file that opens by itself when it has come, if the person still stands on it
        self._is_closed = False
        self._looking = QTimer(self)
        self._looking.timeout.connect(self._look)
        panel.attach_wanted.connect(self.choose)
        panel.given.connect(self.attach_given)
        panel.open_wanted.connect(self.open)
        panel.remove_wanted.connect(self.remove)
        panel.ask_wanted.connect(self.ask)

    # --- showing -----------------------------------------------------------------------------------------------------

    def show_lesson(self, lesson_id: str, read_only: str = "") -> None:
        """Show the files of a lesson; `read_only` says why nothing can be attached there."""
        if lesson_id != self._lesson_id:
            self._panel.say("")
            self._offer_asking([])
            self._awaited = ""
        self._lesson_id, self._read_only = lesson_id, read_only
        self.refresh()

    def refresh(self) -> None:
        """Read the files again, and go on looking while one is on its way."""
        if self._is_closed or not self._lesson_id:
            return
        try:
            shown = self._read(self._journal, self._lesson_id)
        except Trouble:  # the program has just been locked: what stands there goes on standing under the lock
            self._looking.stop()
            return
        self._panel.show_files(shown, closed=bool(self._read_only))
        if any(file.state in UNDERWAY for file in shown.files):
            self._looking.start(AWAY_MS if shown.away else LOOK_MS)
        else:
            self._looking.stop()
        self._open_awaited(shown)

    def _look(self) -> None:
        if self._panel.isVisible():
            self.refresh()

    def _open_awaited(self, shown: LessonFiles) -> None:
        come = next((file for file in shown.files if file.id == self._awaited and file.held), None)
        if come is not None:
            self._awaited = ""
            here = self._panel.current
            if self._panel.list.hasFocus() and here is not None and here.id == come.id:
                self.open(come)
            else:
                self._panel.say(tr("«{name}» скачан.").format(name=come.title), "done")

    def close(self) -> None:
        """Stop looking; what is still on its way in the background is told to nobody."""
        self._is_closed = True
        self._looking.stop()

    # --- attaching ---------------------------------------------------------------------------------------------------

    def choose(self) -> None:
        """Ask for files and attach them."""
        if self._refuse():
            return
        kinds = " ".join(f"*{ending}" for ending in MEDIA_TYPES)
        dialog = QFileDialog(self._panel, tr("Прикрепить к уроку (до {mb} МБ каждый)").format(mb=LIMIT_MB))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        dialog.setNameFilters([tr("Документы, картинки, архивы") + f" ({kinds})", tr("Все файлы") + " (*)"])
        dialog.filesSelected.connect(lambda names: self.attach([Path(name) for name in names]))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def attach_given(self, mime: QMimeData) -> None:
        """Attach what was dropped or pasted: files, else a picture."""
        image = image_in(mime)
        if paths := paths_in(mime):
            self.attach(paths)
        elif image is not None:
            title = tr("Снимок {when}.png").format(when=f"{self._journal.clock():%d.%m.%Y %H-%M-%S}")
            self._attach([(title, partial(picture, image, title))])

    def attach(self, paths: Sequence[Path]) -> None:
        """Attach files to the lesson, one after the other."""
        self._attach([(path.name, partial(files.read_chosen, path)) for path in paths])

    def _attach(self, each: Sequence[tuple[str, Read]]) -> None:
        if self._refuse():
            return
        self._offer_asking([])
        self._panel.say(tr("Прикрепляю…"))
        work = partial(attach_all, self._journal, self._lesson_id, each)
        self._run(work, partial(self._attached, self._lesson_id), tr("Прикрепляю файлы"))

    def _refuse(self) -> bool:
        if self._read_only:
            self._panel.say(self._read_only, "danger")
        return bool(self._read_only) or not self._lesson_id

    def _attached(self, lesson_id: str, what: Attached) -> None:
        for changes in what.made:
            self.done.emit(partial(files.take_back_file, self._journal, changes))
        self.refresh()
        if what.refused:
            name, why = what.refused[0]
            more = tr("Не прикреплено: {n}. ").format(n=len(what.refused)) if len(what.refused) > 1 else ""
            self._panel.say(f"{more}«{name}»: {invitation(why) if what.askable else why}", "danger")
            self._offer_asking(what.askable if lesson_id == self._lesson_id else [])
        elif what.made:
            self._panel.say(tr("Прикреплено и сохранено здесь; на сервер уйдёт после записей."), "done")
        else:
            self._panel.say(tr("Остановлено: ничего не прикреплено."))

    # --- asking for what was refused ---------------------------------------------------------------------------------

    def _offer_asking(self, askable: Sequence[Read]) -> None:
        """Let Ctrl+E at the files ask for these; whoever types elsewhere goes on typing."""
        self._askable = list(askable)
        self._panel.can_ask = bool(askable)
        if askable and not isinstance(QApplication.focusWidget(), QPlainTextEdit | QLineEdit):
            self._panel.enter()

    def ask(self) -> None:
        """Ask another person to allow the file that was refused last; the form opens at the files."""
        if self._askable:
            read, journal, lesson_id = self._askable[0], self._journal, self._lesson_id
            self._run(lambda _: wanted_file(journal, lesson_id, read()), self._open_form, "")

    def _open_form(self, wanted: Wanted) -> None:
        if wanted.lesson_id != self._lesson_id:
            return
        screen = self._screen()
        if self._asking is None:
            self._asking = Asking(self._journal, screen)
            self._asking.left.connect(self._panel.enter)
            self._asking.asked.connect(lambda told: self._panel.say(told, "done"))
            self._asking.troubled.connect(self.troubled)
        at = QRect(self._panel.mapTo(screen, self._panel.rect().topLeft()), self._panel.size())
        self._asking.open(wanted, at, self._asked)

    def _screen(self) -> QWidget:
        """Return the screen that the files stand on: the form goes with it when the program locks."""
        found: QWidget = self._panel
        while not hasattr(found, "close_screen") and (above := found.parentWidget()) is not None:
            found = above
        return found

    def _asked(self) -> None:
        self._offer_asking(self._askable[1:])
        self._panel.enter()

    # --- using -------------------------------------------------------------------------------------------------------

    def open(self, file: AttachedFile) -> None:
        """Show a file in its own program; one that is not here is asked for first."""
        if file.state in ("destroyed", "waiting"):
            self._panel.say(tr(_WHY_NOT[file.state]))
        elif not file.held:
            self._ask(file)
        elif not file.is_carried:
            self._panel.say(errors.explain(FileNotOpened()).text, "danger")
        else:
            self._jobs.run(partial(self._copy, file), done=self._show, failed=self._failed, quiet=True)

    def _ask(self, file: AttachedFile) -> None:
        try:
            files.ask_for_file(self._journal, file.kind, file.id)
        except Trouble as trouble:
            self.troubled.emit(trouble)
            return
        self._awaited = file.id
        told = tr("Нет связи с сервером: файл скачается сам, когда она появится.")
        self._panel.say(told if self._panel.shown.away else tr("Скачиваю «{name}»…").format(name=file.title))
        self.refresh()
        self.sync_wanted.emit()

    def _copy(self, file: AttachedFile, _report: Report) -> Path:
        return copy_to_look_at(self._content(file), file.title, file.media_type)

    def _content(self, file: AttachedFile) -> bytes:
        return files.read_file(self._journal, file.kind, file.id)

    def _show(self, path: Path) -> None:
        if self._is_closed or self._journal.is_closed:  # locked or left since Enter: it came after all were wiped
            wipe_copy(path)
        elif QDesktopServices.openUrl(QUrl.fromLocalFile(str(path))):
            tell_event(self._journal, "attachment_opened", subject_kind="Lesson", subject=self._lesson_id)
            self._panel.say(tr("Открыта копия только для чтения. Она удалится, когда вы выйдете или заблокируете."))
        else:
            self._panel.say(errors.explain(FileNotOpened()).text, "danger")

    def save_as(self, file: AttachedFile | None = None) -> None:
        """Ask where and save a copy that stays."""
        chosen = file or self._panel.current
        if chosen is None or not chosen.held:
            self._panel.say(tr("Сохранить можно файл, который уже здесь: выберите его; Enter — скачать."))
            return
        dialog = QFileDialog(self._panel, tr("Сохранить файл"))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.selectFile(suggested_name(chosen.title, chosen.media_type))
        dialog.fileSelected.connect(lambda name: self.save_to(chosen, Path(name)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def save_to(self, file: AttachedFile, path: Path) -> None:
        """Save a copy of a file under a path."""

        lesson_id = self._lesson_id

        def saved(_: object) -> None:
            tell_event(self._journal, "attachment_saved", subject_kind="Lesson", subject=lesson_id)
            told = tr("Сохранено: {name}. Эту копию программа уже не защищает.")
            self._panel.say(told.format(name=path.name), "done")

        self._run(lambda _: save_copy(self._content(file), path), saved, "")

    def remove(self, file: AttachedFile) -> None:
        """Take a file away from the lesson; the history keeps it, Ctrl+Z attaches it again."""
        if self._refuse():
            return
        try:
            files.detach_file(self._journal, file.id)
        except Refusal as refusal:
            self._panel.say(refusal.sentence, "danger")
            return
        except Trouble as trouble:
            self.troubled.emit(trouble)
            return
        if file.held:
            self.done.emit(partial(files.bring_back_file, self._journal, file.id))
        self.refresh()
        told = tr("«{name}» убран. Вернуть — Ctrl+Z.") if file.held else tr("«{name}» убран; он остался в истории.")
        self._panel.say(told.format(name=file.title))

    # --- the background ----------------------------------------------------------------------------------------------

    def _run(self, work: Callable[[Report], object], then: Callable[..., None], title: str) -> None:
        def done(result: object) -> None:
            if not self._is_closed:
                then(result)

        self._jobs.run(work, title=title, done=done, failed=self._failed, quiet=not title)

    def _failed(self, error: BaseException) -> None:
        if self._is_closed:
            return
        if isinstance(error, (FileNotOpened, FileNotSaved, NotOnThisPc)):
            self._panel.say(errors.explain(error).text, "danger")
            return
        self._panel.say("")
        self.troubled.emit(error)


_WHY_NOT = {
    "destroyed": "Содержание этого файла уничтожено по акту: вернуть его нельзя. Остальное цело.",
    "waiting": "Файл ещё на компьютере автора: он придёт, когда тот компьютер выйдет на связь.",
}

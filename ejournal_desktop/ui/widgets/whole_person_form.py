"""The strip in which a deputy or the director confirms that all data of a person are gathered at the server."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from ejournal_desktop.models.queries.person_choice import Second, Whom
from ejournal_desktop.ui.widgets.staff_forms import SecondForm
from ejournal_desktop.ui.words import tr


class WholePersonForm(SecondForm):
    """Who confirms it. `wanted`: id of the second person and their password."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("Второй человек"))
        self.enter.setText(tr("Собрать"))

    def begin_for(self, whom: Whom, seconds: Sequence[Second]) -> None:
        """Open it for a person of whom everything is wanted."""
        self.second.clear()
        self.password.clear()
        for each in seconds:
            self.second.addItem(each.name, each.id)
        self.open_form(
            tr("Все сведения: {name}").format(name=whom.name),
            tr("Их соберёт сервер школы. Вместе с вами это подтверждает завуч или директор, здесь же, своим паролем.")
            if seconds
            else tr("Подтвердить некому: нужен завуч или директор. Что есть на этом рабочем месте, сохраняет Ctrl+S."),
        )
        if len(seconds) == 1:
            self.password.setFocus(Qt.FocusReason.OtherFocusReason)

    def submit(self) -> None:
        """Send who confirms; the password leaves the field at once."""
        password = self.password.text()
        if not self.second.count() or not password:
            self._lacks(self.password, tr("Нужен пароль завуча или директора. Ничего не собрано."))
            return
        self.password.clear()
        self.wanted.emit(self.second.currentData(), password)

"""What concerns the PC and nobody in particular: pairing it with the school, and sending what lies sealed on it.

All of it is asked for on Вход and answered there; no journal is open meanwhile.
"""

from __future__ import annotations

import socket
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from ejournal_desktop import paths
from ejournal_desktop.models.outgoing_folder import export_sealed, import_sealed
from ejournal_desktop.sync.pairing import Pairing, PairingDamaged, Workstation, read_workstation
from ejournal_desktop.ui.jobs import Jobs, Report
from ejournal_desktop.ui.screens.sign_in import SignInScreen
from ejournal_desktop.ui.words import ENTRY, count

if TYPE_CHECKING:
    from ejournal_desktop.sync.desks import Delivery

ASK_AGAIN_MS = 2_000  # how often a pairing asks whether the administrator has decided


class ThisComputer(QObject):
    """Knows whether the school trusts this PC, and does what needs no journal.

    Args:
        sign_in: Вход, which shows the code of a pairing and hears how it ended.
        jobs: everything here waits for the network or for a stick.
    """

    paired = Signal()
    done = Signal(str)  # the sentence that says what was sent, written or taken
    failed = Signal(object)  # the exception

    def __init__(self, sign_in: SignInScreen, jobs: Jobs) -> None:
        super().__init__()
        self._sign_in = sign_in
        self._jobs = jobs
        self.workstation: Workstation | None = None
        self.unpaired: PairingDamaged | None = None  # desks open all the same, and the person is told
        self.is_disowned = False  # the school has stopped to trust this PC
        self._pairing: Pairing | None = None
        self._asking = QTimer(self, interval=ASK_AGAIN_MS)
        self._read()
        self._wire()

    def _read(self) -> None:
        try:
            self.workstation = read_workstation()
        except PairingDamaged as damaged:
            self.unpaired = damaged

    def _wire(self) -> None:
        sign_in = self._sign_in
        sign_in.pairing_wanted.connect(self.pair)
        sign_in.pairing_cancelled.connect(self._forget_pairing)
        sign_in.deliver_wanted.connect(self.deliver)
        sign_in.export_wanted.connect(lambda stick: self.carry(Path(stick), outward=True))
        sign_in.import_wanted.connect(lambda stick: self.carry(Path(stick), outward=False))
        self._asking.timeout.connect(self._ask_about_pairing)

    # --- pairing ---------------------------------------------------------------------------------------------------

    def pair(self, address: str) -> None:
        """Begin to make this computer known to the school."""
        typed = f"https://{address.rpartition('://')[2]}"  # whatever was copied before it, nothing else is spoken

        def begin(_: Report) -> Pairing:
            pairing = Pairing(typed, socket.gethostname())
            pairing.ask()  # from here on the administrator's screen shows the code too
            return pairing

        self._jobs.run(begin, lane="network", done=self._begun, failed=self.failed.emit, quiet=True)

    def _begun(self, pairing: Pairing) -> None:
        self._pairing = pairing
        self._sign_in.show_pairing_code(pairing.code)
        self._asking.start()

    def _ask_about_pairing(self) -> None:
        pairing = self._pairing
        if pairing is None or self._jobs.busy():
            return
        self._jobs.run(
            lambda _: pairing.ask(), lane="network", done=self._answered, failed=self.failed.emit, quiet=True
        )

    def _answered(self, state: str) -> None:
        if state == "waiting" or self._pairing is None:
            return
        self._forget_pairing()
        if state == "approved":
            self.workstation = read_workstation()
            self.is_disowned = False
            self._sign_in.pairing_done(self.workstation.school_name if self.workstation else "")
            self.paired.emit()
        else:
            self._sign_in.refuse(self.tr("Администратор не подтвердил этот компьютер. Начните ещё раз."))

    def _forget_pairing(self) -> None:
        self._asking.stop()
        self._pairing = None

    # --- sealed work -----------------------------------------------------------------------------------------------

    def deliver(self) -> None:
        """Send everybody's sealed work from this computer."""
        place = self.workstation
        if place is None:
            return

        def work(_: Report) -> Delivery:
            from ejournal_desktop.sync.desks import deliver_sealed  # Вход is painted without journal and network

            return deliver_sealed(place, paths.outgoing_folder())

        self._jobs.run(
            work,
            title=self.tr("Отправляю записи этого компьютера"), lane="network",
            done=self._delivered, failed=self.failed.emit,
        )  # fmt: skip

    def _delivered(self, done: Delivery) -> None:
        told = [self.tr("Доставлено: {n}.").format(n=count(done.delivered, ENTRY))]
        if done.waiting:
            told.append(self.tr("Ждут более ранних записей: {n}.").format(n=done.waiting))
        if done.damaged:
            told.append(self.tr("Повреждено: {n}; скажите администратору.").format(n=done.damaged))
        self.done.emit(" ".join(told))

    def carry(self, stick: Path, *, outward: bool) -> None:
        """Write everybody's sealed work of this computer on a stick, or take what lies on one."""
        place, folder = self.workstation, paths.outgoing_folder()
        if place is None:
            return
        school = place.school

        def work(_: Report) -> int:
            return export_sealed(folder, school, stick) if outward else import_sealed(stick, school, folder)

        def done(records: int) -> None:
            told = (
                self.tr("Записано на носитель: {n}. Отнесите его туда, где есть сеть; здесь записи тоже остались.")
                if outward
                else self.tr("Принято с носителя: {n}. Отправьте их, когда сервер будет на связи.")
            )
            self.done.emit(told.format(n=count(records, ENTRY)))

        title = self.tr("Записываю на носитель") if outward else self.tr("Читаю носитель")
        self._jobs.run(work, title=title, done=done, failed=self.failed.emit)

    def close(self) -> None:
        """Ask the server nothing more."""
        self._asking.stop()

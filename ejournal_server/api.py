"""The routes of docs/sync-protocol.md, thin: read, let in, call, answer. Never HTML, never a personal word in a log."""

from __future__ import annotations

import threading
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import msgspec
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from ejournal_core import seal, wire
from ejournal_core.blobs import PIECE
from ejournal_core.changes import canonical
from ejournal_core.seal import RequestParts
from ejournal_core.wire import (
    BackupRequest,
    CloseRequest,
    CodesRequest,
    DeskRequest,
    Hello,
    Malformed,
    PairReveal,
    PairStart,
    SignerRequest,
)
from ejournal_server import (
    accounts,
    bodies,
    credentials,
    delivery,
    digests,
    files,
    gate,
    generations,
    intake,
    measures,
    overview,
    person_data,
    problems,
    proving,
    releases,
    scopes,
    signing,
    snapshots,
    workplaces,
)
from ejournal_server.authority import stamp
from ejournal_server.contacts import Contacts
from ejournal_server.folder import Office
from ejournal_server.reception import MEDIA_TYPE
from ejournal_server.store import log
from ejournal_server.store.people import Desk, Workstation

LOOPBACK = ("127.0.0.1", "::1")
UNPACKING = threading.BoundedSemaphore(4)  # batches that grow in memory at once

M = TypeVar("M")
Answer = Callable[[Request], Awaitable[Response]]


class Routes:
    """The calls of one school."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.authority = office.authority
        self.contacts = Contacts(office.authority)
        self.strangers = gate.Bucket(rate=200, burst=2000)  # whoever asks who we are; every meeting begins so
        self.doors = gate.Bucket(rate=5, burst=100)  # whoever wants to be let in
        self.makings = gate.Bucket(rate=1 / 60, burst=30)  # snapshots of one desk: each may take seconds of everybody's
        self.tellings = gate.Bucket(rate=1 / 60, burst=10)  # all of somebody, by one desk: the whole log is read
        self.guesses = gate.Bucket(rate=1 / 30, burst=20)  # wrong passwords of one workstation, whosever they are

    def app(self) -> Starlette:
        """Return the ASGI application."""
        calls = [
            ("GET", "/v1/hello", self.hello), ("POST", "/v1/pair", self.pair),
            ("POST", "/v1/pair/{pairing}", self.reveal), ("GET", "/v1/people", self.people),
            ("POST", "/v1/desks", self.desks), ("POST", "/v1/push", self.push),
            ("GET", "/v1/receipts", self.receipts), ("POST", "/v1/sealed", self.sealed),
            ("GET", "/v1/pull", self.pull), ("GET", "/v1/scope", self.scope),
            ("POST", "/v1/scope", self.scope_held), ("POST", "/v1/snapshot", self.snapshot),
            ("GET", "/v1/snapshot/{id}/{chunk}", self.snapshot_chunk),
            ("GET", "/v1/history", self.history_of_record), ("POST", "/v1/history", self.history),
            ("GET", "/v1/digest", self.digest), ("GET", "/v1/proof", self.proof), ("GET", "/v1/epochs", self.epochs),
            ("POST", "/v1/again", self.again),
            ("GET", "/v1/admin/people", self.ways_in), ("POST", "/v1/admin/codes", self.codes),
            ("POST", "/v1/admin/close", self.close_entry), ("POST", "/v1/admin/person", self.person_data),
            ("GET", "/v1/admin/workstations", self.workstations),
            ("POST", "/v1/admin/workstations", self.order_workstation),
            ("POST", "/v1/signer", self.signer), ("POST", "/v1/backup", self.backup),
            ("PUT", "/v1/blob/{sha256}", self.bring_file), ("GET", "/v1/blob/{sha256}", self.fetch_file),
            ("GET", "/v1/backup/{generation}/{file}", self.backup_file), ("GET", "/healthz", self.healthz),
            ("GET", "/v1/update", self.update), ("GET", "/v1/update/{sha256}", self.update_piece),
            ("GET", "/readyz", self.readyz), ("GET", "/metrics", self.metrics),
        ]  # fmt: skip
        routes = [Route(path, _in_plain_text(call), methods=[method]) for method, path, call in calls]
        return Starlette(routes=routes, exception_handlers=problems.HANDLERS)

    # --- unsigned ---

    async def hello(self, request: Request) -> Response:
        """Say who the server is, and give a nonce."""
        self.strangers.take(_address(request))
        return await _run(self._hello)

    def _hello(self) -> bytes:
        with self.authority.store.read() as tx:
            head = signing.current_head(tx)
        keys = self.authority.keys
        return wire.encode(
            Hello(
                school=self.authority.school,
                school_name=self.office.school_name,
                protocols=wire.SPOKEN,
                time=stamp(self.authority.clock()),
                nonce=gate.new_nonce(self.authority),
                ca_sha256=self.office.ca_sha256,
                server_key=keys.signing_public,
                seal_key=keys.sealing_public,
                head=head,
            )
        )

    async def pair(self, request: Request) -> Response:
        """Take a workstation's commitment."""
        self.doors.take(_address(request))
        start = wire.decode(PairStart, await bodies.body(request))
        return await _run(
            lambda: wire.encode(accounts.start_pairing(self.authority, start, self.office.ca_pem, _address(request)))
        )

    async def reveal(self, request: Request) -> Response:
        """Take the committed nonce; say how the administrator has decided."""
        self.doors.take(_address(request))
        reveal = wire.decode(PairReveal, await bodies.body(request))
        pairing = str(request.path_params["pairing"])
        return await _run(lambda: wire.encode(accounts.reveal_pairing(self.authority, pairing, reveal)))

    async def healthz(self, request: Request) -> Response:
        """Say that the store answers."""
        self.strangers.take(_address(request))
        return await _run(self._healthz)

    def _healthz(self) -> bytes:
        with self.authority.store.read() as tx:
            log.read_head(tx)
        return b'{"status":"ok"}'

    async def readyz(self, request: Request) -> Response:
        """Say whether this server should get calls: store, signed head, room on the disk."""
        self.strangers.take(_address(request))
        wrong = await run_in_threadpool(overview.unready, self.office)
        return JSONResponse({"status": "unready" if wrong else "ready", "wrong": wrong}, 503 if wrong else 200)

    async def metrics(self, request: Request) -> Response:
        """Give the figures to a monitor on this machine; others are given an address of its own by `--metrics`."""
        if _address(request) not in LOOPBACK or "x-forwarded-for" in request.headers:
            raise HTTPException(404)
        report = await run_in_threadpool(measures.report, lambda: overview.figures(self.office))
        return Response(report, media_type=measures.TEXT_TYPE)

    # --- signed by a workstation ---

    async def people(self, request: Request) -> Response:
        """List who may sign in."""
        parts = await bodies.parts(request, self.authority)

        def answer() -> bytes:
            self._workstation(parts, request)
            return wire.compress(wire.encode_lines(accounts.people_who_sign_in(self.authority)))

        return await _run(answer)

    async def desks(self, request: Request) -> Response:
        """Certify a desk after password or activation code."""
        self.doors.take(_address(request))
        parts = await bodies.parts(request, self.authority)

        def answer() -> bytes:
            workstation = self._workstation(parts, request)
            wanted = wire.decode(DeskRequest, parts.body)
            self.guesses.check(workstation.id)
            try:
                return wire.encode(accounts.certify_desk(self.authority, workstation.id, wanted))
            except accounts.NotKnown:
                self.guesses.take(workstation.id)
                raise

        return await _run(answer)

    async def sealed(self, request: Request) -> Response:
        """Take sealed records, whoever brings them: the sender is known before anything is read or kept."""
        head = await bodies.checked_sender(request, self.authority)
        await run_in_threadpool(self._workstation, head, request)
        bringing = intake.Bringing.sealed(self.authority)
        body = bodies.SealedBody(head.digest)
        async for record in body.records(request):
            await run_in_threadpool(bringing.take, record)
        body.check_digest()
        return await _run(lambda: msgspec.json.encode(bringing.finish()))

    async def update(self, request: Request) -> Response:
        """Say which program the school offers for a system; an empty answer: none."""
        parts, system = await bodies.parts(request, self.authority), request.query_params.get("system", "")

        def answer() -> bytes:
            self._anyone(parts, request)
            offered = releases.offer(self.office.folder, system)
            return wire.encode(offered) if offered else b""

        return await _run(answer)

    async def update_piece(self, request: Request) -> Response:
        """Give a piece of an offered program."""
        parts = await bodies.parts(request, self.authority)
        sha256, offset = str(request.path_params["sha256"]), _number(request, "offset")

        def answer() -> bytes:
            self._anyone(parts, request)
            return releases.piece(self.office.folder, sha256, offset)

        return await _run(answer)

    # --- signed by a desk ---

    async def push(self, request: Request) -> Response:
        """Take a batch; answer with its receipt."""
        parts = await bodies.parts(request, self.authority)

        def answer() -> bytes:
            desk = self._desk(parts, request, receives=False)
            with UNPACKING:
                batch = wire.decode_batch(parts.body)
            if batch.head.desk != desk.id:
                raise Malformed("another desk's batch; deliver it sealed")
            gate.check_may_push(desk, batch.head.first)
            receipt = intake.accept(self.authority, batch)
            measures.count_verdicts(receipt.verdicts)
            return wire.encode(receipt)

        return await _run(answer)

    async def receipts(self, request: Request) -> Response:
        """Give this desk's receipts from a counter on."""
        parts = await bodies.parts(request, self.authority)
        first = _number(request, "first")
        return await _run(lambda: delivery.receipts(self.authority, self._desk(parts, request, receives=False), first))

    async def pull(self, request: Request) -> Response:
        """Give what is new."""
        parts = await bodies.parts(request, self.authority)
        after, own = _number(request, "after"), wire.span(request.query_params.get("own", ""))
        scope = request.query_params.get("scope", "")

        def answer() -> bytes:
            desk = self._desk(parts, request, receives=True)
            page = delivery.pull(self.authority, desk, after, scope, own, request.query_params.get("head", ""))
            self.contacts.note(desk.id, scope=scope)  # it has shown to hold what its person may see
            self.contacts.note_held(desk.id, after)
            return page

        return await _run(answer)

    async def scope(self, request: Request) -> Response:
        """Tell which slices the person may see now."""
        parts = await bodies.parts(request, self.authority)
        return await _run(lambda: scopes.tell(self.authority, self._desk(parts, request, receives=True)))

    async def scope_held(self, request: Request) -> Response:
        """Take the desk's word for what it holds on its disk."""
        parts = await bodies.parts(request, self.authority)

        def answer() -> bytes:
            desk = self._desk(parts, request, receives=True)
            scopes.confirm(
                self.authority, desk, wire.decode(wire.ScopeHeld, wire.decompress(parts.body, wire.ASKED_TEXT))
            )
            return b"{}"

        return await _run(answer)

    async def snapshot(self, request: Request) -> Response:
        """Prepare slices as they stand; answer with the manifest."""
        parts = await bodies.parts(request, self.authority)

        def answer() -> bytes:
            desk = self._desk(parts, request, receives=True)
            self.makings.take(desk.id)
            wanted = wire.decode(wire.SnapshotRequest, wire.decompress(parts.body, wire.ASKED_TEXT))
            return snapshots.begin(self.authority, desk, wanted)

        return await _run(answer)

    async def snapshot_chunk(self, request: Request) -> Response:
        """Give a part of a snapshot."""
        parts = await bodies.parts(request, self.authority)
        id_, index = str(request.path_params["id"]), _counted(str(request.path_params["chunk"]))

        def answer() -> bytes:
            return snapshots.chunk(self.authority, self._desk(parts, request, receives=True), id_, index)

        return await _run(answer)

    async def history(self, request: Request) -> Response:
        """Give a page of what happened to slices."""
        parts = await bodies.parts(request, self.authority)

        def answer() -> bytes:
            desk = self._desk(parts, request, receives=True)
            wanted = wire.decode(wire.HistoryRequest, wire.decompress(parts.body, wire.ASKED_TEXT))
            return delivery.history(self.authority, desk, wanted)

        return await _run(answer)

    async def history_of_record(self, request: Request) -> Response:
        """Give what happened to one record."""
        parts = await bodies.parts(request, self.authority)
        kind, record = request.query_params.get("kind", ""), request.query_params.get("record", "")

        def answer() -> bytes:
            desk = self._desk(parts, request, receives=True)
            return delivery.history_of_record(self.authority, desk, kind, record)

        return await _run(answer)

    async def digest(self, request: Request) -> Response:
        """Give the content of slices as short numbers."""
        parts = await bodies.parts(request, self.authority)
        after = request.query_params.get("after", "")
        return await _run(lambda: digests.of_scope(self.authority, self._desk(parts, request, receives=True), after))

    async def bring_file(self, request: Request) -> Response:
        """Take the next piece of a file; answer how far it has come."""
        parts = await bodies.parts(request, self.authority, PIECE)
        sha256, size, offset = str(request.path_params["sha256"]), _number(request, "size"), _number(request, "offset")

        def answer() -> bytes:
            desk = self._desk(parts, request, receives=True)
            return wire.encode(files.bring(self.authority, desk, sha256, size, offset, parts.body))

        return await _run(answer)

    async def fetch_file(self, request: Request) -> Response:
        """Give a piece of a file."""
        parts = await bodies.parts(request, self.authority)
        sha256, offset = str(request.path_params["sha256"]), _number(request, "offset")
        return await _run(
            lambda: files.fetch(self.authority, self._desk(parts, request, receives=True), sha256, offset)
        )

    async def proof(self, request: Request) -> Response:
        """Prove a line's place, or that one tree begins another."""
        parts = await bodies.parts(request, self.authority)
        number, old, size = (_number(request, name) for name in ("number", "from", "to"))

        def answer() -> bytes:
            desk = self._desk(parts, request, receives=True)
            if "number" in request.query_params:
                return proving.inclusion(self.authority, desk, number, size)
            return proving.consistency(self.authority, old, size)

        return await _run(answer)

    async def epochs(self, request: Request) -> Response:
        """Tell which epochs were opened."""
        parts = await bodies.parts(request, self.authority)
        after = _number(request, "after")

        def answer() -> bytes:
            self._desk(parts, request, receives=False)
            return proving.epochs(self.authority, after)

        return await _run(answer)

    async def again(self, request: Request) -> Response:
        """Take batches of any desk that a restored log does not hold; each is signed by its author."""
        parts = await bodies.parts(request, self.authority)

        def answer() -> bytes:
            self._desk(parts, request, receives=True)
            return msgspec.json.encode(intake.deliver_again(self.authority, parts.body))

        return await _run(answer)

    async def signer(self, request: Request) -> Response:
        """Issue a certificate for signing documents."""
        parts = await bodies.parts(request, self.authority)

        def answer() -> bytes:
            desk = self._desk(parts, request, receives=True)
            wanted = wire.decode(SignerRequest, parts.body)
            issued = accounts.issue_signer(self.authority, desk, wanted, self.office.ca, self.office.school_name)
            return wire.encode(issued)

        return await _run(answer)

    async def backup(self, request: Request) -> Response:
        """Make a generation of the backup; answer with its catalogue."""
        parts = await bodies.parts(request, self.authority)

        def answer() -> bytes:
            carrier = self._carrier(parts, request)
            wanted = wire.decode(BackupRequest, parts.body)
            made = generations.back_up(
                self.authority, self.office.folder, self.office.ca_pem, wanted.administrator, carrier
            )
            return canonical(made)

        return await _run(answer)

    async def backup_file(self, request: Request) -> Response:
        """Give a file of a generation, as it lies on the disk: sealed."""
        parts = await bodies.parts(request, self.authority)
        generation, name = str(request.path_params["generation"]), str(request.path_params["file"])

        def find() -> Path:
            self._carrier(parts, request)
            return generations.find_file(self.office.folder, generation, name)

        return FileResponse(await run_in_threadpool(find), media_type=MEDIA_TYPE)

    # --- signed by an administrator's desk ---

    async def ways_in(self, request: Request) -> Response:
        """Say how everybody's way in stands."""
        parts = await bodies.parts(request, self.authority)

        def answer() -> bytes:
            self._administrator(parts, request)
            return wire.compress(wire.encode_lines(credentials.standings(self.authority)))

        return await _run(answer)

    async def codes(self, request: Request) -> Response:
        """Give one-time codes; whoever guesses at a second person's password waits like at a door."""
        self.doors.take(_address(request))
        parts = await bodies.parts(request, self.authority)

        def answer() -> bytes:
            desk = self._administrator(parts, request)
            wanted = wire.decode(CodesRequest, parts.body)
            self.guesses.check(desk.id)
            try:
                return canonical(credentials.give_codes(self.office, desk.person, wanted))
            except accounts.NotKnown:
                self.guesses.take(desk.id)
                raise

        return await _run(answer)

    async def close_entry(self, request: Request) -> Response:
        """Close a person's way in."""
        parts = await bodies.parts(request, self.authority)

        def answer() -> bytes:
            desk = self._administrator(parts, request)
            credentials.close_entry(self.authority, desk.person, wire.decode(CloseRequest, parts.body).person)
            return b"{}"

        return await _run(answer)

    async def person_data(self, request: Request) -> Response:
        """Tell all that is held of a person; whoever guesses at the second one's password waits like at a door."""
        self.doors.take(_address(request))
        parts = await bodies.parts(request, self.authority)

        def answer() -> bytes:
            desk = self._desk(parts, request, receives=True)
            wanted = wire.decode(wire.PersonDataRequest, parts.body)
            self.guesses.check(desk.id)
            self.tellings.take(desk.id)
            try:
                return person_data.tell_all(self.authority, desk.person, wanted)
            except accounts.NotKnown:
                self.guesses.take(desk.id)
                raise

        return await _run(answer)

    async def workstations(self, request: Request) -> Response:
        """List the workstations: who waits, who is there, when each desk was last heard of."""
        parts = await bodies.parts(request, self.authority)

        def answer() -> bytes:
            self._administrator(parts, request)
            self.contacts.write()  # what this process has seen since it last wrote it down belongs to it
            return wire.compress(wire.encode_lines(workplaces.workstations(self.authority, self.office.ca_sha256)))

        return await _run(answer)

    async def order_workstation(self, request: Request) -> Response:
        """Let a workstation in, refuse, rename or revoke it."""
        parts = await bodies.parts(request, self.authority)

        def answer() -> bytes:
            desk = self._administrator(parts, request)
            order = wire.decode(wire.WorkstationOrder, parts.body)
            workplaces.obey(self.authority, self.office.ca_sha256, desk, order)
            return b"{}"

        return await _run(answer)

    def _administrator(self, parts: RequestParts, request: Request) -> Desk:
        desk = self._desk(parts, request, receives=True)
        credentials.check_administrator(self.authority, desk.person)
        return desk

    def _carrier(self, parts: RequestParts, request: Request) -> str:
        """Return the person who may have the whole school."""
        desk = self._desk(parts, request, receives=True)
        with self.authority.store.read() as tx:
            generations.check_carrier(tx, desk.person, self.authority.today())
        return desk.person

    def _desk(self, parts: RequestParts, request: Request, *, receives: bool) -> Desk:
        gate.check_protocol(request.headers)
        desk = gate.calling_desk(self.authority, parts, request.headers, receives=receives)
        self.contacts.note(desk.id, request.headers.get("user-agent", ""))
        return desk

    def _anyone(self, parts: RequestParts, request: Request) -> None:
        """Let in a workstation, or a desk that is not revoked."""
        claimed = seal.request_signer(request.headers)
        if claimed is not None and claimed[0].startswith("workstation:"):
            self._workstation(parts, request)
        else:
            self._desk(parts, request, receives=False)

    def _workstation(self, parts: RequestParts, request: Request) -> Workstation:
        gate.check_protocol(request.headers)
        return gate.calling_workstation(self.authority, parts, request.headers)


# --- reading a request -------------------------------------------------------------------------------------------


def _in_plain_text(call: Answer) -> Answer:
    """Return the call for requests without a NUL in path or query: PostgreSQL keeps none, so none is asked for."""

    async def answer(request: Request) -> Response:
        query = (text for pair in request.query_params.multi_items() for text in pair)
        if any("\x00" in text for text in (request.scope["path"], *query)):
            raise Malformed("a NUL in path or query")
        return await call(request)

    return answer


def _number(request: Request, name: str) -> int:
    return _counted(request.query_params.get(name, "0"))


def _counted(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= 15):
        raise Malformed("not a number")
    return int(text)


def _address(request: Request) -> str:
    return gate.address_of(request.client.host) if request.client else ""


async def _run(answer: Callable[[], bytes]) -> Response:
    """Run the work, which waits for the store, on a thread."""
    return Response(await run_in_threadpool(answer), media_type=MEDIA_TYPE)

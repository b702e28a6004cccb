"""An archive on a drive: compressed (zstd), then sealed in the age format, so that public tools open it in 25 years.

    age -d -i recovery.key FILE | zstd -d

Nothing is ever written in the clear on the way: lines are produced, compressed, sealed, opened and proved in a stream.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import IO, ClassVar, Protocol

import pyrage
import zstandard
from msgspec import Struct

from ejournal_core.archive import (
    ArchiveBlob,
    ArchiveHead,
    Catalogue,
    CatalogueFile,
    DamagedArchive,
    Line,
    Proof,
    decode_line,
    encode_line,
)
from ejournal_core.errors import Trouble
from ejournal_core.rebuilding import Prover

LINE_LIMIT = 4 * 1024 * 1024  # bytes of one line; a longer one is no line of ours
_READ = 256 * 1024


class NoMatchingKey(Trouble):
    """The archive is sealed to other keys than the one at hand."""

    code: ClassVar[str] = "EJ-352"


class NoKey(Trouble):
    """The text is neither an age identity nor an age recipient."""

    code: ClassVar[str] = "EJ-353"


class BackupIdentity(Struct, frozen=True):
    """An age X25519 key pair: the secret "AGE-SECRET-KEY-1…" and its public recipient "age1…"."""

    secret: str
    recipient: str

    @staticmethod
    def new() -> BackupIdentity:
        """Make a fresh pair."""
        identity = pyrage.x25519.Identity.generate()
        return BackupIdentity(str(identity), str(identity.to_public()))

    @staticmethod
    def of(secret: str) -> BackupIdentity:
        """Return the pair of a secret, as typed from paper or read from an identity file (comments are passed over).

        Raises:
            NoKey: there is no secret key in it.
        """
        lines = [line.strip() for line in secret.splitlines() if line.strip() and not line.lstrip().startswith("#")]
        try:
            identity = pyrage.x25519.Identity.from_str(lines[0].upper() if lines else "")
        except pyrage.IdentityError:
            raise NoKey("not an age identity") from None
        return BackupIdentity(str(identity), str(identity.to_public()))


class Source(Protocol):
    """What sealed bytes are read from: a file, or whatever stands around one."""

    def read(self, size: int = -1, /) -> bytes:
        """Return the next bytes, none at the end."""


class Digest(Struct, frozen=True):
    """Size in bytes and SHA-256 (hex) of a file."""

    size: int
    sha256: str


def seal_lines(lines: Iterable[Line], recipients: Sequence[str], sink: IO[bytes]) -> Digest:
    """Write an archive to `sink`, sealed to the recipients ("age1…").

    Raises:
        NoKey: a recipient is none.
    """
    return _sealed(_Compressed(encode_line(line) for line in lines), recipients, sink)


def seal_bytes(content: bytes, recipients: Sequence[str], sink: IO[bytes]) -> Digest:
    """Write a small content (the server's keys) sealed to the recipients, compressed like everything else.

    Raises:
        NoKey: a recipient is none.
    """
    return _sealed(_Compressed([content]), recipients, sink)


def seal_pieces(pieces: Iterable[bytes], recipients: Sequence[str], sink: IO[bytes]) -> Digest:
    """Write a content of any length, piece by piece, sealed to the recipients and compressed like everything else.

    Raises:
        NoKey: a recipient is none.
    """
    return _sealed(_Compressed(pieces), recipients, sink)


def _sealed(source: _Compressed, recipients: Sequence[str], sink: IO[bytes]) -> Digest:
    try:
        keys = [pyrage.x25519.Recipient.from_str(recipient) for recipient in recipients]
    except pyrage.RecipientError:
        raise NoKey("not an age recipient") from None
    measured = _Measured(sink)
    try:
        pyrage.encrypt_io(source, measured, keys)
    finally:  # pyrage says nothing of a write that fails at the end, and renames what fails before
        if failure := measured.failure or source.failure:
            raise failure
    return measured.digest()


def open_lines(source: Source, secret: str, take: Callable[[Line], None]) -> None:
    """Read a sealed archive and hand each line to `take`, in order.

    Raises:
        NoMatchingKey: it is sealed to other keys.
        DamagedArchive: it is cut or altered, or `take` says so.
    """
    lines = _Lines(take)
    _opened(source, secret, lines)
    lines.finish()


def open_bytes(source: Source, secret: str) -> bytes:
    """Read a small sealed content.

    Raises:
        NoMatchingKey, DamagedArchive: as `open_lines`.
    """
    content = io.BytesIO()
    _opened(source, secret, _Unpacked(content.write))
    return content.getvalue()


def open_pieces(source: Source, secret: str, take: Callable[[bytes], object]) -> None:
    """Read a sealed content of any length and hand it to `take`, piece by piece.

    Raises:
        NoMatchingKey, DamagedArchive: as `open_lines`.
    """
    _opened(source, secret, _Unpacked(take))


def check_blob(source: Source, secret: str, blob: ArchiveBlob, take: Callable[[bytes], object] = len) -> None:
    """Open a sealed file of the school and compare it with its hash; `take` is handed its bytes on the way.

    Raises:
        NoMatchingKey: it is sealed to other keys.
        DamagedArchive: it is cut, altered or another one; `details["file"]` names it.
    """
    digest, size = hashlib.sha256(), 0

    def taken(piece: bytes) -> None:
        nonlocal size
        digest.update(piece)
        size += len(piece)
        if size > blob.size:
            raise DamagedArchive(f"{blob.file} is longer than the file it holds", file=blob.file)
        take(piece)

    try:
        open_pieces(source, secret, taken)
    except DamagedArchive as damage:
        raise DamagedArchive(damage.message, file=blob.file, sha256=blob.sha256) from None
    if (digest.hexdigest(), size) != (blob.sha256, blob.size):
        raise DamagedArchive(f"{blob.file} is not what its hash says", file=blob.file, sha256=blob.sha256)


def prove_file(
    source: Source,
    secret: str,
    seen: Callable[[ArchiveHead], None] | None = None,
    blobs: Callable[[ArchiveBlob], None] | None = None,
) -> Proof:
    """Open a sealed archive and prove it; `seen` is told its head first, `blobs` each file that lies beside it.

    Raises:
        NoMatchingKey, DamagedArchive: as `open_lines` and `rebuilding.prove`.
    """
    prover = Prover()

    def take(line: Line) -> None:
        if seen is not None and isinstance(line, ArchiveHead):
            seen(line)
        prover.take(line)
        if blobs is not None and isinstance(line, ArchiveBlob):
            blobs(line)

    open_lines(source, secret, take)
    return prover.finish()


def digest_of(content: bytes) -> Digest:
    """Return size and SHA-256 of some bytes."""
    return Digest(len(content), hashlib.sha256(content).hexdigest())


def measure(source: IO[bytes]) -> Digest:
    """Return size and SHA-256 of what `source` still holds."""
    measured = _Measured(None)
    while chunk := source.read(_READ):
        measured.write(chunk)
    return measured.digest()


def check_file(source: IO[bytes], file: CatalogueFile) -> None:
    """Compare what `source` holds with what a catalogue says of the file.

    Raises:
        DamagedArchive: it is another content; `details["file"]` names the file.
    """
    _compare(measure(source), file)


def _compare(digest: Digest, file: CatalogueFile) -> None:
    if digest.size < file.size:
        raise DamagedArchive(f"{file.name} is cut", file=file.name, size=digest.size, expected=file.size)
    if (digest.size, digest.sha256) != (file.size, file.sha256):
        raise DamagedArchive(f"{file.name} is not what was written", file=file.name)


class Remembered:
    """Reads through and remembers which bytes were given: what was opened is then known to be what was listed."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._measured = _Measured(None)

    def read(self, size: int = -1, /) -> bytes:
        """Return the next bytes of the source."""
        data = self._source.read(size)
        self._measured.write(data)
        return data

    def check(self, catalogue: Catalogue, name: str) -> None:
        """Read what is left, and compare everything that was read with what a catalogue says of the file `name`.

        Raises:
            DamagedArchive: as `check_file`; or the catalogue names no such file.
        """
        while self.read(_READ):
            pass
        file = next((each for each in catalogue.files if each.name == name), None)
        if file is None:
            raise DamagedArchive(f"the catalogue does not name {name}", file=name)
        _compare(self._measured.digest(), file)


def _opened(source: Source, secret: str, sink: _Unpacked) -> None:
    identity = pyrage.x25519.Identity.from_str(BackupIdentity.of(secret).secret)
    watched = _Watched(source)
    try:
        pyrage.decrypt_io(watched, sink, [identity])
    except Exception as error:
        if failure := watched.failure or sink.failure:
            raise failure from None  # the drive or the taker, not the archive
        if "matching" in str(error):
            raise NoMatchingKey("the archive is sealed to other keys") from None
        if not isinstance(error, pyrage.DecryptError | OSError):
            raise
        raise DamagedArchive("the archive is cut or altered") from None
    sink.end()


class _Watched(io.RawIOBase):
    """Reads through and remembers why reading failed: pyrage reports a pulled-out drive like a damaged file."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self.failure: Exception | None = None

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        try:
            return self._source.read(size)
        except Exception as error:
            self.failure = error
            raise


class _Measured(io.RawIOBase):
    """Passes bytes on and remembers how many and which."""

    def __init__(self, sink: IO[bytes] | None) -> None:
        self._sink = sink
        self._hash = hashlib.sha256()
        self._size = 0
        self.failure: Exception | None = None

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]  # pyrage hands bytes
        if self.failure is not None:
            raise self.failure
        if self._sink is not None:
            try:
                self._sink.write(data)
            except Exception as error:
                self.failure = error
                raise
        self._hash.update(data)
        self._size += len(data)
        return len(data)

    def digest(self) -> Digest:
        return Digest(self._size, self._hash.hexdigest())


class _Compressed(io.RawIOBase):
    """Reads as the zstd of the pieces, which are produced as they are needed."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._stream = _compressed(pieces)
        self._rest = memoryview(b"")
        self.failure: Exception | None = None

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        while not self._rest:
            piece = self._next()
            if piece is None:
                return b""
            self._rest = memoryview(piece)
        size = len(self._rest) if size < 0 else size
        given, self._rest = self._rest[:size], self._rest[size:]
        return bytes(given)

    def _next(self) -> bytes | None:
        try:
            return next(self._stream, None)
        except Exception as error:
            self.failure = error
            raise


def _compressed(pieces: Iterable[bytes]) -> Iterator[bytes]:
    compressor = zstandard.ZstdCompressor(level=3, write_checksum=True).compressobj()
    for piece in pieces:
        if data := compressor.compress(piece):
            yield data
    yield compressor.flush()


class _Unpacked(io.RawIOBase):
    """Takes zstd bytes and passes on what they hold."""

    def __init__(self, take: Callable[[bytes], object]) -> None:
        self._take = take
        self._zstd = zstandard.ZstdDecompressor(max_window_size=2**23).decompressobj()
        self.failure: Exception | None = None

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]  # pyrage hands bytes
        try:
            text = self._zstd.decompress(data)
        except zstandard.ZstdError:
            raise DamagedArchive("the archive's contents cannot be unpacked") from None
        try:
            self._take(text)
        except Exception as error:
            self.failure = error
            raise
        return len(data)

    def end(self) -> None:
        if not self._zstd.eof:
            raise DamagedArchive("the archive is cut")


class _Lines(_Unpacked):
    """Takes zstd bytes and passes on whole lines."""

    def __init__(self, take: Callable[[Line], None]) -> None:
        super().__init__(self._split)
        self._line = take
        self._rest = b""

    def _split(self, data: bytes) -> None:
        *lines, self._rest = (self._rest + data).split(b"\n")
        if len(self._rest) > LINE_LIMIT:
            raise DamagedArchive("a line of the archive has no end")
        for line in lines:
            self._line(decode_line(line))

    def finish(self) -> None:
        if self._rest:
            raise DamagedArchive("the archive's last line is cut")

"""Gzip and zstd: known by their first bytes, unpacked with bounds, packed so that equal bytes give equal files."""

from __future__ import annotations

import importlib
import io
import zlib
from typing import Any, Final, Protocol

from cleaner.errors import InputError, MissingExtra

GZIP: Final = "gzip"
ZSTD: Final = "zstd"
SUFFIXES: Final = {".gz": GZIP, ".zst": ZSTD, ".zstd": ZSTD}
MAGIC: Final = {GZIP: b"\x1f\x8b\x08", ZSTD: b"\x28\xb5\x2f\xfd"}  # gzip: two bytes and the deflate method
_GZIP_HEADER: Final = 31  # zlib's name for "with a gzip header"

# A bomb: more than this many bytes out of one, once there are enough of them to matter. News packs 3 to 10
# times, the most monotonous tables about 100 times; deflate ends at 1032 times, zstd does not end.
MAX_RATIO: Final = 500
FREE: Final = 256 << 20
_OUT: Final = 1 << 18  # unpacked at a time, where as much is wanted
# Packed bytes handed over at a time. Zstd has no bound for what comes out: 1 KiB gives 34 MB at the very most.
_IN = {GZIP: 1 << 15, ZSTD: 1 << 10}


class Decoder(Protocol):
    """One gzip member or zstd frame."""

    @property
    def eof(self) -> bool:
        """Whether its end was reached."""

    @property
    def unused_data(self) -> bytes:
        """What followed the end."""

    def decompress(self, data: bytes, /) -> bytes:
        """Return what the bytes hold."""


class Reader(Protocol):
    """Where packed bytes come from."""

    def read(self, size: int, /) -> bytes:
        """Return up to ``size`` bytes, ``b""`` at the end."""


class Codec(Protocol):
    """A way of packing: its name, its decoders, the error they raise."""

    name: str
    error: type[Exception]

    def decoder(self) -> Decoder:
        """Return a decoder for the next member or frame."""


def packing_of(name: str) -> str:
    """Return the packing that a file name asks for.

    >>> packing_of("a.jsonl.gz"), packing_of("a.jsonl")
    ('gzip', '')
    """
    return next((packing for suffix, packing in SUFFIXES.items() if name.lower().endswith(suffix)), "")


def without_packing(name: str) -> str:
    """Return a file name without the suffix of its packing.

    >>> without_packing("a.jsonl.gz")
    'a.jsonl'
    """
    suffix = next((suffix for suffix in SUFFIXES if name.lower().endswith(suffix)), "")
    return name[: len(name) - len(suffix)]


def packing_by_content(head: bytes) -> str:
    """Return the packing that a file's first bytes show, or ``""``."""
    return next((packing for packing, magic in MAGIC.items() if head.startswith(magic)), "")


def codec(packing: str) -> Codec:
    """Return the codec of a packing; raises :class:`MissingExtra` for zstd when its package is missing."""
    return _Gzip() if packing == GZIP else _Zstd()


class Unpacker:
    """The bytes of all members or frames of a packed stream, one after the other.

    Raises :class:`InputError` when the data is damaged, cut short, followed by something else, or a bomb.
    """

    def __init__(self, source: Reader, name: str, codec: Codec) -> None:
        self._source = source
        self._name = name
        self._codec = codec
        self._decoder: Decoder | None = codec.decoder()
        self._packed = self._unpacked = 0
        self._buffer = io.BytesIO()
        self._ready: list[bytes] = []  # what comes after the buffer
        self._held = 0  # bytes of it
        self._fault: InputError | None = None
        self._ended = False

    def read(self, size: int, /) -> bytes:
        """Return up to ``size`` bytes, ``b""`` at the end. What was unpacked before a fault is returned before it."""
        if piece := self._buffer.read(size):
            return piece
        while self._held < min(size, _OUT) and not self._ended:
            try:
                self._fill()
            except InputError as error:
                self._fault, self._ended = error, True
        if not self._held and self._fault is not None:
            raise self._fault
        self._buffer = io.BytesIO(b"".join(self._ready))
        self._ready, self._held = [], 0
        return self._buffer.read(size)

    def _fill(self) -> None:
        data = self._source.read(_IN[self._codec.name])
        if data:
            self._packed += len(data)
            self._unpack(data)
            return
        self._ended = True
        if self._decoder is not None:
            raise InputError(f"{self._name}: the {self._codec.name} data is cut short")

    def _unpack(self, data: bytes) -> None:
        """Unpack a piece; where a member ends in it the next one begins."""
        while data:
            if self._decoder is None:
                data = data.lstrip(b"\0")  # tapes and some tools fill up with zeros
                if not data:
                    return
                self._decoder = self._codec.decoder()
            try:
                out = self._decoder.decompress(data)
            except self._codec.error as error:
                raise InputError(f"{self._name}: damaged {self._codec.name} data ({error})") from None
            self._take(out)
            data = b""
            if self._decoder.eof:
                data = self._decoder.unused_data
                self._decoder = None

    def _take(self, out: bytes) -> None:
        self._unpacked += len(out)
        if self._unpacked > FREE and self._unpacked > MAX_RATIO * self._packed:
            raise InputError(f"{self._name}: unpacks to more than {MAX_RATIO} times its size; refused as a bomb")
        if out:
            self._ready.append(out)
            self._held += len(out)


class _Gzip:
    name: str = GZIP
    error: type[Exception] = zlib.error

    def decoder(self) -> Decoder:
        # 32 KiB of deflate hold 34 MB at the most: no need to bound the output.
        return zlib.decompressobj(_GZIP_HEADER)


class _Zstd:
    name: str = ZSTD

    def __init__(self) -> None:
        self._library = _zstandard()
        self.error: type[Exception] = self._library.ZstdError

    def decoder(self) -> Decoder:
        decoder: Decoder = self._library.ZstdDecompressor().decompressobj()
        return decoder


class Packer:
    """Packs a stream of bytes. No time and no name go in, so the same bytes give the same file.

    :meth:`cut` ends a gzip member or a zstd frame; readers join them, and some formats want one a record.
    """

    def __init__(self, packing: str) -> None:
        self._new = _gzip_encoder if packing == GZIP else _zstd_encoder()
        self._encoder: Any = None
        self._any = False

    def pack(self, data: bytes) -> bytes:
        """Take bytes; return packed ones, perhaps of what came before."""
        if self._encoder is None:
            self._encoder = self._new()
        self._any = True
        packed: bytes = self._encoder.compress(data)
        return packed

    def cut(self) -> bytes:
        """Return the end of the member under way, if there is one."""
        if self._encoder is None:
            return b""
        end: bytes = self._encoder.flush()
        self._encoder = None
        return end

    def close(self) -> bytes:
        """Return the last bytes. A stream of nothing is one empty member, not an empty file."""
        return self.cut() if self._any else self.pack(b"") + self.cut()


def _gzip_encoder() -> Any:
    return zlib.compressobj(6, zlib.DEFLATED, _GZIP_HEADER)


def _zstd_encoder() -> Any:
    library = _zstandard()
    return lambda: library.ZstdCompressor(level=3, write_checksum=True).compressobj()


def _zstandard() -> Any:
    try:
        return importlib.import_module("zstandard")
    except ImportError:
        raise MissingExtra("zstd needs the package zstandard: pip install 'cleaner[zstd]'") from None

"""What the server counts about itself, in the form that Prometheus reads; never who did it.

One process counts in memory. Several workers count into files of one folder, which the library is told by the variable
`PROMETHEUS_MULTIPROC_DIR` before it is imported, and whoever is asked adds them all up.
"""

from __future__ import annotations

import os
import threading
from collections import Counter as Tally
from collections.abc import Callable, Iterable, Iterator, Mapping
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import prometheus_client as prometheus
from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from ejournal_core.changes import Verdict

SHARED = "PROMETHEUS_MULTIPROC_DIR"
TEXT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

#: A figure that is true when it is asked for: its name, what it says, and its values by label ("" without one).
Figure = tuple[str, str, str, Mapping[str, float]]

_own = CollectorRegistry(auto_describe=True)
_CALLS = Counter("ejournal_calls", "Calls answered", ["method", "call", "status"], registry=_own)
_SECONDS = Histogram(
    "ejournal_call_seconds",
    "Time to the end of the answer",
    ["call"],
    registry=_own,
    buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)
_CHANGES = Counter("ejournal_changes", "Changes answered by how they ended", ["outcome"], registry=_own)


def count_call(method: str, call: str, status: int, seconds: float) -> None:
    """Count one call. `call` is the path as the protocol has it, without anybody's ids."""
    _CALLS.labels(method, call, str(status)).inc()
    _SECONDS.labels(call).observe(seconds)


def count_verdicts(verdicts: Iterable[Verdict]) -> None:
    """Count how the changes of a push ended; one that is asked about again is counted again."""
    for outcome, number in Tally(verdict.outcome for verdict in verdicts).items():
        _CHANGES.labels(outcome).inc(number)


class _Figures(Collector):
    """Reads the school's figures at the moment they are asked for."""

    def __init__(self, figures: Callable[[], Iterable[Figure]]) -> None:
        self._figures = figures

    def collect(self) -> Iterator[Metric]:
        """Yield each figure."""
        for name, says, label, values in self._figures():
            family = GaugeMetricFamily(name, says, labels=[label] if label else None)
            for key, value in values.items():
                family.add_metric([key] if label else [], value)
            yield family


def report(figures: Callable[[], Iterable[Figure]]) -> bytes:
    """Return everything that is counted, of all workers, and the school's figures."""
    everything = CollectorRegistry()
    everything.register(_Figures(figures))
    if os.environ.get(SHARED):
        MultiProcessCollector(everything)  # type: ignore[no-untyped-call]
        return prometheus.generate_latest(everything)
    return prometheus.generate_latest(_own) + prometheus.generate_latest(everything)


# --- an address of its own -------------------------------------------------------------------------------------------


class _Silent(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: who reads metrics is of no interest."""


class Exposition:
    """Gives the report over plain HTTP on an address of its own, for a monitor that is not on this machine."""

    def __init__(self, host: str, port: int, figures: Callable[[], Iterable[Figure]]) -> None:
        def answer(environ: dict[str, object], start: Callable[..., object]) -> list[bytes]:
            known = environ["PATH_INFO"] == "/metrics"
            start("200 OK" if known else "404 Not Found", [("Content-Type", TEXT_TYPE)])
            return [report(figures)] if known else [b""]

        self._server: WSGIServer = make_server(host, port, answer, handler_class=_Silent)
        self.port = self._server.server_port
        self._thread = threading.Thread(target=self._server.serve_forever, name="ejournal-metrics", daemon=True)

    def __enter__(self) -> Exposition:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

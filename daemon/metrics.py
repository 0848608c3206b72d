"""The metrics: how long this process takes for what, and how all that is known is written for Prometheus.

Only what no log, no index and no board knows is counted here; all else is read from them when somebody asks.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from time import perf_counter
from typing import Literal

import prometheus_client
from msgspec import Struct, field
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric

FORMAT = "text/plain; version=0.0.4"
"""How the text is written, as a content type without its charset."""

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300)
"""The bounds of a step: from an append to the log to a look at a film of hours on a share."""

BATCH = (1, 2, 4, 8, 16, 32, 64, 128, 256)
"""The bounds of how many wishes go together."""

STEP_SECONDS = "takes_step_seconds"
APPEND_SECONDS, APPEND_BATCH = "takes_append_seconds", "takes_append_batch"
APPENDS_FENCED = "takes_appends_fenced_total"
TIMED = (STEP_SECONDS, APPEND_SECONDS, APPEND_BATCH, APPENDS_FENCED)
"""What this process counts by itself."""

Kind = Literal["counter", "gauge"]

Step = Literal["number", "place", "look", "keep", "complete"]

prometheus_client.disable_created_metrics()  # type: ignore[no-untyped-call]  # when one began, nobody asks


class Family(Struct):
    """A metric and its samples, by the values of its labels."""

    kind: Kind
    about: str
    labels: tuple[str, ...] = ()
    samples: dict[tuple[str, ...], float] = field(default_factory=dict)


class Steps:
    """Times what is done for the drops of one film."""

    def __init__(self, seconds: prometheus_client.Histogram, project: str) -> None:
        self._seconds = seconds
        self._project = project
        self._of: dict[Step, prometheus_client.Histogram] = {}

    def time(self, step: Step) -> AbstractContextManager[object]:
        """Time what is done inside, also where it fails."""
        return self._timed(step).time()

    @contextmanager
    def time_each(self, step: Step, count: int) -> Iterator[None]:
        """The same of so many takes that are seen to together: it takes each of them as long."""
        began = perf_counter()
        try:
            yield
        finally:
            seconds = perf_counter() - began
            for _ in range(count):
                self._timed(step).observe(seconds)

    def _timed(self, step: Step) -> prometheus_client.Histogram:
        if step not in self._of:
            self._of[step] = self._seconds.labels(self._project, step)
        return self._of[step]


class Appends:
    """Times what is appended to the log of one film in a studio's database."""

    def __init__(self, registry: prometheus_client.CollectorRegistry) -> None:
        about = "Seconds that an append to a studio's database took, from the question to the answer."
        self._seconds = prometheus_client.Histogram(
            APPEND_SECONDS, about, ("project",), buckets=SECONDS, registry=registry
        )
        about = "Wishes that went to a studio's database together, in one append."
        self._batch = prometheus_client.Histogram(
            APPEND_BATCH, about, ("project",), buckets=BATCH, registry=registry
        )
        about = "Appends that were fenced off, since another machine has what they are about."
        self._fenced = prometheus_client.Counter(APPENDS_FENCED, about, ("project",), registry=registry)

    def note(self, project: str, batch: int, fenced: int, seconds: float) -> None:
        """So many wishes of a film went together, of which so many were fenced off."""
        self._seconds.labels(project).observe(seconds)
        self._batch.labels(project).observe(batch)
        self._fenced.labels(project).inc(fenced)


class Metrics:
    """What one daemon has timed; a registry of its own, so that two in one process do not share any."""

    def __init__(self) -> None:
        self._registry = prometheus_client.CollectorRegistry()
        about = "Seconds that a step of a take took."
        self._seconds = prometheus_client.Histogram(
            STEP_SECONDS, about, ("project", "step"), buckets=SECONDS, registry=self._registry
        )
        self.appends = Appends(self._registry)
        prometheus_client.ProcessCollector(registry=self._registry)

    def steps(self, project: str) -> Steps:
        """Times what is done for that film."""
        return Steps(self._seconds, project)

    def text(self, families: Mapping[str, Family]) -> bytes:
        """All that was timed, and those families, by their names."""
        return prometheus_client.generate_latest(_Both(self._registry, families))


class _Both:
    """What is registered, and what was found just now."""

    def __init__(self, registry: prometheus_client.CollectorRegistry, families: Mapping[str, Family]) -> None:
        self._registry = registry
        self._families = families

    def collect(self) -> Iterable[Metric]:
        yield from self._registry.collect()
        yield from _metrics(self._families)


def _metrics(families: Mapping[str, Family]) -> Iterator[Metric]:
    kinds = {"counter": CounterMetricFamily, "gauge": GaugeMetricFamily}
    for name, family in families.items():
        metric = kinds[family.kind](name, family.about, labels=family.labels)
        for labels, value in family.samples.items():
            metric.add_metric([_written(one) for one in labels], value)
        yield metric


def _written(text: str) -> str:
    """The text as it can be encoded: the name of a folder need not be UTF-8."""
    return text.encode(errors="backslashreplace").decode()

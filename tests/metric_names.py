"""The metrics that a service shows at `/metrics`, for tests of what reads them."""

from __future__ import annotations

import re
from collections.abc import Set

HISTOGRAMS: Set[str] = {
    "sutra_http_request_duration_seconds",
    "sutra_learning_duration_seconds",
    "sutra_learning_stage_duration_seconds",
    "sutra_query_duration_seconds",
    "sutra_query_stage_duration_seconds",
    "sutra_query_confidence_ratio",
}
PLAIN: Set[str] = {
    "sutra_http_requests_total",
    "sutra_http_requests_in_progress",
    "sutra_requests_waiting",
    "sutra_requests_waiting_max",
    "sutra_requests_refused_total",
    "sutra_texts_learned_total",
    "sutra_texts_known_total",
    "sutra_texts_refused_total",
    "sutra_texts_failed_total",
    "sutra_concepts_learned_total",
    "sutra_concepts_forgotten_total",
    "sutra_questions_total",
    "sutra_memory_usage_ratio",
    "sutra_cpu_usage_ratio",
    "sutra_disk_free_bytes",
    "sutra_storage_bytes",
    "sutra_concepts",
    "sutra_sources",
    "sutra_associations",
    "sutra_checksum_valid",
    "sutra_checksum_timestamp_seconds",
    "sutra_persistence_test_confidence_ratio",
    "sutra_persistence_test_timestamp_seconds",
    "sutra_jobs",
    "sutra_log_lines_dropped_total",
    "sutra_build_info",
    "process_cpu_seconds_total",
    "process_resident_memory_bytes",
    "process_start_time_seconds",
    "process_open_fds",
    "sutra_vectors_failed",
    "sutra_vectors_pending",
    "sutra_vectors_watermark",
}
SERIES: Set[str] = PLAIN | {f"{name}_{part}" for name in HISTOGRAMS for part in ("bucket", "sum", "count")}
"""The name of every series."""

_OF_PROMETHEUS = {"up"}
_NAME = re.compile(r"(?<![\w:$\"])(?:(?:sutra|process)[\w:]+|up)(?![\w:(])")
_QUOTED = re.compile(r'"[^"]*"')


def unknown_series(expression: str, recorded: Set[str] = frozenset()) -> set[str]:
    """The series that an expression of PromQL names and no service has; `recorded` are those of rules."""
    named = set(_NAME.findall(_QUOTED.sub('""', expression)))
    return named - SERIES - _OF_PROMETHEUS - recorded

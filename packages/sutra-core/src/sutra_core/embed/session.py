"""Sessions of onnxruntime as Sutra runs them: on CPUs, each pass on the thread that asks for it.

So no thread of the library's own waits by spinning, and any number of threads may share a session.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

__all__ = ["FAILURES", "open_session"]

# The library has no types of its own, and its errors no common parent.
_onnxruntime: Any = import_module("onnxruntime")
_onnxruntime_errors: Any = import_module("onnxruntime.capi.onnxruntime_pybind11_state")
FAILURES: tuple[type[Exception], ...] = (
    _onnxruntime_errors.Fail,
    _onnxruntime_errors.InvalidArgument,
    _onnxruntime_errors.InvalidGraph,
    _onnxruntime_errors.InvalidProtobuf,
    _onnxruntime_errors.NotImplemented,
    _onnxruntime_errors.RuntimeException,
)
"""What the library raises when a model does not load or does not run."""


def open_session(model: Path | bytes, *, fused: bool = False) -> Any:
    """A session over an ONNX file or its bytes; raises one of `FAILURES` when it does not load.

    `fused` is for a graph of plain operators, which the library's extended fusions make quicker; those that
    are built here are quicker without (`graph`).
    """
    options: Any = _onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.enable_mem_pattern = False
    levels = _onnxruntime.GraphOptimizationLevel
    options.graph_optimization_level = levels.ORT_ENABLE_EXTENDED if fused else levels.ORT_ENABLE_BASIC
    options.log_severity_level = 3
    given = model if isinstance(model, bytes) else str(model)
    return _onnxruntime.InferenceSession(given, options, providers=["CPUExecutionProvider"])

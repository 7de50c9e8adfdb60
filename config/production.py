"""The configuration of a production engine.

What is set here wins over the environment and the configuration file; leave a line out to let them
decide. `config` is made when this module is imported.
"""

from sutra_core.config import ReasoningEngineConfig

config = (
    ReasoningEngineConfig.builder()
    .with_storage("./knowledge")
    .with_caching(max_size=10_000, ttl_seconds=3600)
    .with_batch_processing(batch_size=100, cleanup_interval=10)
    .with_monitoring(health_checks=True, metrics=True)
    .build()
)

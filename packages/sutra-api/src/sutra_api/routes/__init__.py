"""The routes, a router for each noun; those of a namespace have a short path for the default one, too."""

from sutra_api.routes import (
    answers,
    asking,
    backups,
    changes,
    forgetting,
    graph,
    health,
    jobs,
    learning,
    monitoring,
    namespaces,
    openai,
    receipts,
    reembedding,
    reindexing,
    sources,
    stats,
)

__all__ = ["IN_NAMESPACE", "OF_SERVICE"]

IN_NAMESPACE = (
    learning.router,
    asking.router,
    answers.router,
    sources.router,
    graph.router,
    forgetting.router,
    receipts.router,
    reembedding.router,
    reindexing.router,
    changes.router,
    backups.router,
    jobs.router,
    stats.router,
    openai.router,
)
OF_SERVICE = (namespaces.router, monitoring.router, health.router)

"""`python -m sutra_api.main`: serves one storage folder over HTTP, until it is told to stop.

SIGTERM and Ctrl-C stop it: nothing new is accepted, what was accepted is finished, everything is made
durable. SIGHUP reads the limits and the keys anew.
"""

from __future__ import annotations

import logging
import os
import signal
import socket
import sys
import warnings
from ipaddress import ip_address

import uvicorn

from sutra_api.app import create_app
from sutra_api.keys import ADMIN_FILE
from sutra_api.logs import Logs
from sutra_api.presence import Presence, local_url
from sutra_api.service import Service
from sutra_api.streams import Streams
from sutra_core import ReasoningEngineConfig
from sutra_core.errors import ConfigError, SutraError

__all__ = ["main"]

_FINISH_SECONDS = 8
_KEEP_ALIVE_SECONDS = 75
_BACKLOG = 2048
_log = logging.getLogger(__name__)


def main() -> None:
    """Serves until it is told to stop; exit code 1 where it cannot begin."""
    # A question multiplies nothing large, and numpy starts a thread for each processor when it is loaded.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    try:
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            config = ReasoningEngineConfig.from_environment()
        check_exposure(config)
        listening = _listen(config)
        logs = Logs(config)
        service = Service(config, logs=logs)
        service.open()
    except SutraError as error:
        sys.exit(f"error[{error.code}]: {error}")
    logs.start()
    for each in told:
        _log.warning("%s", each.message)
    _tell(config, listening)
    server = _Server(_settings(config, service), _presence(config, listening), service.streams)
    signal.signal(signal.SIGHUP, lambda _number, _frame: _reload(service))
    for number in (signal.SIGTERM, signal.SIGINT):
        # The server stops by them, and raises them again when it has.
        signal.signal(number, lambda _number, _frame: None)
    try:
        server.run(sockets=[listening])
    finally:
        logs.close()
    if not server.started:
        sys.exit(1)


class _Server(uvicorn.Server):
    """The server, which says where it is while it can be reached, and ends open streams when it stops."""

    def __init__(self, settings: uvicorn.Config, presence: Presence | None, streams: Streams) -> None:
        super().__init__(settings)
        self._streams = streams
        self._presence = presence

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started and self._presence:
            self._presence.write()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        if self._presence:
            self._presence.remove()
        self._streams.stop()
        await super().shutdown(sockets)


def check_exposure(config: ReasoningEngineConfig) -> None:
    """Raises `ConfigError` where others could come in without keys, or half of TLS is missing."""
    if config.api_authentication == "off" and not _is_loopback(config.api_host):
        raise ConfigError(
            f"SUTRA_API_AUTHENTICATION is off and SUTRA_API_HOST is {config.api_host}: "
            "everybody could read and write; leave authentication on, or listen on 127.0.0.1"
        )
    if (config.api_tls_certificate is None) != (config.api_tls_private_key is None):
        raise ConfigError("SUTRA_API_TLS_CERTIFICATE and SUTRA_API_TLS_PRIVATE_KEY belong together; set both")


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _listen(config: ReasoningEngineConfig) -> socket.socket:
    """The socket, bound before the store is opened: a port in use is said at once."""
    family = socket.AF_INET6 if ":" in config.api_host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((config.api_host, config.api_port))
    except OSError as error:
        listening.close()
        raise ConfigError(
            f"the service cannot listen on {config.api_host}, port {config.api_port}: "
            f"{error.strerror or error}; set SUTRA_API_HOST and SUTRA_API_PORT"
        ) from None
    listening.set_inheritable(True)
    return listening


def _settings(config: ReasoningEngineConfig, service: Service) -> uvicorn.Config:
    return uvicorn.Config(
        create_app(service),
        log_config=None,
        access_log=False,
        server_header=False,
        lifespan="on",
        backlog=_BACKLOG,
        proxy_headers=bool(config.api_trusted_proxies),
        forwarded_allow_ips=list(config.api_trusted_proxies),
        ssl_certfile=config.api_tls_certificate,
        ssl_keyfile=config.api_tls_private_key,
        timeout_graceful_shutdown=_FINISH_SECONDS,
        # Longer than proxies and clients commonly keep theirs, so that it is they who close an idle one.
        timeout_keep_alive=_KEEP_ALIVE_SECONDS,
    )


def _presence(config: ReasoningEngineConfig, listening: socket.socket) -> Presence | None:
    """None for a store in memory: there is no folder that anybody else could want to open."""
    if not config.use_rust_storage:
        return None
    host, port = listening.getsockname()[:2]
    certificate = config.api_tls_certificate
    return Presence(config.storage_path, local_url(host, port, tls=certificate is not None), certificate)


def _tell(config: ReasoningEngineConfig, listening: socket.socket) -> None:
    """Says where everything is."""
    scheme = "https" if config.api_tls_certificate else "http"
    host, port = listening.getsockname()[:2]
    name = f"[{host}]" if ":" in host else host
    print(f"storage: {config.storage_path}")
    if config.api_authentication == "on":
        print(f"administrator's key: {config.storage_path / ADMIN_FILE}")
    print(f"listening: {scheme}://{name}:{port} (documentation at /docs)", flush=True)


def _reload(service: Service) -> None:
    try:
        service.reload(ReasoningEngineConfig.from_environment())
    except SutraError as error:
        _log.error("nothing is reloaded: %s: %s", error.code, error)
    else:
        _log.info("limits and keys are reloaded")


if __name__ == "__main__":
    main()

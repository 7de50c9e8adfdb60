"""An alert posted as JSON to a URL. Follows no redirect, and asks no proxy."""

from __future__ import annotations

import httpx2

from sutra_monitor.alerts import Alert
from sutra_monitor.channels.addresses import checked_addresses
from sutra_monitor.channels.base import ChannelError, digest, read_secret, told
from sutra_monitor.settings import WebhookSettings

__all__ = ["WebhookChannel"]


class WebhookChannel:
    """Posts alerts; anything but a status of 200 to 299 is a failure."""

    def __init__(self, settings: WebhookSettings) -> None:
        self._settings = settings
        self._url = httpx2.URL(settings.url)
        self.key = f"webhook:{digest(settings.url)}"
        # The path and the query of such an address are often its secret.
        self.label = f"webhook {self._url.host}"

    def send(self, alert: Alert) -> None:
        """Hands one alert over. Raises `ChannelError`."""
        url = self._url
        headers = {"Host": url.netloc.decode("ascii"), "Content-Type": "application/json"}
        if self._settings.bearer_token_file:
            headers["Authorization"] = f"Bearer {_token(self._settings.bearer_token_file)}"
        port = url.port or (443 if url.scheme == "https" else 80)
        addresses = checked_addresses(url.host, port, allow_private=self._settings.allow_private)
        with httpx2.Client(timeout=self._settings.timeout, trust_env=False, follow_redirects=False) as client:
            self._post(client, addresses, headers, told(alert).encode())

    def _post(
        self, client: httpx2.Client, addresses: list[str], headers: dict[str, str], content: bytes
    ) -> None:
        """Sends to the first address that can be connected to, under the host's own name."""
        failure = ""
        for address in addresses:
            request = client.build_request(
                "POST",
                self._url.copy_with(host=address),
                headers=headers,
                content=content,
                extensions={"sni_hostname": self._url.host},
            )
            try:
                response = client.send(request, stream=True)
            except (httpx2.ConnectError, httpx2.ConnectTimeout) as error:
                failure = f"it cannot be reached: {type(error).__name__}"
                continue
            except (httpx2.TransportError, httpx2.InvalidURL) as error:
                raise ChannelError(f"it went away: {type(error).__name__}") from None
            response.close()  # what else it says is not wanted
            if not response.is_success:
                raise ChannelError(f"it answered {response.status_code}")
            return
        raise ChannelError(failure)


def _token(path: str) -> str:
    token = read_secret(path)
    if not token.isascii():
        raise ChannelError(f"{path} holds what no token holds")
    return token

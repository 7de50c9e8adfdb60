"""The file for Caddy, read by Caddy itself."""

from __future__ import annotations

import json
from pathlib import Path

from certificates import make_certificate
from deployed import checked, deployed, tool


def test_caddy_takes_the_file(tmp_path: Path) -> None:
    certificate, key = make_certificate(tmp_path, "sutra.example.org")
    changes = {"/etc/sutra/tls/fullchain.pem": str(certificate), "/etc/sutra/tls/privkey.pem": str(key)}
    (tmp_path / "Caddyfile").write_text(deployed("caddy/Caddyfile", changes))
    caddy = tool("caddy", "caddy")
    said = checked(caddy, "validate", "--adapter", "caddyfile", "--config", "Caddyfile", folder=tmp_path)
    told = [json.loads(line) for line in said.splitlines() if line.startswith("{")]
    assert told
    # Nobody staples anything to a certificate that was made here.
    assert not [line for line in told if line["level"] != "info" and line.get("logger") != "tls"]
    checked(caddy, "fmt", "--overwrite", "Caddyfile", folder=tmp_path)
    assert (tmp_path / "Caddyfile").read_text() == deployed("caddy/Caddyfile", changes)

"""Every call in the guide to the service works as it stands there, and every route is in the guide."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import stand_in
from serving import TEXTS, Serve, Served

GUIDE = (Path(__file__).parents[3] / "docs" / "guide" / "service.md").read_text(encoding="utf-8")


def calls() -> list[list[str]]:
    """The words of each call of curl, in their order."""
    shell = "".join(re.findall(r"```sh\n(.*?)```", GUIDE, re.DOTALL))
    return [shlex.split(line) for line in shell.splitlines() if line.startswith("curl ")]


def call(served: Served, words: list[str], variables: dict[str, str]) -> Any:
    """Does what curl would do."""
    method, body, files, form, keyed, path = "", None, [], {}, False, ""
    rest = iter(words[1:])
    for word in rest:
        if word == "-X":
            method = next(rest)
        elif word == "-H":
            keyed = next(rest) == "$KEY"
        elif word == "--json":
            body = next(rest).encode()
        elif word == "-F":
            name, _, value = next(rest).partition("=")
            if value.startswith("@"):
                files.append((name, (value[1:], b"# Notes\n\nThe Mur flows through Graz.\n")))
            else:
                form[name] = value
        elif word != "-N":
            path = word.removeprefix("$URL")
    for name, value in variables.items():
        path = path.replace(f"${name}", value)
    client = served.client if keyed else served.raw
    method = method or ("POST" if body or files else "GET")
    more: dict[str, Any] = {"files": files, "data": form} if files else {"content": body}
    headers = {} if files else {"Content-Type": "application/json"}
    return client.request(method, path, headers=headers, **more)


def test_every_call_works_as_it_stands_there(serve: Serve, tmp_path: Path) -> None:
    served = serve(backup_url=tmp_path / "kept")
    served.learn(*TEXTS)
    variables: dict[str, str] = {}
    for words in calls():
        if words[-1].endswith("/pause"):  # of a job that has not ended by now
            job = served.client.get(f"/v1/jobs/{variables['JOB']}").json()
            assert job["state"] == "done"
            status = call(served, words, variables).status_code
            assert status == 409
            continue
        if words[-1].endswith("/resume"):
            assert call(served, words, variables).status_code == 409
            continue
        answer = call(served, words, variables)
        assert answer.is_success, (words, answer.text)
        if "$URL/v1/learn/files" in words:
            variables["JOB"] = answer.json()["id"]
            while served.client.get(f"/v1/jobs/{variables['JOB']}").json()["state"] != "done":
                time.sleep(0.01)
        if "$URL/v1/reason" in words:
            variables["ANSWER"] = answer.json()["id"]
        if "$URL/v1/receipts" in words:
            variables["RECEIPT"] = str(answer.json()["items"][-1]["transaction"])


def test_every_route_is_in_the_guide(served: Served) -> None:
    shown = {
        re.sub(r"\?.*", "", word.removeprefix("$URL"))
        for words in calls()
        for word in words
        if word.startswith("$URL")
    }
    paths = served.raw.get("/openapi.json").json()["paths"]
    for path in paths:
        if path.startswith("/v1/namespaces/{namespace}/"):
            continue
        pattern = re.compile(re.sub(r"\{\w+\}", r"[^/]+", path) + "$")
        assert any(pattern.match(each) for each in shown), path


def test_the_python_example_runs(tmp_path: Path) -> None:
    (example,) = re.findall(r"```python\n(.*?)```", GUIDE, re.DOTALL)
    program = (
        "import stand_in, sutra_core.shared\n"
        "sutra_core.shared.open_embedder = stand_in.open_stand_in\n" + example
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(stand_in.PROGRAM).parent)}
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() in {"Priya Raman", "Priya Raman leads the Falcon project."}

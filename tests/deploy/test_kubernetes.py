"""The manifests, by the schemas of Kubernetes themselves, and what holds between them."""

from __future__ import annotations

from typing import Any

import kubernetes_validate
import pytest
import yaml
from deployed import DEPLOY

FOLDER = DEPLOY / "kubernetes"
MANIFESTS = sorted(path.name for path in FOLDER.glob("*.yaml") if path.name != "kustomization.yaml")
VERSIONS = ("1.28", "1.33", "1.37")


def manifest(name: str) -> dict[str, Any]:
    return yaml.safe_load((FOLDER / name).read_text(encoding="utf-8"))


def pod() -> dict[str, Any]:
    return manifest("statefulset.yaml")["spec"]["template"]["spec"]


def container(name: str) -> dict[str, Any]:
    return next(each for each in pod()["containers"] if each["name"] == name)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", MANIFESTS)
def test_kubernetes_takes_every_manifest(name: str, version: str) -> None:
    kubernetes_validate.validate(manifest(name), version, strict=True)


def test_a_manifest_that_is_wrong_is_refused() -> None:
    wrong = manifest("statefulset.yaml")
    wrong["spec"]["replica"] = 1
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(wrong, VERSIONS[-1], strict=True)


def test_all_is_applied_but_the_example() -> None:
    applied = manifest("kustomization.yaml")["resources"]
    assert sorted([*applied, "secret.example.yaml"]) == MANIFESTS
    image = manifest("kustomization.yaml")["images"][0]["name"]
    assert {each["image"] for each in pod()["containers"]} == {image}


def test_all_lies_in_one_namespace() -> None:
    name = manifest("namespace.yaml")["metadata"]["name"]
    assert manifest("kustomization.yaml")["namespace"] == name
    others = [manifest(each) for each in MANIFESTS if each != "namespace.yaml"]
    assert {each["metadata"]["namespace"] for each in others} == {name}


def test_one_process_owns_the_folder() -> None:
    assert manifest("statefulset.yaml")["spec"]["replicas"] == 1
    claims = manifest("statefulset.yaml")["spec"]["volumeClaimTemplates"]
    assert [claim["spec"]["accessModes"] for claim in claims] == [["ReadWriteOnce"]]


def test_what_is_selected_is_there() -> None:
    spec = manifest("statefulset.yaml")["spec"]
    labels = spec["template"]["metadata"]["labels"]
    assert spec["selector"]["matchLabels"].items() <= labels.items()
    assert manifest("service.yaml")["spec"]["selector"].items() <= labels.items()
    assert manifest("poddisruptionbudget.yaml")["spec"]["selector"]["matchLabels"].items() <= labels.items()
    assert manifest("networkpolicy.yaml")["spec"]["podSelector"]["matchLabels"].items() <= labels.items()
    assert spec["serviceName"] == manifest("service.yaml")["metadata"]["name"]
    ports = {port["name"] for port in container("sutra")["ports"]}
    assert manifest("service.yaml")["spec"]["ports"][0]["targetPort"] in ports


def test_what_is_mounted_is_there() -> None:
    volumes = {volume["name"]: volume for volume in pod()["volumes"]}
    claims = {
        each["metadata"]["name"] for each in manifest("statefulset.yaml")["spec"]["volumeClaimTemplates"]
    }
    for each in pod()["containers"]:
        assert {mount["name"] for mount in each["volumeMounts"]} <= volumes.keys() | claims
    secret = manifest("secret.example.yaml")
    assert volumes["thresholds"]["secret"]["secretName"] == secret["metadata"]["name"]
    assert f"/etc/sutra/{next(iter(secret['stringData']))}" in container("monitor")["command"]
    service = container("sutra")
    assert service["envFrom"] == [{"configMapRef": {"name": manifest("configmap.yaml")["metadata"]["name"]}}]


@pytest.mark.parametrize("name", ["sutra", "monitor"])
def test_a_container_may_do_little(name: str) -> None:
    assert pod()["securityContext"]["runAsNonRoot"] is True
    assert pod()["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert pod()["automountServiceAccountToken"] is False
    context = container(name)["securityContext"]
    assert context["readOnlyRootFilesystem"] is True
    assert context["allowPrivilegeEscalation"] is False
    assert context["capabilities"] == {"drop": ["ALL"]}
    assert container(name)["resources"]["limits"]["memory"]


def test_probes_ask_what_needs_no_key() -> None:
    asked = {
        kind: container("sutra")[f"{kind}Probe"]["httpGet"]["path"]
        for kind in ("startup", "liveness", "readiness")
    }
    assert asked == {"startup": "/healthz", "liveness": "/healthz", "readiness": "/readyz"}


def test_what_was_accepted_can_be_finished() -> None:
    from sutra_api.main import _FINISH_SECONDS  # pyright: ignore[reportPrivateUsage]

    assert pod()["terminationGracePeriodSeconds"] >= 2 * _FINISH_SECONDS

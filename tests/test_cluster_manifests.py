"""What stands under ``deployments/cluster``, held against its schemas; no Kubernetes is needed, and none was asked."""

from __future__ import annotations

import asyncio
import json
import re
from importlib import metadata
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from prefect.server.api import collections_data
from prefect.server.schemas.actions import WorkPoolCreate
from prefect.utilities.schema_tools.validation import is_valid_schema, validate
from prefect.workers.base import BaseJobConfiguration

from tests.raycluster_schema import RAYCLUSTER

FOLDER = Path(__file__).resolve().parents[1] / "deployments" / "cluster"
COLLECTIONS = Path(next(iter(collections_data.__path__))) / "views" / "aggregate-worker-metadata.json"


@pytest.fixture
def pool() -> dict[str, Any]:
    template: dict[str, Any] = json.loads((FOLDER / "work-pool.json").read_text(encoding="utf-8"))
    return template


@pytest.fixture
def cluster() -> dict[str, Any]:
    manifest: dict[str, Any] = yaml.safe_load((FOLDER / "raycluster.yaml").read_text(encoding="utf-8"))
    return manifest


def pods(manifest: dict[str, Any]) -> list[dict[str, Any]]:
    groups = [manifest["spec"]["headGroupSpec"], *manifest["spec"]["workerGroupSpecs"]]
    return [group["template"]["spec"] for group in groups]


class Job(BaseJobConfiguration):
    """What the Kubernetes worker makes of the template, as far as it can be had without that worker."""

    namespace: str
    job_manifest: dict[str, Any]


def job(pool: dict[str, Any], **values: Any) -> dict[str, Any]:
    """The manifest of a run whose deployment sets `values`."""
    made = asyncio.run(Job.from_template_and_values(pool, values, client=object()))  # type: ignore[arg-type]
    return made.job_manifest


def default_pool() -> dict[str, Any]:
    """The template that Prefect itself ships for Kubernetes."""
    shipped = json.loads(COLLECTIONS.read_text(encoding="utf-8"))
    template: dict[str, Any] = shipped["prefect-kubernetes"]["kubernetes"]["default_base_job_configuration"]
    return template


def test_prefect_takes_the_template_and_its_defaults_hold(pool: dict[str, Any]) -> None:
    WorkPoolCreate(name="sluicegate", type="kubernetes", base_job_template=pool)
    is_valid_schema(pool["variables"])
    defaults = {name: v["default"] for name, v in pool["variables"]["properties"].items() if "default" in v}
    validate(defaults, pool["variables"], raise_on_error=True)


def test_every_placeholder_is_declared_and_every_variable_is_used(pool: dict[str, Any]) -> None:
    used = set(re.findall(r"{{\s*(\w+)\s*}}", json.dumps(pool["job_configuration"])))
    assert used == set(pool["variables"]["properties"])


def test_a_placeholder_that_is_not_declared_is_refused(pool: dict[str, Any]) -> None:
    pool["job_configuration"]["job_manifest"]["spec"]["activeDeadlineSeconds"] = "{{ deadline }}"
    with pytest.raises(ValueError, match="deadline"):
        WorkPoolCreate(name="sluicegate", type="kubernetes", base_job_template=pool)


def test_the_template_has_all_that_the_worker_reads_of_its_own(pool: dict[str, Any]) -> None:
    own = default_pool()
    assert set(pool["job_configuration"]) == set(own["job_configuration"])
    theirs, ours = own["job_configuration"]["job_manifest"], pool["job_configuration"]["job_manifest"]
    assert ours["metadata"] == theirs["metadata"]
    spec, other = ours["spec"]["template"]["spec"], theirs["spec"]["template"]["spec"]
    assert {name: spec[name] for name in other if name != "containers"} == {
        name: other[name] for name in other if name != "containers"
    }
    (container,), (others,) = spec["containers"], other["containers"]
    assert set(others) <= set(container)
    for name in ("name", "image", "imagePullPolicy", "args"):
        assert container[name] == others[name]


def test_a_run_s_job_is_made_of_the_values_that_its_deployment_sets(pool: dict[str, Any]) -> None:
    pod = job(pool, image="here/own:1", ray_head="other-head-svc:6379", cpu="4")["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    env = {entry["name"]: entry.get("value") for entry in container["env"]}

    assert "{{" not in json.dumps(pod)
    assert (container["image"], env["RAY_HEAD"]) == ("here/own:1", "other-head-svc:6379")
    assert container["resources"] == {part: {"cpu": "4", "memory": "8Gi"} for part in ("requests", "limits")}
    assert pod["volumes"][0] == {"name": "home", "persistentVolumeClaim": {"claimName": "sluicegate-home"}}


def test_the_cluster_is_what_the_schema_says(cluster: dict[str, Any]) -> None:
    jsonschema.Draft202012Validator.check_schema(RAYCLUSTER)
    jsonschema.validate(cluster, RAYCLUSTER)


@pytest.mark.parametrize("missing", ["groupName", "minReplicas", "maxReplicas", "template"])
def test_a_worker_group_without_what_is_required_is_refused(cluster: dict[str, Any], missing: str) -> None:
    del cluster["spec"]["workerGroupSpecs"][0][missing]
    with pytest.raises(jsonschema.ValidationError, match=missing):
        jsonschema.validate(cluster, RAYCLUSTER)


def test_no_pod_is_root_or_may_become_it_and_each_has_limits(cluster: dict[str, Any], pool: dict[str, Any]) -> None:
    for pod in (*pods(cluster), job(pool)["spec"]["template"]["spec"]):
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["securityContext"]["runAsUser"] > 0
        assert pod["automountServiceAccountToken"] is False
        for container in pod["containers"]:
            assert container["securityContext"]["allowPrivilegeEscalation"] is False
            assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
            assert set(container["resources"]["limits"]) >= {"cpu", "memory"}


def test_all_pods_see_one_folder_under_one_path(cluster: dict[str, Any], pool: dict[str, Any]) -> None:
    claim = yaml.safe_load((FOLDER / "home-claim.yaml").read_text(encoding="utf-8"))
    assert claim["spec"]["accessModes"] == ["ReadWriteMany"]
    for pod in (*pods(cluster), job(pool)["spec"]["template"]["spec"]):
        claims = {
            v["name"]: v["persistentVolumeClaim"]["claimName"]
            for v in pod["volumes"]
            if len(v) == 2 and "persistentVolumeClaim" in v
        }
        (container,) = pod["containers"]
        mounts = {mount["name"]: mount["mountPath"] for mount in container["volumeMounts"]}
        env = {entry["name"]: entry.get("value") for entry in container["env"]}
        assert claims == {"home": claim["metadata"]["name"]}
        assert mounts["home"] == "/sluicegate"
        assert env["SLUICEGATE_HOME"].startswith("/sluicegate/")
        assert set(mounts) == {volume["name"] for volume in pod["volumes"]}


def test_head_and_workers_are_for_the_ray_that_the_extra_installs(cluster: dict[str, Any]) -> None:
    wanted = [r for r in metadata.requires("sluicegate") or [] if r.startswith("ray==")]
    assert [r.partition(";")[0].strip() for r in wanted] == [f"ray=={cluster['spec']['rayVersion']}"]


def test_nothing_of_ray_is_offered_but_the_way_in_for_nodes_with_the_token(
    cluster: dict[str, Any], pool: dict[str, Any]
) -> None:
    head = cluster["spec"]["headGroupSpec"]
    assert cluster["spec"]["authOptions"] == {"mode": "token"}
    assert head["rayStartParams"]["include-dashboard"] == "false"
    assert head["serviceType"] == "ClusterIP"
    assert [port["containerPort"] for port in head["template"]["spec"]["containers"][0]["ports"]] == [6379]
    (container,) = job(pool)["spec"]["template"]["spec"]["containers"]
    env = {entry["name"]: entry for entry in container["env"]}
    assert env["RAY_HEAD"]["value"] == f"{cluster['metadata']['name']}-head-svc:6379"
    assert env["RAY_AUTH_TOKEN"]["valueFrom"]["secretKeyRef"] == {
        "name": cluster["metadata"]["name"],
        "key": "auth_token",
    }


def test_probes_ask_a_port_that_ray_was_told_to_open(cluster: dict[str, Any]) -> None:
    head, *workers = [cluster["spec"]["headGroupSpec"], *cluster["spec"]["workerGroupSpecs"]]
    for group, port in ((head, 6379), *((w, int(w["rayStartParams"]["node-manager-port"])) for w in workers)):
        (container,) = group["template"]["spec"]["containers"]
        assert {container[name]["tcpSocket"]["port"] for name in ("livenessProbe", "readinessProbe")} == {port}


def test_a_worker_has_the_processors_that_it_offers(cluster: dict[str, Any]) -> None:
    for group in cluster["spec"]["workerGroupSpecs"]:
        (container,) = group["template"]["spec"]["containers"]
        assert group["rayStartParams"]["num-cpus"] == container["resources"]["limits"]["cpu"]

"""The fields of a RayCluster that ours uses, as a JSON Schema that knows no others.

Names, types and what is required are those of KubeRay's own definition (ray.io/v1, release 1.7, Apache-2.0), in words
of our own; inside a pod they are those of Kubernetes.
"""

from __future__ import annotations

from typing import Any

TEXT: dict[str, Any] = {"type": "string"}
NUMBER: dict[str, Any] = {"type": "integer"}
SWITCH: dict[str, Any] = {"type": "boolean"}
QUANTITY: dict[str, Any] = {"type": "string", "pattern": r"^[0-9]+(\.[0-9]+)?(m|[KMGT]i?)?$"}
TEXTS: dict[str, Any] = {"type": "object", "additionalProperties": TEXT}


def record(*required: str, **fields: dict[str, Any]) -> dict[str, Any]:
    """An object with these fields and no others."""
    return {"type": "object", "properties": fields, "required": list(required), "additionalProperties": False}


def some(item: dict[str, Any], least: int = 0) -> dict[str, Any]:
    """A list."""
    return {"type": "array", "items": item, "minItems": least}


PROBE = record(
    "tcpSocket",
    tcpSocket=record("port", port=NUMBER),
    initialDelaySeconds=NUMBER,
    periodSeconds=NUMBER,
    failureThreshold=NUMBER,
)
RESOURCES = record(
    "requests",
    "limits",
    requests=record("cpu", "memory", cpu=QUANTITY, memory=QUANTITY),
    limits=record("cpu", "memory", cpu=QUANTITY, memory=QUANTITY),
)
CONTAINER = record(
    "name",
    "image",
    "resources",
    "securityContext",
    name=TEXT,
    image=TEXT,
    env=some(record("name", "value", name=TEXT, value=TEXT)),
    ports=some(record("containerPort", name=TEXT, containerPort=NUMBER)),
    resources=RESOURCES,
    securityContext=record(
        allowPrivilegeEscalation=SWITCH, privileged=SWITCH, capabilities=record(drop=some(TEXT), add=some(TEXT))
    ),
    volumeMounts=some(record("name", "mountPath", name=TEXT, mountPath=TEXT)),
    livenessProbe=PROBE,
    readinessProbe=PROBE,
)
POD = record(
    "containers",
    automountServiceAccountToken=SWITCH,
    securityContext=record(
        runAsNonRoot=SWITCH,
        runAsUser=NUMBER,
        runAsGroup=NUMBER,
        fsGroup=NUMBER,
        seccompProfile=record("type", type=TEXT),
    ),
    volumes=some(
        record(
            "name",
            name=TEXT,
            persistentVolumeClaim=record("claimName", claimName=TEXT),
            emptyDir=record(medium={"enum": ["", "Memory"]}, sizeLimit=QUANTITY),
        )
    ),
    containers=some(CONTAINER, 1),
)
TEMPLATE = record("spec", spec=POD)
RAYCLUSTER = record(
    "apiVersion",
    "kind",
    "metadata",
    "spec",
    apiVersion={"const": "ray.io/v1"},
    kind={"const": "RayCluster"},
    metadata=record("name", name=TEXT),
    spec=record(
        "headGroupSpec",
        rayVersion=TEXT,
        authOptions=record(mode={"enum": ["disabled", "token"]}),
        headGroupSpec=record(
            "template",
            serviceType={"enum": ["ClusterIP", "NodePort", "LoadBalancer"]},
            rayStartParams=TEXTS,
            template=TEMPLATE,
        ),
        workerGroupSpecs=some(
            record(
                "groupName",
                "maxReplicas",
                "minReplicas",
                "template",
                groupName=TEXT,
                replicas=NUMBER,
                minReplicas=NUMBER,
                maxReplicas=NUMBER,
                rayStartParams=TEXTS,
                template=TEMPLATE,
            )
        ),
    ),
)

"""Prefect's own API by its paths, as its UI uses it."""

from __future__ import annotations

import time
from typing import Any

import httpx

_TRIES = 20


class PrefectApi:
    """Gives what the server answers; fails for whatever it refuses.

    While SQLite is locked the server says 503, which means: ask again. Prefect's own clients do.
    """

    def __init__(self, api: str) -> None:
        self._client = httpx.Client(base_url=api, timeout=30)

    def get(self, path: str) -> Any:
        return self._ask("GET", path)

    def post(self, path: str, body: Any) -> Any:
        return self._ask("POST", path, json=body)

    def patch(self, path: str, body: Any) -> Any:
        return self._ask("PATCH", path, json=body)

    def delete(self, path: str) -> Any:
        return self._ask("DELETE", path)

    def _ask(self, method: str, path: str, **body: Any) -> Any:
        for _ in range(_TRIES):
            answer = self._client.request(method, path, **body)
            if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE:
                break
            time.sleep(1)
        answer.raise_for_status()
        return answer.json() if answer.content else None

"""The dossier's page in the UI of a real MLflow server: in a sandboxed frame, with its pictures."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from sluicegate.evidence.dossier import load_dossier
from sluicegate.evidence.first_look import first_look
from sluicegate.manifest import Manifest
from sluicegate.registry import tracking, transfer
from sluicegate.settings import Home
from tests.browser import chromium, heard, visit

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def served(home: Home, tmp_path: Path) -> Iterator[Home]:
    """A home whose MLflow is shown by a server."""
    tracking.connect(home)  # makes the database
    address = f"http://127.0.0.1:{free_port()}"
    command = [sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", address.rpartition(":")[2]]
    stores = ["--backend-store-uri", home.tracking_uri, "--artifacts-destination", home.mlflow_artifacts.as_uri()]
    with (tmp_path / "mlflow.log").open("wb") as log:
        server = subprocess.Popen(
            [*command, "--workers", "1", *stores],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env={**os.environ, "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"},
            start_new_session=True,
        )
    try:
        wait_for(f"{address}/health", server)
        yield replace(home, mlflow_ui=address)
    finally:
        os.killpg(server.pid, 15)
        server.wait()


def wait_for(address: str, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 300
    while time.monotonic() < deadline and server.poll() is None:
        try:
            if httpx.get(address, timeout=5).status_code == httpx.codes.OK:
                return
        except httpx.TransportError:
            time.sleep(0.5)
    raise AssertionError("the MLflow server did not start")


def test_the_page_opens_in_mlflow_with_its_pictures_and_the_three_worst_things_in_its_first_screen(
    whole_dossier: Path, served: Home, tmp_path: Path
) -> None:
    from selenium.webdriver.common.by import By
    from selenium.webdriver.support.ui import WebDriverWait

    digest, client = Manifest.of_folder(whole_dossier).digest, tracking.connect(served)
    run = client.create_run(tracking.experiment(client, served, "reviews-candidate"))
    transfer.log_evidence(client, run, "dossier", whole_dossier, digest)
    with chromium(tmp_path) as browser:
        before = visit(browser, transfer.dossier_page(served, run.info.run_id, digest))
        wait = WebDriverWait(browser, 120)
        frame = wait.until(lambda b: b.find_element(By.CSS_SELECTOR, "iframe[src^='blob:']"))
        height = frame.size["height"]
        browser.switch_to.frame(frame)
        wait.until(lambda b: b.find_elements(By.CSS_SELECTOR, ".first li"))
        worst = browser.find_element(By.CSS_SELECTOR, ".first")
        assert all(f"{finding.value:.3f}" in worst.text for finding in first_look(load_dossier(whole_dossier).findings))
        bottom = browser.execute_script("return arguments[0].getBoundingClientRect().bottom", worst)
        assert bottom <= height
        loaded = "document.readyState === 'complete' && [...document.images].every(image => image.complete)"
        wait.until(lambda b: b.execute_script(f"return {loaded}"))
        widths = browser.execute_script("return [...document.images].map(image => image.naturalWidth)")
        assert len(widths) == sum(name.startswith("plots/") for name in load_dossier(whole_dossier).files)
        assert min(widths) > 300
        assert browser.execute_script("return getComputedStyle(document.querySelector('.tiles')).display") == "grid"
        assert browser.execute_script("return document.documentElement.scrollWidth <= innerWidth")
        asked = before.requests + heard(browser).requests
        browser.save_screenshot(str(tmp_path / "mlflow.png"))
    assert {address for address in asked if not address.startswith(str(served.mlflow_ui))} == set()

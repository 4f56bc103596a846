"""A headless Chromium as a reader has one: what it asked for, what it complained about, what it shows."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

_QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
)
_OF_THE_PAGE = ("data:", "blob:", "about:", "chrome:")
"""What needs no network and no file."""


@contextmanager
def chromium(folder: Path, *, width: int = 1366, height: int = 768, phone: bool = False) -> Iterator[Any]:
    """A headless Chromium with a profile of its own in `folder`; the test is skipped where there is none.

    Args:
        folder: Where the profile goes.
        width: Of the window, in pixels of CSS.
        height: The same.
        phone: Whether it is a telephone's.
    """
    from selenium import webdriver

    binary, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if binary is None or driver is None:
        pytest.skip("chromium and chromedriver are not installed")
    options = webdriver.ChromeOptions()
    options.binary_location = binary
    for argument in ("--headless=new", *_QUIET, f"--user-data-dir={folder / 'chromium'}"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": phone}
    with webdriver.Chrome(options=options, service=webdriver.ChromeService(driver)) as browser:
        browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        yield browser


@dataclass(frozen=True)
class Visit:
    """What came of opening a page."""

    requests: tuple[str, ...]
    """Addresses that were asked for, the page's own first; none that a page holds in itself."""
    complaints: tuple[str, ...]
    """What the console says at the level of a warning or an error."""


def visit(browser: Any, address: str) -> Visit:
    """Opens a page and waits until it has loaded."""
    for log in ("browser", "performance"):
        browser.get_log(log)  # of before
    browser.get(address)
    return heard(browser)


def heard(browser: Any) -> Visit:
    """What was asked for and said since the last time."""
    events = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    asked = [e["params"]["request"]["url"] for e in events if e["method"] == "Network.requestWillBeSent"]
    said = [entry["message"] for entry in browser.get_log("browser") if entry["level"] in ("SEVERE", "WARNING")]
    return Visit(tuple(url for url in asked if not url.startswith(_OF_THE_PAGE)), tuple(said))

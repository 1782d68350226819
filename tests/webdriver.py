"""A headless Chromium for tests, over the W3C WebDriver protocol: what Selenium does, in the few calls that we need.

https://www.w3.org/TR/webdriver2/ - chromedriver answers JSON over HTTP on this machine.
"""

from __future__ import annotations

import base64
import json
import re
import shutil
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

KEYS = {
    "Escape": "\ue00c",
    "Enter": "\ue007",
    "ArrowDown": "\ue015",
    "ArrowUp": "\ue013",
    "End": "\ue010",
    "Home": "\ue011",
}
_ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # a proxy has no business here


def missing() -> str:
    """Why no browser can be started here; empty if one can."""
    if not (shutil.which("chromium") or shutil.which("google-chrome") or shutil.which("chromium-browser")):
        return "no Chromium here (Debian: apt-get install chromium)"
    if not shutil.which("chromedriver"):
        return "no chromedriver here (Debian: apt-get install chromium-driver)"
    return ""


needs_browser = pytest.mark.skipif(bool(missing()), reason=missing() or "a browser is here")


class Browser:
    """One browser window."""

    def __init__(self, server: str, width: int, height: int) -> None:
        binary = shutil.which("chromium") or shutil.which("google-chrome") or shutil.which("chromium-browser")
        switches = [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            f"--window-size={width},{height}",
            "--hide-scrollbars",
        ]
        options = {"binary": binary, "args": switches}
        wanted = {"goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"}}
        self._url = server
        answer = _call("POST", f"{server}/session", {"capabilities": {"alwaysMatch": wanted}})
        self._url = f"{server}/session/{answer['sessionId']}"

    def open(self, url: str) -> None:
        """Load a page and wait for it."""
        _call("POST", f"{self._url}/url", {"url": url})

    def run(self, script: str, *arguments: Any) -> Any:
        """The value of a script that ends with ``return``."""
        return _call("POST", f"{self._url}/execute/sync", {"script": script, "args": list(arguments)})

    def wait(self, script: str, *arguments: Any) -> Any:
        """Run *script* until it returns something true."""
        for _ in range(200):
            if value := self.run(script, *arguments):
                return value
            time.sleep(0.025)
        raise AssertionError(f"never true: {script}")

    def element(self, selector: str) -> str:
        """Reference of the first element that *selector* finds."""
        found = _call("POST", f"{self._url}/element", {"using": "css selector", "value": selector})
        return str(found[_ELEMENT])

    def click(self, selector: str) -> None:
        """Click as a person does: the element is scrolled to, and nothing may cover it."""
        _call("POST", f"{self._url}/element/{self.element(selector)}/click", {})

    def type(self, selector: str, text: str) -> None:
        """Type *text* into an element."""
        _call("POST", f"{self._url}/element/{self.element(selector)}/value", {"text": text})

    def press(self, *keys: str) -> None:
        """Press keys, one after the other, wherever the focus is."""
        actions = [{"type": kind, "value": KEYS.get(key, key)} for key in keys for kind in ("keyDown", "keyUp")]
        _call("POST", f"{self._url}/actions", {"actions": [{"type": "key", "id": "keyboard", "actions": actions}]})

    def text(self, selector: str) -> str:
        """What a person reads in an element."""
        return str(_call("GET", f"{self._url}/element/{self.element(selector)}/text"))

    def resize(self, width: int, height: int) -> None:
        """Give the page a viewport of this size, as a phone has it."""
        parameters = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}
        self.developer("Emulation.setDeviceMetricsOverride", parameters)

    def developer(self, command: str, parameters: dict[str, Any]) -> Any:
        """A command of the DevTools protocol."""
        return _call("POST", f"{self._url}/goog/cdp/execute", {"cmd": command, "params": parameters})

    def console(self) -> list[dict[str, Any]]:
        """Messages of the console since the last call."""
        return list(_call("POST", f"{self._url}/se/log", {"type": "browser"}))

    def requests(self) -> list[str]:
        """Addresses that were requested since the last call."""
        entries = _call("POST", f"{self._url}/se/log", {"type": "performance"})
        events = [json.loads(entry["message"])["message"] for entry in entries]
        return [one["params"]["request"]["url"] for one in events if one["method"] == "Network.requestWillBeSent"]

    def picture(self, path: Path) -> None:
        """Write a picture of the window."""
        path.write_bytes(base64.b64decode(_call("GET", f"{self._url}/screenshot")))

    def close(self) -> None:
        """End the session."""
        _call("DELETE", self._url)


def _call(method: str, url: str, data: Any = None) -> Any:
    body = None if data is None else json.dumps(data).encode()
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"}, method=method)
    try:
        with _DIRECT.open(request, timeout=120) as answer:
            return json.loads(answer.read())["value"]
    except urllib.error.HTTPError as error:
        raise AssertionError(json.loads(error.read())["value"]["message"]) from None


@contextmanager
def browser(width: int = 1280, height: int = 860) -> Iterator[Browser]:
    """A browser for the block; its driver picks a free port and is ended with it."""
    driver = subprocess.Popen(["chromedriver", "--port=0"], stdout=subprocess.PIPE, text=True)
    try:
        assert driver.stdout is not None
        port = next(match[1] for line in driver.stdout if (match := re.search(r"successfully on port (\d+)", line)))
        window = Browser(f"http://127.0.0.1:{port}", width, height)
        try:
            yield window
        finally:
            window.close()
    finally:
        driver.terminate()
        driver.wait()
        if driver.stdout is not None:
            driver.stdout.close()

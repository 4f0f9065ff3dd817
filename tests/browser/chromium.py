"""Drive a headless Chromium over the pipe of its DevTools protocol.

https://chromedevtools.github.io/devtools-protocol/ — with ``--remote-debugging-pipe`` the
browser reads commands from file descriptor 3 and writes replies and events to 4: JSON, each
message ended by a NUL.
"""

from __future__ import annotations

import base64
import json
import os
import select
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

from tests.support.requirements import skip_or_fail

_NAMES = ("chromium", "chromium-browser", "google-chrome")
_SWITCHES = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--remote-debugging-pipe",
)
# bash, since other shells redirect to descriptors of one digit only.
_LAUNCH = 'exec "$@" 3<&"$COMMANDS" 4>&"$REPLIES"'
_TIMEOUT_SECONDS = 60.0
# Names of keys in the protocol, with the code of each.
_KEYS = {"Enter": (13, "\r"), "Tab": (9, ""), " ": (32, " ")}


def find_chromium() -> str:
    """Return the path of a Chromium; skip the test where there is none."""
    for name in _NAMES:
        if path := shutil.which(name):
            return path
    return skip_or_fail("no Chromium is installed (Debian: chromium)")


class Chromium:
    """A running browser with one page.

    ``requests`` are the addresses that the page has asked for, ``refused`` those of them that
    its policy did not let through, ``errors`` what its scripts threw and what it was refused.
    """

    def __init__(self, profile: Path) -> None:
        program = find_chromium()
        command_end, self._commands = os.pipe()
        self._replies, reply_end = os.pipe()
        words = [program, *_SWITCHES, f"--user-data-dir={profile}", "about:blank"]
        self._process = subprocess.Popen(
            ["bash", "-c", _LAUNCH, "bash", *words],
            pass_fds=(command_end, reply_end),
            env={**os.environ, "COMMANDS": str(command_end), "REPLIES": str(reply_end)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(command_end)
        os.close(reply_end)
        self._buffer = b""
        self._last_id = 0
        self._session = ""
        self._events: list[dict[str, Any]] = []
        self.requests: list[str] = []
        self.refused: list[str] = []
        self.errors: list[str] = []
        target = self._find_page()
        attached = self.call("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.call(f"{domain}.enable")

    def _find_page(self) -> str:
        """Return the id of the first page; it is not there at once."""
        deadline = time.monotonic() + _TIMEOUT_SECONDS
        while time.monotonic() < deadline:
            for one in self.call("Target.getTargets")["targetInfos"]:
                if one["type"] == "page":
                    return str(one["targetId"])
            time.sleep(0.05)
        raise TimeoutError("Chromium shows no page")

    def close(self) -> None:
        try:
            os.close(self._commands)
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        os.close(self._replies)

    # --- messages ---

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        """Send a command and return its result. Raises RuntimeError for an error."""
        self._last_id += 1
        message = {"id": self._last_id, "method": method, "params": params}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._commands, json.dumps(message).encode() + b"\0")
        while True:
            reply = self._read_message()
            if reply.get("id") == self._last_id:
                if "error" in reply:
                    raise RuntimeError(f"{method}: {reply['error']}")
                return dict(reply["result"])
            self._note_event(reply)

    def _read_message(self) -> dict[str, Any]:
        while b"\0" not in self._buffer:
            ready, _, _ = select.select([self._replies], [], [], _TIMEOUT_SECONDS)
            data = os.read(self._replies, 1 << 20) if ready else b""
            if not data:
                raise TimeoutError("Chromium does not answer")
            self._buffer += data
        message, _, self._buffer = self._buffer.partition(b"\0")
        return dict(json.loads(message))

    def _note_event(self, event: dict[str, Any]) -> None:
        params = event.get("params", {})
        match event.get("method"):
            case "Network.requestWillBeSent":
                self.requests.append(params["request"]["url"])
            case "Network.loadingFailed" if params.get("blockedReason") == "csp":
                self.refused.append(self.requests[-1])
            case "Runtime.exceptionThrown":
                self.errors.append(str(params["exceptionDetails"]))
            case "Log.entryAdded":
                self.errors.append(params["entry"]["text"])
            case _:
                pass
        self._events.append(event)

    def wait_for(self, method: str) -> None:
        """Wait for an event, unless it has come since the page was opened."""
        while not any(event.get("method") == method for event in self._events):
            self._note_event(self._read_message())

    # --- the page ---

    def open(self, path: Path) -> None:
        """Open a file as a double click does, and wait until it is shown."""
        self._events.clear()
        self.requests.clear()
        self.refused.clear()
        self.errors.clear()
        self.call("Page.navigate", url=path.as_uri())
        self.wait_for("Page.loadEventFired")

    def evaluate(self, expression: str) -> Any:
        """Return the value of a JavaScript expression in the page."""
        result = self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        if "exceptionDetails" in result:
            raise RuntimeError(str(result["exceptionDetails"]))
        return result["result"].get("value")

    def press(self, key: str) -> None:
        """Press a key and let it go."""
        code, text = _KEYS[key]
        params = {"key": key, "windowsVirtualKeyCode": code, **({"text": text} if text else {})}
        self.call("Input.dispatchKeyEvent", type="keyDown", **params)
        self.call("Input.dispatchKeyEvent", type="keyUp", key=key, windowsVirtualKeyCode=code)

    def type_text(self, text: str) -> None:
        """Type into what has the focus."""
        self.call("Input.insertText", text=text)

    def resize(self, width: int, height: int = 800, *, mobile: bool = False) -> None:
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": mobile}
        self.call("Emulation.setDeviceMetricsOverride", **metrics)

    def emulate(self, media: str = "", scheme: str = "light") -> None:
        """Show the page as on a screen or in print, by day or by night."""
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.call("Emulation.setEmulatedMedia", media=media, features=features)

    def print_pdf(self) -> bytes:
        printed = self.call("Page.printToPDF", preferCSSPageSize=True, printBackground=False)
        return base64.b64decode(printed["data"])

    def take_picture(self, path: Path) -> None:
        """Save a picture of the whole page, to be looked at."""
        shot = self.call("Page.captureScreenshot", captureBeyondViewport=True)
        path.write_bytes(base64.b64decode(shot["data"]))

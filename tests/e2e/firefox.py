"""Firefox ESR, which Playwright cannot drive as Debian ships it, by its own protocol (Marionette:
`length:[type, id, command, parameters]` in JSON over a socket)."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from grants.demo.people import PASSWORD

FIREFOX = shutil.which("firefox-esr")
KEYS = {
    "Enter": "\ue007",
    "Escape": "\ue00c",
    "Control": "\ue009",
    "End": "\ue010",
    "Home": "\ue011",
    "ArrowLeft": "\ue012",
    "ArrowRight": "\ue014",
    "ArrowDown": "\ue015",
}
# Few processes: each takes as long to start as a page to be shown.
SETTINGS = {
    "dom.ipc.processCount": 1,
    "dom.ipc.processPrelaunch.enabled": False,
    "fission.autostart": False,
    "devtools.console.stdout.content": True,  # what pages say to the console, to be read there
}
# What Firefox itself complains of where it reaches no server of its makers.
OWN = "console.error: RSLoader: "
# What scripts and policies complain of, since it was last asked; what is no page's, it leaves out.
COMPLAINTS = """
const told = Services.console.getMessageArray()
  .filter((one) => one instanceof Ci.nsIScriptError && /^http/.test(one.sourceName))
  .filter((one) => /CSP/.test(one.category) || !(one.flags & Ci.nsIScriptError.warningFlag));
Services.console.reset();
return told.map((one) => `${one.category}: ${one.errorMessage} (${one.sourceName})`);
"""
# The page alone: no window is as narrow as a phone.
RESIZE = """
const [width, height] = arguments;
Object.assign(gBrowser.selectedBrowser.style,
  { flex: "none", minWidth: 0, minHeight: 0, width: `${width}px`, height: `${height}px` });
"""
COPY = """
Cc["@mozilla.org/widget/clipboardhelper;1"].getService(Ci.nsIClipboardHelper)
  .copyString(arguments[0]);
"""
# Firefox's own word for it leaves 127.0.0.1 within reach: a proxy that nobody runs does not.
NETWORK = """
const [there] = arguments, { prefs } = Services;
prefs.setBoolPref("network.proxy.allow_hijacking_localhost", true);
prefs.setCharPref("network.proxy.http", "127.0.0.1");
prefs.setIntPref("network.proxy.http_port", 9);
prefs.setIntPref("network.proxy.type", there ? 0 : 1);
Services.io.offline = !there;
"""
SIGN_IN = """
document.querySelector("[type=email]").value = given[0];
document.querySelector("[type=password]").value = given[1];
const form = new FormData(document.querySelector("main form"));
return (await fetch(location.href, { method: "POST", body: form })).ok;
"""


class Firefox:
    def __init__(self, connection: socket.socket, said: BinaryIO) -> None:
        self.said = said
        self.connection, self.answers, self.sent = connection, connection.makefile("rb"), 0
        self._read()  # it says hello
        self.call("WebDriver:NewSession", capabilities={})
        self.call("WebDriver:SetTimeouts", script=300_000, pageLoad=120_000)

    def go(self, address: str) -> None:
        self.call("WebDriver:Navigate", url=address)

    def sign_in(self, server: str, email: str) -> None:
        self.call("WebDriver:DeleteAllCookies")
        self.go(f"{server}/connexion")
        assert self.waits_for(SIGN_IN, email, PASSWORD)

    def waits_for(self, script: str, *arguments: object) -> Any:
        """What an asynchronous function of this body gives, as JSON holds it. It has `given`."""
        body = f"""const given = [...arguments], done = given.pop();
            (async () => {{ {script} }})()
              .then((value) => done({{ value }}), (error) => done({{ error: String(error) }}));"""
        found = self.call("WebDriver:ExecuteAsyncScript", script=body, args=[*arguments])["value"]
        assert "error" not in found, (found["error"], script)
        return found.get("value")

    def until(self, expression: str, *arguments: object) -> None:
        """Wait until this is true in the page, which also has `given`."""
        script = f"""
            const end = Date.now() + 20_000;
            while (!({expression})) {{
              if (Date.now() > end) return false;
              await new Promise((then) => setTimeout(then, 30));
            }}
            return true;"""
        assert self.waits_for(script, *arguments), (expression, arguments)

    def complaints(self) -> list[str]:
        """Of scripts, policies and `console.error`, since they were last asked for."""
        lines = self.said.read().decode().splitlines()
        errors = [x for x in lines if x.startswith("console.error") and not x.startswith(OWN)]
        return self.privileged(COMPLAINTS) + errors

    def privileged(self, script: str, *arguments: object) -> Any:
        """What a function of this body gives in the browser's own window, outside any page."""
        self.call("Marionette:SetContext", value="chrome")
        try:
            return self.call("WebDriver:ExecuteScript", script=script, args=[*arguments])["value"]
        finally:
            self.call("Marionette:SetContext", value="content")

    def press(self, *keys: str) -> None:
        """Keys of these names, with Control before a +; anything else is typed."""
        actions = []
        for key in keys:
            *held, last = key.split("+")
            letters = [KEYS[last]] if last in KEYS else last
            actions += [{"type": "keyDown", "value": KEYS[each]} for each in held]
            for each in letters:
                actions += [{"type": "keyDown", "value": each}, {"type": "keyUp", "value": each}]
            actions += [{"type": "keyUp", "value": KEYS[each]} for each in held]
        source = {"type": "key", "id": "keyboard", "actions": actions}
        self.call("WebDriver:PerformActions", actions=[source])

    def click(self, expression: str, *arguments: object) -> None:
        """At the middle of this element of the page."""
        where = f"""const element = {expression};
            element.scrollIntoView({{ block: "center", behavior: "instant" }});
            const {{ x, y, width, height }} = element.getBoundingClientRect();
            return [Math.round(x + width / 2), Math.round(y + height / 2)];"""
        x, y = self.waits_for(where, *arguments)
        moved = {"type": "pointerMove", "x": x, "y": y, "duration": 0}
        pressed = [{"type": t, "button": 0} for t in ("pointerDown", "pointerUp")]
        source = {"type": "pointer", "id": "mouse", "actions": [moved, *pressed]}
        self.call("WebDriver:PerformActions", actions=[source])

    def call(self, command: str, **parameters: object) -> Any:
        self.sent += 1
        message = json.dumps([0, self.sent, command, parameters]).encode()
        self.connection.sendall(b"%d:%b" % (len(message), message))
        _type, _id, error, result = self._read()
        assert error is None, (command, error)
        return result

    def _read(self) -> Any:
        length = b""
        while (byte := self.answers.read(1)) != b":":
            assert byte, "Firefox has ended"
            length += byte
        return json.loads(self.answers.read(int(length)))


@contextmanager
def firefox(profile: Path) -> Iterator[Firefox]:
    assert FIREFOX
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    chosen = {"marionette.port": port, **SETTINGS}.items()
    lines = (f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in chosen)
    (profile / "user.js").write_text("".join(lines))
    with (profile / "said").open("wb") as said:
        process = subprocess.Popen(
            [
                FIREFOX,
                "--headless",
                "--marionette",
                "--remote-allow-system-access",
                "--no-remote",
                "--profile",
                str(profile),
            ],
            stdout=said,
            stderr=subprocess.DEVNULL,
        )
    try:
        with _connected(port, process) as connection, (profile / "said").open("rb") as heard:
            started = Firefox(connection, heard)
            yield started
            started.answers.close()
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()


def _connected(port: int, process: subprocess.Popen[bytes]) -> socket.socket:
    for _ in range(1200):
        assert process.poll() is None, "Firefox has ended"
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=600)
        except OSError:
            time.sleep(0.1)
    raise AssertionError("Firefox does not answer")

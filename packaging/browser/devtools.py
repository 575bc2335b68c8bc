"""Chromium, driven over the DevTools protocol by a pair of pipes: no port, and no library."""

import atexit
import base64
import fcntl
import json
import os
import queue
import shutil
import subprocess
import tempfile
import threading
import time


class Browser:
    """One headless Chromium with a profile of its own, which goes with it.

    Without its sandbox, which root and containers do not have. It shows pages of this machine alone.
    """

    def __init__(self, *arguments):
        self.profile = tempfile.mkdtemp(prefix="outtray-browser-")
        to_child, ours_out = os.pipe()
        ours_in, from_child = os.pipe()
        # Chromium reads commands at 3 and writes answers to 4.
        def arrange():
            read, write = (fcntl.fcntl(end, fcntl.F_DUPFD, 10) for end in (to_child, from_child))
            os.dup2(read, 3)
            os.dup2(write, 4)
        self.process = subprocess.Popen(
            ["chromium", "--headless=new", "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe",
             "--no-first-run", "--disable-background-networking", "--disable-component-update",
             "--disable-dev-shm-usage", "--hide-scrollbars", f"--user-data-dir={self.profile}", *arguments, "about:blank"],
            close_fds=False, preexec_fn=arrange, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )
        # After an interruption, unittest does not clean up.
        atexit.register(self.close)
        os.close(to_child)
        os.close(from_child)
        self.out = os.fdopen(ours_out, "wb", buffering=0)
        self.into = os.fdopen(ours_in, "rb", buffering=0)
        self.number = 0
        self.answers = {}
        self.tabs = {}
        self.lock = threading.Lock()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        rest = b""
        while True:
            piece = self.into.read(1 << 16)
            if not piece:
                break
            rest += piece
            while b"\0" in rest:
                text, rest = rest.split(b"\0", 1)
                message = json.loads(text)
                if "id" in message:
                    self.answers.pop(message["id"]).put(message)
                elif message.get("sessionId") in self.tabs:
                    self.tabs[message["sessionId"]]._event(message)
        for waiting in list(self.answers.values()):
            waiting.put({"error": {"message": "the browser has ended"}})

    def call(self, method, params=None, session=None, within=30):
        place = queue.Queue()
        with self.lock:
            self.number += 1
            self.answers[self.number] = place
            message = {"id": self.number, "method": method, "params": params or {}}
            if session:
                message["sessionId"] = session
            self.out.write(json.dumps(message).encode() + b"\0")
        answer = place.get(timeout=within)
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error']['message']}")
        return answer["result"]

    def tab(self, context=None):
        params = {"url": "about:blank"}
        if context:
            params["browserContextId"] = context
        target = self.call("Target.createTarget", params)["targetId"]
        return Tab(self, target)

    def context(self):
        """Cookies and storage of their own, as of another browser."""
        return self.call("Target.createBrowserContext")["browserContextId"]

    def close(self):
        atexit.unregister(self.close)
        try:
            self.call("Browser.close", within=5)
        except Exception:
            pass
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.profile, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class Tab:
    """A tab. What its page complains of is in `messages`."""

    def __init__(self, browser, target):
        self.browser = browser
        self.target = target
        self.messages = []
        self.events = []
        self.session = browser.call("Target.attachToTarget", {"targetId": target, "flatten": True})["sessionId"]
        browser.tabs[self.session] = self
        for domain in ["Page", "Runtime", "Log", "Network", "Audits"]:
            self.call(f"{domain}.enable")

    def _event(self, message):
        method, params = message["method"], message["params"]
        self.events.append((method, params))
        if method == "Runtime.consoleAPICalled":
            self.messages.append("console: " + " ".join(str(a.get("value", a.get("description"))) for a in params["args"]))
        elif method == "Runtime.exceptionThrown":
            details = params["exceptionDetails"]
            self.messages.append("exception: " + details.get("exception", {}).get("description", details["text"]))
        elif method == "Log.entryAdded":
            entry = params["entry"]
            self.messages.append(f"log: {entry['text']} {entry.get('url', '')}")
        elif method == "Audits.issueAdded":
            issue = params["issue"]
            if issue["code"] == "ContentSecurityPolicyIssue":
                self.messages.append("CSP: " + json.dumps(issue["details"]))

    def call(self, method, params=None, within=30):
        return self.browser.call(method, params, self.session, within)

    def evaluate(self, script, within=30):
        result = self.call("Runtime.evaluate", {
            "expression": script, "awaitPromise": True, "returnByValue": True, "userGesture": True,
        }, within)
        if "exceptionDetails" in result:
            details = result["exceptionDetails"]
            raise RuntimeError(details.get("exception", {}).get("description", details["text"]))
        return result["result"].get("value")

    def open(self, url):
        self.call("Page.navigate", {"url": url})

    def wait(self, script, within=20):
        """Waits until the script is true in the page."""
        end = time.monotonic() + within
        last = None
        while time.monotonic() < end:
            try:
                last = self.evaluate(script)
                if last:
                    return last
            except RuntimeError as error:
                last = error
            time.sleep(0.05)
        raise AssertionError(f"not so within {within} s: {script} (last: {last})")

    def view(self, width, height=900, dark=False, mobile=False):
        self.call("Emulation.setDeviceMetricsOverride", {
            "width": width, "height": height, "deviceScaleFactor": 1, "mobile": mobile,
        })
        self.call("Emulation.setEmulatedMedia", {
            "features": [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}],
        })

    def key(self, name, text=None, modifiers=0):
        codes = {"Enter": 13, "Tab": 9, "Escape": 27, "ArrowDown": 40, "ArrowUp": 38, "ArrowRight": 39, "ArrowLeft": 37, " ": 32}
        params = {"key": name, "code": name, "modifiers": modifiers, "windowsVirtualKeyCode": codes.get(name, ord(name.upper()[0]))}
        text = text if text is not None else ("\r" if name == "Enter" else name if len(name) == 1 else None)
        self.call("Input.dispatchKeyEvent", {"type": "keyDown" if text else "rawKeyDown", **params, **({"text": text} if text else {})})
        self.call("Input.dispatchKeyEvent", {"type": "keyUp", **params})

    def screenshot(self, path):
        data = self.call("Page.captureScreenshot", {"format": "png"})["data"]
        with open(path, "wb") as file:
            file.write(base64.b64decode(data))

    def close(self):
        self.browser.call("Target.closeTarget", {"targetId": self.target})

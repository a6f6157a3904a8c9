"""Chromium, with scripts and without, in front of the cluster."""
import base64
import collections
import contextlib
import itertools
import os
import shutil
import subprocess

import pytest
from client import PASSWORD, unique
from harness import BUILD, temporary_folder
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

SCREENS = BUILD / "test/screens"
AXE = BUILD / "npm/node_modules/axe-core/axe.min.js"
SECONDS = 20


class Browser:
    """One Chromium with a profile of its own."""

    def __init__(self, url, scripts=True, language="en", dark=False):
        self.url, self.scripts = url, scripts
        self.username = self.email = None
        self.profile = temporary_folder()
        options = webdriver.ChromeOptions()
        options.binary_location = "/usr/bin/chromium"
        for argument in (
                "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                "--no-first-run", "--disable-background-networking", "--disable-component-update",
                "--disable-sync", "--disable-quic", "--force-prefers-reduced-motion", f"--user-data-dir={self.profile}",
                f"--lang={language}", "--window-size=1280,900", "--hide-scrollbars",
                f"--blink-settings=preferredColorScheme={0 if dark else 1}"):
            options.add_argument(argument)
        preferences = {"intl.accept_languages": language,
                       "credentials_enable_service": False,
                       "profile.password_manager_leak_detection": False}
        if not scripts:
            preferences["profile.managed_default_content_settings.javascript"] = 2
        options.add_experimental_option("prefs", preferences)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        self.driver = webdriver.Chrome(service=Service("/usr/bin/chromedriver"), options=options)

    def resize(self, width, height=900):
        """Narrower than a window can be as well."""
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
            "width": width, "height": height, "deviceScaleFactor": 1, "mobile": False})

    def cut_off(self, offline=True):
        """From the network, or no longer."""
        self.driver.execute_cdp_cmd("Network.enable", {})
        self.driver.execute_cdp_cmd("Network.emulateNetworkConditions", {
            "offline": offline, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1})

    def renew(self, width=1280, height=900):
        """As if it had just been started."""
        self.username = self.email = None
        for window in self.driver.window_handles[1:]:
            self.driver.switch_to.window(window)
            self.driver.close()
        self.driver.switch_to.window(self.driver.window_handles[0])
        self.driver.get("about:blank")
        for command, arguments in (
                ("Network.clearBrowserCookies", {}), ("Network.clearBrowserCache", {}),
                ("Storage.clearDataForOrigin", {"origin": self.url, "storageTypes": "all"}),
                ("Emulation.setEmulatedMedia", {"media": "", "features": []})):
            self.driver.execute_cdp_cmd(command, arguments)
        self.cut_off(False)
        self.resize(width, height)
        self.complaints()

    def close(self):
        self.driver.quit()
        shutil.rmtree(self.profile, ignore_errors=True)

    @property
    def path(self):
        return self.driver.current_url.removeprefix(self.url)

    def open(self, path):
        self.driver.get(self.url + path)
        return self

    def find(self, selector):
        """The first element of that CSS selector, once it is there."""
        return self.wait(lambda: next(iter(self.all(selector)), None), f"{selector} is there")

    def all(self, selector):
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def wait(self, holds, what):
        def held(_):
            with contextlib.suppress(Exception):
                return holds()
            return None

        return WebDriverWait(self.driver, SECONDS, 0.05).until(held, f"in vain until {what}; at {self.path}")

    def wait_for_text(self, text, selector="body"):
        return self.wait(lambda: text in self.find(selector).text, f"{selector} says {text!r}")

    def wait_for_path(self, start):
        return self.wait(lambda: self.path.startswith(start), f"the path begins with {start}")

    def text(self, selector="body"):
        return self.find(selector).text

    def fill(self, selector, text):
        field = self.find(selector)
        field.send_keys(Keys.CONTROL, "a")
        field.send_keys(Keys.DELETE)
        field.send_keys(text)
        return field

    def press(self, selector):
        """As a mouse does, wherever on the page it is."""
        element = self.find(selector)
        if self.scripts:
            self.driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", element)
        element.click()
        return self

    def keys(self, *keys):
        self.driver.switch_to.active_element.send_keys(*keys)
        return self

    def run(self, script, *arguments):
        return self.driver.execute_script(script, *arguments)

    def complaints(self):
        """What the console says since the last time, of errors and of what the policy refused."""
        return [entry["message"] for entry in self.driver.get_log("browser")
                if entry["level"] == "SEVERE"]

    def register(self):
        self.username, self.email = unique("user"), f"{unique('mail')}@example.org"
        self.open("/register")
        self.fill("[name=username]", self.username)
        self.fill("[name=email]", self.email)
        self.fill("[name=password]", PASSWORD).send_keys(Keys.ENTER)
        self.wait(lambda: self.find("body").get_attribute("data-user") == self.username, "one is signed in")
        return self

    def sign_in(self, path="/login"):
        self.open(path)
        self.fill("[name=email]", self.email)
        self.fill("[name=password]", PASSWORD).send_keys(Keys.ENTER)
        self.wait(lambda: self.find("body").get_attribute("data-user") == self.username, "one is signed in")
        return self

    def publish(self, title=None, body="Some *text*.", tags=""):
        title = title or unique("A title ")
        self.open("/editor")
        self.fill("[name=title]", title)
        self.fill("[name=description]", "What it is about")
        self.fill("[name=body]", body)
        self.fill("[name=tagList]", tags)
        self.press("#editor .editor-actions button:not([formaction])")
        self.wait_for_path("/articles/")
        self.wait_for_text(title, "main h1")
        return self.path

    def screenshot(self, name):
        """The whole page, in build/test/screens."""
        SCREENS.mkdir(parents=True, exist_ok=True)
        size = self.driver.execute_cdp_cmd("Page.getLayoutMetrics", {})["cssContentSize"]
        shot = self.driver.execute_cdp_cmd("Page.captureScreenshot", {
            "captureBeyondViewport": True,
            "clip": {"x": 0, "y": 0, "width": size["width"], "height": min(size["height"], 4000), "scale": 1}})
        (SCREENS / f"{name}.png").write_bytes(base64.b64decode(shot["data"]))


@pytest.fixture(scope="module")
def idle_browsers():
    """To start one takes seconds, so they are used again: options to browsers that no test has now."""
    idle = collections.defaultdict(list)
    yield idle
    for one in itertools.chain(*idle.values()):
        one.close()


@pytest.fixture
def browser(environment, idle_browsers):
    """browser(scripts=False, dark=True, language="de", width=360) is one more of them."""
    taken = []

    def start(width=1280, height=900, **options):
        idle = idle_browsers[tuple(sorted(options.items()))]
        one = idle.pop() if idle else Browser(environment["QUIRE_URL"], **options)
        taken.append((idle, one))
        one.renew(width, height)
        return one

    yield start
    for idle, one in taken:
        idle.append(one)


@pytest.fixture(scope="session")
def axe():
    """axe-core's script; the tests that need it are skipped where it cannot be had."""
    if not AXE.exists():
        folder = BUILD / "npm"
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(os.path.join(os.path.dirname(__file__), "package.json"), folder)
        if shutil.which("npm") is None:
            pytest.skip("npm is not installed: make deps has it")
        done = subprocess.run(["npm", "install", "--no-package-lock", "--no-audit", "--no-fund",
                               "--prefix", folder], capture_output=True, text=True, check=False)
        if done.returncode:
            pytest.skip(f"axe-core cannot be fetched: {done.stderr[-300:]}")
    return AXE.read_text()

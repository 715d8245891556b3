"""What the providers have in common: where they lie, how they start, and how a person signs in at them."""

import os
import pathlib
import shutil
import socket
import subprocess
import sys
import time
import urllib.parse
import urllib.request

from people import ALICE, BOB

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
# What pip and npm install, and what a run writes. Cargo cleans it up with the rest.
TARGET = ROOT / "target" / "providers"
SECRET = "s3cret:with+signs%and a space"
PLAIN_SECRET = "a-secret-that-needs-no-encoding-0123456789"


class Registration:
    """A client at a provider. `label` says what sets it apart; `less` names what the provider does not do."""

    def __init__(self, label, issuer, client_id, secret=PLAIN_SECRET, fails=(), environment=None):
        self.label, self.issuer, self.client_id, self.secret = label, issuer, client_id, secret
        self.fails, self.environment = set(fails), environment or {}


class Provider:
    name = ""
    # How a person installs it.
    from_where = ""
    # Whom it knows: one with the role `admin`, and one without.
    admin, other = ALICE, BOB
    process = None

    def __init__(self, app):
        """`app` is the origin of the app that signs in."""
        self.app = app
        self.redirect_uri = f"{app}/api/auth/callback"
        self.after_logout = f"{app}/"
        self.port = free_port()
        # Another host than the app's: cookies do not tell ports apart.
        self.url = f"http://127.0.0.1:{self.port}"
        self.folder = TARGET / self.name / "run"
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        self.log = self.folder / "provider.log"

    @classmethod
    def is_installed(cls):
        raise NotImplementedError

    @classmethod
    def install(cls):
        raise NotImplementedError

    def version(self):
        raise NotImplementedError

    def start(self):
        """Starts it; returns its registrations."""
        raise NotImplementedError

    def spawn(self, command, ready, environment=None, cwd=None, **options):
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [str(it) for it in command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=cwd or self.folder,
                env={**os.environ, **(environment or {})},
                start_new_session=True,
                **options,
            )
        deadline = time.monotonic() + 20
        while True:
            try:
                with urllib.request.urlopen(urllib.request.Request(self.url + ready), timeout=5):
                    return
            except OSError as error:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(f"{self.name} does not start ({error}), see {self.log}") from error
                time.sleep(0.1)

    def stop(self):
        if self.process and self.process.poll() is None:
            # The workers of a server with it: they are a group of their own.
            os.killpg(self.process.pid, 15)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, 9)
                self.process.wait()

    def asks_who(self, page):
        """Whether the page asks for a name or a password."""
        return any(kind == "password" for form in page.forms() for _, _, kind in form["fields"])

    def sign_in(self, browser, page, person):
        """From the first page of the provider to the first of the app."""
        for _ in range(8):
            if page.url.startswith(self.app + "/"):
                return page
            form = self.form(page)
            if form is None:
                raise AssertionError(f"no form at {page.url.split('?')[0]} ({page.status}): {page.words()}")
            typed = {}
            for name, _, kind in form["fields"]:
                if kind == "password":
                    typed[name] = person.password
                elif name in ("username", "login", "user"):
                    typed[name] = person.user
            page = browser.press(page, form, self.button(form), **typed)
        raise AssertionError(f"pages without an end at {page.url.split('?')[0]}: {page.words()}")

    def sign_out(self, browser, page):
        """What a person answers to the provider's question whether to sign out."""
        for _ in range(4):
            form = self.form(page)
            if page.url.startswith(self.app + "/") or form is None:
                return page
            page = browser.press(page, form, self.button(form))
        return page

    def form(self, page):
        forms = [form for form in page.forms() if form["buttons"]]
        return forms[0] if forms else None

    def button(self, form):
        return form["buttons"][0]


def free_port():
    with socket.socket() as it:
        it.bind(("127.0.0.1", 0))
        return it.getsockname()[1]


def quietly(command, **options):
    """Runs a command; its output is shown when it fails."""
    result = subprocess.run([str(it) for it in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **options)
    if result.returncode:
        sys.stderr.buffer.write(result.stdout)
        raise RuntimeError(f"{command[0]} failed")
    return result.stdout.decode()


def apt(*packages):
    root = [] if os.geteuid() == 0 else ["sudo"]
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    quietly([*root, "apt-get", "update"], env=environment)
    quietly([*root, "apt-get", "install", "-y", "--no-install-recommends", *packages], env=environment)


def apt_has(*packages):
    if not shutil.which("dpkg-query"):
        return False
    found = subprocess.run(["dpkg-query", "-W", "-f", "${db:Status-Status} ", *packages], capture_output=True, text=True)
    return found.stdout.split() == ["installed"] * len(packages)


def apt_version(package):
    return quietly(["dpkg-query", "-W", "-f", "${Version}", package])


def venv(name, *packages):
    folder = TARGET / name / "venv"
    quietly([sys.executable, "-m", "venv", folder])
    quietly([folder / "bin" / "pip", "install", "-q", "--disable-pip-version-check", *packages])


def query(url):
    return dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(url).query))

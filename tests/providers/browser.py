"""A browser: it keeps cookies by host, follows redirects and fills in forms. No script runs in it."""

import email.utils
import html.parser
import http.client
import re
import time
import urllib.parse


class Page:
    def __init__(self, url, status, headers, text):
        self.url, self.status, self.headers, self.text = url, status, headers, text

    def forms(self):
        parser = Forms()
        parser.feed(self.text)
        return parser.forms

    def words(self):
        """What a person reads on it, shortened."""
        text = re.sub(r"(?s)<(script|style|head).*?</\1>|<[^>]*>", " ", self.text)
        return " ".join(text.split())[:300]


class Forms(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.forms = []
        self.open = None

    def handle_starttag(self, tag, attributes):
        it = {name: value or "" for name, value in attributes}
        # A button may stand outside of its form, which it names.
        form = next((form for form in self.forms if form["id"] and form["id"] == it.get("form")), self.open)
        if tag == "form":
            self.open = {"id": it.get("id"), "action": it.get("action", ""), "method": it.get("method", "get").lower(), "fields": [], "buttons": []}
            self.forms.append(self.open)
        elif form is None or (tag not in ("input", "button", "select")):
            return
        elif tag == "button" or it.get("type") in ("submit", "image"):
            if it.get("type", "submit") != "button":
                form["buttons"].append((it.get("name", ""), it.get("value", "")))
        elif it.get("type") not in ("checkbox", "radio") or "checked" in it:
            form["fields"].append([it.get("name", ""), it.get("value", ""), it.get("type", "text")])

    def handle_endtag(self, tag):
        if tag == "form":
            self.open = None


class Browser:
    def __init__(self):
        self.cookies = {}
        self.trail = []

    def send(self, method, url, body=None, headers=None):
        at = urllib.parse.urlsplit(url)
        sent = {
            "Accept": "text/html,application/xhtml+xml,*/*;q=0.8",
            "Accept-Language": "en",
            "Sec-Fetch-Mode": "navigate",
            "Sec-Fetch-Dest": "document",
            "User-Agent": "Mozilla/5.0",
        }
        cookies = [
            f"{name}={value}"
            for (host, path, name), value in self.cookies.items()
            if host == at.hostname and ((at.path or "/") + "/").startswith(path.rstrip("/") + "/")
        ]
        if cookies:
            sent["Cookie"] = "; ".join(cookies)
        if body is not None:
            sent["Content-Type"] = "application/x-www-form-urlencoded"
            sent["Origin"] = f"{at.scheme}://{at.netloc}"
            sent["Sec-Fetch-Site"] = "same-origin"
        sent.update(headers or {})
        # `localhost` on IPv4, where all that is tried listens.
        to = "127.0.0.1" if at.hostname == "localhost" else at.hostname
        connection = http.client.HTTPConnection(to, at.port, timeout=30)
        target = (at.path or "/") + (f"?{at.query}" if at.query else "")
        sent["Host"] = at.netloc
        connection.request(method, target, body, sent)
        answer = connection.getresponse()
        text = answer.read().decode("utf-8", "replace")
        connection.close()
        for cookie in answer.headers.get_all("Set-Cookie") or []:
            self.keep(at.hostname, cookie)
        self.trail.append(f"{method} {url} -> {answer.status} {answer.headers.get('Location', '')}")
        return Page(url, answer.status, answer.headers, text)

    def keep(self, host, cookie):
        pair, *attributes = cookie.split(";")
        name, _, value = pair.strip().partition("=")
        said = {key.strip().lower(): it for key, _, it in (attribute.partition("=") for attribute in attributes)}
        key = (host, said.get("path") or "/", name)
        over = said.get("max-age", "1").strip().startswith(("0", "-"))
        if "expires" in said and "max-age" not in said:
            expires = email.utils.parsedate_to_datetime(said["expires"].replace("-", " "))
            over = expires.timestamp() < time.time()
        if over or not value:
            self.cookies.pop(key, None)
        else:
            self.cookies[key] = value

    def follow(self, page):
        for _ in range(20):
            to = page.headers.get("Location")
            if not (to and 300 <= page.status < 400):
                return page
            page = self.send("GET", urllib.parse.urljoin(page.url, to).split("#")[0])
        raise AssertionError(f"redirects without an end at {page.url}")

    def open(self, url):
        return self.follow(self.send("GET", url))

    def press(self, page, form, button=None, **typed):
        """Presses a button of a form, with what was typed into its fields."""
        fields = [(name, typed.get(name, value)) for name, value, _ in form["fields"] if name]
        fields += [button] if button and button[0] else []
        body = urllib.parse.urlencode(fields)
        url = urllib.parse.urljoin(page.url, form["action"] or page.url)
        if form["method"] == "post":
            return self.follow(self.send("POST", url, body))
        return self.open(url.split("?")[0] + "?" + body)

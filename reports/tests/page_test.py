#!/usr/bin/env python3
"""Opens a leaderboard's page in a headless Chromium and uses it: charts, filter, sorting, links, keyboard, no script.

usage: page_test.py PROGRAM
  PROGRAM writes the page of a study to its standard output; with the argument "hostile", one of hostile records

Exit code 77, which CTest reports as skipped, where there is no Chromium (ci/setup --browser installs it).
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

SKIPPED = 77
SECONDS = 60  # until something that must happen counts as not happening


class Browser:
    """A Chromium spoken to over a pipe: its DevTools protocol, JSON messages that end in a zero byte."""

    def __init__(self, program, folder):
        commands, self.commands = os.pipe()
        self.answers, answers = os.pipe()
        # The browser finds them as its descriptors 3 and 4.
        shell = 'exec "$0" "$@" 3<&%d 4>&%d' % (commands, answers)
        self.process = subprocess.Popen(
            ["bash", "-c", shell, program, "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run",
             "--disable-dev-shm-usage", "--hide-scrollbars", "--remote-debugging-pipe", f"--user-data-dir={folder}/profile"],
            pass_fds=(commands, answers), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(commands)
        os.close(answers)
        self.buffer = b""
        self.count = 0
        self.events = []
        self.session = None
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(domain + ".enable")

    def call(self, method, **parameters):
        self.count += 1
        message = {"id": self.count, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.commands, json.dumps(message).encode() + b"\0")
        while True:
            answer = self.read()
            if answer.get("id") == self.count:
                if "error" in answer:
                    sys.exit(f"page_test: {method}: {answer['error']}")
                return answer["result"]

    def read(self):
        while b"\0" not in self.buffer:
            received = os.read(self.answers, 1 << 20)
            if not received:
                sys.exit("page_test: the browser ended early")
            self.buffer += received
        message, self.buffer = self.buffer.split(b"\0", 1)
        message = json.loads(message)
        if "method" in message:
            self.events.append(message)
        return message

    def open(self, path):
        seen = len(self.events)
        self.call("Page.navigate", url=Path(path).resolve().as_uri())
        while not any(event["method"] == "Page.loadEventFired" for event in self.events[seen:]):
            self.read()

    def run(self, script):
        """The value of a JavaScript expression in the page."""
        answer = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            sys.exit(f"page_test: {script}: {answer['exceptionDetails']}")
        return answer["result"].get("value")

    def becomes_true(self, script):
        """Whether an expression is, or within a minute becomes, true."""
        return self.run(f"""new Promise((done) => {{
          const end = performance.now() + {SECONDS} * 1000;
          const look = () => ({script}) ? done(true) : performance.now() > end ? done(false) : setTimeout(look, 20);
          look(); }})""")

    def complaints(self):
        """Errors and warnings of the console, and all that the page asked a network for."""
        found = []
        for event in self.events:
            parameters = event["params"]
            if event["method"] == "Runtime.exceptionThrown":
                found.append(parameters["exceptionDetails"]["text"])
            elif event["method"] == "Runtime.consoleAPICalled" and parameters["type"] in ("error", "warning", "assert"):
                found.append(str(parameters["args"]))
            elif event["method"] == "Log.entryAdded":
                found.append(parameters["entry"]["text"])
            elif event["method"] == "Network.requestWillBeSent":
                if not parameters["request"]["url"].startswith(("file:", "about:", "data:")):
                    found.append(parameters["request"]["url"])
        return found


failures = 0


def expect(found, expected, what):
    global failures
    if found != expected:
        failures += 1
        print(f"page_test: FAILED: {what}: found {found!r}, expected {expected!r}")


# The share of a canvas that is painted: 0 for one that was never drawn.
PAINTED = """[...document.querySelectorAll('canvas')].map((canvas) => {
  const {data} = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  let painted = 0;
  for (let i = 3; i < data.length; i += 4) painted += data[i] > 0;
  return painted / (data.length / 4) > 0.005;
})"""
SHOWN = "[...document.querySelectorAll('tr[data-method]')].filter((row) => !row.hidden).map((row) => row.dataset.method)"
# Of the first chart, all points with a row behind them.
POINTS = """Chart.getChart(document.querySelector('canvas')).data.datasets.filter((dataset) => !dataset.hidden)
  .flatMap((dataset) => dataset.data).filter((point) => point.row && point.words).length"""
FIRST_ROWS = "[...document.querySelectorAll('#board-1 tr[data-method]')].filter((row) => !row.hidden)"


def type_into_search(browser, text):
    browser.run(f"""(() => {{ const field = document.getElementById('filter-text'); field.value = {json.dumps(text)};
      field.dispatchEvent(new Event('input', {{bubbles: true}})); }})()""")


def press(browser, key, code):
    for kind in ("rawKeyDown", "char", "keyUp"):
        browser.call("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=code,
                     text="\r" if key == "Enter" and kind == "char" else "")


def check_page(browser):
    drawn = browser.run(PAINTED)
    expect(len(drawn) >= 4, True, "charts on the page")
    expect(all(drawn), True, f"every chart is drawn ({drawn})")

    # Points and rows are the same set, whatever is filtered.
    rows = browser.run(SHOWN)
    points = browser.run(POINTS)
    type_into_search(browser, "snip")
    expect(set(browser.run(SHOWN)), {"snip"}, "methods left by a search for snip")
    expect(0 < browser.run(POINTS) < points, True, "points go with their rows")
    expect(browser.run("document.getElementById('filter-count').textContent").split()[0], str(len(browser.run(SHOWN))),
           "rows counted")
    type_into_search(browser, "no such method")
    expect(browser.run(SHOWN), [], "rows left by a search for nothing")
    type_into_search(browser, "")
    expect(browser.run(SHOWN), rows, "rows after the search")
    expect(browser.run(POINTS), points, "points after the search")

    button = "document.querySelector('#board-1 .legend button[data-method=\"snip\"]')"
    browser.run(button + ".click()")
    expect(browser.run(button + ".getAttribute('aria-pressed')"), "false", "a method switched off says so")
    expect("snip" in browser.run(SHOWN), False, "rows of a method that is switched off")
    browser.run(button + ".click()")
    expect(browser.run(SHOWN), rows, "rows after switching on again")

    # By the keyboard: the header of accuracy is a button, Enter sorts by numbers and not by words.
    accuracy = "[...document.querySelectorAll('#board-1 th')].find((cell) => cell.textContent === 'top-1 %')"
    browser.run(accuracy + ".querySelector('button').focus()")
    press(browser, "Enter", 13)
    expect(browser.run(accuracy + ".getAttribute('aria-sort')"), "ascending", "the sorted column says so")
    values = browser.run(FIRST_ROWS + ".map((row) => Number(row.cells[5].dataset.value))")
    expect(values, sorted(values), "accuracies after sorting")
    press(browser, "Enter", 13)
    values = browser.run(FIRST_ROWS + ".map((row) => Number(row.cells[5].dataset.value))")
    expect(values, sorted(values, reverse=True), "accuracies after sorting again")
    browser.run("document.querySelector('#board-1 th button').click()")
    expect(browser.run(FIRST_ROWS + ".map((row) => row.id)"),
           [f"row-1-{i + 1}" for i in range(len(values))], "the board's own order, by the first column")

    # A point leads to its row, and that to records and commands.
    place = browser.run("""(() => { const canvas = document.querySelector('canvas'); const chart = Chart.getChart(canvas);
      canvas.scrollIntoView({block: 'center'});
      const point = chart.getDatasetMeta(0).data[0]; const box = canvas.getBoundingClientRect();
      return {x: box.x + point.x, y: box.y + point.y, row: chart.data.datasets[0].data[0].row}; })()""")
    for kind in ("mousePressed", "mouseReleased"):
        browser.call("Input.dispatchMouseEvent", type=kind, x=place["x"], y=place["y"], button="left", clickCount=1)
    expect(browser.becomes_true(f"location.hash === '#{place['row']}'"), True, "a click on a point leads to its row")
    expect(browser.run(f"document.querySelector('#{place['row']} details').open"), True, "its details")
    expect("ticketbench run" in browser.run(f"document.querySelector('#{place['row']} code').textContent"), True,
           "the command in its details")

    # On a phone nothing but the tables is wider than the screen.
    browser.call("Emulation.setDeviceMetricsOverride", width=360, height=740, deviceScaleFactor=2, mobile=True)
    expect(browser.run("document.documentElement.scrollWidth"), 360, "width of the page on a phone")
    browser.call("Emulation.clearDeviceMetricsOverride")

    # Dark: the charts' words follow.
    light = browser.run("Chart.defaults.color")
    browser.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "dark"}])
    expect(browser.becomes_true(f"Chart.defaults.color !== '{light}'"), True, "words of the charts change with the theme")
    expect(browser.complaints(), [], "errors in the console, and requests")


def check_hostile_page(browser):
    expect(all(browser.run(PAINTED)), True, "charts of hostile records are drawn")
    expect(browser.run("document.querySelectorAll('img, b, body script').length"), 3, "scripts (three), pictures and bold words (none)")
    expect(browser.run("[...document.querySelectorAll('a')].filter((link) => link.protocol !== 'file:').length"), 0,
           "links that lead elsewhere")
    expect(browser.complaints(), [], "errors in the console, and requests, of hostile records")


def check_without_scripts(browser, page):
    browser.call("Emulation.setScriptExecutionDisabled", value=True)
    browser.open(page)
    root = browser.call("DOM.getDocument", depth=-1)["root"]
    html = browser.call("DOM.getOuterHTML", nodeId=root["nodeId"])["outerHTML"]
    expect(html.count("<canvas") > 0 and "<th scope=\"col\">density</th>" in html, True, "tables without scripts")
    for part in ('id="filter"', 'class="charts"', 'class="legend"'):
        found = [tag for tag in html.split("<") if part in tag]
        expect(bool(found) and all(" hidden" in tag for tag in found), True, f"{part} is hidden without scripts")


def main():
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not chromium:
        print("page_test: no Chromium here; ci/setup --browser installs it")
        sys.exit(SKIPPED)
    with tempfile.TemporaryDirectory(prefix="page_test.", ignore_cleanup_errors=True) as folder:
        page = Path(folder) / "board.html"
        page.write_bytes(subprocess.run(sys.argv[1:], check=True, stdout=subprocess.PIPE).stdout)
        hostile = Path(folder) / "hostile.html"
        hostile.write_bytes(subprocess.run([*sys.argv[1:], "hostile"], check=True, stdout=subprocess.PIPE).stdout)
        browser = Browser(chromium, folder)
        try:
            browser.open(page)
            check_page(browser)
            browser.open(hostile)
            check_hostile_page(browser)
            check_without_scripts(browser, page)
        finally:
            browser.process.terminate()
            browser.process.wait()
    print("page_test: " + (f"{failures} failures" if failures else "good"))
    sys.exit(1 if failures else 0)


main()

"""Opens the pages that tests/page.rs wrote in headless Chromium, through chromedriver and nothing but Python's own modules.

    page.py DIRECTORY [--screenshots DIRECTORY]
"""

import array
import base64
import contextlib
import json
import math
import operator
import pathlib
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

FLAGS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
    "--window-size=1360,900",
]
KEYS = {"up": "\ue013", "down": "\ue015", "left": "\ue012", "right": "\ue014", "end": "\ue010", "home": "\ue011"}
KEYS |= {"enter": "\ue007", "escape": "\ue00c", "shift": "\ue008", "tab": "\ue004", "space": " "}


class Browser:
    """A session of chromedriver, spoken to as the WebDriver standard says."""

    def __init__(self, profile):
        self.driver = subprocess.Popen(
            ["chromedriver", "--port=0"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        self.root = None
        for line in self.driver.stdout:
            if "started successfully on port" in line:
                self.root = f"http://127.0.0.1:{line.split('port')[-1].strip().strip('.')}"
                break
        assert self.root, "chromedriver did not start"
        options = {"args": [*FLAGS, f"--user-data-dir={profile}"]}
        always = {"goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL"}, "timeouts": {"script": 60000}}
        session = self.call("POST", "/session", {"capabilities": {"alwaysMatch": always}})
        self.root += f"/session/{session['sessionId']}"

    def call(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.root + path, data, {"Content-Type": "application/json"}, method=method)
        # The driver is on this machine: no proxy that the environment names.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=90) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{path}: {error.read().decode()[:2000]}") from None

    def close(self):
        with contextlib.suppress(Exception):
            self.call("DELETE", "")
        self.driver.terminate()
        self.driver.wait()

    def open(self, path):
        self.call("POST", "/url", {"url": path.resolve().as_uri()})

    def run(self, script, *values):
        return self.call("POST", "/execute/sync", {"script": script, "args": values})

    def wait_for(self, script, *values, seconds=20):
        """Runs a script whose `return` may be awaited in it."""
        asynchronous = f"const done = arguments[arguments.length - 1]; (async (...values) => {{ {script} }})(...[...arguments].slice(0, -1)).then(done, error => done({{ failed: String(error.stack) }}))"
        value = self.call("POST", "/execute/async", {"script": asynchronous, "args": values})
        assert not (isinstance(value, dict) and "failed" in value), value
        return value

    def until(self, script, *values, seconds=10):
        deadline = time.monotonic() + seconds
        while not (value := self.run(script, *values)):
            assert time.monotonic() < deadline, f"never: {script}"
            time.sleep(0.03)
        return value

    def press(self, *names):
        """Presses keys one after another; `shift+x` holds shift."""
        actions = []
        for name in names:
            *held, last = name.split("+") if len(name) > 1 else [name]
            held = [KEYS[key] for key in held]
            key = KEYS.get(last, last)
            actions += [{"type": "keyDown", "value": value} for value in [*held, key]]
            actions += [{"type": "keyUp", "value": value} for value in [key, *reversed(held)]]
        self.call("POST", "/actions", {"actions": [{"type": "key", "id": "keys", "actions": actions}]})

    def devtools(self, command, **parameters):
        return self.call("POST", "/goog/cdp/execute", {"cmd": command, "params": parameters})

    def show(self, width, height, scheme):
        self.devtools(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 700
        )
        self.devtools("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])

    def screenshot(self, path):
        path.write_bytes(base64.b64decode(self.call("GET", "/screenshot")))

    def complaints(self):
        return [entry for entry in self.call("POST", "/se/log", {"type": "browser"}) if entry["level"] != "DEBUG"]


def floats(base64_text):
    samples = array.array("f")
    samples.frombytes(base64.b64decode(base64_text))
    return samples


def correlation(a, b):
    def product(x, y):
        return sum(map(operator.mul, x, y))

    return product(a, b) / math.sqrt(product(a, a) * product(b, b))


VISIBLE = "return [...document.querySelectorAll('.row')].filter(row => !row.hidden).map(row => row.item.path)"

# Renders three turns of a loop as the page plays it, and compares: second with third turn, the seam with the music.
THREE_TURNS = """
const item = items[values[0]];
const { frames, lead } = item.preview;
const at = 12345;
const context = new OfflineAudioContext(2, at + 3 * frames, RATE);
const decoded = await context.decodeAudioData((await readPreview(item)).buffer);
const buffer = cut(context, decoded, item.preview);
const output = mixer(context).input;
start(context, output, buffer, { ...entry(null, at, frames), repeats: true });
const rendered = await context.startRendering();
let [turns, silence, seam, usual, start_error, peak] = [0, 0, 0, [], 0, 0];
for (let channel = 0; channel < 2; channel++) {
  const all = rendered.getChannelData(channel);
  const own = buffer.getChannelData(Math.min(channel, buffer.numberOfChannels - 1));
  for (let i = 0; i < at; i++) silence = Math.max(silence, Math.abs(all[i]));
  const [second, third] = [all.subarray(at + frames, at + 2 * frames), all.subarray(at + 2 * frames)];
  for (let i = 0; i < frames; i++) {
    turns = Math.max(turns, Math.abs(second[i] - third[i]));
    start_error = Math.max(start_error, Math.abs(second[i] - own[i]));
    peak = Math.max(peak, Math.abs(own[i]));
  }
  const rough = i => Math.abs(all[i - 1] - 2 * all[i] + all[i + 1]);
  for (let i = at + frames - 2; i < at + frames + 2; i++) seam = Math.max(seam, rough(i));
  const roughness = [];
  for (let i = at + 100; i < at + frames - 100; i++) roughness.push(rough(i));
  roughness.sort((a, b) => a - b);
  usual.push(roughness[Math.floor(0.999 * roughness.length)]);
}
const bytes = new Uint8Array(rendered.getChannelData(0).slice(at + frames, at + 2 * frames).buffer);
let text = '';
for (let i = 0; i < bytes.length; i += 32768) text += String.fromCharCode(...bytes.subarray(i, i + 32768));
return { turns, silence, start_error, peak, seam: seam / Math.max(...usual), decoded: decoded.length, frames, lead, left: btoa(text) };
"""

# A loop that runs and one that joins, rendered together and each by itself.
IN_STEP = """
const [first, second] = values.map(index => items[index]);
const clock = { origin: 1000, bar: first.preview.bar };
const asked = 1000 + 2.4 * clock.bar;
const render = async which => {
  const context = new OfflineAudioContext(1, 1000 + 7 * clock.bar, RATE);
  for (const item of which) {
    const decoded = await context.decodeAudioData((await readPreview(item)).buffer);
    const buffer = cut(context, decoded, item.preview);
    const when = item === first ? { at: clock.origin, from: 0 } : entry(clock, Math.ceil(asked), buffer.length);
    start(context, context.destination, buffer, { ...when, repeats: true });
  }
  return (await context.startRendering()).getChannelData(0);
};
const [one, other, both] = [await render([first]), await render([second]), await render([first, second])];
const onset = other.findIndex(sample => sample !== 0);
let difference = 0;
for (let i = 0; i < both.length; i++) difference = Math.max(difference, Math.abs(one[i] + other[i] - both[i]));
return { onset, line: clock.origin + 3 * clock.bar, difference, bars: [first, second].map(item => item.preview.bar) };
"""

# Text whose colour and ground are too close, and what is too wide.
CONTRAST = """
const channel = value => (value /= 255) <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
const luminance = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
const canvas = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
const rgba = colour => { canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1); const d = canvas.getImageData(0, 0, 1, 1).data; return [d[0], d[1], d[2], d[3] / 255]; };
const over = ([r, g, b, a], ground) => [r, g, b].map((value, i) => value * a + ground[i] * (1 - a));
const ground = element => { const layers = []; for (let e = element; e; e = e.parentElement) layers.unshift(rgba(getComputedStyle(e).backgroundColor)); return layers.reduce((below, layer) => over(layer, below), [255, 255, 255]); };
const bad = [];
let read = 0;
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
for (let node; node = walker.nextNode();) {
  const element = node.parentElement;
  const box = element.getBoundingClientRect();
  if (!node.data.trim() || !element.checkVisibility() || element.closest('script, style, template, noscript, dialog:not([open]), :disabled') || box.width <= 1 || box.height <= 1) continue;
  if (box.bottom < 0 || box.top > innerHeight) continue;
  const below = ground(element);
  const [a, b] = [luminance(over(rgba(getComputedStyle(element).color), below)), luminance(below)].sort((x, y) => y - x);
  const ratio = (a + 0.05) / (b + 0.05);
  read++;
  if (ratio < 4.5) bad.push(`${element.className || element.tagName} "${node.data.trim().slice(0, 20)}" ${ratio.toFixed(2)}`);
}
return { read, bad: [...new Set(bad)] };
"""


def check_page(browser):
    """What is shown: all rows, names as they are, nothing run and nothing complained about."""
    paths = browser.run(VISIBLE)
    assert len(paths) == browser.run("return items.length") == 19, len(paths)
    assert any("<img src=x onerror=alert(1)>" in path for path in paths), paths
    odd = browser.run("return items.find(item => item.path.includes('onerror')).row.innerHTML")
    assert "&lt;img src=x" in odd and "<img" not in odd, odd
    href = browser.run("return items.find(item => item.path.includes('onerror')).row.querySelector('a').getAttribute('href')")
    assert "#" not in href and "?" not in href and "<" not in href and "%3Cimg%20src%3Dx" in href, href
    assert browser.run("return document.querySelector('h1').textContent") == "Night Tram"
    assert browser.run("return document.querySelector('.label').textContent") == "Kerbside & Sons"
    # Not one request has left the page.
    assert browser.run("return performance.getEntriesByType('resource').length") == 0


def check_accessible(browser):
    """What assistive technology is told: a grid of rows, and a name for all that can be operated."""
    nodes = browser.devtools("Accessibility.getFullAXTree")["nodes"]
    told = [(node["role"]["value"], node.get("name", {}).get("value", "")) for node in nodes if not node["ignored"]]
    operable = {"button", "link", "checkbox", "switch", "searchbox", "spinbutton", "combobox", "slider"}
    unnamed = [role for role, name in told if role in operable and not name.strip()]
    assert not unnamed, unnamed
    roles = [role for role, _ in told]
    assert roles.count("row") == 1 + 19 and roles.count("grid") == 1 and roles.count("columnheader") == 9, set(roles)
    assert ("button", "Play Last stop, bass") in told and ("button", "Add Round, kick to what plays") in told
    # One row and its own buttons are reached by Tab, not 19.
    assert browser.run("return document.querySelectorAll('.row[tabindex=\"0\"]').length") == 1
    assert browser.run("return document.querySelectorAll('.row :is(a, button)[tabindex=\"0\"]').length") == 3


def check_filters(browser):
    def choose(facet, *values):
        browser.run(
            "const facet = facets.find(facet => facet.id === arguments[0]);"
            "for (const value of arguments[1]) facet.boxes.get(value).box.click()",
            facet,
            values,
        )
        return browser.run(VISIBLE)

    def clear():
        browser.run("setSearch(''); clearFilters()")
        assert len(browser.run(VISIBLE)) == 19

    browser.press("/")
    assert browser.run("return document.activeElement.id") == "search"
    browser.press(*"house bass")
    assert [path.split("/")[-1] for path in browser.run(VISIBLE)] == ["KS_NT_122_bass_last_stop_Gmin.wav"]
    assert browser.run("return document.getElementById('count').textContent") == "1 of 19 sounds"
    browser.press("escape")
    assert len(browser.run(VISIBLE)) == 19
    clear()

    assert len(choose("kind", "stem")) == 4
    assert len(choose("kind", "one_shot")) == 4 + 3
    assert len(choose("role", "bass", "kick")) == 3
    clear()
    assert len(choose("style", "techno")) == 1
    clear()

    browser.run("const low = $('bpm-low'); low.value = 120; low.dispatchEvent(new Event('input'))")
    browser.run("const high = $('bpm-high'); high.value = 125; high.dispatchEvent(new Event('input'))")
    tempos = browser.run("return state.shown.map(item => item.bpm)")
    assert tempos and all(120 <= bpm <= 125 for bpm in tempos), tempos
    assert browser.run("return $('clear').disabled") is False
    clear()

    tags = browser.run("return items.flatMap(item => item.tags)")
    tag = tags[0]
    assert len(choose("tag", tag)) == tags.count(tag)
    clear()
    browser.run("setSearch('nothing is called this')")
    assert browser.run("return !$('nothing').hidden && state.current === undefined")
    browser.press("down", "enter", "m")
    clear()

    browser.run("document.querySelector('[data-sort=bpm] button').click()")
    tempos = browser.run("return state.shown.map(item => item.bpm ?? null)")
    known = [bpm for bpm in tempos if bpm is not None]
    assert known == sorted(known) and tempos[: len(known)] == known, tempos
    shown = browser.run(VISIBLE)
    assert shown == browser.run("return state.shown.map(item => item.path)"), "rows stand in another order"
    browser.run("document.querySelector('[data-sort=bpm] button').click()")
    assert browser.run("return state.shown[0].bpm") == max(known)
    browser.run("sortBy('order', false)")


def check_playing(browser):
    """Keys alone: plays, moves, joins, mutes, replaces, stops."""
    browser.run("moveTo(0)")
    assert browser.run("return document.activeElement.item?.order") == 0
    browser.press("enter")
    browser.until("return player.voices.length === 1 && player.heard > player.voices[0].when.at")
    before = browser.run("return player.context.currentTime")
    loudest = max(browser.run("return Math.max(...player.levels())") for _ in range(20))
    time.sleep(0.3)
    assert browser.run("return player.context.currentTime") > before + 0.1, "the clock stands"
    assert loudest > 0.05, f"the meter shows {loudest}"
    assert browser.run("return document.querySelectorAll('.row.playing').length") == 1
    browser.until("return parseFloat(document.querySelector('.row.playing .wave').style.getPropertyValue('--at')) > 0")
    assert "plays" in browser.run("return $('status').textContent")

    # The stems are the same piece: they join at a bar line, in step.
    rows = browser.run("return items.filter(item => item.kind === 'stem').map(item => item.order)")
    for order in rows[:2]:
        browser.run("moveTo(arguments[0])", order)
        browser.press("shift+enter")
    browser.until("return player.voices.length === 3")
    assert browser.run("return player.voices.every(voice => (voice.when.at - player.clock.origin) % player.clock.bar === 0)")
    phases = browser.run(
        "return player.voices.map(voice => (voice.when.at - voice.when.from - player.clock.origin) % voice.length)"
    )
    assert phases == [0, 0, 0], phases
    # Two presses may lie on either side of a bar line, on a slow machine.
    apart = browser.run("return Math.abs(player.voices[1].when.at - player.voices[2].when.at) / player.clock.bar")
    assert apart < 1.01, f"{apart} bars apart"
    assert "joins at the next bar line" in browser.run("return $('status').textContent")
    assert browser.run("return $('layers').children.length") == 3
    browser.press("m")
    assert browser.run("return document.querySelector('#layers .muted .title').title === state.current.path")
    browser.until("return player.voice(state.current).parts.level.gain.value < 0.001")
    browser.until("return player.voice(state.current).when.at < player.heard")
    browser.press("enter")
    browser.until("return player.voices.length === 2")

    # Another tempo cannot join.
    other = browser.run("return items.find(item => item.style === 'techno').order")
    browser.run("moveTo(arguments[0])", other)
    browser.press("shift+enter")
    browser.until("return player.voices.length === 1 && player.voices[0].item.style === 'techno'")
    assert "replaces 122 bpm" in browser.run("return $('status').textContent")

    # A one-shot beside it starts at once and ends by itself.
    kick = browser.run("return items.find(item => item.role === 'kick').order")
    browser.run("moveTo(arguments[0])", kick)
    browser.press("shift+enter")
    browser.until("return player.voices.length === 2")
    browser.until("return player.voices.length === 1")

    # A demo can be entered anywhere, and replaces what plays.
    browser.run("document.querySelector('#demo').click()")
    browser.until("return player.voices.length === 1 && player.voices[0].item.kind === 'demo'")
    browser.run("moveTo(player.voices[0].item.order)")
    browser.press("right")
    browser.until("return player.voices.length === 1 && player.voices[0].position > 0.05")

    # What has no preview is played from its file.
    file = browser.run("return items.find(item => item.file.includes('plain')).order")
    browser.run("moveTo(arguments[0])", file)
    browser.press("space")
    browser.until("return player.voices.length === 1 && player.voices[0].sound?.currentTime > 0.05")

    browser.press("escape")
    browser.until("return player.voices.length === 0")
    assert browser.run("return $('stop').disabled && document.querySelectorAll('.playing').length === 0")
    browser.until("return player.levels().every(level => level < 1e-4)")

    browser.run("$('following').click(); moveTo(0)")
    browser.press("down")
    browser.until("return player.voices.length === 1 && player.voices[0].item.order === 1")
    browser.press("down", "down")
    browser.until("return player.voices.length === 1 && player.voices[0].item.order === 3")
    browser.press("escape")
    browser.run("$('following').click()")

    browser.press("end")
    assert browser.run("return place()") == 18
    browser.press("home", "down", "up")
    assert browser.run("return place()") == 0
    browser.press("?")
    assert browser.run("return $('help').open")
    browser.press("escape")
    assert browser.run("return !$('help').open")
    # Tab goes from the row to its own buttons.
    browser.run("moveTo(0)")
    browser.press("tab")
    assert browser.run("return document.activeElement === items[0].row.querySelector('.play')")


def check_rendering(browser, directory):
    """The page's own scheduling, rendered."""
    worst = 1.0
    for index in range(12):
        result = browser.wait_for(THREE_TURNS, index)
        assert result["turns"] == 0, result["turns"]
        assert result["silence"] == 0, "it starts early"
        # The mixer's ceiling rounds: samples pass through a table of 32-bit floats.
        assert result["start_error"] < 1e-6 + max(0, result["peak"] - 0.9), result["start_error"]
        assert result["seam"] <= 1.0, f"item {index}: the seam is {result['seam']:.2f} times as rough as the music"
        left = floats(result["left"])
        original = array.array("f")
        original.frombytes((directory / f"original_{index}.f32").read_bytes())
        assert len(left) == result["frames"] == len(original) // 2
        match = correlation(left, original[0::2])
        # One frame of delay would cost more than this at the top of the spectrum only; 100 frames cost nearly all.
        assert match > 0.97, f"item {index}: correlates {match:.4f} with its original"
        worst = min(worst, match)
    together = browser.wait_for(IN_STEP, 0, 8)
    assert together["bars"][0] == together["bars"][1]
    # The envelope's first sample is silent.
    assert 0 <= together["onset"] - together["line"] <= 2, together
    assert together["difference"] < 1e-6, together
    print(f"three turns of 12 loops: second and third alike to the last bit; correlation with the original {worst:.4f} or more")


def check_looks(browser, screenshots):
    for scheme in ["dark", "light"]:
        for width, height in [(1360, 900), (800, 900), (360, 760)]:
            browser.show(width, height, scheme)
            browser.run("player.stopAll(); scrollTo(0, 0); moveTo(0); scrollTo(0, 0)")
            browser.run("player.play(items[0])")
            browser.until("return player.voices.length === 1")
            browser.run("player.play(items[9], { layer: true }); player.play(items[10], { layer: true })")
            browser.until("return player.voices.length === 3")
            time.sleep(1.2)
            wide = browser.run("return document.documentElement.scrollWidth")
            assert wide <= width, f"{wide} pixels wide on a screen of {width}"
            for top in [0, 500]:
                browser.run("scrollTo(0, arguments[0])", top)
                time.sleep(0.2)
                contrast = browser.run(CONTRAST)
                assert contrast["read"] > 20 and not contrast["bad"], (scheme, width, contrast)
                if screenshots:
                    browser.screenshot(screenshots / f"{scheme}_{width}_{top}.png")
            if screenshots and width == 1360:
                browser.run("$('help').showModal()")
                browser.screenshot(screenshots / f"{scheme}_help.png")
                browser.run("$('help').close()")
            if screenshots and width == 360:
                browser.run("scrollTo(0, 0); $('filters-open').click()")
                browser.screenshot(screenshots / f"{scheme}_filters.png")
                browser.run("showFilters(false)")
    browser.run("player.stopAll()")
    browser.devtools("Emulation.clearDeviceMetricsOverride")


def check_many(browser, page, screenshots):
    """Five hundred sounds: ready before the previews are read, and quick to search."""
    browser.open(page)
    times = browser.until(
        "const [ready] = performance.getEntriesByName('ready');"
        "const [load] = performance.getEntriesByType('navigation');"
        "return load.loadEventEnd > 0 && { ready: ready.startTime, content: load.domContentLoadedEventEnd, load: load.loadEventEnd }"
    )
    typing = browser.run(
        "const times = [];"
        "for (const text of ['h', 'ho', 'house', 'house b', '', 'f# minor', '']) {"
        "  const before = performance.now(); setSearch(text); document.body.offsetHeight; times.push(performance.now() - before); }"
        "return Math.max(...times)"
    )
    sorting = browser.run(
        "const before = performance.now(); sortBy('bpm', true); document.body.offsetHeight; return performance.now() - before"
    )
    assert browser.run("return state.shown.length === 500 && document.querySelectorAll('.row').length === 500")
    drawn = browser.run("return document.querySelectorAll('.wave svg').length")
    assert 5 < drawn < 100, f"{drawn} waveforms are drawn"
    # A minor has the notes of C major and D dorian, and all but one of G major's; sharp keys are far.
    kindred = browser.run(
        "keyFacet.boxes.get('A minor').box.click(); $('kindred').click();"
        "const names = [...new Set(state.shown.map(item => item.key.name))].sort();"
        "$('kindred').click();"
        "const alone = [...new Set(state.shown.map(item => item.key.name))];"
        "clearFilters(); return [names, alone]"
    )
    assert kindred == [["A minor", "C major", "D dorian", "G major"], ["A minor"]], kindred
    assert browser.run("return player.sounds.size") == 0, "something is decoded before it is played"
    browser.run("moveTo(499)")
    browser.press("enter")
    browser.until("return player.voices.length === 1 && Math.max(...player.levels()) > 0.001")
    decoding = browser.wait_for(
        "const before = performance.now(); await player.sound(items[0]); return performance.now() - before"
    )
    if screenshots:
        browser.run("sortBy('order', false); moveTo(3)")
        time.sleep(0.3)
        browser.screenshot(screenshots / "many.png")
    browser.press("escape")
    # A second is promised on a quiet machine; tests run on busy ones.
    assert times["ready"] < 5000, times
    assert typing < 500, typing
    print(
        f"500 sounds: usable after {times['ready']:.0f} ms, all read after {times['content']:.0f} ms; "
        f"a search takes {typing:.0f} ms or less, sorting {sorting:.0f} ms, the first sound of a loop {decoding:.0f} ms"
    )


def main():
    directory = pathlib.Path(sys.argv[1])
    screenshots = pathlib.Path(sys.argv[3]) if "--screenshots" in sys.argv else None
    if screenshots:
        screenshots.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as profile:
        browser = Browser(profile)
        try:
            browser.open(directory / "pack/index.html")
            check_page(browser)
            check_accessible(browser)
            check_filters(browser)
            check_playing(browser)
            check_rendering(browser, directory)
            check_looks(browser, screenshots)
            complaints = browser.complaints()
            assert not complaints, complaints
            browser.open(directory / "none/index.html")
            browser.press("down", "enter", "/", *"a", "escape", "escape")
            browser.wait_for("await new Promise(requestAnimationFrame); await new Promise(requestAnimationFrame)")
            assert browser.run("return !$('nothing').hidden && $('demo').hidden && $('count').textContent") == "0 sounds"
            check_many(browser, directory / "many/index.html", screenshots)
            complaints = browser.complaints()
            assert not complaints, complaints
        finally:
            browser.close()


main()

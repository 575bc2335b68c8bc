"""The page in a real Chromium. `packaging/page-test` runs it."""

import http.server
import os
import signal
import sys
import tempfile
import threading
import time
import unittest

from devtools import Browser
from service import JPEG, PNG, Service, video

sys.path.append(os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "fleets"))
from database import Database

outtray = os.environ["OUTTRAY"]
# Pictures for a person to look at go here, if it is set.
pictures = os.environ.get("PICTURES")

LOADED = "!document.getElementById('work').hidden && document.getElementById('counts').textContent !== ''"
ROWS = "document.querySelectorAll('#list tbody tr:not(.space)').length"


def names(tab):
    return tab.evaluate("[...document.querySelectorAll('#list td.name bdi')].map(name => name.textContent)")


# Whoever ends the tests ends the services and the browser, too: they end with this process.
signal.signal(signal.SIGTERM, signal.default_int_handler)


class PageTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.browser = cls.enterClassContext(
            Browser("--host-resolver-rules=MAP page.example 127.0.0.1, MAP evil.example 127.0.0.1")
        )

    def service(self, *weather, folder="", fleet=None):
        return self.enterContext(Service(outtray, *weather, folder=folder, fleet=fleet))

    def tab(self, context=None):
        tab = self.browser.tab(context)
        self.addCleanup(tab.close)
        return tab

    def logged_in(self, service, *arguments, host=None):
        tab = self.tab(self.browser.context())
        tab.view(1280)
        tab.open(service.link(*arguments, host=host))
        tab.wait(LOADED)
        return tab

    def picture(self, tab, name):
        if pictures:
            time.sleep(0.4)
            tab.screenshot(os.path.join(pictures, f"{name}.png"))

    def assert_quiet(self, tab):
        self.assertEqual(tab.messages, [])

    def test_nothing_forty_and_many_files(self):
        service = self.service()
        tab = self.logged_in(service)
        there = 0
        for count in [0, 40, int(os.environ.get("MANY", "120"))]:
            for number in range(there, count):
                service.drop(f"picture-{number:05}.jpg", JPEG + number.to_bytes(4, "big"))
            there = count
            tab.wait(f"document.querySelector('#tab-uploaded .count').textContent === '{count:,}'", within=900)
            tab.open(f"http://127.0.0.1:{service.port}/")
            tab.wait(f"{LOADED} && " + ("!document.getElementById('empty').hidden" if count == 0 else f"{ROWS} > 0"))
            # However many there are, few are elements.
            self.assertLess(tab.evaluate(ROWS), 60)
            for name, width, dark in [("light", 1280, False), ("dark", 1280, True), ("360", 360, False)]:
                tab.view(width, 900 if width > 400 else 780, dark)
                tab.wait("document.documentElement.scrollWidth <= innerWidth")
                self.picture(tab, f"{count}-{name}")
            tab.view(1280)
        # From the answer to the first row that is drawn.
        took = tab.evaluate("""(async () => {
            const from = performance.now();
            const found = performance.getEntriesByType('resource').filter(entry => entry.name.includes('api/v1/files'));
            const paint = performance.getEntriesByType('paint').find(entry => entry.name === 'first-contentful-paint');
            return [found[0].responseEnd, paint.startTime, from];
        })()""")
        print(f"answer with the files after {took[0]:.0f} ms, first paint after {took[1]:.0f} ms")
        # What cannot be had is asked for again after a while, and not in each frame.
        asked = tab.evaluate("""(async () => {
            const fetched = window.fetch;
            let asked = 0;
            window.fetch = () => { asked += 1; return Promise.reject(new Error('no network')); };
            scrollTo(0, document.documentElement.scrollHeight);
            await new Promise(done => setTimeout(done, 1500));
            window.fetch = fetched;
            await new Promise(done => setTimeout(done, 1500));
            return asked;
        })()""")
        self.assertIn(asked, range(1, 6))
        # To the end of the list, and all of it was there.
        tab.evaluate("""(async () => {
            for (let last = -1; last !== document.documentElement.scrollHeight;) {
                last = document.documentElement.scrollHeight;
                scrollTo(0, last);
                await new Promise(done => setTimeout(done, 500));
            }
        })()""", within=300)
        self.assertIn("picture-00000.jpg", names(tab))
        self.assertLess(tab.evaluate(ROWS), 60)
        self.assert_quiet(tab)

    def test_a_link_works_once_and_the_door_says_how_to_get_another(self):
        service = self.service()
        link = service.link()
        first = self.tab(self.browser.context())
        first.open(link)
        first.wait(LOADED)
        self.assertEqual(first.evaluate("location.hash"), "")
        self.assertEqual(first.evaluate("document.cookie"), "")
        second = self.tab(self.browser.context())
        second.open(link)
        second.wait("!document.getElementById('door').hidden")
        words = second.evaluate("document.getElementById('door').innerText")
        self.assertIn("used already", words)
        self.assertIn("outtray page", words)
        self.picture(second, "door")
        # Logged out on the machine, the page is shut at once.
        self.assertEqual(service.command("page", "--revoke", "all").returncode, 0)
        service.drop("a.jpg")
        first.wait("!document.getElementById('door').hidden && document.getElementById('work').hidden", within=40)

    def test_who_may_only_read_has_no_buttons_that_act(self):
        service = self.service()
        service.drop("no.txt", b"nothing that could go up")
        tab = self.logged_in(service, "--read-only")
        tab.evaluate("document.getElementById('tab-rejected').click()")
        tab.wait(f"{ROWS} === 1")
        self.assertTrue(tab.evaluate("document.getElementById('pause').hidden"))
        tab.evaluate("document.querySelector('#list td.name').click()")
        tab.wait("!!document.querySelector('dialog[open]')")
        self.assertNotIn("Try again", tab.evaluate("document.querySelector('dialog').innerText"))
        status = tab.evaluate("""fetch('api/v1/pause', {method: 'POST', headers: {'Content-Type': 'application/json'},
            body: '{}'}).then(answer => answer.status)""")
        self.assertEqual(status, 403)

    def test_by_keyboard_alone_from_opening_to_an_id_and_a_retry(self):
        service = self.service()
        service.drop("b.jpg")
        service.drop("no.txt", b"nothing that could go up")
        tab = self.logged_in(service)
        tab.wait(f"{ROWS} === 1")
        tab.key("/")
        self.assertEqual(tab.evaluate("document.activeElement.id"), "search")
        for _ in range(8):
            tab.key("Tab")
            if tab.evaluate("document.activeElement.tagName") == "TR":
                break
        self.assertEqual(tab.evaluate("document.activeElement.dataset.key"), f"{service.inbox}/b.jpg")
        tab.key("c")
        tab.wait("document.getElementById('toast').textContent === 'id copied'")
        tab.key("Enter")
        tab.wait("!!document.querySelector('dialog[open]')")
        self.assertIn("Copy media id", tab.evaluate("document.querySelector('dialog').innerText"))
        self.picture(tab, "one-file")
        tab.key("Escape")
        tab.wait("!document.querySelector('dialog[open]')")
        self.assertEqual(tab.evaluate("document.activeElement.tagName"), "TR")
        tab.evaluate("document.getElementById('tab-uploaded').focus()")
        tab.key("ArrowRight")
        tab.wait(f"document.activeElement.id === 'tab-rejected' && {ROWS} === 1 && !!document.querySelector('.mark.rejected')")
        for _ in range(8):
            tab.key("Tab")
            if tab.evaluate("document.activeElement.tagName") == "TR":
                break
        tab.key("r")
        tab.wait("document.getElementById('toast').textContent.includes('tried again')")
        self.assert_quiet(tab)

    def test_a_file_that_cannot_be_explained_opens_no_other(self):
        service = self.service()
        service.drop("a.jpg", JPEG + b"1")
        service.drop("b.jpg", JPEG + b"2")
        tab = self.logged_in(service)
        tab.wait(f"{ROWS} === 2")
        first, second = names(tab)
        tab.evaluate("document.querySelector('#list td.name').click()")
        tab.wait("!!document.querySelector('dialog[open]')")
        tab.evaluate("document.getElementById('why').close()")
        tab.evaluate("""(() => {
            const fetched = window.fetch;
            window.fetch = (url, ...rest) => {
                if (!url.includes('files/why')) return fetched(url, ...rest);
                window.fetch = fetched;
                return Promise.reject(new Error('no network'));
            };
            document.querySelectorAll('#list td.name')[1].click();
        })()""")
        tab.wait("document.getElementById('toast').textContent === 'the service does not answer'")
        self.assertFalse(tab.evaluate("!!document.querySelector('dialog[open]')"))
        self.assertNotIn(first, tab.evaluate("document.querySelector('dialog').textContent"))
        tab.evaluate("document.querySelectorAll('#list td.name')[1].click()")
        tab.wait("!!document.querySelector('dialog[open]')")
        self.assertEqual(tab.evaluate("document.querySelector('#why-title').textContent"), second)

    def test_a_changed_file_has_no_id_until_it_is_up_again(self):
        service = self.service()
        service.drop("a.jpg", JPEG + b"1")
        tab = self.logged_in(service)
        tab.wait(f"{ROWS} === 1")
        self.assertEqual(service.command("pause").returncode, 0)
        service.drop("a.jpg", JPEG + b"2")
        tab.evaluate("document.getElementById('tab-all').click()")
        tab.wait("document.querySelector('#list .mark')?.textContent === '◌ waits'")
        tab.evaluate("document.querySelector('#list tbody tr:not(.space)').focus()")
        tab.key("c")
        tab.wait("document.getElementById('toast').textContent === 'it has no id yet'")
        tab.key(" ")
        self.assertTrue(tab.evaluate("document.getElementById('copy-ids').disabled"))

    def test_children_by_key_stay_each_once_and_keep_the_focus(self):
        tab = self.logged_in(self.service())
        outcome = tab.evaluate("""import('/dom.js').then(({ keyed, make }) => {
            const place = make('div');
            document.body.append(place);
            const put = names => {
                keyed(place, names.map((name, number) => ({ name, number })), item => item.name,
                    item => make('button', { textContent: item.name }), () => {});
                return [...place.children].map(child => child.textContent).join('');
            };
            const done = [put(['a', 'b', 'b', 'c']), put(['a', 'b', 'b', 'c']), put(['b', 'c', 'b'])];
            place.children[1].focus();
            let lost = 0;
            place.addEventListener('focusout', () => { lost += 1; });
            done.push(put(['c', 'd']), document.activeElement.textContent, lost);
            done.push(put(['d', 'e', 'c']), document.activeElement.textContent);
            place.remove();
            return done;
        })""")
        self.assertEqual(outcome, ["abbc", "abbc", "bcb", "cd", "c", 0, "dec", "c"])

    def test_names_of_files_are_text(self):
        service = self.service()
        service.drop("<img src=x onerror=alert(1)>.jpg", JPEG + b"1")
        service.drop("left\u202egpj.exe.jpg", JPEG + b"2")
        service.drop("é" * 125 + ".jpg", JPEG + b"3")
        service.drop(b"not-utf8-\xff.jpg", JPEG + b"4")
        service.drop("100%41.jpg", JPEG + b"5")
        tab = self.logged_in(service)
        tab.wait(f"{ROWS} === 5")
        shown = names(tab)
        self.assertIn("<img src=x onerror=alert(1)>.jpg", shown)
        self.assertIn("left\ufffdgpj.exe.jpg", shown)
        # The pictures of the files themselves, and none that a name would bring in.
        tab.wait("[...document.images].some(image => image.src)")
        self.assertTrue(tab.evaluate("[...document.images].filter(image => image.src).every(image => image.src.startsWith(`${location.origin}/api/v1/files/`))"))
        for index in range(5):
            tab.evaluate(f"document.querySelectorAll('#list td.name')[{index}].click()")
            tab.wait("!!document.querySelector('dialog[open]')")
            self.assertIn("Copy media id", tab.evaluate("document.querySelector('dialog').innerText"))
            tab.evaluate("document.getElementById('why').close()")
        self.picture(tab, "names")
        self.assert_quiet(tab)

    def test_a_row_and_the_drawer_tell_what_was_measured_and_what_may_fail(self):
        service = self.service(folder=", limits: {video: {seconds: 2..}, image: {pixels: 1}}")
        tab = self.logged_in(service)
        service.drop("long.mp4", video(1920, 1080, 42_500))
        service.drop("untold.mp4", video(1920, 1080, 0))
        service.drop("dot.png", PNG)
        tab.wait("document.querySelector('#tab-uploaded .count').textContent === '3'", within=60)
        tab.wait(f"{ROWS} === 3")
        words = "Object.fromEntries([...document.querySelectorAll('#list tbody tr:not(.space)')].map(row =>" \
            " [row.querySelector('bdi').textContent, [...row.querySelector('.what').children].map(part => part.textContent)]))"
        rows = tab.evaluate(words)
        self.assertEqual(rows["long.mp4"][1], "0:42 · 1080 × 1920")
        self.assertEqual(rows["dot.png"][1], "1 × 1")
        self.assertEqual(rows["untold.mp4"][0], "▲ up, a post may fail")
        warning = "the duration of this video cannot be told, so nobody looked at the limit of at least 2 s"
        self.assertEqual(rows["untold.mp4"][1], f"1080 × 1920 · {warning}")
        self.picture(tab, "measures")
        tab.evaluate("[...document.querySelectorAll('#list tr')].find(row => row.textContent.includes('untold')).click()")
        tab.wait("document.getElementById('why').open")
        self.assertEqual(tab.evaluate("document.querySelector('.drawer .warned').textContent"), f"▲ {warning}")
        self.assertIn("1080 × 1920", tab.evaluate("document.querySelector('.drawer dl').textContent"))
        self.picture(tab, "measures-drawer")
        self.assert_quiet(tab)

    def test_pictures_are_shown_small_and_large_until_they_have_left(self):
        service = self.service()
        service.drop("a.png", PNG)
        service.drop("b.pdf", b"%PDF-1.4\n%%EOF\n")
        tab = self.logged_in(service)
        tab.wait(f"{ROWS} === 2")
        tab.wait("document.querySelector('#list .kind img')?.naturalWidth === 1")
        self.assertEqual(tab.evaluate("document.images.length"), 1)
        tab.evaluate("[...document.querySelectorAll('#list td.name')].find(name => name.innerText.includes('a.png')).click()")
        tab.wait("document.querySelector('dialog .preview img')?.naturalWidth === 1")
        href = tab.evaluate("document.querySelector('dialog .preview a').href")
        self.assertIn("&v=", href)
        other = self.tab()
        opened = tab.evaluate(f"fetch('{href}').then(answer => [answer.status, answer.headers.get('content-security-policy')])")
        self.assertEqual(opened, [200, "sandbox; default-src 'none'"])
        # Another browser gets nothing by the same address.
        other.open(href)
        other.wait("document.body?.innerText.includes('logged-out')")
        os.remove(os.path.join(service.inbox, "a.png"))
        tab.wait("!document.querySelector('dialog .preview')")
        tab.evaluate("document.getElementById('why').close()")
        tab.wait("document.images.length === 0")
        tab.evaluate("document.getElementById('tab-all').click()")
        tab.wait(f"{ROWS} === 2 && document.getElementById('list').innerText.includes('has left')")
        tab.evaluate("[...document.querySelectorAll('#list tr')].find(row => row.innerText.includes('a.png')).querySelector('input').click()")
        tab.evaluate("document.getElementById('forget-picked').click()")
        tab.wait(f"{ROWS} === 1 && document.getElementById('picked').hidden")
        tab.evaluate("(kind => { kind.value = 'IMAGE'; kind.dispatchEvent(new Event('change')); })(document.getElementById('kind'))")
        tab.wait(f"{ROWS} === 0 && document.getElementById('empty').innerText === 'No file is like that.'")
        self.assert_quiet(tab)

    def drop(self, tab, paths, x, y):
        """What a person does who drags files from elsewhere onto a place of the page."""
        data = {"items": [], "files": paths, "dragOperationsMask": 1}
        # The folders' fields grow while something is dragged over the page.
        for kind in ["dragEnter", "dragOver", "dragOver", "dragOver", "drop"]:
            tab.call("Input.dispatchDragEvent", {"type": kind, "x": x, "y": y, "data": data})
            time.sleep(0.1)

    def test_files_are_dropped_on_a_folder_and_taken_names_get_another(self):
        service = self.service()
        outside = os.path.join(service.root, "outside")
        os.makedirs(os.path.join(outside, "trip", "day 1"))
        for place, content in [("a.jpg", JPEG + b"1"), ("trip/b.jpg", JPEG + b"2"), ("trip/day 1/c.jpg", JPEG + b"3"),
                               (".hidden.jpg", JPEG + b"4")]:
            with open(os.path.join(outside, place), "wb") as file:
                file.write(content)
        tab = self.logged_in(service)
        tab.wait("!document.getElementById('drops').hidden")
        box = tab.evaluate("(({ x, y, width, height }) => [x + width / 2, y + height / 2])"
                           "(document.querySelector('.zone').getBoundingClientRect())")
        self.drop(tab, [os.path.join(outside, name) for name in ["a.jpg", "trip", ".hidden.jpg"]], *box)
        tab.wait(f"document.querySelector('#tab-uploaded .count').textContent === '3' && {ROWS} === 3", within=40)
        found = sorted(os.path.relpath(os.path.join(place, name), service.inbox)
                       for place, _, names in os.walk(service.inbox) for name in names)
        self.assertEqual(found, ["a.jpg", "trip/b.jpg", "trip/day 1/c.jpg"])
        # A hidden file is refused, and says why.
        tab.wait("document.querySelector('#drops .bad')?.innerText.includes('passes over .hidden.jpg')")
        tab.evaluate("[...document.querySelectorAll('#drops .bad button')].at(-1).click()")
        tab.wait("!document.querySelector('#drops .bad')")
        self.assertFalse(tab.evaluate("document.body.classList.contains('dragging')"))

        # By the button, which needs no dragging. The name is taken by then, by other bytes.
        with open(os.path.join(outside, "a.jpg"), "wb") as file:
            file.write(JPEG + b"5")
        node = tab.call("Runtime.evaluate", {"expression": "document.querySelector('#drops input')"})["result"]["objectId"]
        tab.call("Page.setInterceptFileChooserDialog", {"enabled": True})
        tab.evaluate("document.querySelector('.zone button').click()")
        tab.call("DOM.setFileInputFiles", {"files": [os.path.join(outside, "a.jpg")], "objectId": node})
        tab.wait("document.querySelector('#drops .bad')?.innerText.includes('Send as a-1.jpg')")
        self.picture(tab, "taken")
        tab.evaluate("document.querySelector('#drops .bad button').click()")
        tab.wait("document.querySelector('#tab-uploaded .count').textContent === '4'", within=40)
        with open(os.path.join(service.inbox, "a-1.jpg"), "rb") as file:
            self.assertEqual(file.read(), JPEG + b"5")
        # Chromium tells of each refusal by itself.
        tab.messages = [text for text in tab.messages if "status of 409" not in text and "status of 400" not in text]
        self.assert_quiet(tab)

    def test_a_service_that_is_killed_and_a_logout_in_the_middle_of_drops(self):
        service = self.service()
        outside = os.path.join(service.root, "outside")
        os.mkdir(outside)
        paths = []
        for number in range(12):
            paths.append(os.path.join(outside, f"{number:02}.jpg"))
            with open(paths[-1], "wb") as file:
                file.write(JPEG + number.to_bytes(4, "big"))
                if number == 0:
                    file.truncate(300_000_000)
        tab = self.logged_in(service)
        tab.wait("!document.getElementById('drops').hidden")
        node = tab.call("Runtime.evaluate", {"expression": "document.querySelector('#drops input')"})["result"]["objectId"]
        choose = lambda: tab.call("DOM.setFileInputFiles", {"files": paths, "objectId": node})
        tab.call("Page.setInterceptFileChooserDialog", {"enabled": True})
        tab.evaluate("document.querySelector('.zone button').click()")
        # Its bytes are held up on their way, so that all goes on behind it.
        tab.call("Network.emulateNetworkConditions", {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 2_000_000})
        choose()
        tab.wait("document.querySelector('#drops progress')?.value > 0", within=40)
        service.kill()
        tab.wait("document.querySelector('#drops .small').innerText.includes('12 files to send, once the service answers')", within=40)
        self.assertEqual(tab.evaluate("document.querySelectorAll('#drops .bad').length"), 0)
        self.assertEqual([name for name in os.listdir(service.inbox) if not name.endswith(".part")], [])
        tab.call("Network.emulateNetworkConditions", {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1})
        service.start()
        tab.wait("document.querySelector('#tab-all .count').textContent === '12'", within=90)
        self.assertEqual(sorted(os.listdir(service.inbox)), sorted(os.path.basename(path) for path in paths))

        # Whoever logs out sends nothing more.
        for path in paths:
            os.rename(path, path.replace(".jpg", "-2.jpg"))
        paths = [path.replace(".jpg", "-2.jpg") for path in paths]
        tab.call("Network.emulateNetworkConditions", {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 2_000_000})
        choose()
        tab.wait("document.querySelector('#drops progress')?.value > 0", within=40)
        tab.evaluate("document.getElementById('leave').click()")
        tab.wait("document.getElementById('door-why').innerText === 'You have logged out.'")
        time.sleep(1)
        self.assertEqual(len(os.listdir(service.inbox)), 12)
        self.assertEqual(tab.evaluate("document.getElementById('door-why').innerText"), "You have logged out.")

    def test_who_may_only_read_and_pages_of_others_put_nothing_into_a_folder(self):
        service = self.service()
        tab = self.logged_in(service, "--read-only")
        self.assertTrue(tab.evaluate("document.getElementById('drops').hidden"))
        outcome = tab.evaluate("""Promise.all([
            ['PUT', 'application/octet-stream', '?name=a.jpg'], ['POST', 'application/json', ''],
            ['PUT', 'application/json', '?name=a.jpg'], ['PUT', 'text/plain', '?name=a.jpg'],
        ].map(([method, type, query]) => fetch(`api/v1/folders/inbox/files${query}`, {
            method, headers: { 'Content-Type': type }, body: '{"name": "a.jpg", "bytes": 1}',
        }).then(answer => answer.status)))""")
        self.assertEqual(outcome, [403, 403, 400, 400])
        self.assertEqual(os.listdir(service.inbox), [])

    def test_two_tabs_and_a_reload_during_an_upload_all_see_it(self):
        service = self.service("--latency", "5")
        context = self.browser.context()
        tabs = [self.tab(context) for _ in range(2)]
        for number, tab in enumerate(tabs):
            tab.open(service.link() if number == 0 else f"http://127.0.0.1:{service.port}/")
            tab.wait(LOADED)
        service.drop_long_video("long.mp4", 100_000_000)
        under_way = "document.querySelector('#now progress')?.value > 0"
        for tab in tabs:
            tab.call("Page.bringToFront")
            tab.wait(under_way, within=60)
        tabs[0].call("Page.reload")
        tabs[0].wait(LOADED)
        tabs[0].call("Page.bringToFront")
        tabs[0].wait(under_way, within=60)
        for tab in tabs:
            tab.call("Page.bringToFront")
            tab.wait("document.querySelector('#tab-uploaded .count').textContent === '1' && document.getElementById('now').hidden",
                     within=90)
            self.assert_quiet(tab)

    def test_a_service_that_was_killed_is_told_of_and_comes_back(self):
        service = self.service()
        service.drop("a.jpg", JPEG + b"1")
        tab = self.logged_in(service)
        tab.wait("document.querySelector('#tab-uploaded .count').textContent === '1'")
        service.kill()
        tab.wait("!document.getElementById('gone').hidden && document.body.classList.contains('silent')")
        self.assertIn("does not answer since", tab.evaluate("document.getElementById('gone').textContent"))
        self.picture(tab, "silent")
        service.drop("b.jpg", JPEG + b"2")
        service.start()
        tab.wait("document.getElementById('gone').hidden && !document.body.classList.contains('silent')", within=40)
        tab.wait("document.querySelector('#tab-uploaded .count').textContent === '2'", within=40)
        tab.wait(f"{ROWS} === 2")

    def test_a_fleet_shows_its_hosts_and_which_is_silent(self):
        root = self.enterContext(tempfile.TemporaryDirectory(prefix="outtray-page-fleet-"))
        # The server's user has to get there.
        os.chmod(root, 0o755)
        database = Database(root)
        self.addCleanup(database.end)
        services = {name: self.service(fleet=(database, name)) for name in ["ingest-1", "ingest-2"]}
        tab = self.logged_in(services["ingest-1"])
        hosts = "[...document.querySelectorAll('#fleet li')].map(host => host.textContent)"
        tab.wait(f"{hosts}.join() === 'ingest-1this host,ingest-2alive'", within=40)
        services["ingest-2"].kill()
        tab.wait(f"{hosts}.join().includes('ingest-2silent, seen ')", within=60)
        self.picture(tab, "fleet")
        self.assert_quiet(tab)

    def test_a_flood_of_changes_costs_few_questions(self):
        """A thousand events a second. FLOOD sets for how many seconds."""
        service = self.service()
        service.fill(40)
        tab = self.tab(self.browser.context())
        tab.view(1280)
        # The page's own stream, to which a test can add.
        tab.call("Page.addScriptToEvaluateOnNewDocument", {"source": """
            const Own = window.EventSource;
            window.EventSource = class extends Own { constructor(...given) { super(...given); window.stream = this; } };
            window.asked = 0;
            const fetched = window.fetch;
            window.fetch = (...given) => { window.asked += 1; return fetched(...given); };
        """})
        tab.open(service.link())
        tab.wait(f"{LOADED} && {ROWS} > 0 && document.querySelector('#tab-uploaded .count').textContent === '40'", within=60)
        seconds = int(os.environ.get("FLOOD", "4"))

        def memory():
            tab.call("HeapProfiler.collectGarbage")
            metrics = {metric["name"]: metric["value"] for metric in tab.call("Performance.getMetrics")["metrics"]}
            with open(f"/proc/{service.process.pid}/status") as file:
                resident = next(int(line.split()[1]) for line in file if line.startswith("VmRSS"))
            return [round(metrics["JSHeapUsedSize"] / 1e6, 1), int(metrics["Nodes"]), resident // 1024]

        tab.call("Performance.enable")
        tab.call("HeapProfiler.enable")
        told = [memory()]
        frames = []
        for _ in range(4):
            longest, asked = tab.evaluate(f"""(async () => {{
                const before = asked;
                let longest = 0;
                let last = performance.now();
                let running = true;
                const frame = now => {{ longest = Math.max(longest, now - last); last = now; if (running) requestAnimationFrame(frame); }};
                requestAnimationFrame(frame);
                const names = ['uploaded', 'rejected', 'postponed', 'progress', 'status'];
                const end = performance.now() + {seconds * 250};
                for (let number = 0; performance.now() < end; number += 10) {{
                    for (let step = number; step < number + 10; step += 1) {{
                        stream.dispatchEvent(new MessageEvent(names[step % 5], {{ data: JSON.stringify({{
                            at: '2026-01-01T00:00:00Z', path: `{service.inbox}/flood-${{step}}.jpg`, sent: step, bytes: 9e9,
                        }}) }}));
                    }}
                    await new Promise(done => setTimeout(done, 10));
                }}
                running = false;
                return [longest, asked - before];
            }})()""", within=seconds + 30)
            frames.append(round(longest))
            # One question a second each for the status and the list, however many the events.
            self.assertLess(asked, 2 * seconds / 4 + 4)
            told.append(memory())
        print(f"longest frame of each quarter: {frames} ms; heap MB, nodes, service's MiB: {told}")
        self.assertLess(told[-1][1], told[1][1] * 1.2 + 200)
        self.assertLess(told[-1][0], told[1][0] * 1.5 + 4)
        self.assert_quiet(tab)

    def test_seven_tabs_all_hear(self):
        service = self.service()
        context = self.browser.context()
        tabs = [self.tab(context) for _ in range(7)]
        for number, tab in enumerate(tabs):
            tab.open(service.link() if number == 0 else f"http://127.0.0.1:{service.port}/")
            tab.call("Page.bringToFront")
            tab.wait(LOADED)
        service.drop("a.jpg")
        for tab in tabs:
            tab.call("Page.bringToFront")
            tab.wait("document.querySelector('#tab-uploaded .count').textContent === '1'", within=60)

    def test_without_tls_an_id_is_copied_all_the_same(self):
        service = self.service()
        service.drop("a.jpg")
        tab = self.logged_in(service, host="page.example")
        self.assertFalse(tab.evaluate("isSecureContext"))
        tab.wait(f"{ROWS} === 1")
        tab.evaluate("document.querySelector('#list .copy').click()")
        tab.wait("document.getElementById('toast').textContent === 'id copied'")
        tab.evaluate("document.getElementById('search').focus()")
        tab.call("Input.dispatchKeyEvent", {"type": "keyDown", "key": "v", "modifiers": 2, "commands": ["paste"]})
        self.assertRegex(tab.evaluate("document.getElementById('search').value"), "^med_")
        # Chromium says by itself that without TLS it knows no such rule.
        tab.messages = [text for text in tab.messages if "Cross-Origin-Opener-Policy header has been ignored" not in text]
        self.assert_quiet(tab)

    def test_a_page_of_another_origin_gets_nothing(self):
        service = self.service()
        context = self.browser.context()
        own = self.tab(context)
        own.open(service.link())
        own.wait(LOADED)
        evil = http.server.ThreadingHTTPServer(("127.0.0.1", 0), QuietHandler)
        threading.Thread(target=evil.serve_forever, daemon=True).start()
        self.addCleanup(evil.server_close)
        self.addCleanup(evil.shutdown)
        target = f"http://127.0.0.1:{service.port}"
        # Of another site, and of the same site at another port, which gets the cookie.
        for origin in [f"http://evil.example:{evil.server_port}", f"http://127.0.0.1:{evil.server_port}"]:
            tab = self.tab(context)
            tab.open(origin + "/")
            tab.wait("document.readyState === 'complete' && location.protocol === 'http:'")
            outcome = tab.evaluate(f"""(async () => {{
                const done = [];
                const json = {{'Content-Type': 'application/json'}};
                const tries = [
                    ['api/v1/status', {{credentials: 'include'}}], ['api/v1/status', {{credentials: 'include', mode: 'no-cors'}}],
                    ['api/v1/pause', {{credentials: 'include', method: 'POST', body: '{{}}', mode: 'no-cors'}}],
                    ['api/v1/pause', {{credentials: 'include', method: 'POST', headers: json, body: '{{}}'}}],
                    ['api/v1/retry', {{credentials: 'include', method: 'PUT', body: '{{}}'}}],
                    ['api/v1/folders/inbox/files?name=a.jpg', {{credentials: 'include', method: 'PUT', body: 'x',
                        headers: {{'Content-Type': 'application/octet-stream'}}}}],
                ];
                for (const [path, options] of tries) {{
                    done.push(await fetch('{target}/' + path, options).then(a => a.text()).catch(() => 'refused'));
                }}
                done.push(await new Promise(end => {{
                    const source = new EventSource('{target}/api/v1/events', {{withCredentials: true}});
                    source.onerror = () => end('refused');
                    source.onopen = () => end('open');
                }}));
                done.push(await new Promise(end => {{
                    const script = document.createElement('script');
                    script.src = '{target}/dom.js';
                    script.onload = () => end('loaded');
                    script.onerror = () => end('refused');
                    document.head.append(script);
                }}));
                return done;
            }})()""")
            # An opaque answer has no text that a page could read.
            self.assertEqual(outcome, ["refused", "", "", "refused", "refused", "refused", "refused", "refused"], origin)
        self.assertEqual(os.listdir(service.inbox), [])
        # By DNS, the other name leads here, and is not one of the service's.
        tab = self.tab(context)
        tab.open(f"http://evil.example:{service.port}/")
        tab.wait("document.body?.innerText.includes('misdirected')")
        self.assertNotIn("paused", service.command("status", "--json").stdout)


class QuietHandler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = b"<!doctype html><title>another page</title>"
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


if __name__ == "__main__":
    unittest.main()

// The page: logs in, keeps what is shown true, and says when it cannot.

import { Events, ask } from './service.js';
import { FileList } from './files.js';
import { Overview } from './overview.js';
import { Drops } from './drops.js';
import { Why } from './why.js';
import { duration, files, find, nameOf, tell, toast, when } from './dom.js';

/** Does something at most once in `pause` ms, and once more if it was wanted meanwhile. */
function seldom(pause, work) {
  let isResting = false;
  let isWanted = false;
  return async function wanted() {
    if (isResting) { isWanted = true; return; }
    isResting = true;
    await Promise.all([work(), new Promise(done => { setTimeout(done, pause); })]);
    isResting = false;
    if (isWanted) { isWanted = false; wanted(); }
  };
}

const overview = new Overview(act, file => why.open(file));
const why = new Why(act, overview);
const list = new FileList(act, file => why.open(file), overview);
const drops = new Drops(() => look(), () => heard());
const events = new Events(hear, isHeard => { if (isHeard) refresh(); else look(); });

let heardAt = 0;
let silentSince = null;

/** Does an action. Returns whether the service did it. */
async function act(path, body) {
  try {
    const answer = await ask(path, body);
    toast(outcome(path, answer));
    return true;
  } catch (trouble) {
    toast([trouble.message, trouble.hint].filter(Boolean).join(': '));
    return false;
  } finally {
    look();
    refreshList();
    why.refresh();
  }
}

function outcome(path, answer) {
  if (path === 'retry') {
    const opened = answer.opened.length > 0 ? `, and ${answer.opened.join(', ')} is asked again` : '';
    return answer.retried > 0 ? `${files(answer.retried)} tried again${opened}`
      : opened ? `${answer.opened.join(', ')} is asked again` : 'nothing is there to be tried again';
  }
  if (path === 'forget') return answer.forgotten > 0 ? `${files(answer.forgotten)} forgotten` : 'nothing was forgotten';
  if (path === 'rescan') return `looking through ${answer.rescanned.join(', ')}`;
  return path === 'pause' ? 'paused: nothing new begins' : 'going on';
}

// MARK: What is shown

let totals;
const look = seldom(1000, async () => {
  try {
    const status = await ask('status');
    heard();
    overview.show(status);
    list.take(status);
    drops.show(status, overview.mayAct);
    // Not each change of a file is an event, and a stream may have lost some.
    const now = JSON.stringify(overview.totals);
    if (totals !== undefined && totals !== now) {
      refreshList();
      refreshWhy();
    }
    totals = now;
  } catch (trouble) {
    if (trouble.status === 0 && !(trouble.isLate && Date.now() - heardAt < 15_000)) silent();
  }
});
const refreshList = seldom(1000, () => list.refresh());
const refreshWhy = seldom(1000, () => why.refresh());

function refresh() {
  look();
  refreshList();
  refreshWhy();
}

function hear(name, data) {
  heard();
  if (name === 'progress') overview.hearProgress(data);
  // How fast it goes, the status alone tells.
  look();
  if (name === 'progress') return;
  if (!['blocked', 'open', 'paused', 'resumed'].includes(name)) refreshList();
  if (why.file && (data.path === why.file.path || name === 'reset')) refreshWhy();
  if (name === 'uploaded' || name === 'rejected') note(name, data.path);
}

// MARK: Whether the service is heard

function heard() {
  heardAt = Date.now();
  if (silentSince !== null) {
    silentSince = null;
    refreshList();
  }
  mark();
}

function silent() {
  silentSince ??= new Date().toISOString();
  mark();
}

function mark() {
  const isSilent = silentSince !== null;
  const age = (Date.now() - heardAt) / 1000;
  document.body.classList.toggle('silent', isSilent);
  find('gone').hidden = !isSilent;
  if (isSilent) tell(find('gone'), `The service does not answer since ${when(silentSince, true)}. What you see is what it said last.`);
  const link = find('link');
  link.className = `link ${isSilent ? 'off' : age > 10 ? 'late' : 'on'}`;
  tell(link, isSilent ? 'no answer' : age > 10 ? `last heard ${duration(age)} ago` : 'live');
}

// MARK: What a screen reader says, at most one sentence in 10 s

let news = { uploaded: [], rejected: [] };
let saying = null;

function note(name, path) {
  news[name].push(nameOf(path));
  saying ??= setTimeout(say, 500);
}

function say() {
  const { uploaded, rejected } = news;
  news = { uploaded: [], rejected: [] };
  const sentence = (names, words, many) =>
    names.length === 1 ? `${names[0]} ${words}. ` : names.length > 1 ? `${files(names.length)} ${many}. ` : '';
  const text = sentence(uploaded, 'is up', 'are up') + sentence(rejected, 'was rejected', 'were rejected');
  if (text) find('said').textContent = text;
  saying = setTimeout(() => {
    saying = null;
    if (news.uploaded.length + news.rejected.length > 0) say();
  }, 10_000);
}

// MARK: Logging in and out

let ticking = null;

function enter(session) {
  find('door').hidden = true;
  find('work').hidden = false;
  find('leave').hidden = false;
  overview.mayAct = !session.readOnly;
  document.body.classList.toggle('read-only', session.readOnly);
  refresh();
  events.start();
  ticking ??= setInterval(() => {
    if (document.hidden) return;
    // Not each change is an event: a file that settles is none.
    if (Date.now() - heardAt > 5000 || silentSince !== null) look();
    mark();
  }, 1000);
}

function shut(reason) {
  events.stop();
  drops.end();
  clearInterval(ticking);
  ticking = null;
  for (const id of ['work', 'leave', 'pause', 'state', 'gone']) find(id).hidden = true;
  for (const id of ['counts', 'host', 'link']) tell(find(id), '');
  if (find('why').open) find('why').close();
  find('door').hidden = false;
  tell(find('door-why'), reason);
}

document.addEventListener('logged-out', () => {
  if (find('door').hidden) shut('This browser is not logged in, or its login has ended.');
});
document.addEventListener('visibilitychange', () => { if (!document.hidden && ticking) refresh(); });

find('leave').addEventListener('click', async () => {
  await ask('page/logout', {}).catch(() => null);
  shut('You have logged out.');
});

document.addEventListener('keydown', event => {
  const isTyping = /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName) && event.target.type !== 'checkbox';
  if (event.key !== '/' || isTyping || event.ctrlKey || event.metaKey || event.altKey || find('why').open) return;
  event.preventDefault();
  find('search').focus();
});

async function begin(key = new URLSearchParams(location.hash.slice(1)).get('k')) {
  // The key is of no use a second time, and need not stay in the history.
  if (key) history.replaceState(null, '', location.pathname);
  try {
    if (key) await ask('page/login', { key });
    key = null;
    enter(await ask('page'));
  } catch (trouble) {
    if (trouble.status === 0) {
      silent();
      setTimeout(() => begin(key), 2000);
    } else shut(key && trouble.status === 401 ? 'This link was used already, or is older than a minute.' : trouble.message);
  }
}

addEventListener('hashchange', () => { if (location.hash.startsWith('#k=')) begin(); });
begin();

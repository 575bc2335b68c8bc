// The list of files. Only the rows that can be seen are elements; the service gives a hundred at a time.

import { ask } from './service.js';
import {
  contentOf, copy, count, files, find, fully, make, measure, nameOf, pathJSON, picture, placeOf, shown, size, tell, toast, when,
} from './dom.js';

/** What every browser shows. */
const shownTypes = /^image\/(jpeg|png|gif|webp)$/;
const kinds = { IMAGE: '▣', VIDEO: '▶', GIF: '◫', DOCUMENT: '▤' };
const words = {
  settling: 'not settled yet', queued: 'waits', uploading: 'on its way', uploaded: 'up', rejected: 'rejected', skipped: 'skipped',
  gone: 'has left',
};
/** What narrows the list, and its name in a query. */
const filters = { search: 'q', folder: 'folder', kind: 'kind' };
const chosen = id => find(id).parentElement.hidden ? '' : find(id).value;
const page = 100;
/** The service gives no more at a time. */
const most = 1000;
const narrow = matchMedia('(max-width: 45rem)');

/** The id that a script or a person posts by. A changed file has none until it is up: its entry is the old one's. */
const idOf = file => file.state === 'uploaded'
  ? file.entry?.assetUrn ?? file.entry?.mediaId ?? file.entry?.publicUrl : undefined;

export class FileList {
  constructor(act, open, overview) {
    Object.assign(this, { act, open, overview, tab: 'uploaded', rows: [], next: null, picked: new Map(), focus: 0 });
    this.body = find('list').querySelector('tbody');
    this.before = make('tr.space', { 'aria-hidden': 'true' }, make('td', { colSpan: 7 }));
    this.after = this.before.cloneNode(true);
    this.body.append(this.before, this.after);
    this.tabs = ['uploaded', 'rejected', 'all'].map(name => find(`tab-${name}`));
    for (const tab of this.tabs) tab.addEventListener('click', () => this.choose(tab));
    find('files').querySelector('[role=tablist]').addEventListener('keydown', event => this.moveTab(event));
    let typing;
    find('search').addEventListener('input', () => {
      clearTimeout(typing);
      typing = setTimeout(() => this.restart(), 200);
    });
    for (const id of ['folder', 'kind']) find(id).addEventListener('change', () => this.restart());
    const buttons = { 'copy-ids': 'copyPicked', 'retry-picked': 'retryPicked', 'forget-picked': 'forgetPicked', clear: 'clear' };
    for (const [id, name] of Object.entries(buttons)) find(id).addEventListener('click', () => this[name]());
    const draw = () => {
      if (this.drawing) return;
      this.drawing = requestAnimationFrame(() => { this.drawing = null; this.draw(); });
    };
    addEventListener('scroll', draw, { passive: true });
    addEventListener('resize', draw);
    this.later = draw;
    this.body.addEventListener('click', event => this.click(event));
    this.body.addEventListener('keydown', event => this.key(event));
  }

  get rowHeight() { return narrow.matches ? 84 : 52; }

  choose(tab) {
    for (const other of this.tabs) {
      other.setAttribute('aria-selected', String(other === tab));
      other.tabIndex = other === tab ? 0 : -1;
    }
    find('list').setAttribute('aria-labelledby', tab.id);
    this.tab = tab.id.slice('tab-'.length);
    // What cannot go up is of no kind.
    find('kind').parentElement.hidden = this.tab === 'rejected';
    this.restart();
  }

  moveTab(event) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const at = this.tabs.findIndex(tab => tab.getAttribute('aria-selected') === 'true');
    const tab = this.tabs[(at + step + this.tabs.length) % this.tabs.length];
    this.choose(tab);
    tab.focus();
  }

  /** Takes the folders' names and the counts of a status. */
  take(status) {
    const select = find('folder');
    const names = status.folders.map(folder => folder.name);
    if ([...select.options].slice(1).map(option => option.value).join('\n') !== names.join('\n')) {
      const chosen = select.value;
      select.replaceChildren(select.options[0], ...names.map(name => make('option', { value: name, textContent: shown(name) })));
      select.value = names.includes(chosen) ? chosen : '';
    }
    select.parentElement.hidden = names.length < 2;
    for (const tab of this.tabs) {
      tell(tab.querySelector('.count'), count(this.overview.totals[tab.id.slice('tab-'.length)]));
    }
  }

  query(limit, after) {
    const parts = [`limit=${limit}`, 'order=newest', 'with=entry'];
    if (this.tab !== 'all') parts.push(`state=${this.tab}`);
    for (const [id, name] of Object.entries(filters)) {
      if (chosen(id)) parts.push(`${name}=${encodeURIComponent(chosen(id))}`);
    }
    if (after) parts.push(`after=${after}`);
    return `files?${parts.join('&')}`;
  }

  /** Begins the list anew, at its top. */
  async restart() {
    this.focus = 0;
    this.era = (this.era ?? 0) + 1;
    await this.load(true);
  }

  /** Gets the list again, from its top to what can be seen. */
  async refresh() { await this.load(false); }

  async load(isNew) {
    const turn = this.turn = (this.turn ?? 0) + 1;
    this.wantsNew ||= isNew;
    const limit = this.wantsNew ? page : Math.min(most, Math.max(1, Math.ceil((this.last ?? 0) / page)) * page);
    const answer = await ask(this.query(limit)).catch(() => null);
    if (!answer || turn !== this.turn) return;
    const top = answer.files;
    const rest = this.wantsNew || answer.next === undefined ? [] : this.rest(top, limit);
    this.wantsNew = false;
    const led = this.focus > 0 || this.body.contains(document.activeElement);
    const focused = led ? this.rows[this.focus]?.path : null;
    this.rows = [...top, ...rest];
    if (rest.length === 0) this.next = answer.next ?? null;
    const focus = this.rows.findIndex(file => file.path === focused);
    if (focus >= 0) this.focus = focus;
    this.isLoaded = true;
    for (const file of this.rows) if (this.picked.has(file.path)) this.picked.set(file.path, file);
    this.draw();
  }

  /** The rows behind those of `top`, which the service has just given. All of `top` may be new: then none is known. */
  rest(top, limit) {
    const fresh = new Set(top.map(file => file.path));
    let end = this.rows.findIndex(file => file.path === top.at(-1)?.path);
    if (end < 0) end = this.rows.findLastIndex(file => fresh.has(file.path));
    // A search looks at some thousands of files at a time, however few it finds.
    if (end < 0 && top.length >= limit) return [];
    return this.rows.slice(end + 1).filter(file => !fresh.has(file.path));
  }

  async more() {
    if (this.isGrowing || !this.next || this.wantsNew) return;
    this.isGrowing = true;
    const { era, next } = this;
    const answer = await ask(this.query(page, next)).catch(() => null);
    if (!answer) await new Promise(done => { setTimeout(done, 2000); });
    this.isGrowing = false;
    if (!answer || era !== this.era || next !== this.next) return this.later();
    const known = new Set(this.rows.map(file => file.path));
    this.rows.push(...answer.files.filter(file => !known.has(file.path)));
    this.next = answer.next ?? null;
    this.later();
  }

  draw() {
    const height = this.rowHeight;
    const top = find('list').getBoundingClientRect().top + this.body.parentElement.tHead.offsetHeight;
    const first = Math.max(0, Math.floor(-top / height) - 8);
    const last = Math.min(this.rows.length, Math.ceil((innerHeight - top) / height) + 8);
    const from = Math.min(first, Math.max(0, last));
    this.last = last;
    this.reach = Math.max(from, Math.min(this.focus, last - 1));
    const shownRows = this.rows.slice(from, last);
    const wanted = new Set(shownRows.map(file => file.path));
    const kept = new Map();
    const focused = document.activeElement;
    // As `keyed` does it.
    for (const row of [...this.body.children].slice(1, -1)) {
      if (wanted.has(row.dataset.key)) kept.set(row.dataset.key, row);
      else row.remove();
    }
    let place = this.before.nextElementSibling;
    for (const [index, file] of shownRows.entries()) {
      const row = kept.get(file.path) ?? this.row();
      if (row === place) place = place.nextElementSibling;
      else this.body.insertBefore(row, place);
      this.fill(row, file, from + index);
    }
    if (focused !== document.activeElement && this.body.contains(focused)) focused.focus({ preventScroll: true });
    this.before.firstChild.style.height = `${from * height}px`;
    this.after.firstChild.style.height = `${Math.max(0, this.rows.length - last) * height}px`;
    this.before.hidden = from === 0;
    this.after.hidden = last >= this.rows.length;
    this.body.parentElement.setAttribute('aria-rowcount', this.next ? '-1' : String(this.rows.length + 1));
    this.body.parentElement.hidden = this.rows.length === 0;
    const empty = find('empty');
    empty.hidden = this.rows.length > 0 || !this.isLoaded || this.next !== null;
    if (!empty.hidden) tell(empty, this.nothing());
    if (last > this.rows.length - 40) this.more();
    this.showPicked();
  }

  nothing() {
    if (Object.keys(filters).some(chosen)) return 'No file is like that.';
    const folders = this.overview.status?.folders ?? [];
    const where = folders.map(folder => shown(folder.path)).join(', ');
    return {
      uploaded: `Nothing is up yet. What is put into ${where || 'a watched folder'} goes up by itself.`,
      rejected: 'Nothing was rejected.',
      all: `No file is known yet. What is put into ${where || 'a watched folder'} goes up by itself.`,
    }[this.tab];
  }

  row() {
    const row = make('tr', { tabIndex: -1 },
      make('td.pick', make('label', make('input', { type: 'checkbox', tabIndex: -1 }))),
      make('td.icon', make('span.kind')),
      make('td.name', make('bdi'), make('small')),
      make('td.what', make('span.mark'), make('small')),
      make('td.size'), make('td.when', make('time')),
      make('td.id', make('code'), make('button.copy', { textContent: 'Copy', tabIndex: -1 })));
    return row;
  }

  fill(row, file, index) {
    const folder = this.overview.folderOf(file.path);
    const text = JSON.stringify([file, folder?.path]);
    row.tabIndex = index === this.reach ? 0 : -1;
    row.setAttribute('aria-rowindex', String(index + 2));
    row.dataset.index = String(index);
    const isPicked = this.picked.has(file.path);
    const box = row.querySelector('input');
    if (box.checked !== isPicked) box.checked = isPicked;
    row.classList.toggle('chosen', isPicked);
    if (row.text === text) return;
    row.text = text;
    row.dataset.key = file.path;
    const name = nameOf(file.path);
    box.setAttribute('aria-label', `select ${name}`);
    const entry = file.entry;
    const [, icon, title, what, bytes, time, id] = row.children;
    picture(icon.firstChild, kinds[entry?.kind] ?? (file.state === 'rejected' ? '✕' : '·'),
      file.state === 'uploaded' && entry?.present && shownTypes.test(entry.mimeType) ? contentOf(file, 'thumbnail') : undefined);
    icon.title = entry?.mimeType ?? '';
    tell(title.firstChild, name);
    title.title = shown(file.path);
    const place = placeOf(file.path, folder);
    tell(title.lastChild, [file.folder && shown(file.folder), place].filter(Boolean).join(' / ') || shown(file.account ?? ''));
    const isUp = file.state === 'uploaded';
    const state = isUp ? entry?.status ?? 'uploaded' : file.state;
    const warned = isUp && entry?.warnings ? entry.warnings.map(warning => shown(warning.text)) : [];
    const later = { processing: '◌ processing', failed: '■ failed at the provider' }[state];
    what.firstChild.className = `mark ${!later && warned[0] ? 'warned' : state}`;
    tell(what.firstChild, isUp ? later ?? (warned[0] ? '▲ up, a post may fail' : '● up')
      : { rejected: '■ rejected' }[state] ?? `◌ ${words[state] ?? state}`);
    tell(what.lastChild, isUp ? [entry?.present === false && 'has left the folder', measure(entry), ...warned].filter(Boolean).join(' · ')
      : shown(file.reason ?? ''));
    what.title = what.lastChild.textContent;
    tell(bytes, size(file.bytes));
    const at = entry?.uploadedAt ?? file.updated;
    tell(time.firstChild, when(at));
    time.firstChild.dateTime = at;
    time.title = fully(at);
    const known = idOf(file);
    // Ids of one kind begin alike, and end each in its own way.
    tell(id.firstChild, known ? shown(known.length > 20 ? `…${known.slice(-19)}` : known) : '');
    id.title = known ? shown(known) : '';
    id.lastChild.hidden = !known;
    id.lastChild.setAttribute('aria-label', `copy the id of ${name}`);
  }

  fileOf(row) { return this.rows[Number(row.dataset.index)]; }

  click(event) {
    const row = event.target.closest('tr');
    const file = row && !row.classList.contains('space') && this.fileOf(row);
    if (!file) return;
    if (event.target.closest('.pick')) {
      // The label passes its click on to the box, which comes here again.
      if (event.target.tagName !== 'INPUT') return;
      return this.pick(file, event.shiftKey);
    }
    this.move(Number(row.dataset.index), false);
    if (event.target.closest('.copy')) return copy(idOf(file), 'id');
    // Whoever marks text does not want to open the file.
    if (String(getSelection())) return;
    this.open(file);
  }

  key(event) {
    const row = event.target.closest('tr');
    const file = row && this.fileOf(row);
    if (!file || event.ctrlKey || event.metaKey || event.altKey) return;
    const index = Number(row.dataset.index);
    const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10, Home: -index, End: this.rows.length };
    const keys = {
      'Enter': () => this.open(file), 'c': () => idOf(file) ? copy(idOf(file), 'id') : toast('it has no id yet'),
      'r': () => this.retry([file]), ' ': () => this.pick(file, event.shiftKey),
    };
    if (event.key in steps) this.move(index + steps[event.key], true);
    else if (event.target === row && event.key in keys) keys[event.key]();
    else return;
    event.preventDefault();
  }

  /** Moves the one row that the keyboard reaches. */
  move(index, isFocused) {
    this.focus = Math.max(0, Math.min(index, this.rows.length - 1));
    if (isFocused) {
      const top = find('list').getBoundingClientRect().top + this.body.parentElement.tHead.offsetHeight
        + this.focus * this.rowHeight;
      const head = find('top').offsetHeight + 8;
      const foot = innerHeight - this.rowHeight - find('picked').offsetHeight - 8;
      if (top < head) scrollBy(0, top - head);
      else if (top > foot) scrollBy(0, top - foot);
    }
    this.draw();
    if (isFocused) this.body.querySelector(`tr[data-index="${this.focus}"]`)?.focus({ preventScroll: true });
  }

  pick(file, isRange) {
    const index = this.rows.indexOf(file);
    const anchor = isRange ? this.rows.findIndex(other => other.path === this.anchor) : -1;
    if (anchor >= 0) {
      const [from, to] = [Math.min(anchor, index), Math.max(anchor, index)];
      for (const other of this.rows.slice(from, to + 1)) this.picked.set(other.path, other);
    } else if (!this.picked.delete(file.path)) this.picked.set(file.path, file);
    this.anchor = file.path;
    this.draw();
  }

  clear() {
    this.picked.clear();
    this.draw();
    this.body.querySelector('tr[tabindex="0"]')?.focus({ preventScroll: true });
  }

  showPicked() {
    const place = find('picked');
    place.hidden = this.picked.size === 0;
    if (place.hidden) return;
    tell(place.firstElementChild, `${files(this.picked.size)} selected`);
    find('copy-ids').disabled = ![...this.picked.values()].some(idOf);
    find('retry-picked').hidden = !this.overview.mayAct;
    find('forget-picked').hidden = !this.overview.mayAct || this.left().length === 0;
  }

  /** One id a line, in the order of the selection: that of a carousel. */
  copyPicked() {
    const ids = [...this.picked.values()].map(idOf).filter(Boolean);
    copy(ids.join('\n'), ids.length === 1 ? 'id' : `${count(ids.length)} ids`);
  }

  /** Those of the selection whose files have left. */
  left() { return [...this.picked.values()].filter(file => file.entry?.present === false); }

  async forgetPicked() {
    const left = this.left();
    if (!await this.act('forget', { paths: left.map(pathJSON) })) return;
    for (const file of left) this.picked.delete(file.path);
    this.draw();
  }

  retryPicked() { this.retry([...this.picked.values()]); }

  retry(chosen) {
    if (this.overview.mayAct) this.act('retry', { paths: chosen.map(pathJSON) });
  }
}

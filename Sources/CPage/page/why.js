// One file: where it is, why, what comes next, and what has happened to it.

import { ask } from './service.js';
import { contentOf, copy, find, fully, make, measure, nameOf, pathJSON, pathQuery, shown, shownJSON, size, toast, when } from './dom.js';

export class Why {
  constructor(act, overview) {
    Object.assign(this, { act, overview, dialog: find('why') });
    this.dialog.addEventListener('click', event => {
      // A click beside the drawer is one on the dialog's backdrop.
      if (event.target === this.dialog) this.dialog.close();
    });
    // The event comes late: another file may be opening by then.
    this.dialog.addEventListener('close', () => {
      if (this.opening || this.dialog.open) return;
      this.file = null;
      // A video would go on, unseen, and keep its connection.
      for (const video of this.dialog.querySelectorAll('video')) {
        video.removeAttribute('src');
        video.load();
      }
      this.dialog.replaceChildren();
      this.text = null;
    });
  }

  async open(file) {
    this.file = this.opening = file;
    // Nothing of another file may be copied or forgotten for this one.
    if (!this.dialog.open) this.dialog.replaceChildren();
    const isShown = await this.load();
    if (this.opening !== file) return;
    this.opening = null;
    if (!isShown) this.file = null;
    else if (!this.dialog.open) this.dialog.showModal();
  }

  /** Looks again at the file that is shown. */
  refresh() { if (this.dialog.open) this.load(); }

  /** Returns whether it shows the file. */
  async load() {
    const file = this.file;
    try {
      const answer = await ask(`files/why?path=${pathQuery(file)}`);
      if (this.file !== file) return false;
      this.show(answer);
      return true;
    } catch (trouble) {
      if (this.file === file && !this.dialog.open) toast(trouble.message);
      return false;
    }
  }

  show(why) {
    const text = JSON.stringify(why);
    if (this.dialog.open && this.text === text) return;
    this.text = text;
    const focused = document.activeElement?.dataset?.role;
    const isOpen = this.dialog.querySelector('details')?.open;
    const entry = why.asset;
    this.dialog.replaceChildren(make('div', { className: 'drawer' },
      make('header', make('h2', { id: 'why-title' }, make('bdi', nameOf(why.path))),
        this.button('close', 'Close', () => this.dialog.close(), 'quiet')),
      make('p.where', shown(why.path)),
      make('p.headline', shown(why.headline)),
      ...(why.warnings ?? []).map(warning => make('p.warned', `▲ ${shown(warning.text)}`)),
      why.next && make('p.next', make('b', 'Next: '),
        [why.next.at && when(why.next.at, true), shown(why.next.what), why.next.because && `(${shown(why.next.because)})`]
          .filter(Boolean).join(' ')),
      this.preview(why, entry),
      this.buttons(why),
      this.facts(why, entry),
      this.list('Open for writing by', why.holder.map(holder => `${shown(holder.name)} (process ${holder.pid})`)),
      this.list('The same bytes are at', why.sameBytes.map(shown)),
      why.steps.length === 0 ? null : make('h3', 'What happened'),
      make('ol.steps', ...why.steps.map(step => make('li', {},
        make('time', { dateTime: step.at, title: fully(step.at), textContent: when(step.at, true) }),
        make('b', step.step), make('span', { textContent: shown(step.text) + (step.times > 1 ? `, ${step.times} times` : '') })))),
      make('details', { open: Boolean(isOpen) }, make('summary', { textContent: 'As JSON', 'data-role': 'json' }),
        make('pre', shownJSON(why)))));
    if (focused) this.dialog.querySelector(`[data-role="${focused}"]`)?.focus();
  }

  button(role, textContent, onclick, className = '') {
    return make('button', { textContent, onclick, className, 'data-role': role });
  }

  buttons(why) {
    const entry = why.asset;
    const line = make('p.buttons');
    const copies = [['urn', 'Copy URN', entry?.assetUrn], ['id', 'Copy media id', entry?.mediaId],
      ['url', 'Copy public URL', entry?.publicUrl], ['path', 'Copy path', why.path],
      ['command', 'Copy command', entry && !why.pathEncoding && why.path === shown(why.path) && `outtray manifest get '${why.path.replaceAll("'", "'\\''")}'`]];
    for (const [role, label, value] of copies) {
      if (value) line.append(this.button(role, label, () => copy(value, label.slice(5))));
    }
    if (entry) line.append(this.button('entry', 'Copy JSON', () => copy(JSON.stringify(entry), 'JSON')));
    if (this.overview.mayAct && ['queued', 'rejected', 'skipped'].includes(why.state)) {
      line.append(this.button('retry', 'Try again', () => this.act('retry', { paths: [pathJSON(why)] })));
    }
    if (this.overview.mayAct && entry?.present === false) {
      line.append(this.button('forget', 'Forget', async () => {
        await this.act('forget', { paths: [pathJSON(why)] });
        this.dialog.close();
      }));
    }
    return line;
  }

  /** The picture or the video itself, while the file is there. */
  preview(why, entry) {
    if (why.state !== 'uploaded' || !entry?.present) return null;
    const src = contentOf(why);
    // One that plays goes on.
    const old = this.dialog.querySelector('.preview');
    if (old?.dataset.source === src) return old;
    // What a browser cannot show goes, and leaves the link.
    const onerror = event => event.target.remove();
    return make('div.preview', { 'data-source': src },
      ['IMAGE', 'GIF'].includes(entry.kind) && make('img', { src, alt: '', onerror }),
      entry.kind === 'VIDEO' && make('video', { src: `${src}#t=0.1`, controls: true, muted: true, preload: 'metadata', onerror }),
      // A browser plays no video in a page of its own that may do nothing.
      make('a', { href: src, 'data-role': 'open', ...entry.kind === 'VIDEO' ? { download: '', textContent: 'Save the file' }
        : { target: '_blank', textContent: 'Open the file' } }));
  }

  facts(why, entry) {
    const facts = [
      ['Folder', entry?.folder], ['Account', entry?.account], ['Kind', entry?.kind && `${entry.kind}, ${entry.mimeType}`],
      ['Size', why.file && size(why.file.bytes)], ['Measure', measure(entry)], ['Changed', why.file && fully(why.file.modified)],
      ['Asset URN', entry?.assetUrn], ['Media id', entry?.mediaId], ['Public URL', entry?.publicUrl],
      ['Up since', entry?.uploadedAt && fully(entry.uploadedAt)], ['At the provider', entry?.status],
      ['Now at', entry?.movedTo],
    ].filter(([, value]) => value);
    if (facts.length === 0) return null;
    return make('dl', ...facts.flatMap(([name, value]) =>
      [make('dt', name), make('dd', shown(String(value)))]));
  }

  list(title, items) {
    if (items.length === 0) return null;
    return make('div', make('h3', title),
      make('ul', ...items.map(textContent => make('li', { textContent }))));
  }
}

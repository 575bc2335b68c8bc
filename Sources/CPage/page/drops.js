// Files that a person puts into a folder: chosen, or dropped on it. They go one at a time: a browser has six
// connections a host.

import { Trouble, ask, put } from './service.js';
import { files, find, keyed, make, shown, size, tell } from './dom.js';

/** So many files that were not taken have a row. */
const most = 20;

export class Drops {
  /** `arrived` is called when a file has come in, and `heard` when the service has taken bytes. */
  constructor(arrived, heard) {
    Object.assign(this, { arrived, heard, items: [], number: 0, hidden: 0, isHeld: false });
    this.place = find('drops');
    this.input = this.place.querySelector('input');
    this.input.addEventListener('change', () => {
      for (const file of this.input.files) this.add(this.folder, file);
      this.input.value = '';
    });
    const carries = event => [...event.dataTransfer?.types ?? []].includes('Files');
    let leaving;
    addEventListener('dragover', event => {
      if (!carries(event)) return;
      // Else the browser would open the file in place of the page.
      event.preventDefault();
      const zone = this.zone(event);
      event.dataTransfer.dropEffect = zone ? 'copy' : 'none';
      document.body.classList.add('dragging');
      for (const other of this.zones()) other.classList.toggle('over', other === zone);
      clearTimeout(leaving);
      leaving = setTimeout(() => this.rest(), 400);
    });
    addEventListener('drop', event => {
      if (!carries(event)) return;
      event.preventDefault();
      this.rest();
      const folder = this.zone(event)?.dataset.key;
      if (!folder) return;
      // They are gone after the event.
      const entries = [...event.dataTransfer.items].map(item => item.webkitGetAsEntry()).filter(Boolean);
      this.take(folder, entries, '');
    });
    addEventListener('beforeunload', event => {
      if (this.items.some(item => item.state !== 'refused')) event.preventDefault();
    });
  }

  zones() { return [...this.place.querySelectorAll('.zone')]; }

  /** Where a drop would go: the folder under the pointer, or the only one. */
  zone(event) {
    const zones = this.zones();
    return event.target.closest?.('.zone') ?? (zones.length === 1 ? zones[0] : null);
  }

  rest() {
    document.body.classList.remove('dragging');
    for (const zone of this.zones()) zone.classList.remove('over');
  }

  /** Shows the folders of a status, and goes on if the service was away. */
  show(status, mayAct) {
    this.open = mayAct ? status.folders.filter(folder => folder.acceptsDrops) : [];
    keyed(this.place.querySelector('div'), this.open, folder => folder.name, folder => make('p.zone',
      make('b', shown(folder.name)), make('span', 'drop files here, or'),
      make('button', { textContent: 'Add files…', 'aria-label': `add files to ${shown(folder.name)}`, onclick: () => {
        this.folder = folder.name;
        this.input.click();
      } })), () => {});
    this.isHeld = false;
    this.go();
  }

  /** Gives up all that is not there yet. */
  end() {
    const items = this.items;
    this.items = [];
    for (const item of items) item.stop?.();
    this.draw();
  }

  /** Adds what was dropped. Of a directory all that it has, but for hidden names. */
  async take(folder, entries, place) {
    for (const entry of entries) {
      try {
        if (place && entry.name.startsWith('.')) this.hidden += 1;
        else if (entry.isFile) {
          this.add(folder, await new Promise((done, fail) => { entry.file(done, fail); }), place.slice(1));
        } else {
          const reader = entry.createReader();
          for (;;) {
            // A reader gives some at a time, and none at its end.
            const some = await new Promise((done, fail) => { reader.readEntries(done, fail); });
            if (some.length === 0) break;
            await this.take(folder, some, `${place}/${entry.name}`);
          }
        }
      } catch {
        this.add(folder, { name: entry.name, size: 0 }, place.slice(1), new Trouble(-1, 'it cannot be read'));
      }
    }
  }

  add(folder, file, relative = '', trouble = null) {
    this.number += 1;
    const state = trouble ? 'refused' : 'waits';
    this.items.push({ key: String(this.number), folder, file, relative, name: file.name, sent: 0, state, trouble });
    this.go();
  }

  async go() {
    this.draw();
    const item = !this.isHeld && !this.items.some(item => item.state === 'goes') && this.items.find(item => item.state === 'waits');
    if (!item) return;
    let isStopped = false;
    Object.assign(item, { state: 'goes', sent: 0, stop: () => { isStopped = true; } });
    this.draw();
    const { folder, name, relative, file } = item;
    const path = `folders/${encodeURIComponent(folder)}/files`;
    try {
      // Whoever sends a long file hears of a refusal too late, or not at all.
      await ask(path, { name, relative, bytes: file.size });
      if (isStopped) throw new Trouble(-1, 'stopped');
      await put(`${path}?name=${encodeURIComponent(name)}&relative=${encodeURIComponent(relative)}`, file, (sent, stop) => {
        Object.assign(item, { sent, stop });
        if (sent > 0) this.heard();
        this.draw();
      });
      this.leave([item]);
      this.arrived();
    } catch (trouble) {
      const isReadable = await file.slice(0, 1).arrayBuffer().then(() => true, () => false);
      if (!isReadable) Object.assign(item, { state: 'refused', trouble: new Trouble(-1, 'it has changed or is gone: choose it again') });
      else if ([0, 401].includes(trouble.status)) {
        // The service is away, or this browser has to log in: nothing is wrong with the file.
        item.state = 'waits';
        this.isHeld = true;
      } else Object.assign(item, { state: 'refused', trouble });
    }
    item.stop = undefined;
    this.go();
  }

  leave(items) {
    this.items = this.items.filter(item => !items.includes(item));
    this.draw();
  }

  again(items) {
    for (const item of items) Object.assign(item, { state: 'waits', name: item.trouble?.suggestion ?? item.name });
    this.go();
  }

  draw() {
    const waiting = this.items.filter(item => item.state === 'waits').length;
    const refused = this.items.filter(item => item.state === 'refused');
    this.place.hidden = !this.open?.length && this.items.length === 0;
    tell(this.place.querySelector('.small'), [
      waiting > 0 && `${files(waiting)} to send${this.isHeld ? ', once the service answers' : ''}`,
      refused.length > 0 && `${files(refused.length)} not taken`,
      this.hidden > 0 && `${files(this.hidden)} with hidden names left out`,
    ].filter(Boolean).join(', '));
    const list = this.place.querySelector('ul');
    const focused = list.contains(document.activeElement);
    const rows = [...this.items.filter(item => item.state === 'goes'), ...refused.slice(0, most)];
    if (refused.length > 1) rows.push({ key: 'all', state: refused.length });
    keyed(list, rows, item => `${item.key} ${item.state}`, item => this.row(item), (row, item) => {
      if (item.state !== 'goes') return;
      row.children[1].value = item.sent;
      tell(row.children[2], `${Math.floor(100 * item.sent / Math.max(1, item.file.size))} % of ${size(item.file.size)} sent`);
    });
    // Whoever pressed a button goes on from there.
    if (focused && !list.contains(document.activeElement)) {
      (list.querySelector('button') ?? this.place.querySelector('.zone button'))?.focus();
    }
  }

  row(item) {
    const button = (text, onclick, name = '') => make('button', { textContent: text, 'aria-label': `${text} ${name}`.trim(), onclick });
    const refused = () => this.items.filter(item => item.state === 'refused');
    if (item.key === 'all') {
      return make('li', button('Try all again', () => this.again(refused())), button('Leave all', () => this.leave(refused())));
    }
    const name = shown(item.name);
    if (item.state === 'goes') {
      return make('li', make('b', name), make('progress', { max: Math.max(1, item.file.size), 'aria-label': name }),
        make('span.far'), button('Stop', () => item.stop?.(), name));
    }
    const { status, message, hint, suggestion } = item.trouble;
    const again = suggestion ? `Send as ${shown(suggestion)}` : 'Try again';
    return make('li.bad', make('b', name), make('span', `■ ${shown(suggestion ? message : [message, hint].filter(Boolean).join(': '))}`),
      (status !== -1 || message === 'stopped') && button(again, () => this.again([item]), suggestion ? '' : name),
      button('Leave it', () => this.leave([item]), name));
  }
}

// Files that a person puts into a folder: chosen, or dropped on it. Two go at a time.

import { ask, put } from './service.js';
import { files, find, keyed, make, shown, size, tell } from './dom.js';

/** The files of an entry of a drop, with the directories in which each lies. */
async function* within(entry, place = '') {
  if (entry.isFile) return yield [await new Promise((done, fail) => { entry.file(done, fail); }), place];
  const reader = entry.createReader();
  for (;;) {
    // A reader gives some at a time, and none at its end.
    const some = await new Promise((done, fail) => { reader.readEntries(done, fail); });
    if (some.length === 0) return;
    for (const child of some) yield* within(child, place ? `${place}/${entry.name}` : entry.name);
  }
}

export class Drops {
  /** `open` tells of folders that take files, `arrived` is called when one has come in. */
  constructor(arrived) {
    Object.assign(this, { arrived, items: [], going: 0, number: 0 });
    this.place = find('drops');
    this.input = this.place.querySelector('input');
    this.input.addEventListener('change', () => {
      for (const file of this.input.files) this.add(this.folder, file);
      this.input.value = '';
    });
    const carries = event => !this.place.hidden && [...event.dataTransfer.types].includes('Files');
    let leaving;
    addEventListener('dragover', event => {
      if (!carries(event)) return;
      event.preventDefault();
      const zone = this.zone(event);
      event.dataTransfer.dropEffect = zone ? 'copy' : 'none';
      document.body.classList.add('dragging');
      for (const other of this.zones()) other.classList.toggle('over', other === zone);
      clearTimeout(leaving);
      leaving = setTimeout(() => this.rest(), 400);
    });
    addEventListener('drop', async event => {
      if (!carries(event)) return;
      event.preventDefault();
      this.rest();
      const folder = this.zone(event)?.dataset.key;
      // They are gone after the event.
      const entries = [...event.dataTransfer.items].map(item => item.webkitGetAsEntry()).filter(Boolean);
      if (folder) for (const entry of entries) for await (const [file, place] of within(entry)) this.add(folder, file, place);
    });
    addEventListener('beforeunload', event => { if (this.going > 0) event.preventDefault(); });
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

  /** Takes the folders of a status. */
  take(status, mayAct) {
    const open = mayAct ? status.folders.filter(folder => folder.acceptsDrops) : [];
    this.place.hidden = open.length === 0;
    keyed(this.place.querySelector('div'), open, folder => folder.name, folder => make('p.zone',
      make('b', shown(folder.name)), make('span', 'drop files here, or'),
      make('button', { textContent: 'Add files…', 'aria-label': `add files to ${shown(folder.name)}`, onclick: () => {
        this.folder = folder.name;
        this.input.click();
      } })), () => {});
  }

  add(folder, file, relative = '') {
    this.items.push({ key: String(this.number += 1), folder, file, relative, name: file.name, sent: 0, state: 'waits' });
    this.go();
  }

  async go() {
    this.draw();
    const item = this.going < 2 && this.items.find(item => item.state === 'waits');
    if (!item) return;
    this.going += 1;
    item.state = 'goes';
    this.go();
    try {
      const path = `folders/${encodeURIComponent(item.folder)}/files`;
      const { name, relative, file } = item;
      // Whoever sends a long file hears of a refusal too late, or not at all.
      await ask(path, { name, relative, bytes: file.size });
      await put(`${path}?name=${encodeURIComponent(name)}&relative=${encodeURIComponent(relative)}`, file, (sent, stop) => {
        Object.assign(item, { sent, stop });
        this.draw();
      });
      this.drop(item);
      this.arrived();
    } catch (trouble) {
      Object.assign(item, { state: 'refused', trouble });
    }
    this.going -= 1;
    this.go();
  }

  drop(item) {
    this.items = this.items.filter(other => other !== item);
    this.draw();
  }

  draw() {
    const waiting = this.items.filter(item => item.state === 'waits').length;
    tell(this.place.querySelector('.small'), waiting > 0 ? `${files(waiting)} more to send` : '');
    const seen = this.items.filter(item => item.state !== 'waits');
    keyed(this.place.querySelector('ul'), seen, item => item.key + item.state, item => {
      const row = make('li', make('b', shown(item.name)));
      const button = (text, onclick) => row.append(make('button', { textContent: text, onclick }));
      if (item.state === 'goes') {
        row.append(make('progress', { max: Math.max(1, item.file.size), 'aria-label': shown(item.name) }), make('span.far'));
        button('Stop', () => item.stop?.());
        return row;
      }
      const { message, hint, suggestion } = item.trouble;
      row.classList.add('bad');
      row.append(make('span', { role: 'alert', textContent: `■ ${shown(suggestion ? message : [message, hint].filter(Boolean).join(': '))}` }));
      button(suggestion ? `Send as ${shown(suggestion)}` : 'Try again', () => {
        Object.assign(item, { state: 'waits', name: suggestion ?? item.name });
        this.go();
      });
      button('Leave it', () => this.drop(item));
      return row;
    }, (row, item) => {
      if (item.state !== 'goes') return;
      row.children[1].value = item.sent;
      tell(row.children[2], `${Math.floor(100 * item.sent / Math.max(1, item.file.size))} % of ${size(item.file.size)} sent`);
    });
  }
}

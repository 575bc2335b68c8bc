// What every part of the page uses: elements, words and numbers for people. Text goes in as text, never as HTML.

export const find = id => document.getElementById(id);

/** An element `tag.class`, with properties and children. A name with a hyphen is an attribute. */
export function make(name, ...children) {
  const [tag, ...classes] = name.split('.');
  const element = document.createElement(tag);
  element.className = classes.join(' ');
  for (const [key, value] of Object.entries(children[0]?.constructor === Object ? children.shift() : {})) {
    if (value === undefined || value === null) continue;
    if (key.includes('-') || key === 'role') element.setAttribute(key, value);
    else element[key] = value;
  }
  element.append(...children.filter(child => child || child === ''));
  return element;
}

/** Changes the text only where it differs, so that nothing is drawn again for nothing. */
export function tell(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/**
 * Makes the children of `parent` those of `items`, in their order. An element is kept as long as its key is there.
 * Two items of one key have an element each.
 */
export function keyed(parent, items, key, create, update) {
  const times = new Map();
  const names = items.map(item => {
    const name = key(item);
    times.set(name, (times.get(name) ?? 0) + 1);
    return times.get(name) === 1 ? name : `${name} (${times.get(name)})`;
  });
  // What goes is removed first: an element that only follows it is not moved then, and keeps the focus.
  const wanted = new Set(names);
  const known = new Map();
  for (const child of [...parent.children]) {
    const name = child.dataset.key;
    if (wanted.has(name) && !known.has(name)) known.set(name, child);
    else child.remove();
  }
  const focused = document.activeElement;
  let place = parent.firstElementChild;
  for (const [index, item] of items.entries()) {
    let element = known.get(names[index]);
    if (!element) {
      element = create(item);
      element.dataset.key = names[index];
    }
    if (element === place) place = place.nextElementSibling;
    else parent.insertBefore(element, place);
    update(element, item);
  }
  if (focused !== document.activeElement && parent.contains(focused)) focused.focus({ preventScroll: true });
}

// Control characters, and those that change the direction of the text around them.
const unsafe = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** A text from outside, as it is shown. */
export const shown = text => text.replace(unsafe, '\ufffd');

/** JSON for people. What `shown` replaces is escaped, so that it stays the same JSON. */
export const shownJSON = value => JSON.stringify(value, null, 2)
  .replace(unsafe, mark => mark === '\n' ? mark : `\\u${mark.charCodeAt(0).toString(16).padStart(4, '0')}`);

export const nameOf = path => shown(path.slice(path.lastIndexOf('/') + 1));

/** The directory of a file below its folder; empty for one that lies in the folder itself. */
export function placeOf(path, folder) {
  const directory = path.slice(0, path.lastIndexOf('/'));
  if (!folder) return '';
  return shown(directory === folder.path ? '' : directory.slice(folder.path.length + 1));
}

/** The path's bytes in a URL's query. In a path with an encoding, %XX is a byte already. */
export function pathQuery(file) {
  const text = encodeURIComponent(file.path);
  return file.pathEncoding ? text.replace(/%25([0-9A-Fa-f]{2})/g, '%$1') : text;
}

/** Where the service gives a file's bytes, in the version that is known. */
export const contentOf = (file, what = 'content') =>
  `api/v1/files/${what}?path=${pathQuery(file)}${file.version ? `&v=${file.version}` : ''}`;

// Pictures to load. Two at a time leave connections to all else.
const pictures = [];
let loading = 0;
function loadPictures() {
  while (loading < 2 && pictures.length > 0) {
    const [image, source] = pictures.shift();
    if (!image.isConnected) continue;
    loading += 1;
    const end = () => { loading -= 1; loadPictures(); };
    image.addEventListener('load', end);
    image.addEventListener('error', end);
    image.src = source;
  }
}

/** Shows a file's small picture, or a mark where it has none. */
export function picture(place, mark, source) {
  const name = source ?? mark;
  if (place.dataset.shown === name) return;
  place.dataset.shown = name;
  place.replaceChildren(mark);
  if (!source) return;
  const image = make('img', { alt: '', decoding: 'async', onerror: () => image.replaceWith(mark) });
  place.replaceChildren(image);
  pictures.push([image, source]);
  setTimeout(loadPictures);
}

/** The path as actions take it. */
export const pathJSON = file => file.pathEncoding ? { path: file.path, pathEncoding: file.pathEncoding } : file.path;

export const count = number => number.toLocaleString('en');
export const files = number => `${count(number)} ${number === 1 ? 'file' : 'files'}`;

export function size(bytes) {
  if (bytes < 1000) return `${bytes} B`;
  let value = bytes;
  let unit = -1;
  do { value /= 1000; unit += 1; } while (value >= 999.5 && unit < 4);
  return `${value < 9.95 ? value.toFixed(1) : Math.round(value)} ${'kMGTP'[unit]}B`;
}

/** `0:42 · 1080 × 1920`: what is known of an entry's duration and pixels. */
export function measure(entry) {
  const { durationMs: ms, width, height } = entry ?? {};
  const total = Math.floor(ms / 1000);
  const two = number => String(number).padStart(2, '0');
  const minutes = total < 3600 ? Math.floor(total / 60) : `${Math.floor(total / 3600)}:${two(Math.floor(total / 60) % 60)}`;
  return [ms && (total ? `${minutes}:${two(total % 60)}` : `${ms / 1000} s`), width && `${width} × ${height}`]
    .filter(Boolean).join(' · ');
}

export function duration(seconds) {
  const total = Math.max(0, Math.round(seconds));
  if (total < 60) return `${total} s`;
  if (total < 3600) return `${Math.floor(total / 60)} min`;
  if (total < 86400) return `${Math.floor(total / 3600)} h ${Math.floor(total % 3600 / 60)} min`;
  return `${Math.floor(total / 86400)} d ${Math.floor(total % 86400 / 3600)} h`;
}

const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });
const second = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });
const whole = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium' });

/** The time today, else the day; the year where it is another one. */
export function when(text, seconds = false) {
  const date = new Date(text);
  const now = new Date();
  if (date.toDateString() === now.toDateString()) return (seconds ? second : clock).format(date);
  if (seconds) return `${day.format(date)} ${second.format(date)}`;
  return date.getFullYear() === now.getFullYear() ? day.format(date) : `${day.format(date)} ${date.getFullYear()}`;
}
export const fully = text => whole.format(new Date(text));

const toastPlace = find('toast');
let toasting;
/** Says something for a few seconds. A dialog covers all that is not in it. */
export function toast(text) {
  const place = toastPlace;
  (document.querySelector('dialog[open]') ?? document.body).append(place);
  place.hidden = false;
  place.textContent = text;
  clearTimeout(toasting);
  toasting = setTimeout(() => { place.hidden = true; }, 4000);
}

/** Copies a text. Without TLS, a browser has the old way alone. */
export async function copy(text, what) {
  let done = false;
  if (window.isSecureContext && navigator.clipboard) {
    done = await navigator.clipboard.writeText(text).then(() => true, () => false);
  }
  if (!done) {
    const focused = document.activeElement;
    const area = make('textarea', { value: text, className: 'unseen', 'aria-hidden': 'true', readOnly: true });
    // A dialog takes the focus for itself.
    (document.querySelector('dialog[open]') ?? document.body).append(area);
    area.select();
    done = document.execCommand('copy');
    area.remove();
    focused?.focus?.({ preventScroll: true });
  }
  toast(done ? `${what} copied` : `could not copy: ${text}`);
}

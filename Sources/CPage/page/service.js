// The service behind the page: questions, actions, and what it tells by itself.

/**
 * An answer that is none. `status` is that of HTTP, 0 without an answer, -1 without a question. `hint` says what to do,
 * `suggestion` is a free name.
 */
export class Trouble extends Error {
  constructor(status, message, hint = '', suggestion = undefined) {
    super(message);
    Object.assign(this, { status, hint, suggestion });
  }
}

/** The value of an answer. */
function valueOf(status, text) {
  let value = null;
  try { value = JSON.parse(text); } catch { /* Another than the service has answered. */ }
  if (status >= 200 && status < 300 && value) return value;
  const error = value?.error;
  if (status === 401) document.dispatchEvent(new Event('logged-out'));
  // A proxy that finds no service answers in its place.
  const isSilent = [502, 503, 504].includes(status) && !error;
  throw new Trouble(isSilent ? 0 : status, error?.message ?? `the service answered with status ${status}`, error?.hint, error?.suggestion);
}

export async function ask(path, body) {
  let answer;
  let text;
  try {
    const signal = AbortSignal.timeout(15_000);
    answer = await fetch(`api/v1/${path}`, body === undefined ? { signal } : {
      signal,
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    });
    text = await answer.text();
  } catch (error) {
    const trouble = new Trouble(0, 'the service does not answer');
    // The question may have waited for a connection in the browser.
    trouble.isLate = error.name === 'TimeoutError';
    throw trouble;
  }
  return valueOf(answer.status, text);
}

/** Sends a file. `progress` gets how many bytes have gone, and what stops it. fetch tells nothing of it. */
export const put = (path, file, progress) => new Promise((done, fail) => {
  const request = new XMLHttpRequest();
  const stop = () => request.abort();
  request.open('PUT', `api/v1/${path}`);
  request.setRequestHeader('Content-Type', 'application/octet-stream');
  request.upload.onprogress = event => progress(event.loaded, stop);
  request.onload = () => { try { done(valueOf(request.status, request.responseText)); } catch (trouble) { fail(trouble); } };
  request.onerror = () => fail(new Trouble(0, 'the connection broke off'));
  request.onabort = () => fail(new Trouble(-1, 'stopped'));
  progress(0, stop);
  request.send(file);
});

const told = ['uploaded', 'known', 'rejected', 'postponed', 'status', 'progress', 'blocked', 'open', 'paused', 'resumed', 'reset'];

/**
 * What the service tells, while the page is looked at. A page that is hidden for 30 s listens no more: browsers allow
 * six connections a host. `hear` gets each event's name and data, `change` whether the service is heard.
 */
export class Events {
  constructor(hear, change) {
    this.hear = hear;
    this.change = change;
    document.addEventListener('visibilitychange', () => {
      clearTimeout(this.closing);
      if (document.hidden) this.closing = setTimeout(() => this.close(), 30_000);
      else if (this.isWanted && !this.source) this.open();
    });
    window.addEventListener('pagehide', () => this.close());
    window.addEventListener('pageshow', event => {
      if (event.persisted && this.isWanted && !this.source) this.open();
    });
  }

  start() {
    this.isWanted = true;
    if (!this.source) this.open();
  }

  stop() {
    this.isWanted = false;
    this.close();
  }

  open() {
    const source = new EventSource('api/v1/events');
    this.source = source;
    source.onopen = () => this.change(true);
    source.onerror = () => {
      this.change(false);
      // A browser gives up after an answer that is no stream, such as a proxy's.
      if (source.readyState !== EventSource.CLOSED || this.source !== source) return;
      this.source = null;
      setTimeout(() => { if (this.isWanted && !this.source && !document.hidden) this.open(); }, 2000);
    };
    for (const name of told) {
      // The browser has an event `open` of its own, without data.
      source.addEventListener(name, event => { if (event.data) this.hear(name, JSON.parse(event.data)); });
    }
  }

  close() {
    this.source?.close();
    this.source = null;
  }
}

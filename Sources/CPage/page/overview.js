// What is at one glance: the state, the problems, what is on its way, and what waits for what.

import { ask } from './service.js';
import {
  contentOf, count, duration, files, find, keyed, make, nameOf, picture, shown, size, tell, when,
} from './dom.js';

const marks = { ok: '●', degraded: '▲', blocked: '■', starting: '◌', stopping: '◌', stopped: '■' };
const states = {
  ok: 'all well', degraded: 'needs a look', blocked: 'blocked', starting: 'starting', stopping: 'stopping',
  stopped: 'stopped',
};
const phases = {
  asking: 'asks for a place', finishing: 'finishing', reading: 'reading', pace: 'waits for the pace',
};

export class Overview {
  /** `act(path, body)` does an action and tells what came of it. `open(file)` explains a file. */
  constructor(act, open) {
    this.act = act;
    this.open = open;
    this.mayAct = false;
    this.opened = new Map();
    find('pause').addEventListener('click', () => {
      act(this.isPaused ? 'resume' : 'pause', { scope: 'all' });
    });
  }

  folderOf(path) {
    return (this.status?.folders ?? [])
      .filter(folder => path.startsWith(folder.path + '/'))
      .reduce((best, folder) => best && best.path.length > folder.path.length ? best : folder, null);
  }

  show(status) {
    this.status = status;
    const sum = name => status.folders.reduce((total, folder) => total + (folder.files[name] ?? 0), 0);
    const waits = status.waiting.reduce((total, group) => total + group.files, 0);
    this.totals = {
      uploaded: sum('uploaded'), rejected: sum('rejected'),
      all: ['settling', 'queued', 'uploading', 'uploaded', 'rejected', 'skipped', 'gone'].reduce((all, name) => all + sum(name), 0),
    };
    const state = find('state');
    state.hidden = false;
    state.className = `state ${status.state}`;
    tell(state, `${marks[status.state] ?? ''} ${states[status.state] ?? status.state}`);
    tell(find('host'), shown(status.host));
    const rate = status.uploading.length > 0 && status.rate?.bytesPerSecond > 0 ? ` at ${size(status.rate.bytesPerSecond)}/s` : '';
    tell(find('counts'), [
      `${count(status.uploading.length)} on the way${rate}`, `${count(waits)} waiting`,
      `${count(this.totals.rejected)} rejected`,
    ].join(' · '));
    document.title = (status.problems.length > 0 ? '▲ ' : '') + `Outtray · ${shown(status.host)}`;
    this.isPaused = status.problems.some(problem => problem.code === 'paused' && problem.subject === undefined);
    const pause = find('pause');
    pause.hidden = !this.mayAct;
    tell(pause, this.isPaused ? 'Resume' : 'Pause');
    pause.title = this.isPaused ? 'Go on with new uploads' : 'Begin no new upload; what is on its way finishes';
    this.showProblems(status.problems);
    this.showUploads(status.uploading);
    this.showWaiting(status.waiting);
    this.showFleet(status.fleet);
  }

  showProblems(problems) {
    const place = find('problems');
    place.hidden = problems.length === 0;
    keyed(place, problems, problem => `${problem.code} ${problem.subject ?? ''}`, problem => {
      const card = make('article', { className: `problem ${problem.severity}`, role: 'alert' },
        make('p.message'), make('p.fix'), make('p.small'));
      const body = this.remedy(problem);
      if (body && this.mayAct) {
        card.append(make('button', { textContent: body.label, onclick: () => this.act(body.path, body.body) }));
      }
      return card;
    }, (card, problem) => {
      const [message, fix, small] = card.children;
      tell(message, (problem.severity === 'error' ? '■ ' : '▲ ') + shown(problem.message));
      tell(fix, problem.fix ? shown(problem.fix) : '');
      fix.hidden = !problem.fix;
      tell(small, [
        problem.since && `since ${when(problem.since)}`, problem.next && `looked at again ${when(problem.next, true)}`,
      ].filter(Boolean).join(', '));
      small.hidden = !small.textContent;
    });
  }

  /** What a button can do about a problem; undefined if nothing. */
  remedy(problem) {
    if (problem.code === 'account-blocked') {
      return { label: 'Try now', path: 'retry', body: { account: problem.subject } };
    }
    if (problem.code === 'folder-unavailable') {
      return { label: 'Look again', path: 'rescan', body: { scope: 'folder', name: problem.subject } };
    }
  }

  showUploads(uploads) {
    const section = find('now');
    section.hidden = uploads.length === 0;
    keyed(section.querySelector('ul'), uploads, upload => upload.path, upload => {
      const name = make('button.name', { onclick: () => this.open(upload) });
      return make('li', make('span.kind'), name, make('span.where'),
        make('progress', { 'aria-label': nameOf(upload.path) }), make('span.far'));
    }, (row, upload) => {
      const [icon, name, where] = row.children;
      picture(icon, '↑', contentOf(upload, 'thumbnail'));
      tell(name, nameOf(upload.path));
      name.title = shown(upload.path);
      const folder = this.folderOf(upload.path);
      const account = shown(upload.account);
      tell(where, folder && folder.name !== upload.account ? `${shown(folder.name)} → ${account}` : account);
      this.progress(row, upload);
    });
  }

  progress(row, upload) {
    const bar = row.children[3];
    const isSending = upload.phase === 'sending';
    bar.max = Math.max(1, upload.bytes);
    if (isSending || upload.phase === 'finishing') bar.value = isSending ? upload.sent : upload.bytes;
    else bar.removeAttribute('value');
    tell(row.children[4], isSending ? [
      `${Math.floor(100 * upload.sent / Math.max(1, upload.bytes))} % of ${size(upload.bytes)}`,
      upload.bytesPerSecond > 0 && `${size(upload.bytesPerSecond)}/s`,
      upload.etaSeconds !== undefined && `${duration(upload.etaSeconds)} left`,
      upload.parts > 1 && `part ${Math.min(upload.partsDone + 1, upload.parts)} of ${upload.parts}`,
    ].filter(Boolean).join(' · ') : phases[upload.phase] ?? upload.phase);
  }

  /** Takes the event `progress` of one file. */
  hearProgress(event) {
    const upload = this.status?.uploading.find(upload => upload.path === event.path);
    const row = upload && [...find('now').querySelectorAll('li')].find(row => row.dataset.key === event.path);
    if (!row) return;
    Object.assign(upload, { phase: 'sending', sent: event.sent });
    this.progress(row, upload);
  }

  showWaiting(groups) {
    const section = find('waiting');
    section.hidden = groups.length === 0;
    keyed(section.querySelector('div'), groups, group => `${group.cause} ${group.subject ?? ''}`, group => {
      const list = make('ul');
      const details = make('details', make('summary', make('b'), make('span')), list);
      details.addEventListener('toggle', () => this.list(details, group));
      if (this.mayAct && !['paused', 'settling', 'held-open', 'slot', 'pace'].includes(group.cause)) {
        details.append(make('button', {
          textContent: 'Try these again', onclick: () => this.act('retry', { cause: group.cause }),
        }));
      }
      return details;
    }, (details, group) => {
      const [number, text] = details.firstElementChild.children;
      tell(number, files(group.files));
      tell(text, [
        shown(group.text), size(group.bytes), group.oldest && `since ${when(group.oldest)}`,
        group.next && `looked at again ${when(group.next, true)}`,
      ].filter(Boolean).join(' · '));
      if (details.open && details.dataset.files !== String(group.files)) this.list(details, group);
    });
  }

  /** The other hosts that share the accounts, and what they have saved this one. */
  showFleet(fleet) {
    const section = find('fleet');
    section.hidden = !fleet;
    if (!fleet) return;
    const [, counts, list] = section.children;
    tell(counts, [
      !fleet.reachable && 'cannot be asked', fleet.unpublished > 0 && `${count(fleet.unpublished)} changes to publish`,
      `${files(fleet.adopted)} adopted`, fleet.takeovers > 0 && `${count(fleet.takeovers)} taken over`,
      `${count(fleet.duplicates)} surplus`,
    ].filter(Boolean).join(' · '));
    keyed(list, fleet.members, host => host.name, () => make('li', make('b'), make('span.small')), (row, host) => {
      row.className = host.silentSince ? 'silent' : '';
      tell(row.children[0], shown(host.name));
      tell(row.children[1], host.name === fleet.host ? 'this host'
        : host.silentSince ? `silent, seen ${when(host.silentSince)}` : 'alive');
    });
  }

  /** Fills an open group with its first files. */
  async list(details, group) {
    if (!details.open) return;
    details.dataset.files = String(group.files);
    const account = group.subject ? `&account=${encodeURIComponent(group.subject)}` : '';
    const answer = await ask(`files?cause=${group.cause}${account}&limit=50`).catch(() => null);
    if (!answer) return;
    const list = details.querySelector('ul');
    keyed(list, answer.files, file => file.path, file => make('li', {},
      make('button.name', { onclick: () => this.open(file) }), make('span.where'),
      make('span.far')), (row, file) => {
      tell(row.children[0], nameOf(file.path));
      row.children[0].title = shown(file.path);
      tell(row.children[1], shown(file.folder ?? file.account ?? ''));
      tell(row.children[2], [size(file.bytes), file.reason && shown(file.reason),
        file.next && `next try ${when(file.next, true)}`].filter(Boolean).join(' · '));
    });
    if (answer.next !== undefined && group.files > answer.files.length) {
      const more = make('li.small', { textContent: `and ${files(group.files - answer.files.length)} more` });
      more.dataset.key = '';
      list.append(more);
    }
  }
}


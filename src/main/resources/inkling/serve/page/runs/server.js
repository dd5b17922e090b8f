// Asks the server again until it answers, and says meanwhile what is going on.
import {follow, get, key, post} from '../api.js';
import {button} from '../words.js';

const {element} = inkling;
const SOONEST = 500, LATEST = 5000;         // milliseconds between two tries
const CHANGES = ['offline', 'online'];
const HIDDEN = 50_000;                       // between two signs of life of a page that nobody sees

const PREFIX = '/inkling/v1/runs';
export const pathOf = (name, what = '') => `${PREFIX}/${encodeURIComponent(name)}${what}`;

/** @param line where the state of the connection is told */
export function createServer(line) {
  let keyGiven = null;

  function be(state, text) {
    if (line.dataset.state === state && state !== 'lost') return;
    line.dataset.state = state;
    line.textContent = text;
  }

  /** Asks for the key, and waits until it is there. */
  function askForKey() {
    keyGiven ||= new Promise(given => {
      const field = element('input', {type: 'password', id: 'key', autocomplete: 'off', 'aria-label': 'API key'});
      const use = () => {
        key.set(field.value.trim());
        keyGiven = null;
        be('connecting', '');
        given();
      };
      field.addEventListener('keydown', e => { if (e.key === 'Enter') use(); });
      be('key', '');
      line.replaceChildren('This server asks for its API key: ', field, ' ', button('Use it', use));
      field.focus();
    });
    return keyGiven;
  }

  /** Repeats `work()` until it succeeds; throws a fault that trying again does not mend. */
  async function until(work, signal) {
    for (let wait = SOONEST; ; wait = Math.min(LATEST, wait * 2)) {
      try {
        const done = await work();
        be('ready', '');
        return done;
      } catch (e) {
        if (signal?.aborted || e.name === 'AbortError') throw e;
        if (e.status === 401) {
          await askForKey();
          continue;
        }
        if (!e.retryable) throw e;
        be('lost', `${e.message} Trying again…`);
        await pause(wait, signal);
      }
    }
  }

  /**
   * Follows a run: calls `onNews` with what is new; `where()` gives what is known already. A hidden page holds no connection.
   */
  async function live(name, where, onNews, signal) {
    while (!signal.aborted) {
      await visible(signal);
      const connection = new AbortController(), leave = () => document.hidden && connection.abort(), end = () => connection.abort();
      document.addEventListener('visibilitychange', leave);
      signal.addEventListener('abort', end);
      for (const change of CHANGES) addEventListener(change, end);    // of the network: is the server still there?
      try {
        await until(() => follow(pathOf(name, '/events?' + new URLSearchParams(where())), {
          signal: connection.signal,
          onEvent: news => { be('ready', ''); onNews(news); },
        }), connection.signal);
        await pause(SOONEST, signal);       // the stream was ended by a server that stops
      } catch (e) {
        if (e.name !== 'AbortError') throw e;
      } finally {
        document.removeEventListener('visibilitychange', leave);
        signal.removeEventListener('abort', end);
        for (const change of CHANGES) removeEventListener(change, end);
      }
    }
  }

  return {
    get: (path, signal) => until(() => get(path, {signal}), signal),
    list: signal => until(() => get(PREFIX, {signal}), signal),
    post: (path, body) => post(path, body),
    live,
  };
}

/** Waits; fails with an AbortError as soon as `signal` is aborted. */
export function pause(millis, signal) {
  return new Promise((done, failed) => {
    const give = () => { clearTimeout(timer); failed(new DOMException('', 'AbortError')); };
    const timer = setTimeout(() => { signal?.removeEventListener('abort', give); done(); }, millis);
    if (signal?.aborted) give();
    else signal?.addEventListener('abort', give, {once: true});
  });
}

/** Waits until the page is seen. Meanwhile it asks the server for /health now and then: one begun for this page alone would else end. */
export async function visible(signal) {
  while (document.hidden) {
    const seen = new AbortController(), see = () => document.hidden || seen.abort();
    document.addEventListener('visibilitychange', see);
    await pause(HIDDEN, seen.signal).then(() => get('/health').catch(() => {}), () => {});
    document.removeEventListener('visibilitychange', see);
    if (signal?.aborted) throw new DOMException('', 'AbortError');
  }
}

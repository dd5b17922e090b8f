// Asks the server. Repeats a GET until the server answers, and meanwhile tells the user why there is no answer.
import {follow, get, key, post} from '../api.js';
import {button} from '../words.js';

const {element} = inkling;
const SOONEST = 500, LATEST = 5000;         // milliseconds between two tries
const CHANGES = ['offline', 'online'];
const HIDDEN = 50_000;                       // milliseconds between two requests of a page that nobody sees

const PREFIX = '/inkling/v1/runs';
export const pathOf = (name, what = '') => `${PREFIX}/${encodeURIComponent(name)}${what}`;

/** @param line the element that tells the state of the connection */
export function createServer(line) {
  let keyGiven = null;

  function be(state, text) {
    if (line.dataset.state === state && state !== 'lost') return;
    line.dataset.state = state;
    line.textContent = text;
  }

  /** Asks the user for the API key, and waits until it is given. */
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

  /** Repeats `work()` until it succeeds. Throws a fault if trying again cannot help. */
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
   * Follows a run until `signal` is aborted. `onNews` takes what is new. `where()` gives the query that says what the page has already. A
   * hidden page keeps no connection.
   */
  async function live(name, where, onNews, signal) {
    while (!signal.aborted) {
      await visible(signal);
      const connection = new AbortController(), leave = () => document.hidden && connection.abort(), end = () => connection.abort();
      document.addEventListener('visibilitychange', leave);
      signal.addEventListener('abort', end);
      for (const change of CHANGES) addEventListener(change, end);    // of the network: the server may be gone, so connect again
      try {
        await until(() => follow(pathOf(name, '/events?' + new URLSearchParams(where())), {
          signal: connection.signal,
          onEvent: news => { be('ready', ''); onNews(news); },
        }), connection.signal);
        await pause(SOONEST, signal);       // the server has ended the stream, because it stops
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

/** Waits for `millis` milliseconds. Fails with an AbortError as soon as `signal` is aborted. */
export function pause(millis, signal) {
  return new Promise((done, failed) => {
    const give = () => { clearTimeout(timer); failed(new DOMException('', 'AbortError')); };
    const timer = setTimeout(() => { signal?.removeEventListener('abort', give); done(); }, millis);
    if (signal?.aborted) give();
    else signal?.addEventListener('abort', give, {once: true});
  });
}

/**
 * Waits until the page is visible. Meanwhile it asks the server for /health now and then. Otherwise the server of `train --dashboard` would
 * end: after the training, it waits only some minutes for a connection.
 */
export async function visible(signal) {
  while (document.hidden) {
    const seen = new AbortController(), see = () => document.hidden || seen.abort();
    document.addEventListener('visibilitychange', see);
    await pause(HIDDEN, seen.signal).then(() => get('/health').catch(() => {}), () => {});
    document.removeEventListener('visibilitychange', see);
    if (signal?.aborted) throw new DOMException('', 'AbortError');
  }
}

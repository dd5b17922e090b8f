// Asks the server. Everything that a page knows about HTTP is here.

/**
 * A request that was not answered as asked. `status` is 0 where no answer came; `retryable` says whether the same request may be answered
 * later (the queue is full, the model is being loaded, the connection was lost).
 */
export class ApiError extends Error {
  constructor(status, message, code = null) {
    super(message);
    Object.assign(this, {status, code, retryable: status === 0 || status === 503});
  }
}

const KEY = 'inkling-key';
const BETWEEN_LOOKS = 2000;        // milliseconds between two checks whether a stream is silent

/** The API key that goes with all requests of this tab, for servers that ask for one. */
export const key = {
  get: () => sessionStorage.getItem(KEY),
  set: value => sessionStorage.setItem(KEY, value),
};

async function ask(path, init = {}) {
  const headers = {...init.headers};
  if (key.get()) headers['X-Api-Key'] = key.get();
  let response;
  try {
    response = await fetch(path, {...init, headers, cache: 'no-store', redirect: 'error'});
  } catch (e) {
    if (e.name === 'AbortError') throw e;
    throw new ApiError(0, 'The server does not answer.');
  }
  if (!response.ok) throw await refusal(response);
  return response;
}

async function refusal(response) {
  try {
    const {error} = await response.json();
    return new ApiError(response.status, error.message, error.code);
  } catch {
    return new ApiError(response.status, `The server answered with status ${response.status}.`);
  }
}

async function json(response) {
  try {
    return await response.json();
  } catch (e) {
    if (e.name === 'AbortError') throw e;
    throw new ApiError(0, 'The connection was cut in the middle of an answer.');
  }
}

const posted = (path, body, signal) => ask(path, {
  method: 'POST', headers: {'Content-Type': 'application/json'}, body: JSON.stringify(body), signal,
});

/** The document at a path. */
export const get = async (path, {signal} = {}) => json(await ask(path, {signal}));

/** The server's answer to a document, as a document. */
export const post = async (path, body, {signal} = {}) => json(await posted(path, body, signal));

/** The server's answer to a document, as text. */
export const postForText = async (path, body, {signal} = {}) => (await posted(path, body, signal)).text();

/**
 * Server-sent events in answer to a document: `onEvent` takes one document after the other. Returns after the last one; throws an ApiError
 * for a refusal, an error that the stream tells, and a stream that was cut off.
 */
export async function stream(path, body, {signal, onEvent}) {
  return events(await posted(path, body, signal), onEvent);
}

/**
 * As `stream`, but for a GET. The server gives a sign of life every ten seconds. A connection that is silent for `mostSilence`
 * milliseconds was cut while this machine slept, and would never say so.
 */
export async function follow(path, {signal, onEvent, mostSilence = 30_000}) {
  return events(await ask(path, {signal}), onEvent, mostSilence);
}

async function events(response, onEvent, mostSilence = null) {
  const reader = response.body.getReader(), text = new TextDecoder();
  let rest = '', heard = Date.now();
  const watch = mostSilence && setInterval(() => Date.now() - heard > mostSilence && reader.cancel(), BETWEEN_LOOKS);
  try {
    for (;;) {
      const {value, done} = await reader.read().catch(e => {
        if (e.name === 'AbortError') throw e;
        throw new ApiError(0, 'The connection was cut.');
      });
      if (done) throw new ApiError(0, 'The connection was cut.');
      heard = Date.now();
      const lines = (rest + text.decode(value, {stream: true})).split('\n');
      rest = lines.pop();
      for (const line of lines) {
        if (!line.startsWith('data: ')) continue;      // comments are signs of life
        if (line === 'data: [DONE]') return;
        const event = JSON.parse(line.slice(6));
        if (event.error) throw new ApiError(event.error.type === 'unavailable_error' ? 503 : 500, event.error.message, event.error.code);
        onEvent(event);
      }
    }
  } finally {
    clearInterval(watch);
  }
}

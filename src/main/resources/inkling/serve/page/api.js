// Sends the pages' requests for data.

/**
 * A request that was not answered as asked. `status` is 0 if no answer came, or if it was cut off; it is 503 or 500 if a stream told an
 * error. `retryable` says whether the server may answer the same request later, e.g. because the queue is full or the connection was lost.
 */
export class ApiError extends Error {
  constructor(status, message, code = null) {
    super(message);
    Object.assign(this, {status, code, retryable: status === 0 || status === 503});
  }
}

const KEY = 'inkling-key';
const BETWEEN_LOOKS = 2000;        // milliseconds between two checks whether a stream is silent

/** The API key that all requests for data carry in this tab, for servers that ask for a key. */
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

/** The JSON document at a path. */
export const get = async (path, {signal} = {}) => json(await ask(path, {signal}));

/** Posts a JSON document, and gives the server's answer as a JSON document. */
export const post = async (path, body, {signal} = {}) => json(await posted(path, body, signal));

/**
 * Posts a JSON document, and reads server-sent events as the answer. `onEvent` takes the JSON document of each event. The function returns
 * after the last event. It throws an ApiError if the server refuses the request, if the stream tells an error, or if the stream is cut off.
 */
export async function stream(path, body, {signal, onEvent}) {
  return events(await posted(path, body, signal), onEvent);
}

/**
 * As `stream`, but for a GET. About every ten seconds, a server that has nothing to tell sends a sign of life. If nothing comes for
 * `mostSilence` milliseconds, this takes the connection as lost, because the browser might never report that a connection was cut while the
 * machine slept.
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

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

/** What the server answers to a document. */
export const post = async (path, body, {signal} = {}) => json(await posted(path, body, signal));

/** The same, where the answer is text. */
export const postForText = async (path, body, {signal} = {}) => (await posted(path, body, signal)).text();

/**
 * Server-sent events in answer to a document: `onEvent` takes one document after the other. Returns after the last one; throws an ApiError
 * for a refusal, an error that the stream tells, and a stream that was cut off.
 */
export async function stream(path, body, {signal, onEvent}) {
  return events(await posted(path, body, signal), onEvent);
}

/**
 * The same, in answer to a GET. A connection that is silent for so many milliseconds, though the server gives a sign of life every ten seconds,
 * was cut while this machine slept: nobody would ever tell.
 */
export async function follow(path, {signal, onEvent, mostSilence = 30_000}) {
  return events(await ask(path, {signal}), onEvent, mostSilence);
}

/** The next part of a stream, which must come within some time. */
async function soon(reader, millis) {
  let timer;
  try {
    return await Promise.race([reader.read(), new Promise((_, failed) => { timer = setTimeout(failed, millis, new Error('silent')); })]);
  } catch (e) {
    reader.cancel(e).catch(() => {});
    throw e;
  } finally {
    clearTimeout(timer);
  }
}

async function events(response, onEvent, mostSilence = null) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (;;) {
    const {value, done} = await (mostSilence === null ? reader.read() : soon(reader, mostSilence)).catch(e => {
      if (e.name === 'AbortError') throw e;
      throw new ApiError(0, 'The connection was cut.');
    });
    if (done) throw new ApiError(0, 'The connection was cut.');
    const lines = (rest + value).split('\n');
    rest = lines.pop();
    for (const line of lines) {
      if (!line.startsWith('data: ')) continue;      // comments are signs of life
      if (line === 'data: [DONE]') return;
      const event = JSON.parse(line.slice(6));
      if (event.error) throw new ApiError(event.error.type === 'unavailable_error' ? 503 : 500, event.error.message, event.error.code);
      onEvent(event);
    }
  }
}

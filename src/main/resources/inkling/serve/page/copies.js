// A branch as a command or as program code that writes it again.
import {key} from './api.js';
import {asCommand, SAMPLING} from './sampling.js';
import {requestOf} from './writer.js';

export const FORMS = {sample: 'inkling sample', curl: 'curl', java: 'openai-java', python: 'Python (openai)'};

/** @param form a key of FORMS */
export const commandOf = (form, branch) => ({sample, curl, java, python})[form](branch);

/** Remarks: a reason why the copied command may give another text, and what the user must fill in. '' if the page knows none. */
export function cautionOf(form, {exact, source}) {
  const bits = exact ? ''
    : 'If the server writes other texts at the same time, the last bits of a probability may differ, and so, rarely, a token.'
    + ' With “exact”, it writes the same text as inkling sample.';
  const turn = form === 'sample' && source.messages ? ' The command does not stop at the end of a turn.' : '';
  const secret = form !== 'sample' && key.get() ? ' Write the server’s API key in place of KEY.' : '';
  return (bits + turn + secret).trim();
}

/** What stands for the API key: the key itself is not copied. A server that asks for none takes any. */
const standIn = () => key.get() ? 'KEY' : 'none';

/** A text quoted for a POSIX shell. */
export const quoted = text => `'${text.replaceAll("'", "'\\''")}'`;

const escaped = (unit, digits) => c => '\\' + unit + c.codePointAt(0).toString(16).padStart(digits, '0');

/** A text as a string literal of JSON and of Java, in ASCII. */
const literal = value => JSON.stringify(value).replace(/[\u007f-\uffff]/g, escaped('u', 4));

/** A value as a Python literal, in ASCII. Python writes a character beyond 16 bits as one escape, JSON as two. */
export const pythonOf = value => typeof value === 'string'
  ? JSON.stringify(value).replace(/[\u{10000}-\u{10ffff}]/gu, escaped('U', 8)).replace(/[\u007f-\uffff]/g, escaped('u', 4))
  : value === true ? 'True' : value === false ? 'False' : value === null ? 'None'
  : Array.isArray(value) ? `[${value.map(pythonOf).join(', ')}]`
  : typeof value === 'object' ? `{${Object.entries(value).map(([k, v]) => `${pythonOf(k)}: ${pythonOf(v)}`).join(', ')}}` : String(value);

function sample({source, tokens, prompt, options, seed, maxTokens, directory = 'MODEL'}) {
  const given = typeof source.prompt === 'string' ? '--prompt ' + quoted(source.prompt)
    : '--prompt-ids ' + tokens.slice(0, prompt).map(token => token.id).join();
  return `inkling sample ${quoted(directory)} ${given} --max-tokens ${maxTokens} ${asCommand(options)} --seed ${seed}`;
}

function curl(branch) {
  const {path, body} = requestOf(branch);
  const secret = key.get() ? ` -H 'Authorization: Bearer ${standIn()}'` : '';
  return `curl ${location.origin}${path} -H 'Content-Type: application/json'${secret} \\\n  -d ${quoted(JSON.stringify(body))}`;
}

/** Fields of a request that OpenAI's clients do not know. */
const OURS = [...SAMPLING.filter(({client}) => !client).map(({name}) => name), 'inkling'];

function python(branch) {
  const {path, body} = requestOf(branch);
  const own = Object.entries(body).filter(([name]) => !OURS.includes(name)).map(([name, value]) => `    ${name}=${pythonOf(value)},\n`)
    .join('');
  const extra = Object.fromEntries(OURS.filter(name => name in body).map(name => [name, body[name]]));
  return `from openai import OpenAI\n\nclient = OpenAI(base_url=${pythonOf(location.origin + '/v1')}, api_key="${standIn()}")\n`
    + `answer = client.${path.includes('chat') ? 'chat.completions' : 'completions'}.create(\n${own}    extra_body=${pythonOf(extra)},\n)\n`
    + `print(answer.choices[0].${path.includes('chat') ? 'message.content' : 'text'})`;
}

function java(branch) {
  const {path, body} = requestOf(branch);
  const chat = path.includes('chat');
  const kind = chat ? 'ChatCompletionCreateParams' : 'CompletionCreateParams';
  const adders = {system: 'addSystemMessage', user: 'addUserMessage', assistant: 'addAssistantMessage'};
  const lines = [`.model(${literal(body.model)})`];
  if (chat) body.messages.forEach(({role, content}) => lines.push(`.${adders[role]}(${literal(content)})`));
  else lines.push(typeof body.prompt === 'string' ? `.prompt(${literal(body.prompt)})` : `.promptOfArrayOfTokens(List.of(${
    body.prompt.map(id => id + 'L').join(', ')}))`);
  lines.push(`.${chat ? 'maxCompletionTokens' : 'maxTokens'}(${body.max_tokens}L)`,
    ...SAMPLING.filter(({client}) => client).map(({name, client}) => `.${client}(${javaDouble(body[name])})`),
    `.seed(${body.seed}L)`);
  for (const name of OURS) lines.push(`.putAdditionalBodyProperty("${name}", JsonValue.from(${javaOf(body[name])}))`);
  return `OpenAIClient client = OpenAIOkHttpClient.builder().baseUrl(${literal(location.origin + '/v1')}).apiKey("${standIn()}").build();\n`
    + `var answer = client.${chat ? 'chat().completions' : 'completions'}().create(${kind}.builder()\n`
    + `    ${lines.join('\n    ')}\n    .build());\n`
    + `System.out.println(answer.choices().get(0)${chat ? '.message().content().orElse("")' : '.text()'});`;
}

const javaDouble = value => Number.isInteger(value) ? value + '.0' : String(value);
/** A number, a truth value, or an array or object of these, as a Java expression. */
const javaOf = value => typeof value !== 'object' ? String(value) : Array.isArray(value) ? `List.of(${value.join(', ')})`
  : `Map.of(${Object.entries(value).map(([k, v]) => `"${k}", ${javaOf(v)}`).join(', ')})`;

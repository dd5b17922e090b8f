// Sends requests to a running Inkling with three clients, streamed and not: node ask.mjs http://127.0.0.1:PORT MODEL.
// At the first answer that is not as expected, it exits with 1.
import assert from "node:assert/strict";
import OpenAI from "openai";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { generateText, streamText } from "ai";
import { ChatOpenAI } from "@langchain/openai";

const [address, model] = process.argv.slice(2);
const baseURL = `${address}/v1`;
const messages = [{ role: "user", content: "Hello" }];
const settings = { temperature: 0, max_tokens: 12, seed: 1, cache_prompt: false };

async function busy() {
  const metrics = await (await fetch(`${address}/metrics`)).text();
  return Number(metrics.match(/inkling_slots_busy\{[^}]*\} (\d+)/)[1]);
}

async function openai() {
  const client = new OpenAI({ baseURL, apiKey: "none", maxRetries: 0 });
  assert.equal((await client.models.list()).data[0].id, model);
  const whole = await client.chat.completions.create({ model, messages, ...settings });
  const text = whole.choices[0].message.content;
  assert.equal(whole.choices[0].finish_reason, "length");
  assert.equal(whole.usage.completion_tokens, 12);

  let streamed = "";
  let usage;
  const stream = await client.chat.completions.create({ model, messages, ...settings, stream: true,
    stream_options: { include_usage: true } });
  for await (const chunk of stream) {
    streamed += chunk.choices[0]?.delta?.content ?? "";
    usage = chunk.usage ?? usage;
  }
  assert.equal(streamed, text);
  assert.equal(usage.completion_tokens, 12);
  const helper = await client.chat.completions.stream({ model, messages, ...settings }).finalChatCompletion();
  assert.equal(helper.choices[0].message.content, text);

  const logprobs = await client.chat.completions.create({ model, messages, ...settings, logprobs: true, top_logprobs: 3 });
  assert.equal(logprobs.choices[0].logprobs.content.length, 12);
  assert.equal(logprobs.choices[0].logprobs.content.map((t) => t.token).join(""), text);
  assert.equal(logprobs.choices[0].logprobs.content[0].top_logprobs.length, 3);

  const completion = await client.completions.create({ model, prompt: "The old", ...settings, logprobs: 1, echo: true });
  assert.ok(completion.choices[0].text.startsWith("The old"));
  assert.equal(completion.choices[0].logprobs.token_logprobs[0], null);

  await assert.rejects(client.chat.completions.create({ model: "other", messages }),
    (e) => e.status === 404 && e.code === "model_not_found");
  await assert.rejects(client.chat.completions.create({ model, messages, temperature: 9 }),
    (e) => e.status === 400 && e.param === "temperature");
  await assert.rejects(client.chat.completions.create({ model, messages, stream: true,
    tools: [{ type: "function", function: { name: "f" } }] }),
    (e) => e.status === 400 && e.param === "tools");

  const cancelled = await client.chat.completions.create({ model, messages, stream: true, max_tokens: 40, ignore_eos: true });
  for await (const chunk of cancelled) {
    if (chunk.choices[0]?.delta?.content) break; // closes the connection
  }
  while ((await busy()) > 0) await new Promise((then) => setImmediate(then));
  return text;
}

async function aiSdk(text) {
  const provider = createOpenAICompatible({ name: "inkling", baseURL, includeUsage: true });
  const options = { model: provider(model), messages, temperature: 0, maxOutputTokens: 12, maxRetries: 0 };
  const whole = await generateText(options);
  assert.equal(whole.text, text);
  assert.equal(whole.finishReason, "length");
  const stream = streamText(options);
  let streamed = "";
  for await (const part of stream.textStream) streamed += part;
  assert.equal(streamed, text);
  assert.equal((await stream.usage).outputTokens, 12);
  await assert.rejects(generateText({ ...options, model: provider("other") }), /There is no model of this name/);
}

async function langchain(text) {
  const options = { model, apiKey: "none", configuration: { baseURL }, temperature: 0, maxTokens: 12, maxRetries: 0 };
  const chat = new ChatOpenAI(options);
  assert.equal((await chat.invoke("Hello")).content, text);
  let streamed = "";
  for await (const chunk of await chat.stream("Hello")) streamed += chunk.content;
  assert.equal(streamed, text);
  await assert.rejects(new ChatOpenAI({ ...options, model: "other" }).invoke("Hello"), /no model of this name/);
}

const text = await openai();
assert.ok(text.length > 0);
await aiSdk(text);
await langchain(text);
console.log("all clients agree");

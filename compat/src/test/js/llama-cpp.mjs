// node llama-cpp.mjs QUESTIONS ANSWERS: asks llama.cpp (node-llama-cpp) about GGUF files. It reads a JSON list of questions from the file
// QUESTIONS, and writes a list of answers to the file ANSWERS.
// A question: {model, texts: [text], sequence: [id], greedyFrom, greedy: number, context}; LlamaCpp.java explains the fields.
// An answer: {ids: [[id]], plain: [[id]], decoded: [text], logprobs: [[number]] (T, V), greedy: [id]}, or {error}. In ids, special tokens
// in a text have their own ids; in plain, they are read as characters.
import fs from "node:fs";
import {getLlama, LlamaLogLevel} from "node-llama-cpp";

const [questions, answers] = process.argv.slice(2);
const llama = await getLlama({gpu: false, build: "never", skipDownload: true, progressLogs: false, logLevel: LlamaLogLevel.error,
  maxThreads: 1});

async function answer(question) {
    const model = await llama.loadModel({modelPath: question.model, gpuLayers: 0, useMmap: true});
    try {
        const out = {};
        out.ids = question.texts.map((text) => Array.from(model.tokenize(text, true)));
        out.plain = question.texts.map((text) => Array.from(model.tokenize(text, false)));
        out.decoded = out.ids.map((ids) => model.detokenize(ids, true));
        const size = model.fileInfo.metadata.tokenizer.ggml.tokens.length;
        if (question.sequence.length > 0) {
            const context = await model.createContext({contextSize: question.context, batchSize: 512, threads: 1, flashAttention: false,
                experimentalKvCacheKeyType: "F32", experimentalKvCacheValueType: "F32", swaFullCache: true});
            const sequence = context.getSequence();
            const all = await sequence.controlledEvaluate(question.sequence.map((id) => [id, {generateNext: {probabilities: true}}]));
            out.logprobs = all.map((one) => {
                const row = new Array(size).fill(-1000);
                for (const [token, p] of one.next.probabilities) row[token] = p > 0 ? Math.log(p) : -1000;
                return row;
            });
            await sequence.clearHistory();
            let next = question.sequence.slice(0, question.greedyFrom);
            out.greedy = [];
            for (let i = 0; i < question.greedy; i++) {
                const got = await sequence.controlledEvaluate(next.map((id, at) =>
                    at === next.length - 1 ? [id, {generateNext: {probabilities: true}}] : id));
                const probabilities = got[next.length - 1].next.probabilities;
                let best = -1, most = -1;
                for (const [token, p] of probabilities) if (p > most || p === most && token < best) [best, most] = [token, p];
                out.greedy.push(best);
                next = [best];
            }
            await context.dispose();
        }
        return out;
    } finally {
        await model.dispose();
    }
}

const result = [];
for (const question of JSON.parse(fs.readFileSync(questions, "utf8"))) {
    try {
        result.push(await answer(question));
    } catch (error) {
        result.push({error: String(error && error.message || error)});
    }
}
fs.writeFileSync(answers, JSON.stringify(result));
await llama.dispose();

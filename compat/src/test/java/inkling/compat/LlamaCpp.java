package inkling.compat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.StreamSupport;

/** Runs llama.cpp in a process of its own, with Node's package node-llama-cpp. */
final class LlamaCpp {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Path SCRIPT = Path.of("src/test/js/llama-cpp.mjs").toAbsolutePath();
    private static final Path INSTALLED = Path.of("node_modules/.package-lock.json");
    private static final Path LOCK = Path.of("package-lock.json");

    private LlamaCpp() {}

    /**
     * A question about a GGUF file.
     *
     * @param texts texts to encode
     * @param sequence ids; the distribution of the next token is wanted after each of them. If empty, only the texts are encoded
     * @param greedyFrom how many ids of {@code sequence} begin the greedy text
     * @param greedy how many tokens the greedy text adds to them
     * @param context the context length with which llama.cpp runs the model
     */
    record Question(Path model, List<String> texts, List<Integer> sequence, int greedyFrom, int greedy, int context) {}

    /**
     * The answer of llama.cpp.
     *
     * @param ids of each text; a special token in the text gets its own id
     * @param plain the ids of each text if special tokens are read as ordinary characters
     * @param decoded the text of each element of {@code ids}
     * @param logprobs (T, V)
     */
    record Answer(List<List<Integer>> ids, List<List<Integer>> plain, List<String> decoded, double[][] logprobs, List<Integer> greedy) {}

    /** Asks all questions in one process. @param scratch a folder for the files of questions and answers */
    static List<Answer> ask(Path scratch, List<Question> questions) throws IOException, InterruptedException {
        install();
        Path asked = scratch.resolve("questions.json");
        Path answered = scratch.resolve("answers.json");
        JSON.writeValue(asked.toFile(), questions.stream().map(q -> Map.of("model", q.model.toString(), "texts", q.texts, "sequence",
            q.sequence, "greedyFrom", q.greedyFrom, "greedy", q.greedy, "context", q.context)).toList());
        run(List.of("node", SCRIPT.toString(), asked.toString(), answered.toString()), 180);
        List<Answer> answers = new ArrayList<>();
        JsonNode all = JSON.readTree(answered.toFile());
        for (int i = 0; i < questions.size(); i++) {
            if (all.get(i).has("error")) {
                throw new AssertionError(questions.get(i).model + ": " + all.get(i).get("error").asText());
            }
            answers.add(answer(all.get(i)));
        }
        return answers;
    }

    private static Answer answer(JsonNode json) {
        double[][] logprobs = new double[json.path("logprobs").size()][];
        for (int t = 0; t < logprobs.length; t++) {
            JsonNode row = json.get("logprobs").get(t);
            logprobs[t] = StreamSupport.stream(row.spliterator(), false).mapToDouble(JsonNode::doubleValue).toArray();
        }
        List<List<Integer>> ids = new ArrayList<>();
        json.get("ids").forEach(each -> ids.add(integers(each)));
        List<List<Integer>> plain = new ArrayList<>();
        json.get("plain").forEach(each -> plain.add(integers(each)));
        List<String> decoded = new ArrayList<>();
        json.get("decoded").forEach(each -> decoded.add(each.asText()));
        return new Answer(ids, plain, decoded, logprobs, integers(json.path("greedy")));
    }

    private static List<Integer> integers(JsonNode list) {
        return StreamSupport.stream(list.spliterator(), false).map(JsonNode::intValue).toList();
    }

    /** Installs node-llama-cpp in the version of package-lock.json, without the builds for other machines. */
    static synchronized void install() throws IOException, InterruptedException {
        if (Files.exists(INSTALLED) && Files.getLastModifiedTime(INSTALLED).compareTo(Files.getLastModifiedTime(LOCK)) >= 0) {
            return;
        }
        boolean linux = System.getProperty("os.name").equals("Linux") && System.getProperty("os.arch").equals("amd64");
        Needs.program(linux, "Linux on x86-64: for other machines package.json names no build of llama.cpp");
        Needs.program(works(List.of("npm", "--version")), "npm and node");
        Needs.program(works(List.of("npm", "ci", "--omit=optional", "--ignore-scripts", "--no-audit", "--no-fund")),
            "node-llama-cpp: `npm ci` in compat/ failed");
    }

    private static boolean works(List<String> command) throws InterruptedException {
        try {
            run(command, 300);
            return true;
        } catch (IOException | AssertionError e) {
            System.out.println(e.getMessage());
            return false;
        }
    }

    private static void run(List<String> command, int seconds) throws IOException, InterruptedException {
        Path log = Files.createTempFile("compat", ".log");
        Process process = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
        process.getOutputStream().close();
        if (!process.waitFor(seconds, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError(command + " took more than " + seconds + " s");
        }
        if (process.exitValue() != 0) {
            throw new AssertionError(command + " ended with " + process.exitValue() + ":\n" + Files.readString(log));
        }
        Files.delete(log);
    }
}

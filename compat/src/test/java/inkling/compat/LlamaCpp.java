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

/** llama.cpp as Node's package node-llama-cpp has it, in a process of its own. */
final class LlamaCpp {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Path SCRIPT = Path.of("src/test/js/llama-cpp.mjs").toAbsolutePath();
    private static final Path INSTALLED = Path.of("node_modules/.package-lock.json");
    private static final Path LOCK = Path.of("package-lock.json");

    private LlamaCpp() {}

    /**
     * What is asked about a GGUF file.
     *
     * @param texts to be made ids of, once as they are and once with their special tokens
     * @param sequence ids whose next tokens are wanted at every position; none for the tokens alone
     * @param greedyFrom how many of these begin the greedy text
     * @param greedy how many tokens of it are wanted
     */
    record Question(Path model, List<String> texts, List<Integer> sequence, int greedyFrom, int greedy, int context) {}

    /**
     * What llama.cpp says.
     *
     * @param ids of each text, special tokens found
     * @param plain of each text, special tokens read as characters
     * @param logprobs (T, V)
     */
    record Answer(List<List<Integer>> ids, List<List<Integer>> plain, List<String> decoded, double[][] logprobs, List<Integer> greedy) {}

    /** One process answers all. */
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

    /** As package-lock.json says, without the builds for other machines. */
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

package inkling.inspect.page;

import inkling.errors.Printable;
import inkling.generate.Candidates;
import inkling.generate.DrawnToken;
import inkling.generate.Generation;
import inkling.generate.Generation.FinishReason;
import inkling.generate.Generator;
import inkling.generate.Sampler;
import inkling.generate.SamplingOptions;
import inkling.generate.TokenText;
import inkling.generate.Truncation;
import inkling.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * The transcript of a text, e.g. of {@code sample --html}. Each token after the prompt is shaded by its probability. For the token that the
 * user selects, the page shows the distribution from which it was drawn. Controls for temperature and top-k recompute the distribution
 * exactly, without other truncations. The page listens while a {@link Generator} works:
 *
 * <pre>{@code
 * TranscriptPage page = new TranscriptPage("dickens", options, Optional.of(tokenizer));
 * generator.generate("It was", options, page);
 * String html = page.html();
 * }</pre>
 *
 * <p>A token takes some 2 KB of the page. For each logit that the page leaves out, at most one exponential is computed at each of some 30
 * temperatures.
 */
public final class TranscriptPage implements Generator.Listener {
    private static final int LONGEST_PROMPT = 2_000; // code points: of a longer prompt, only the end is shown

    private final String model;
    private final SamplingOptions options;
    private final TokenText tokenText;
    private final double[] stops;
    private final List<List<TranscriptStep>> samples = new ArrayList<>();
    private final Map<Integer, FinishReason> finished = new TreeMap<>();
    private String prompt = "";
    private int[] promptIds = {};
    private int vocabSize;

    /** @param model the model's name, for the heading */
    public TranscriptPage(String model, SamplingOptions options, Optional<Tokenizer> tokenizer) {
        this.model = model;
        this.options = options;
        this.tokenText = new TokenText(tokenizer);
        this.stops = stops(options.temperature());
    }

    /** The temperatures of the slider: tenths up to 2, quarters up to 5, and the temperature of the sampling. */
    private static double[] stops(double temperature) {
        DoubleStream fine = IntStream.range(0, 20).mapToDouble(i -> i / 10.0);
        DoubleStream coarse = IntStream.rangeClosed(8, 20).mapToDouble(i -> i / 4.0);
        return DoubleStream.concat(DoubleStream.concat(fine, coarse), DoubleStream.of(temperature)).sorted().distinct().toArray();
    }

    @Override
    public void prompt(int[] ids) {
        promptIds = ids.clone();
        TokenText.Stream stream = tokenText.stream();
        StringBuilder text = new StringBuilder();
        for (int id : ids) {
            text.append(shown(stream, id));
        }
        prompt = text.append(stream.finish()).toString();
    }

    @Override
    public void token(int sample, DrawnToken step, Candidates candidates) {
        while (samples.size() <= sample) {
            samples.add(new ArrayList<>());
        }
        vocabSize = candidates.logits().length;
        samples.get(sample).add(TranscriptStep.of(step, candidates, stops));
    }

    @Override
    public void finished(int sample, Generation.Sample result) {
        finished.put(sample, result.finishReason());
    }

    /** The page of everything that was generated so far. */
    public String html() {
        HtmlPage page = new HtmlPage("Transcript of " + model, "Every token with the distribution it was drawn from. Choose a token to see"
            + " what else the model had in mind; change the temperature to see how the odds shift.")
            .style(HtmlPage.resource("transcript.css"));
        page.body("<p class=\"settings\">" + HtmlPage.escape(String.join(" · ", settings())) + "</p>");
        page.body("<div class=\"reading\">").body("<div class=\"texts\">").body(legend());
        for (int i = 0; i < samples.size(); i++) {
            page.body(section(i));
        }
        page.body("</div>").body(panel()).body("</div>");
        return page.data("transcript", data()).module("transcript.js").render();
    }

    private List<String> settings() {
        List<String> settings = new ArrayList<>(List.of("temperature " + options.temperature()));
        Sampler.of(options).truncations().forEach(truncation -> settings.add(truncation.label()));
        if (options.repetitionPenalty() != 1) {
            settings.add("repetition penalty " + options.repetitionPenalty());
        }
        settings.add("seed " + options.seed());
        settings.add(String.format(Locale.ROOT, "vocabulary of %,d", vocabSize));
        return settings;
    }

    private static String legend() {
        StringBuilder html = new StringBuilder("<p class=\"legend\">Drawn with probability ");
        for (int percent : new int[] {1, 10, 50, 100}) {
            html.append("<span class=\"token-shade\" ").append(shade(percent / 100.0)).append('>').append(percent).append(" %</span>");
        }
        return html.append(" <span class=\"screen-only keys\">Arrow keys move from token to token.</span></p>").toString();
    }

    /** A token's shade, darker for a more probable token. The power keeps small probabilities apart; transcript.js has the same formula. */
    private static String shade(double p) {
        return String.format(Locale.ROOT, "style=\"--shade:%.3f\"", 0.5 * Math.pow(p, 0.35));
    }

    private String section(int i) {
        StringBuilder html = new StringBuilder("<section class=\"sample\" aria-label=\"Sample ").append(i + 1).append("\">\n");
        if (samples.size() > 1) {
            html.append("<h2>Sample ").append(i + 1).append("</h2>\n");
        }
        html.append("<p class=\"caption\" data-sample=\"").append(i).append("\"></p>\n");
        html.append("<div class=\"ribbon\" data-sample=\"").append(i).append("\" aria-hidden=\"true\"></div>\n<div class=\"text\">");
        html.append("<span class=\"prompt\">").append(marked(endOfPrompt())).append("</span>");
        html.append("<span class=\"tokens\" role=\"listbox\" aria-orientation=\"horizontal\" aria-label=\"Generated tokens\">");
        TokenText.Stream stream = tokenText.streamBehind(promptIds);
        List<TranscriptStep> steps = samples.get(i);
        for (int n = 0; n < steps.size(); n++) {
            DrawnToken step = steps.get(n).step();
            String text = shown(stream, step.id()) + (n == steps.size() - 1 ? stream.finish() : "");
            html.append(String.format(Locale.ROOT, "<span class=\"token-shade\" role=\"option\" aria-selected=\"false\" tabindex=\"%d\""
                + " data-sample=\"%d\" data-step=\"%d\" %s>", n == 0 ? 0 : -1, i, n, shade(step.probability())));
            html.append(text.isEmpty() ? "<span class=\"mark\">▯</span>" : marked(text)).append("</span>");
        }
        return html.append("</span></div>\n<p class=\"note\">").append(ending(i)).append("</p>\n</section>").toString();
    }

    private String endOfPrompt() {
        int length = prompt.codePointCount(0, prompt.length());
        return length <= LONGEST_PROMPT ? prompt : "… " + prompt.substring(prompt.offsetByCodePoints(0, length - LONGEST_PROMPT));
    }

    private String ending(int i) {
        int tokens = samples.get(i).size();
        String count = Printable.counted(tokens, "token");
        if (!finished.containsKey(i)) {
            return count + ".";
        }
        return switch (finished.get(i)) {
            case LENGTH -> count + ", as many as were asked for.";
            case STOP -> count + "; the last tokens made a stop string.";
            case EOS -> count + "; with the last one the model ended the text.";
            case CANCELLED -> count + ", then it was stopped.";
        };
    }

    /** The text of a token; without a tokenizer, its id. */
    private String shown(TokenText.Stream stream, int id) {
        return tokenText.tokenizer().isPresent() ? stream.push(id) : tokenText.readable(id) + " ";
    }

    /** Escapes text for HTML, and puts a visible sign before each line end. */
    private static String marked(String text) {
        return HtmlPage.escape(text).replace("\n", "<span class=\"mark\" aria-hidden=\"true\">↵</span>\n");
    }

    private static String panel() {
        return """
            <aside class="panel folded" aria-label="Distribution of the chosen token">
            <h2 id="chosen">No token is chosen</h2>
            <p id="facts" aria-live="polite"></p>
            <button type="button" id="fold" class="quiet" aria-expanded="false">Show what else it could have been</button>
            <div class="controls screen-only">
            <label for="temperature">Temperature</label>
            <input type="range" id="temperature" min="0" max="1" step="1" value="0">
            <output id="temperature-value" for="temperature"></output>
            <label for="top-k">Top-k</label>
            <input type="number" id="top-k" min="1" max="1" step="1" placeholder="all">
            <button type="button" id="as-drawn">As drawn</button>
            </div>
            <p id="view" class="note"></p>
            <div id="strip" aria-hidden="true"></div>
            <ol id="bars"></ol>
            <button type="button" id="more" class="quiet" aria-expanded="false"></button>
            </aside>""";
    }

    private Map<String, Object> data() {
        Map<Integer, Integer> place = new LinkedHashMap<>();     // id -> index in the list of names
        samples.stream().flatMap(List::stream)
            .flatMapToInt(step -> IntStream.concat(Arrays.stream(step.ids()), IntStream.of(step.step().id())))
            .forEach(id -> place.putIfAbsent(id, place.size()));
        Map<String, Object> asked = new LinkedHashMap<>();
        asked.put("temperature", options.temperature());
        asked.put("topK", options.topK());
        asked.put("removals", options.temperature() == 0 ? List.of("temperature 0")
            : Sampler.of(options).truncations().stream().map(Truncation::label).toList());
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("vocabulary", vocabSize);
        data.put("stops", stops);
        data.put("asked", asked);
        data.put("ids", place.keySet());
        data.put("names", place.keySet().stream().map(tokenText::readable).toList());
        data.put("samples", samples.stream().map(steps -> steps.stream().map(step -> step.json(place)).toList()).toList());
        return data;
    }
}

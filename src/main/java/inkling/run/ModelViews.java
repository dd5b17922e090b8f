package inkling.run;

import inkling.data.source.Corpus;
import inkling.data.source.DataConfig;
import inkling.generate.GenerationSession;
import inkling.generate.SamplingOptions;
import inkling.inspect.AttentionMap;
import inkling.inspect.Comparison;
import inkling.inspect.ContextCurve;
import inkling.inspect.ForwardTrace;
import inkling.inspect.LogitLens;
import inkling.inspect.WordTrace;
import inkling.inspect.embedding.EmbeddingSpace;
import inkling.inspect.embedding.ModelSpace;
import inkling.inspect.page.AttentionPage;
import inkling.inspect.page.ComparisonPage;
import inkling.inspect.page.ContextPage;
import inkling.inspect.page.EmbeddingPlotPage;
import inkling.inspect.page.IndexPage.Entry;
import inkling.inspect.page.LensPage;
import inkling.inspect.page.TourPage;
import inkling.inspect.page.TranscriptPage;
import inkling.inspect.page.WordTracePage;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.stream.IntStream;

/**
 * The views of a model for one prompt, each a page. If a view cannot be made, its entry says why, e.g. that the prompt is too long for a
 * tour.
 */
public final class ModelViews {
    private static final int WRITTEN_TOKENS = 80;
    private static final int CANDIDATES_SHOWN = 10;
    private static final int CONTEXT_WINDOWS = 500;

    /**
     * A view.
     *
     * @param entry its line in an index
     * @param html makes its page; empty if the view cannot be made
     */
    public record View(Entry entry, Optional<Supplier<String>> html) {}

    private final String given;
    private final String name;
    private final LoadedModel model;
    private final int[] ids;
    private final long seed;
    private final Optional<String> data;

    /**
     * @param given the model as a command line names it
     * @param name its name, for headings
     * @param ids the prompt
     * @param data the path of a text for the context curve
     */
    public ModelViews(String given, String name, LoadedModel model, int[] ids, long seed, Optional<String> data) {
        this.given = given;
        this.name = name;
        this.model = model;
        this.ids = ids.clone();
        this.seed = seed;
        this.data = data;
    }

    /** The prompt as text; without a tokenizer, its ids. */
    public String prompt() {
        return text(ids);
    }

    private String text(int... some) {
        return model.tokenizer().map(tokenizer -> tokenizer.decode(some)).orElseGet(() -> Arrays.toString(some));
    }

    private ForwardTrace trace(int... some) {
        return ForwardTrace.of(model.gpt(), model.manager(), model.tokenText(), some);
    }

    /** All views, in the order in which they are best read. */
    public List<View> all() {
        ForwardTrace trace = trace(ids);
        String says = quoted(prompt());
        return List.of(
            ids.length > TourPage.MOST_TOKENS ? missing("The whole walk",
                "A tour shows at most %d tokens; the prompt has %d. For a shorter prompt:".formatted(TourPage.MOST_TOKENS, ids.length),
                "tour %s --prompt TEXT --out tour.html")
                : view("The whole walk", "From text to the next word, stop by stop, with this model's own numbers.", "tour.html",
                    "tour %s --prompt " + says + " --out tour.html", () -> ModelTour.html(name, model, ids, seed)),
            view("The distribution behind each word", "What the model writes after the prompt, and what else each token could have been.",
                "transcript.html", "sample %s --prompt " + says + " --max-tokens " + WRITTEN_TOKENS + " --seed " + seed
                + " --html transcript.html",
                this::transcript),
            view("Who looks at whom", "How each head of each layer divides a token's attention among the tokens before it.",
                "attention.html",
                "attention %s --prompt " + says + " --html attention.html",
                () -> AttentionPage.html(name, AttentionMap.of(trace), OptionalInt.empty(), OptionalInt.empty())),
            view("What each layer already knows", "The next token, read off after every layer.", "lens.html",
                "lens %s --prompt " + says + " --html lens.html",
                () -> LensPage.html(name, LogitLens.of(trace, model.gpt(), model.manager(), CANDIDATES_SHOWN))),
            comparison(), wordTrace(), context(),
            view("The geometry of words",
                "Words of the vocabulary, each a point of the embedding. Words that are used alike lie near each other.", "plot.html",
                "embed plot %s --html plot.html",
                () -> {
                    EmbeddingSpace space = ModelSpace.of(model.gpt(), ModelSpace.Matrix.EMBEDDING, model.tokenText());
                    int[] rows = EmbeddingPlotPage.wordRows(space, model.tokenText()::readable);
                    return EmbeddingPlotPage.html("Words of the model " + name, space, rows, model.tokenText()::readable);
                }),
            model.checkpoint().map(checkpoint ->
                view("The training run", "Curves, samples, where the parameters are, the run file.", "report.html",
                "report %s", () -> RunReport.of(checkpoint.run().toString(), checkpoint.run().getParent()).html()))
                .orElseGet(() -> missing("The training run", "This model is not a checkpoint of a run. For a run:", "report RUN")));
    }

    private View view(String title, String says, String file, String command, Supplier<String> html) {
        return new View(new Entry(title, says, file, command(command)), Optional.of(html));
    }

    private View missing(String title, String why, String command) {
        return new View(new Entry(title, why, "", command(command)), Optional.empty());
    }

    private String command(String of) {
        return "./inkling " + of.replaceFirst("%s", Matcher.quoteReplacement(quotedIfNeeded(given)));
    }

    private static String quotedIfNeeded(String word) {
        return word.matches("[A-Za-z0-9_./-]+") ? word : quoted(word);
    }

    /** Quotes {@code text} for a shell. */
    private static String quoted(String text) {
        return "'" + text.replace("'", "'\\''") + "'";
    }

    private String transcript() {
        SamplingOptions options = SamplingOptions.DEFAULT.withMaxTokens(WRITTEN_TOKENS).withSeed(seed);
        TranscriptPage page = new TranscriptPage(name, options, model.tokenizer());
        try (GenerationSession session = model.openSession()) {
            session.generate(ids, options, page);
        }
        return page.html();
    }

    /** Compares the prediction after the second half of the prompt, without and with the first half before it. */
    private View comparison() {
        String title = "What the beginning changes";
        if (ids.length < 2) {
            return missing(title, "A prompt of one token has no beginning to leave out. For two texts:",
                "compare %s --prompt TEXT --with TEXT --html compare.html");
        }
        int cut = middle();
        int[] first = Arrays.copyOf(ids, cut);
        int[] second = Arrays.copyOfRange(ids, cut, ids.length);
        return view(title, "The next token after the second half of the prompt, without and with its first half.", "compare.html",
            "compare %s --prompt " + quoted(text(second)) + " --with " + quoted(text(first)) + " --html compare.html",
            () -> ComparisonPage.html(name, text(second), text(first), Comparison.of(trace(second), trace(ids), CANDIDATES_SHOWN)));
    }

    /** The position of the token that begins a word and is nearest to the middle; the middle itself if no token begins a word. */
    private int middle() {
        int half = ids.length / 2;
        return IntStream.range(1, ids.length).filter(i -> beginsWord(ids[i])).boxed()
            .min(Comparator.comparingInt(i -> Math.abs(i - half))).orElse(half);
    }

    /**
     * Compares the first and the last occurrence of one word in the prompt. Of the words that occur twice, the one nearest to the end is
     * taken; tokens that begin with a space are preferred.
     */
    private View wordTrace() {
        String title = "Same word, different place";
        int[] twice = IntStream.iterate(ids.length - 1, i -> i > 0, i -> i - 1).filter(i -> before(i) >= 0 && isWord(ids[i])).toArray();
        int last = Arrays.stream(twice).filter(i -> beginsWord(ids[i])).findFirst().orElse(twice.length == 0 ? -1 : twice[0]);
        if (last < 0) {
            return missing(title, "No word comes twice in the prompt. Two texts with the same word will do:",
                "trace %s --word W --in TEXT --in TEXT --html trace.html");
        }
        int first = before(last);
        String word = text(ids[last]).strip();
        int[] a = Arrays.copyOf(ids, first + 1);
        int[] b = Arrays.copyOf(ids, last + 1);
        return view(title, "“%s” comes twice in the prompt: how its two vectors diverge, layer by layer.".formatted(word),
            "trace.html",
            "trace %s --word " + quoted(word) + " --in " + quoted(text(a)) + " --in " + quoted(text(b)) + " --html trace.html",
            () -> WordTracePage.html(name, WordTrace.of(word, new WordTrace.Occurrence(trace(a), first, 1),
                new WordTrace.Occurrence(trace(b), last, 1))));
    }

    private int before(int place) {
        return IntStream.range(0, place).filter(i -> ids[i] == ids[place]).findFirst().orElse(-1);
    }

    private boolean beginsWord(int id) {
        String text = text(id);
        return !text.isEmpty() && Character.isWhitespace(text.charAt(0));
    }

    private boolean isWord(int id) {
        return text(id).strip().matches("\\p{L}{3,}");
    }

    private View context() {
        String title = "What more context brings";
        String command = "context %s --data " + data.map(ModelViews::quotedIfNeeded).orElse("PATH") + " --html context.html";
        return data.map(path -> view(title, "How the loss falls as the model sees more tokens before the one that it predicts.",
            "context.html", command, () -> {
            Corpus corpus = Corpus.open(List.of(path), DataConfig.Format.TEXT);
            return ContextPage.html(name, String.valueOf(Path.of(path).getFileName()), ContextCurve.of(model.gpt(), model.manager(),
                corpus.whole().tokens(model.requireTokenizer("context"), model.specialIds()), model.gpt().config().contextLength(),
                CONTEXT_WINDOWS),
                model.learnedFrom(corpus));
        })).orElseGet(() -> missing(title, "This view needs a text. Give --data PATH to `views`, or run:", command));
    }
}

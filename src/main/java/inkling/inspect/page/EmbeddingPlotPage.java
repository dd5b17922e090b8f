package inkling.inspect.page;

import inkling.errors.ConfigException;
import inkling.errors.Printable;
import inkling.inspect.embedding.EmbeddingSpace;
import inkling.inspect.embedding.EmbeddingSpace.Neighbor;
import inkling.inspect.embedding.EmbeddingSpace.Word;
import inkling.inspect.embedding.PrincipalComponents;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * Words of an {@link EmbeddingSpace} as points on one HTML page. The picture has two dimensions, or three that can be rotated: the
 * principal components of the words shown. If the reader hovers over a word or searches for it, lines lead to its nearest neighbours among
 * these words. They are nearest by cosine in all dimensions, not by distance in the picture.
 */
public final class EmbeddingPlotPage {
    /** With this many words, a page has less than a megabyte and still rotates smoothly. */
    public static final int MOST_WORDS = 5_000;

    private static final int NEIGHBORS_SHOWN = 8;
    /**
     * A token that begins a word and has enough letters to be a word: {@code ␣the}, {@code ␣don't}, {@code ␣I}, but not {@code ␣s} or
     * {@code ing}.
     */
    private static final Pattern WHOLE_WORD = Pattern.compile("[ ␣](?:\\p{L}[\\p{L}\\p{M}'’-]+|[AaIO])");
    /** A vocabulary with fewer tokens of the form {@link #WHOLE_WORD} counts as one that does not mark where words begin. */
    private static final int ENOUGH_WORDS = 50;
    /** Parts of a label that have letters but are no words: {@code <0xE2>}, {@code \n}, {@code <|endoftext|>}. */
    private static final Pattern NAMED = Pattern.compile("<0x[0-9A-F]{2}>|\\\\(?:[nrt]|x[0-9a-f]{2}|u\\{[0-9a-f]+})|<\\|.*?\\|>");
    private static final String BODY = """
        <div class="plot-tools screen-only">
        <fieldset class="switch"><legend class="hidden-label">View</legend>
        <label><input type="radio" name="view" value="plane" checked> Plane</label>
        <label><input type="radio" name="view" value="space"> Space</label></fieldset>
        <label class="find">Find <input type="search" id="find" autocomplete="off" spellcheck="false" aria-describedby="matches"></label>
        <span class="zoom"><button type="button" id="zoom-out" aria-label="Zoom out">−</button>
        <button type="button" id="zoom-in" aria-label="Zoom in">+</button>
        <button type="button" id="reset">Reset</button></span>
        </div>
        <div class="plot-body">
        <figure class="plot-figure">
        <canvas id="plot" tabindex="0" role="application" aria-label="%s" aria-describedby="hint"></canvas>
        <figcaption class="note" id="hint"></figcaption>
        </figure>
        <section class="plot-panel" aria-label="The word chosen">
        <div id="panel" aria-live="polite"></div>
        <div id="matches" class="matches"></div>
        </section>
        </div>""";

    private EmbeddingPlotPage() {}

    /**
     * The rows to show by default, at most {@link #MOST_WORDS}, in their order. In most vocabularies, the first rows are the most frequent
     * tokens.
     * <ul>
     * <li>The rows whose token begins a word and may be a whole word.
     * <li>If the vocabulary does not mark where words begin, the rows whose label has a letter. Names of bytes and of
     *     special tokens, e.g. {@code <0xE2>}, do not count.
     * <li>If fewer than 2 labels have such a letter, all rows.
     * </ul>
     * Other tokens are left out. Bytes, signs and special tokens that hardly occur in training lie in one cluster far from all words, and
     * would dominate the picture.
     */
    public static int[] wordRows(EmbeddingSpace space, IntFunction<String> label) {
        int[] whole = IntStream.range(0, space.size()).filter(row -> WHOLE_WORD.matcher(label.apply(row)).matches())
            .limit(MOST_WORDS).toArray();
        if (whole.length >= ENOUGH_WORDS) {
            return whole;
        }
        int[] words = IntStream.range(0, space.size()).filter(row -> isWord(label.apply(row))).limit(MOST_WORDS).toArray();
        return words.length >= 2 ? words : IntStream.range(0, Math.min(space.size(), MOST_WORDS)).toArray();
    }

    private static boolean isWord(String label) {
        return NAMED.matcher(label).replaceAll("").codePoints().anyMatch(Character::isLetter);
    }

    /**
     * As {@link #html(String, List)}, with tokens as the words.
     *
     * @param rows the rows of the tokens to show: 2 to {@link #MOST_WORDS} different rows
     * @param label gives the readable form of a row's token, plain text; {@code row -> space.tokens().get(row)} will do
     */
    public static String html(String title, EmbeddingSpace space, int[] rows, IntFunction<String> label) {
        return html(title, Arrays.stream(rows).distinct().mapToObj(row -> space.word(label.apply(row), row)).toList());
    }

    /**
     * The page, as text; to be written in UTF-8.
     *
     * @param title plain text, e.g. where the vectors come from
     * @param words 2 to {@link #MOST_WORDS} different words; a word that is given twice counts once. A point is labelled with its word's
     *     text
     * @throws ConfigException if there are too few or too many words
     */
    public static String html(String title, List<Word> words) {
        Set<List<Object>> seen = new HashSet<>();
        List<Word> shown = words.stream().filter(word -> seen.add(List.of(word.text(), word.rows()))).toList();
        if (shown.size() < 2 || shown.size() > MOST_WORDS) {
            throw new ConfigException("%d words to plot: expected 2 to %d. Choose them with --words.".formatted(shown.size(), MOST_WORDS));
        }
        float[][] points = shown.stream().map(Word::vector).toArray(float[][]::new);
        PrincipalComponents components = PrincipalComponents.of(points, 3);
        List<List<Neighbor>> near = neighbors(points);
        Map<String, Object> data = Map.of(
            "words", shown.stream().map(word -> visible(word.text())).toList(),
            "points", Arrays.stream(components.coordinates()).flatMapToDouble(Arrays::stream).map(EmbeddingPlotPage::rounded).toArray(),
            "explained", components.explained(),
            "near", near.stream().map(all -> all.stream().mapToInt(Neighbor::row).toArray()).toList(),
            "cosines", near.stream().map(all -> all.stream().mapToDouble(n -> rounded(n.similarity())).toArray()).toList());
        String summary = "Scatter plot of %d words by the principal components of their vectors".formatted(shown.size());
        return new HtmlPage(title, lead(shown))
            .style(HtmlPage.resource("embedding-plot.css"))
            .body(BODY.formatted(HtmlPage.escape(summary)))
            .data("plot", data)
            .module("embedding-plot.js")
            .module("embedding-controls.js")
            .render();
    }

    private static String lead(List<Word> words) {
        boolean means = words.stream().anyMatch(word -> word.rows().size() > 1);
        return String.format(Locale.ROOT, "%,d %s, each a point in %,d"
            + " dimensions that training found, seen along the three directions in which they differ most. Words that are"
            + " close in this picture may be far apart in all dimensions: the lines lead to a word's true neighbours.",
            words.size(), means ? "words, each the mean of its tokens" : "tokens (words, and beginnings of words that the vocabulary cuts)",
            words.get(0).vector().length);
    }

    private static List<List<Neighbor>> neighbors(float[][] points) {
        List<String> names = IntStream.range(0, points.length).mapToObj(Integer::toString).toList();
        EmbeddingSpace among = new EmbeddingSpace(names, points);
        return IntStream.range(0, points.length).parallel()
            .mapToObj(row -> among.isZero(row) ? List.<Neighbor>of() : among.neighbors(among.word(row), NEIGHBORS_SHOWN))
            .toList();
    }

    /** Makes a label safe to show. A model's labels are escaped already, so a backslash stays as it is. */
    private static String visible(String label) {
        return Printable.spaced(Printable.text(label).replace("\n", "\\n").replace("\t", "\\t"));
    }

    /** Five significant digits are finer than a pixel. */
    private static double rounded(double value) {
        return new BigDecimal(value).round(new MathContext(5)).doubleValue();
    }
}

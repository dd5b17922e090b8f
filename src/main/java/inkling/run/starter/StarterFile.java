package inkling.run.starter;

import inkling.config.Node.Place;
import inkling.config.Node.Scalar;
import inkling.config.YamlWriter;
import inkling.data.source.DataConfig.Format;
import inkling.engine.ComputeContext;
import inkling.errors.ConfigException;
import inkling.perf.Estimate;
import inkling.perf.MatmulPeak;
import inkling.runfile.ConfigFile;
import inkling.runfile.RunConfig;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/**
 * A first run file for a text, with comments and with values chosen for the text and the machine.
 *
 * <p>The tokenizer and the vocabulary follow from the text's format, its length and its number of different characters. The model has the
 * largest {@link Size} that is not too large for the text and makes enough updates in the time. If no size fits, it has the smallest. The
 * updates fill the time, but read the text at most {@value #MOST_PASSES} times. In any case there are at least {@value #LEAST_STEPS}
 * updates.
 *
 * @param yaml the content of the run file
 * @param config the run that the file describes
 * @param estimate what the run takes on this machine
 */
public record StarterFile(String yaml, RunConfig config, Estimate estimate) {
    /** Windows of one update. */
    private static final int BATCH = 16;
    private static final int LEAST_CHARACTERS = 1_000;
    /**
     * Shorter texts (in characters) get a token for each character: too few of their words occur twice. Conversations never get such
     * tokens.
     */
    private static final int SHORT_TEXT = 300_000;
    /** With more different characters than this, even a short text gets tokens of several characters. */
    private static final int LARGEST_ALPHABET = 256;
    private static final int MOST_PASSES = 20;
    /** A model with more parameters than this for each token of the text memorises it. */
    private static final int MOST_PARAMETERS_A_TOKEN = 4;
    private static final int LEAST_STEPS = 50;
    /** A size that makes fewer updates than this in the time is too large. */
    private static final int ENOUGH_STEPS = 1_000;
    private static final double VALIDATION = 0.1;

    /** Models to choose from, small to large; the larger ones need a smaller learning rate. */
    private enum Size {
        TINY(2, 2, 64, 64, "3.0e-3"), SMALL(4, 4, 128, 128, "3.0e-3"), MEDIUM(6, 6, 192, 128, "2.0e-3"), LARGE(6, 6, 384, 256, "1.0e-3"),
        LARGEST(8, 8, 512, 256, "6.0e-4");

        private final int nLayer;
        private final int nHead;
        private final int nEmbd;
        private final int contextLength;
        private final String learningRate;

        Size(int nLayer, int nHead, int nEmbd, int contextLength, String learningRate) {
            this.nLayer = nLayer;
            this.nHead = nHead;
            this.nEmbd = nEmbd;
            this.contextLength = contextLength;
            this.learningRate = learningRate;
        }
    }

    /**
     * Measures this machine's peak, which takes seconds, and chooses the values.
     *
     * @param minutes how long the training may take, by the estimate
     * @throws ConfigException if the text is too short to learn from, or {@code name} is no valid name of a run
     */
    public static StarterFile of(String name, StarterText text, double minutes, ComputeContext context) {
        return of(name, text, minutes, context, MatmulPeak.flops(context));
    }

    /** As above, on a machine that reaches {@code peak} FLOP/s. */
    static StarterFile of(String name, StarterText text, double minutes, ComputeContext context, double peak) {
        if (text.characters() < LEAST_CHARACTERS) {
            throw new ConfigException(("%s has %,d characters: a model needs at least %,d to learn anything, and some 100,000 to "
                + "write words.")
                .formatted(String.join(", ", text.paths()), text.characters(), LEAST_CHARACTERS));
        }
        new RunConfig.Name(name);   // throws if it is no name
        Choice choice = null;
        for (Size size : Size.values()) {
            Choice next = new Choice(name, text, minutes, size, context, peak);
            if (choice == null || next.fits()) {
                choice = next;
            }
        }
        return choice.file();
    }

    /** Tries one size on the text and the machine. */
    private static final class Choice {
        private final String name;
        private final StarterText text;
        private final double minutes;
        private final Size size;
        private final ComputeContext context;
        private final double peak;
        private final boolean byCharacter;   // whether each character is a token
        private final int vocabulary;
        private final long tokens;

        Choice(String name, StarterText text, double minutes, Size size, ComputeContext context, double peak) {
            this.name = name;
            this.text = text;
            this.minutes = minutes;
            this.size = size;
            this.context = context;
            this.peak = peak;
            this.byCharacter = text.format() != Format.MESSAGES && text.characters() < SHORT_TEXT && text.alphabet() <= LARGEST_ALPHABET;
            this.vocabulary = byCharacter ? text.alphabet() : vocabulary(text.characters());
            this.tokens = byCharacter ? text.characters() : Math.round(text.characters() / charactersPerToken(vocabulary));
        }

        /** The vocabulary size: characters / 1,000, rounded down to a power of two, from 512 to 8,192. */
        private static int vocabulary(long characters) {
            return Integer.highestOneBit((int) Math.max(512, Math.min(8192, characters / 1_000)));
        }

        /** Characters per token of English text, roughly: 2.6 with a vocabulary of 512, 2.9 with 1,024, 3.7 with 8,192. */
        private static double charactersPerToken(int vocabulary) {
            return Math.log(vocabulary) / Math.log(2) / 3.5;
        }

        /** The number of parameters stands only in a comment of the file, so the file can be estimated before the number is known. */
        private static final long NOT_KNOWN_YET = 0;

        private Estimate estimate(long steps) {
            RunConfig config = ConfigFile.parse(yaml(steps, NOT_KNOWN_YET), name + ".yaml", List.of());
            return Estimate.of(config, config.model().toGptConfig(vocabulary), context, peak);
        }

        boolean fits() {
            return estimate(ENOUGH_STEPS).parameters() <= MOST_PARAMETERS_A_TOKEN * tokens && stepsInTime() >= ENOUGH_STEPS;
        }

        private double stepsInTime() {
            return minutes * 60 / (estimate(ENOUGH_STEPS).seconds()[0] / ENOUGH_STEPS);
        }

        private long steps() {
            double mostSteps = MOST_PASSES * tokens * (1 - VALIDATION) / (BATCH * size.contextLength);
            return rounded(Math.max(LEAST_STEPS, Math.min(stepsInTime(), mostSteps)));
        }

        /** Rounds down to two digits: 1,234 becomes 1,200. */
        private static long rounded(double steps) {
            long unit = (long) Math.max(1, Math.pow(10, Math.floor(Math.log10(steps)) - 1));
            return (long) (steps / unit) * unit;
        }

        StarterFile file() {
            long steps = steps();
            String yaml = yaml(steps, estimate(steps).parameters());
            RunConfig config = ConfigFile.parse(yaml, name + ".yaml", List.of());
            return new StarterFile(yaml, config, Estimate.of(config, config.model().toGptConfig(vocabulary), context, peak));
        }

        private String yaml(long steps, long parameters) {
            long interval = Math.max(1, steps / 10);
            String passes = String.format(Locale.ROOT, "%.1f", (double) steps * BATCH * size.contextLength / (tokens * (1 - VALIDATION)));
            return """
                # A first run on %s: %,d characters, about %,d tokens.
                # Written by `inkling new`; change what you like. docs/config.md has every key.
                name: %-27s # the run directory: checkpoints/<name>
                data:
                  train: %s
                  format: %s
                  val: %-27s# share of each file, at its end, for validation: the model does not learn from it
                  tokenizer: %s
                model:                            # %,d parameters in all
                  n_layer: %-23d# blocks, one after the other
                  n_head: %-24d# attention heads of a block; divides n_embd
                  n_embd: %-24d# width: numbers for each token
                  context_length: %-16d# tokens that the model sees at once
                  dropout: 0.0                    # 0.1 or 0.2 where the validation loss rises again early; it costs time
                schedule:
                  learning_rate: %-17s# halve it if the loss jumps up; `inkling sweep` tries several
                  min_learning_rate: 1.0e-4       # the learning rate at the end
                  warmup_steps: %d
                train:
                  max_steps: %-21d# updates; they read the text about %s times; `train --resume` can add more
                  batch_size: %-20d# windows of one update
                  eval_interval: %-17d# updates between two validation losses
                  eval_batches: 20
                  checkpoint_interval: %-11d# updates between two checkpoints
                  milestones: %-20s# early steps that are evaluated, sampled and kept: they show how the model learned to write
                  sample: {interval: %d, prompt: %s, max_tokens: 200}   # what the model writes during the training
                """.formatted(shownPaths(), text.characters(), tokens, name, paths(), text.format().word(), VALIDATION, tokenizer(),
                parameters, size.nLayer, size.nHead, size.nEmbd, size.contextLength, size.learningRate,
                Math.min(100, Math.max(1, steps / 10)), steps, passes, BATCH, interval, interval, milestones(interval), interval,
                quoted(text.hasNewline() || !byCharacter ? "\n" : text.beginning()));
        }

        private static String milestones(long interval) {
            return LongStream.of(0, interval / 5, interval / 2, interval).distinct().boxed().toList().toString();
        }

        private String shownPaths() {
            return text.paths().stream().map(path -> path.replaceAll("\\p{Cntrl}", "?")).collect(Collectors.joining(", "));
        }

        private String paths() {
            return text.paths().size() == 1 ? quoted(text.paths().get(0))
                : text.paths().stream().map(Choice::quoted).collect(Collectors.joining(", ", "[", "]"));
        }

        private static String quoted(String value) {
            return YamlWriter.flow(new Scalar(value, false, new Place("")));
        }

        private String tokenizer() {
            return byCharacter ? "{type: char, fit: all}   # a token for each of the text's " + vocabulary
                + " different characters: in a short text, few words occur more than once"
                : "{type: bpe, vocab_size: " + vocabulary + "}   # pieces of words, fitted to this text";
        }
    }
}

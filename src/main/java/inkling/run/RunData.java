package inkling.run;

import inkling.data.Batches;
import inkling.data.EvaluationWindows;
import inkling.data.Shard;
import inkling.data.TokenLocation;
import inkling.data.Tokens;
import inkling.data.chat.ChatExamples;
import inkling.data.chat.Conversations;
import inkling.data.chat.Preferences;
import inkling.data.source.DataConfig.Order;
import inkling.io.Sha256;
import inkling.tokenizer.SpecialIds;
import inkling.tokenizer.Tokenizer;
import inkling.train.EvalBatches;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * The tokenizer of a run and its training and validation examples as token ids.
 *
 * @param special which ids begin and end a text
 * @param dataSha256 SHA-256 of the corpus; of both corpora, if the validation text is a corpus of its own
 * @param tokenizerSha256 SHA-256 of the tokenizer's tokenizer.json
 */
record RunData(Tokenizer tokenizer, SpecialIds special, Examples examples, String dataSha256, String tokenizerSha256)
    implements TrainingMethod.Data {

    private static final String CONVERSATIONS = "conversations.tokens";

    @Override
    public Optional<TokenLocation> forWorkers(Path run, int workers, int columns) {
        Shard first = new Shard(0, workers);
        if (examples instanceof TextExamples text) {
            first.of(text.training(), columns);   // throws if a shard has too few tokens
            return Optional.of(text.where());
        }
        if (examples instanceof ConversationExamples chats) {
            chats.training().shard(first);   // throws if a shard has too few conversations
            String key = Sha256.of("%s %s %d".formatted(dataSha256, tokenizerSha256, columns));
            return Optional.of(chats.training().write(run.resolve(CONVERSATIONS), key, tokenizer.vocabSize()));
        }
        return Optional.empty();
    }

    /** This run's data with other examples. */
    RunData with(Examples others) {
        return new RunData(tokenizer, special, others, dataSha256, tokenizerSha256);
    }

    /**
     * Training and validation examples, as batches and evaluation windows. An example is a conversation, a pair of answers, or a window of
     * a text. A batch has {@code rows} examples. The parameter {@code columns} is T, the tokens of a window. Only texts use it:
     * conversations and pairs got their T when they were read.
     */
    interface Examples {
        Batches batches(Order order, int rows, int columns, long seed);

        EvaluationWindows windows(EvalBatches batches, int rows, int columns, long seed);

        /** E.g. {@code 406,363 training and 45,203 validation tokens}. */
        String summary();

        /**
         * Up to three words from the first tokens of the training text, for a sample to continue: {@code "It was the"}. A word of more than
         * 12 letters is cut, and is the last. "" if these tokens have no words, and for conversations and pairs.
         */
        String words(Tokenizer tokenizer);
    }

    /**
     * Text, as ids that are read in windows.
     *
     * @param where the place at which the training ids are stored, for other processes to read
     */
    record TextExamples(Tokens training, TokenLocation where, Tokens validation) implements Examples {
        private static final int FIRST_TOKENS = 64;
        private static final Pattern WORDS = Pattern.compile("\\p{L}[\\p{L}\\p{M}]{0,11}(?: \\p{L}[\\p{L}\\p{M}]{0,11}){0,2}");

        @Override
        public Batches batches(Order order, int rows, int columns, long seed) {
            return batches(training, order, rows, columns, seed);
        }

        static Batches batches(Tokens training, Order order, int rows, int columns, long seed) {
            return switch (order) {
                case RANDOM -> Batches.random(training, rows, columns, seed);
                case SEQUENTIAL -> Batches.sequential(training, rows, columns);
            };
        }

        @Override
        public EvaluationWindows windows(EvalBatches batches, int rows, int columns, long seed) {
            return batches instanceof EvalBatches.Count count ? EvaluationWindows.random(validation, rows, columns, count.batches(), seed)
                : EvaluationWindows.all(validation, rows, columns);
        }

        @Override
        public String summary() {
            return "%,d training and %,d validation tokens".formatted(training.count(), validation.count());
        }

        @Override
        public String words(Tokenizer tokenizer) {
            int[] ids = IntStream.range(0, (int) Math.min(FIRST_TOKENS, training.count())).map(training::at)
                .filter(id -> tokenizer.bytes(id).length > 0).toArray();   // without special tokens such as <|endoftext|>
            Matcher words = WORDS.matcher(tokenizer.decode(ids));
            return words.find() ? words.group() : "";
        }
    }

    /** Examples that are read whole, one by one. A pair of answers is one example, though it has two windows. */
    private interface WholeExamples extends Examples {
        ChatExamples training();

        ChatExamples validation();

        @Override
        default Batches batches(Order order, int rows, int columns, long seed) {
            return training().batches(order, rows, seed);
        }

        /** Windows for as many batches as {@code batches} says, or all validation examples if there are fewer. */
        @Override
        default EvaluationWindows windows(EvalBatches batches, int rows, int columns, long seed) {
            return batches instanceof EvalBatches.Count count && (long) count.batches() * rows < validation().count()
                ? validation().windows(rows, count.batches(), seed) : validation().windows(rows);
        }

        @Override
        default String summary() {
            return "%,d training and %,d validation %s".formatted(training().count(), validation().count(), training().kind());
        }

        @Override
        default String words(Tokenizer tokenizer) {
            return "";
        }
    }

    record PreferenceExamples(Preferences training, Preferences validation) implements WholeExamples {
        PreferenceExamples(Preferences.Split split) {
            this(split.training(), split.validation());
        }

        Preferences.Split split() {
            return new Preferences.Split(training, validation);
        }
    }

    record ConversationExamples(Conversations training, Conversations validation) implements WholeExamples {
        ConversationExamples(Conversations.Split split) {
            this(split.training(), split.validation());
        }
    }
}

package inkling.cli.train;

import inkling.cli.option.IgnoredOptions;
import inkling.cli.option.ModelOptions;
import inkling.cli.option.PrecisionOption;
import inkling.cli.terminal.Console;
import inkling.cli.terminal.Json;
import inkling.cli.terminal.StopSignals;
import inkling.data.EvaluationWindows;
import inkling.data.Tokens;
import inkling.data.chat.ChatFormat;
import inkling.data.chat.Conversations;
import inkling.data.source.Corpus;
import inkling.data.source.DataConfig;
import inkling.errors.ConfigException;
import inkling.errors.Printable;
import inkling.run.LoadedModel;
import inkling.tasks.Task;
import inkling.tokenizer.Tokenizer;
import inkling.train.Evaluator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code eval MODEL --data PATH}, {@code eval MODEL --tasks NAME=FILE…}. */
@Command(name = "eval", description = "Loss, perplexity and bits per byte of a model over a text, or its answers to tasks.",
    footer = {"", "Examples:", "  inkling eval checkpoints/dickens --data datasets/macbeth/macbeth.txt",
        "  inkling eval checkpoints/dickens --tasks hellaswag=hellaswag_val.jsonl piqa=valid.jsonl,valid-labels.lst"})
public final class EvalCommand implements Callable<Integer> {
    private static final int TOKENS_A_BATCH = 4096;

    @Mixin
    ModelOptions model;

    @Option(names = "--data", paramLabel = "PATH", description = "a text file, a folder or a glob")
    String data;

    @Option(names = "--tasks", arity = "1..*", paramLabel = "NAME=FILE[,LABELS]",
        description = "tasks with known answers instead of a text: hellaswag, lambada, arc, piqa, or a name and a file of your own;"
            + " docs/tasks.md")
    List<String> tasks;

    @Option(names = "--format", paramLabel = "FORMAT",
        description = "text, jsonl_text or messages; default: data.format of the model's run, or text if that is preferences"
            + " or the model belongs to no run")
    String format;

    @Option(names = "--context", paramLabel = "N", description = "window length; default: the model's context")
    Integer context;

    @Option(names = "--stride", paramLabel = "N",
        description = "windows begin N tokens apart; each window scores only tokens that no earlier window scored;"
            + " default: the window length")
    Integer stride;

    @Option(names = "--precision", paramLabel = "float32|bf16|int8", defaultValue = "float32",
        description = "bytes for each weight: 4 (float32), 2 (bf16) or 1 (int8); default ${DEFAULT-VALUE}."
            + " bf16 and int8 are allowed even on processors where they are slower")
    String precision;

    @Option(names = "--json", description = "one JSON document on standard output")
    boolean json;

    @Spec CommandSpec spec;

    @Override
    public Integer call() {
        if ((data == null) == (tasks == null)) {
            throw new ConfigException("eval needs either a text (--data PATH) or tasks (--tasks NAME=FILE), not both.");
        }
        return tasks == null ? overText() : atTasks();
    }

    private int atTasks() {
        IgnoredOptions.refuse(spec, true, "A task has its own format, and its windows are as long as the"
            + " model's context: name a text (--data)",
            "--format", "--context", "--stride");
        List<Task> named = tasks.stream().map(Task::parse).toList();
        StopSignals signals = StopSignals.install("stopping after these items, and keeping what is scored");
        try (LoadedModel loaded = model.open(PrecisionOption.parse(precision))) {
            return EvalTasks.run(loaded, named, signals, json);
        }
    }

    private int overText() {
        try (LoadedModel loaded = model.open(PrecisionOption.parse(precision))) {
            Tokenizer tokenizer = loaded.requireTokenizer("eval");
            int longest = loaded.gpt().config().contextLength();
            int columns = context == null ? longest : within("--context", context, longest);
            int step = stride == null ? columns : within("--stride", stride, columns);
            DataConfig.Format chosen = format == null ? loaded.dataFormat().filter(f -> f != DataConfig.Format.PREFERENCES)
                .orElse(DataConfig.Format.TEXT) : DataConfig.Format.of(format);
            EvaluationWindows windows = windows(loaded, chosen, columns, step);
            Evaluator.Result result = new Evaluator(loaded.manager(), loaded.gpt(), loaded.context()).over(windows);
            print(result, windows.bytes(tokenizer));
            return 0;
        }
    }

    private EvaluationWindows windows(LoadedModel loaded, DataConfig.Format chosen, int columns, int step) {
        try {
            return switch (chosen) {
                case TEXT, JSONL_TEXT -> windowsOfText(loaded, chosen, columns, step);
                case MESSAGES -> windowsOfConversations(loaded, columns);
                case PREFERENCES -> throw new ConfigException(("%s: pairs of answers have no loss without a reference model; the losses of"
                    + " the run that learned from them are in its metrics.csv."
                    + " For a file of conversations, add --format messages.").formatted(data));
            };
        } catch (ConfigException e) {
            if (format == null && chosen != DataConfig.Format.TEXT) {
                throw new ConfigException("%s\n(Read as %s, the format that the run learned from; --format names another one.)"
                    .formatted(e.getMessage(), chosen.word()), e);
            }
            throw e;
        }
    }

    /** The conversations of {@code --data}, each one window. Only the assistant's tokens count, as in training. */
    private EvaluationWindows windowsOfConversations(LoadedModel loaded, int columns) {
        if (stride != null) {
            throw new ConfigException("--stride is for running text: each conversation is one window.");
        }
        ChatFormat.Choice chat = loaded.chatFormat();
        chat.remark().ifPresent(Console.err()::println);
        Conversations conversations = Conversations.read(List.of(data), chat.format(), columns);
        conversations.remarks().forEach(Console.err()::println);
        return conversations.windows(Math.max(1, TOKENS_A_BATCH / columns));
    }

    private EvaluationWindows windowsOfText(LoadedModel loaded, DataConfig.Format chosen, int columns, int step) {
        Tokenizer tokenizer = loaded.requireTokenizer("eval");
        Corpus corpus = Corpus.open(List.of(data), chosen);
        corpus.remarks().forEach(Console.err()::println);
        loaded.learnedFrom(corpus).ifPresent(Console.err()::println);
        Tokens tokens = corpus.whole().tokens(tokenizer, loaded.specialIds());
        if (tokens.count() < 2) {
            throw new ConfigException("%s has too few tokens (%d): at least 2 are needed, since the first is never predicted."
                .formatted(data, tokens.count()));
        }
        return EvaluationWindows.strided(tokens, Math.max(1, TOKENS_A_BATCH / columns), columns, step);
    }

    private static int within(String option, int value, int most) {
        if (value < 1 || value > most) {
            throw new ConfigException("%s %d must be from 1 to %d.".formatted(option, value, most));
        }
        return value;
    }

    private void print(Evaluator.Result result, long bytes) {
        if (json) {
            Map<String, Object> document = new LinkedHashMap<>();
            document.put("loss", result.loss());
            document.put("perplexity", result.perplexity());
            document.put("bits_per_byte", result.bitsPerByte(bytes));
            document.put("tokens", result.tokens());
            document.put("bytes", bytes);
            Json.print(document);
        } else {
            Console.out().println(String.format(Locale.ROOT,
                "loss %.4f nats/token   perplexity %s   %.4f bits/byte   (%s, %s)",
                result.loss(), result.perplexityText(2), result.bitsPerByte(bytes),
                Printable.counted(result.tokens(), "token"), Printable.counted(bytes, "byte")));
        }
    }
}

package inkling.cli.model;

import inkling.cli.option.ModelOptions;
import inkling.cli.option.PromptOptions;
import inkling.cli.terminal.Console;
import inkling.cli.terminal.Json;
import inkling.errors.ConfigException;
import inkling.inspect.TokenScores;
import inkling.io.DurableFiles;
import inkling.io.tensors.Dtype;
import inkling.io.tensors.SafetensorsWriter;
import inkling.run.LoadedModel;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicReference;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code score MODEL --prompt T}. */
@Command(name = "score", description = "How a model rates a text, token by token: log-probability, rank, and the likeliest alternatives.",
    footer = {"", "Examples:", "  inkling score checkpoints/dickens --prompt \"It was the best of times\" --top 3",
        "  inkling score path/to/model --prompt-ids 2,0,1 --logits logits.safetensors --json"})
public final class ScoreCommand implements Callable<Integer> {
    @Mixin
    ModelOptions model;

    @ArgGroup(exclusive = true, multiplicity = "1")
    PromptOptions prompt;

    @Option(names = "--top", paramLabel = "N", defaultValue = "5",
        description = "how many of the likeliest tokens to give at each position (the table shows at most 5, --json all); default"
            + " ${DEFAULT-VALUE}")
    int top;

    @Option(names = "--logits", paramLabel = "FILE",
        description = "also write all logits to a safetensors file: the float32 tensor \"logits\" of shape (tokens, vocabulary)")
    Path logits;

    @Option(names = "--json", description = "one JSON document on standard output")
    boolean json;

    @Override
    public Integer call() {
        if (top < 0) {
            throw new ConfigException("--top %d must not be negative.".formatted(top));
        }
        try (LoadedModel loaded = model.open()) {
            int[] ids = prompt.ids(loaded);
            TokenScores scores = logits == null ? score(loaded, ids, TokenScores.LogitRows.NONE) : scoreAndWrite(loaded, ids);
            if (json) {
                Json.print(scores.json());
            } else {
                Console.out().print(scores.text());
            }
            return 0;
        }
    }

    private TokenScores score(LoadedModel loaded, int[] ids, TokenScores.LogitRows rows) {
        return TokenScores.of(loaded.gpt(), loaded.manager(), loaded.tokenText(), ids, top, rows);
    }

    /** Scores the text, and writes each row of logits to the file as soon as it is computed. */
    private TokenScores scoreAndWrite(LoadedModel loaded, int[] ids) {
        AtomicReference<TokenScores> scores = new AtomicReference<>();
        List<Long> shape = List.of((long) ids.length, (long) loaded.gpt().config().vocabSize());
        DurableFiles.SYSTEM.write(logits, SafetensorsWriter.content(List.of(new SafetensorsWriter.Entry("logits", Dtype.F32, shape,
            out -> scores.set(scoreTo(loaded, ids, out)))), Map.of()));
        Console.err().println("written: " + logits);
        return scores.get();
    }

    /** Scores the text. If {@code out} fails, e.g. because the disk is full, its own {@link IOException} is thrown. */
    private TokenScores scoreTo(LoadedModel loaded, int[] ids, OutputStream out) throws IOException {
        try {
            return score(loaded, ids, row -> write(row, out));
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    private static void write(float[] row, OutputStream out) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(row.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(row);
        out.write(bytes.array());
    }
}

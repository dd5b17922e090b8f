package inkling.cli.view;

import inkling.cli.option.IgnoredOptions;
import inkling.cli.terminal.CommandEnvironment;
import inkling.cli.terminal.Console;
import inkling.engine.ComputeContext;
import inkling.errors.Printable;
import inkling.inspect.embedding.EmbeddingSpace;
import inkling.inspect.embedding.ModelSpace;
import inkling.inspect.embedding.WordLookup;
import inkling.inspect.embedding.WordVectorFile;
import inkling.io.gguf.GgufFile;
import inkling.run.LoadedModel;
import inkling.run.ModelLocation;
import inkling.tokenizer.Tokenizer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.IntFunction;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** SOURCE and the options about it: one of a model's two matrices, or a text file of word vectors. */
final class EmbeddingSource {
    @Parameters(index = "0", paramLabel = "SOURCE",
        description = "a model (see `sample --help`), or a text file of word vectors (GloVe, word2vec)")
    String source;

    @Option(names = "--matrix", paramLabel = "MATRIX",
        description = "which matrix of a model: embedding or unembedding; default: embedding")
    ModelSpace.Matrix matrix;

    @Option(names = "--checkpoint", paramLabel = "last|best|STEP",
        description = "which checkpoint of a run; default: its best (unless that is step 0), else its last")
    String checkpoint;

    @Option(names = "--tokenizer", paramLabel = "PATH", description = "tokenizer files to use instead of the model's own")
    Path tokenizer;

    @Option(names = "--mean", description = "for a word that the tokenizer splits, use the mean of its tokens")
    boolean mean;

    @Spec(Spec.Target.MIXEE)
    CommandSpec spec;

    /**
     * Word vectors.
     *
     * @param lookup finds the rows of a word
     * @param label gives the text of a row, without control characters and line ends
     */
    record Words(String name, EmbeddingSpace space, WordLookup lookup, IntFunction<String> label) {
        /** The vector of a word. Prints a remark if the vector is the mean of several different tokens. */
        EmbeddingSpace.Word find(String text) {
            EmbeddingSpace.Word word = lookup.find(text);
            if (word.rows().size() > 1) {
                Console.err().println("%s is several tokens (%s): their mean is used".formatted(text, word.reading()));
            }
            return word;
        }

        List<EmbeddingSpace.Word> find(List<String> texts) {
            return texts.stream().map(this::find).toList();
        }

        /** As {@link #find(String)}, but a word of one row gets the label of that row as its text. */
        EmbeddingSpace.Word labelled(String text) {
            EmbeddingSpace.Word word = find(text);
            return word.rows().size() > 1 ? word
                : new EmbeddingSpace.Word(label.apply(word.rows().get(0)), word.reading(), word.rows(), word.vector());
        }
    }

    /** Reads the vectors of SOURCE. A file called {@code last} or {@code best} holds no word vectors: it names a checkpoint of a run. */
    Words open() {
        Path path = Path.of(source);
        String name = String.valueOf(path.toAbsolutePath().normalize().getFileName());
        if (Files.isRegularFile(path) && !name.equals("last") && !name.equals("best") && !GgufFile.isAt(path)) {
            IgnoredOptions.refuse(spec, true, source + " is a file of word vectors: name a model",
                "--matrix", "--checkpoint", "--tokenizer", "--mean");
            EmbeddingSpace space = WordVectorFile.read(path);
            return new Words(name, space, WordLookup.exact(space), row -> Printable.escape(space.tokens().get(row)));
        }
        ModelLocation location = ModelLocation.find(source, Optional.ofNullable(checkpoint), CommandEnvironment.RUNS);
        location.remark().ifPresent(Console.err()::println);
        CommandEnvironment.tellMissingSettings();
        try (LoadedModel model = LoadedModel.open(location, Optional.ofNullable(tokenizer), ComputeContext.of("auto"))) {
            Tokenizer modelTokenizer = model.requireTokenizer("embed");
            EmbeddingSpace space = ModelSpace.of(model.gpt(), matrix == null ? ModelSpace.Matrix.EMBEDDING : matrix, model.tokenText());
            WordLookup.SeveralTokens several = mean ? WordLookup.SeveralTokens.MEAN : WordLookup.SeveralTokens.REFUSE;
            return new Words(name, space, WordLookup.tokenized(space, modelTokenizer, several), model.tokenText()::readable);
        }
    }
}

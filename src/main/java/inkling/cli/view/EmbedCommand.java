package inkling.cli.view;

import inkling.cli.option.IgnoredOptions;
import inkling.cli.option.PageOption;
import inkling.errors.Printable;
import inkling.inspect.embedding.EmbeddingSpace;
import inkling.inspect.page.EmbeddingPlotPage;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code embed neighbors | analogy | direction | plot SOURCE …}. */
@Command(name = "embed", description = "The geometry of an embedding: neighbours, analogies, directions, a plot.",
    synopsisSubcommandLabel = "(neighbors | analogy | direction | plot)")
public final class EmbedCommand {
    @Command(name = "neighbors", description = "The tokens nearest to a word, by cosine.",
        footer = {"", "Example:", "  inkling embed neighbors checkpoints/dickens child --top 5"})
    int neighbors(@Mixin EmbeddingSource source, @Parameters(index = "1", paramLabel = "WORD", description = "the word") String word,
                  @Mixin ResultList answers) {
        EmbeddingSource.Words words = source.open();
        return answers.print(words.space().neighbors(words.find(word), answers.top()), words.label());
    }

    @Command(name = "analogy",
        description = "The tokens that complete an analogy, by 3CosAdd on unit vectors. The words of --plus and --minus are excluded.",
        footer = {"", "Example:", "  inkling embed analogy vectors.txt --plus king,woman --minus man"})
    int analogy(@Mixin EmbeddingSource source,
                @Option(names = "--plus", paramLabel = "a,b", required = true, split = ",", description = "words to add") List<String> plus,
                @Option(names = "--minus", paramLabel = "c", split = ",", description = "words to subtract") List<String> minus,
                @Mixin ResultList answers) {
        EmbeddingSource.Words words = source.open();
        List<String> subtracted = minus == null ? List.of() : minus;
        return answers.print(words.space().analogy(words.find(plus), words.find(subtracted), answers.top()), words.label());
    }

    @Command(name = "direction", description = "How far words lie along the direction from one word to another.",
        footer = {"", "Example:", "  inkling embed direction vectors.txt --from cat --to cats --words one,two,three,four"})
    int direction(@Mixin EmbeddingSource source,
                  @Option(names = "--from", paramLabel = "a", required = true, description = "where the direction begins") String from,
                  @Option(names = "--to", paramLabel = "b", required = true, description = "where it ends") String to,
                  @Option(names = "--words", paramLabel = "w,…", required = true, split = ",",
                      description = "the words to project") List<String> list,
                  @Option(names = "--json", description = "one JSON document on standard output") boolean json) {
        EmbeddingSource.Words words = source.open();
        List<EmbeddingSpace.Projection> found = words.space().direction(words.find(from), words.find(to), words.find(list));
        return ResultList.print(json, found, "projection", EmbeddingSpace.Projection::text,
            projection -> Printable.escape(projection.text()), EmbeddingSpace.Projection::projection);
    }

    @Command(name = "plot",
        description = "A page with words as points, in two and three dimensions, along the directions in which they differ most.",
        footer = {"", "Example:", "  inkling embed plot checkpoints/dickens --html words.html"})
    int plot(@Mixin EmbeddingSource source,
             @Option(names = "--words", paramLabel = "w,…", split = ",",
                 description = "the words to show; default: the first 5,000 tokens of SOURCE that are words") List<String> list,
             @Option(names = "--html", paramLabel = "FILE", required = true, description = "the page to write") Path html) {
        IgnoredOptions.refuse(source.spec, list == null, "Without --words, each point is one token: name words (--words)", "--mean");
        EmbeddingSource.Words words = source.open();
        String title = "Words of " + words.name();
        PageOption.write(html, list != null ? EmbeddingPlotPage.html(title, list.stream().map(words::labelled).toList())
            : EmbeddingPlotPage.html(title, words.space(), EmbeddingPlotPage.wordRows(words.space(), words.label()), words.label()));
        return 0;
    }
}

package inkling.spark.tokenize;

import inkling.data.TokenFile;
import inkling.errors.InklingException;
import inkling.errors.ModelFormatException;
import inkling.io.DurableFiles;
import inkling.io.Sha256;
import inkling.tokenizer.SpecialIds;
import inkling.tokenizer.Tokenizer;
import inkling.tokenizer.huggingface.TokenizerFiles;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.Locale;
import java.util.stream.StreamSupport;
import java.util.Spliterators;
import org.apache.spark.api.java.function.Function2;

/**
 * Writes the token file of a part, unless an earlier try has written it. A part with text begins with the id that stands between two
 * documents, if the vocabulary has such an id. A task cannot know whether its part is the first of the corpus, so {@link Tokenizing} leaves
 * out the corpus's first id.
 *
 * @param directory the directory of the tokenizer and of the token files
 * @param corpusKey a hash of corpus and tokenizer
 */
record PartEncoding(String directory, String corpusKey) implements Function2<Integer, Iterator<CorpusPart>, Iterator<PartEncoding.Made>> {
    /**
     * The result of a task.
     *
     * @param key the key of the token file: a hash of part, corpus and tokenizer
     * @param ids how many ids the file has; 0 for a part without text, or with a fault
     * @param fault what is wrong with the text; "" if nothing is
     */
    record Made(String file, String key, long ids, String fault) implements Serializable {}

    @Override
    public Iterator<Made> call(Integer index, Iterator<CorpusPart> parts) {
        String name = String.format(Locale.ROOT, "shard-%06d.tokens", index);
        String key = Sha256.of("part %d of %s".formatted(index, corpusKey));
        return StreamSupport.stream(Spliterators.spliteratorUnknownSize(parts, 0), false).map(part -> made(part, name, key)).toList()
            .iterator();
    }

    private Made made(CorpusPart part, String name, String key) {
        try {
            Tokenizer tokenizer = TokenizerFiles.read(Path.of(directory));
            Path file = Path.of(directory, name);
            long there = Files.exists(file) ? countOf(file, key, tokenizer) : -1;
            return new Made(name, key, there >= 0 ? there : write(part, file, key, tokenizer), "");
        } catch (InklingException e) {
            return new Made(name, key, 0, Tokenizing.lasting(e));
        }
    }

    /** How many ids a file from an earlier try has; −1 if the file is of another corpus or tokenizer, or damaged. */
    private static long countOf(Path file, String key, Tokenizer tokenizer) {
        try {
            return TokenFile.open(file, key, tokenizer.vocabSize()).count();
        } catch (ModelFormatException e) {
            return -1;
        }
    }

    private static long write(CorpusPart part, Path file, String key, Tokenizer tokenizer) {
        SpecialIds special = SpecialIds.of(tokenizer);
        return TokenFile.write(DurableFiles.SYSTEM, file, key, tokenizer.vocabSize(), sink -> {
            boolean[] begun = {false};
            part.encode(tokenizer, special, ids -> {
                if (!begun[0] && ids.length > 0) {
                    special.between().ifPresent(id -> sink.accept(new int[] {id}));
                    begun[0] = true;
                }
                sink.accept(ids);
            });
        });
    }
}

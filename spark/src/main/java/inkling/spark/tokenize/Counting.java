package inkling.spark.tokenize;

import inkling.errors.ConfigException;
import inkling.errors.InklingException;
import inkling.tokenizer.TokenizerConfig.BpeTokenizerConfig;
import inkling.tokenizer.bpe.BpeTrainer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import scala.Tuple2;

/** Counts the words in the parts of one partition. */
final class Counting {
    private Counting() {}

    /**
     * Each distinct word of these parts with its count. A word is a String with one character (ISO 8859-1) for each byte of the word:
     * Spark compares words, and two {@code byte[]} would be equal only if they were the same array.
     *
     * @throws ConfigException if a part cannot be read as text. Other exceptions of this kind hold what cannot be sent to the driver
     */
    static Iterator<Tuple2<String, Long>> words(Iterator<CorpusPart> parts) {
        BpeTrainer counter = new BpeTrainer(BpeTokenizerConfig.MIN_VOCAB_SIZE);   // only counts; this size is never used
        try {
            parts.forEachRemaining(part -> part.pieces(counter::add));
        } catch (InklingException e) {
            throw new ConfigException(Tokenizing.lasting(e));
        }
        List<Tuple2<String, Long>> words = new ArrayList<>();
        counter.counts((word, count) -> words.add(new Tuple2<>(new String(word, StandardCharsets.ISO_8859_1), count)));
        return words.iterator();
    }
}

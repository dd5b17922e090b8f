package inkling.spark.tokenize;

import inkling.tokenizer.TokenizerConfig.BpeTokenizerConfig;
import inkling.tokenizer.bpe.BpeTrainer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import scala.Tuple2;

/** Counts the words of a part. */
final class Counting {
    private Counting() {}

    /**
     * Each different word with its count. Words are bytes, here as characters of one byte each, since Spark compares pairs by their keys.
     */
    static Iterator<Tuple2<String, Long>> words(Iterator<CorpusPart> parts) {
        BpeTrainer counter = new BpeTrainer(BpeTokenizerConfig.MIN_VOCAB_SIZE);
        parts.forEachRemaining(part -> part.pieces(counter::add));
        List<Tuple2<String, Long>> words = new ArrayList<>();
        counter.counts((word, count) -> words.add(new Tuple2<>(new String(word, StandardCharsets.ISO_8859_1), count)));
        return words.iterator();
    }
}

package inkling.spark.tokenize;

import inkling.data.TokenFile;
import inkling.data.source.Corpus;
import inkling.data.source.DataConfig.Format;
import inkling.data.source.Documents;
import inkling.tokenizer.SpecialIds;
import inkling.tokenizer.Tokenizer;
import java.io.Serializable;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.function.Consumer;

/** What one task reads of a corpus, its documents in their order. */
interface CorpusPart extends Serializable {
    /** Their text, for fitting a tokenizer to it. */
    void pieces(Consumer<String> sink);

    /** Their ids. */
    void encode(Tokenizer tokenizer, SpecialIds special, TokenFile.Sink sink);

    /** A file, read as the core reads it: text or records, plain or packed, in whatever encoding. */
    record OfFile(String file, Format format) implements CorpusPart {
        private Corpus corpus() {
            return Corpus.part(Path.of(file), format);
        }

        @Override
        public void pieces(Consumer<String> sink) {
            corpus().whole().pieces(sink);
        }

        @Override
        public void encode(Tokenizer tokenizer, SpecialIds special, TokenFile.Sink sink) {
            corpus().whole().encode(tokenizer, special, sink);
        }
    }

    /** Documents that Spark reads. */
    record OfDocuments(Iterator<String> documents) implements CorpusPart {
        @Override
        public void pieces(Consumer<String> sink) {
            Documents.pieces(documents, sink);
        }

        @Override
        public void encode(Tokenizer tokenizer, SpecialIds special, TokenFile.Sink sink) {
            Documents.encode(documents, tokenizer, special, sink);
        }
    }
}

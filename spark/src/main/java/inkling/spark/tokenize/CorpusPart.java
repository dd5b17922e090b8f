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

/** The part of a corpus that one task reads: documents in the order of the corpus. */
interface CorpusPart extends Serializable {
    /** Passes the text of the documents to {@code sink}, so that a vocabulary can be learned from it. */
    void pieces(Consumer<String> sink);

    /** Passes the ids of the documents to {@code sink}. */
    void encode(Tokenizer tokenizer, SpecialIds special, TokenFile.Sink sink);

    /** A file of text or records, plain or compressed, in any encoding that the core reads. */
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

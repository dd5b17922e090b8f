package inkling.data.source;

import inkling.data.TokenFile;
import inkling.tokenizer.SpecialIds;
import inkling.tokenizer.Tokenizer;
import java.util.Iterator;
import java.util.function.Consumer;

/** Documents that come from elsewhere than files of text: read in the same way as a {@link Corpus} of them. */
public final class Documents {
    private Documents() {}

    /** Their ids, piece by piece, as {@link TextPart#encode} gives them. */
    public static void encode(Iterator<String> documents, Tokenizer tokenizer, SpecialIds special, TokenFile.Sink sink) {
        read(documents, new DocumentIds(tokenizer, special, sink));
    }

    /** Their text in pieces, for fitting a tokenizer to it, as {@link TextPart#pieces} gives it. */
    public static void pieces(Iterator<String> documents, Consumer<String> sink) {
        Chunker chunker = new Chunker(Chunker::betweenWords, sink);
        documents.forEachRemaining(document -> {
            chunker.append(normalised(document));
            chunker.end();
        });
    }

    private static void read(Iterator<String> documents, Corpus.Sink sink) {
        documents.forEachRemaining(document -> {
            if (!document.isEmpty()) {
                sink.text(normalised(document));
                sink.endDocument();
            }
        });
    }

    private static String normalised(String document) {
        return document.replace("\r\n", "\n");
    }
}

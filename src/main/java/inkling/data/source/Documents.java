package inkling.data.source;

import inkling.data.TokenFile;
import inkling.tokenizer.SpecialIds;
import inkling.tokenizer.Tokenizer;
import java.util.Iterator;
import java.util.function.Consumer;

/** Turns documents that do not come from text files into ids or pieces, in the same way as {@link TextPart} does for files. */
public final class Documents {
    private Documents() {}

    /** Passes the documents' ids to {@code sink}, piece by piece, as {@link TextPart#encode} does. */
    public static void encode(Iterator<String> documents, Tokenizer tokenizer, SpecialIds special, TokenFile.Sink sink) {
        read(documents, new DocumentIds(tokenizer, special, sink));
    }

    /** Passes the documents' text to {@code sink} in pieces, for fitting a tokenizer to it, as {@link TextPart#pieces} does. */
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

package inkling.data.source;

import inkling.data.TokenFile;
import inkling.tokenizer.SpecialIds;
import inkling.tokenizer.Tokenizer;

/** Turns documents into ids: the ids that begin a text come before each document, and an end token between two documents. */
final class DocumentIds implements Corpus.Sink {
    private final Tokenizer tokenizer;
    private final SpecialIds special;
    private final TokenFile.Sink sink;
    private final Chunker chunker;
    private boolean first = true;    // no document has come yet
    private boolean begun;           // the document has text
    private boolean encoded;         // … and ids

    DocumentIds(Tokenizer tokenizer, SpecialIds special, TokenFile.Sink sink) {
        this.special = special;
        this.sink = sink;
        this.chunker = new Chunker(tokenizer::safeCut, this::piece);
        this.tokenizer = tokenizer;
    }

    /** Passes on the ids of the next part of a document; before the first, the ids that begin a text, unless the text itself has them. */
    private void piece(String text) {
        sink.accept(encoded ? tokenizer.encodeRest(text) : special.begun(tokenizer.encode(text)));
        encoded = true;
    }

    @Override
    public void text(String piece) {
        if (!begun && !first) {
            special.between().ifPresent(id -> sink.accept(new int[] {id}));
        }
        begun = true;
        first = false;
        chunker.append(piece);
    }

    @Override
    public void endDocument() {
        chunker.end();
        begun = false;
        encoded = false;
    }
}

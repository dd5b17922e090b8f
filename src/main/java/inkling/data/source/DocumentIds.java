package inkling.data.source;

import inkling.data.TokenFile;
import inkling.tokenizer.SpecialIds;
import inkling.tokenizer.Tokenizer;

/**
 * Turns documents into ids. Before each document come the ids that begin a text, if the model has such ids. Between two documents comes the
 * end token, if the model has one. An empty document gives no ids.
 */
final class DocumentIds implements Corpus.Sink {
    private final Tokenizer tokenizer;
    private final SpecialIds special;
    private final TokenFile.Sink sink;
    private final Chunker chunker;
    private boolean first = true;    // no document has begun yet
    private boolean begun;           // some text of the present document has come
    private boolean encoded;         // some ids of the present document were passed on

    DocumentIds(Tokenizer tokenizer, SpecialIds special, TokenFile.Sink sink) {
        this.special = special;
        this.sink = sink;
        this.chunker = new Chunker(tokenizer::safeCut, this::piece);
        this.tokenizer = tokenizer;
    }

    /**
     * Passes on the ids of a document's next piece. Before the ids of its first piece come the ids that begin a text
     * ({@link SpecialIds#withBeginning}).
     */
    private void piece(String text) {
        sink.accept(encoded ? tokenizer.encodeRest(text) : special.withBeginning(tokenizer.encode(text)));
        encoded = true;
    }

    @Override
    public void text(String piece) {
        if (piece.isEmpty()) {
            return;
        }
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

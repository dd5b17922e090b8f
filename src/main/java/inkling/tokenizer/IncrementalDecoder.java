package inkling.tokenizer;

import inkling.tokenizer.split.TextPlace;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * Decodes ids one at a time, for text that is shown while it is generated. The bytes of an unfinished character are held back until further
 * ids complete the character or show that it stays unfinished. If the ids begin a text, {@link #next} and {@link #end} together give the
 * same text as {@link Tokenizer#decode} of all ids.
 */
public final class IncrementalDecoder {
    private final Tokenizer tokenizer;
    private final TextPlace place;
    private final CharsetDecoder utf8 = StandardCharsets.UTF_8.newDecoder()
        .onMalformedInput(CodingErrorAction.REPLACE).onUnmappableCharacter(CodingErrorAction.REPLACE);
    private byte[] waiting = new byte[0];
    private Optional<TokenStream> stream;

    /** For ids that begin a text. */
    public IncrementalDecoder(Tokenizer tokenizer) {
        this(tokenizer, TextPlace.START);
    }

    /** @param place {@link TextPlace#WITHIN} for ids that continue a text: a blank at the beginning of the first token is then kept */
    public IncrementalDecoder(Tokenizer tokenizer, TextPlace place) {
        this.tokenizer = tokenizer;
        this.place = place;
        this.stream = tokenizer.stream(place);
    }

    /** The text that {@code id} completes: usually the whole text of the token, sometimes nothing. */
    public String next(int id) {
        if (stream.isPresent()) {
            return stream.get().next(tokenizer.token(id));
        }
        byte[] bytes = tokenizer.bytes(id);
        if (bytes.length == 0) { // a special token: written out as its name
            return waiting() + tokenizer.decode(new int[] {id});
        }
        ByteBuffer in = ByteBuffer.allocate(waiting.length + bytes.length).put(waiting).put(bytes).flip();
        CharBuffer out = CharBuffer.allocate(in.remaining() + 1);
        utf8.reset().decode(in, out, false);
        waiting = new byte[in.remaining()];
        in.get(waiting);
        return out.flip().toString();
    }

    /** The text that is still held back; bytes that form no character become U+FFFD. After this call the decoder begins anew. */
    public String end() {
        String rest = stream.map(TokenStream::end).orElseGet(this::waiting);
        stream = tokenizer.stream(place);
        return rest;
    }

    private String waiting() {
        String rest = new String(waiting, StandardCharsets.UTF_8);
        waiting = new byte[0];
        return rest;
    }
}
